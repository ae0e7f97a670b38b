#ifndef SHEAF_TEST_MAP_H
#define SHEAF_TEST_MAP_H

/* What the tests of batches and maps share. */

#include "support.h"
#include <sheaf/io.h>
#include <sheaf/map.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* dir/name holding the n numbers first, first + 1, … */
static inline void save_numbers(const char *path, int64_t n, double first)
{
    double *x = malloc((size_t)(n ? n : 1) * sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = first + (double)i;
    sheaf_view view = sheaf_view_f64(x, (size_t)n);
    ck_ok(sheaf_file_save(path, &view, false, error));
    free(x);
}

static inline sheaf_func *named(const char *name)
{
    sheaf_func *func = NULL;
    ck_ok(sheaf_func_named(name, NULL, &func, error));
    return func;
}

static inline sheaf_func *callback(sheaf_callback *call, void *user, int nout)
{
    static const char *const names[] = {"a", "b", "c"};
    sheaf_func *func = NULL;
    ck_ok(sheaf_func_callback(call, user, nout, names, &func, error));
    return func;
}

/* n views of one double each on x. */
static inline sheaf_batch *batch_of_numbers(const double *x, size_t n)
{
    sheaf_batch *batch = NULL;
    sheaf_view *views = malloc(n * sizeof *views);
    for (size_t i = 0; i < n; i++)
        views[i] = sheaf_view_f64(x + i, 1);
    ck_ok(sheaf_batch_from_views(views, n, &batch, error));
    free(views);
    return batch;
}

/* 0, 1, 2, … n-1, each an item. */
static inline double *counting(size_t n)
{
    double *x = malloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = (double)i;
    return x;
}

static inline double number_of(const sheaf_results *results, size_t i, int k)
{
    sheaf_view view;
    ck_ok(sheaf_results_view(results, i, k, &view, error));
    ck_assert_int_eq(view.ndim, 0);
    ck_assert_int_eq(view.dtype, SHEAF_F64);
    return *(double *)view.data;
}

static inline const char *message_of(const sheaf_results *results, size_t i)
{
    const char *message;
    sheaf_results_status(results, i, &message);
    return message;
}

#define ck_status(results, i, status)                                                                      \
    ck_assert_msg(sheaf_results_status((results), (i), NULL) == (status), "item %zu: %s: %s", (size_t)(i), \
                  sheaf_status_name(sheaf_results_status((results), (i), NULL)), message_of((results), (i)))
#define ck_has(text, part) ck_assert_msg(strstr((text), (part)) != NULL, "\"%s\" is not in \"%s\"", (part), (text))

/* Growing text, for CSV. */
struct text {
    char data[1 << 16];
    size_t n;
};

static inline bool text_add(const char *text, size_t n, void *user)
{
    struct text *t = user;
    if (t->n + n >= sizeof t->data)
        return false;
    memcpy(t->data + t->n, text, n);
    t->n += n;
    t->data[t->n] = '\0';
    return true;
}

#endif
