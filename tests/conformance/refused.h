#ifndef SHEAF_TEST_REFUSED_H
#define SHEAF_TEST_REFUSED_H

/* Calls that must fail: the status, and a message that names function, argument and shapes. */

#include "../support/support.h"
#include <sheaf/func.h>
#include <sheaf/functions.h>
#include <string.h>

static sheaf_error last;

static inline void check_error(sheaf_status got, sheaf_status want, const char *const *words)
{
    ck_assert_msg(got == want, "status %s (%s), expected %s", sheaf_status_name(got), last.message,
                  sheaf_status_name(want));
    ck_assert_int_eq(last.status, want);
    for (; *words; words++)
        ck_assert_msg(strstr(last.message, *words) != NULL, "\"%s\" does not say \"%s\"", last.message, *words);
}
#define refused(call, status, ...) check_error(call, status, (const char *const[]){__VA_ARGS__, NULL})

static double space[64];

static inline sheaf_view shaped(sheaf_dtype dtype, int ndim, int64_t a, int64_t b)
{
    sheaf_view v;
    ck_ok(sheaf_view_init(&v, space, dtype, ndim, (int64_t[]){a, b}, error));
    return v;
}

static inline sheaf_options axes(int n, int a, int b)
{
    sheaf_options o;
    sheaf_options_init(&o);
    o.naxes = n;
    o.axes[0] = a;
    o.axes[1] = b;
    return o;
}

#endif
