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
    int flat;    /* the depth from which on all stands on one line, until it is left; 0: none */
};

void json_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);                 /* '}' or ']' */
void json_text(struct json *j, const char *key, const char *text);
void json_real(struct json *j, const char *key, double value);
void json_whole(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

/* Write a file of JSON, whole or not at all. DONE, or NO_OUTPUT after a message that calls it a `what`. */
int json_file(const char *path, const char *what, void (*body)(struct json *j, void *user), void *user);

#endif
