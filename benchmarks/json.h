#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include <stdbool.h>
#include <stdio.h>

/* Write text as a JSON string. */
void json_string(FILE *f, const char *text);

/* Read a JSON text: visit is told every leaf in order, its place ("benchmarks.3.name") and its value as text.
 * Strings lose their quotes and keep their escapes. False: damaged. */
typedef void json_visit(void *context, const char *place, const char *value);
bool json_walk(const char *text, json_visit *visit, void *context);

#endif
