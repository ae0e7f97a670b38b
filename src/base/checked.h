#ifndef SHEAF_BASE_CHECKED_H
#define SHEAF_BASE_CHECKED_H

/* Sizes that say when they overflow: false means the result does not fit. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool size_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

static inline bool size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

#endif
