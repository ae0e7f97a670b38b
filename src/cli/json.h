#ifndef SHEAF_CLI_JSON_H
#define SHEAF_CLI_JSON_H

/* A JSON writer, indented. key is NULL inside arrays and at the top. Numbers read back to the same bits; NaN and
 * infinities, which JSON lacks, become null. Bytes that are no UTF-8 become \udcXX, as Python's surrogateescape
 * has it, so that such a file name can be had back. */

#include <sheaf/config.h>
#include <stdio.h>

struct json {
    FILE *out;
    int depth;
    bool filled; /* something stands before at this depth */
    bool flat;   /* until the next json_close all stands on one line */
};

void json_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);                 /* '}' or ']' */
void json_text(struct json *j, const char *key, const char *text);
void json_real(struct json *j, const char *key, double value);
void json_whole(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

#endif
