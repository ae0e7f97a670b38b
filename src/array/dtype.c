#include "array/array.h"

#include "kernels/kernels.h"
#include <math.h>

#define X(name, text, size) _Static_assert((int)SHEAF_##name == (int)K_##name, "dtype order");
SHEAF_DTYPE_LIST(X)
#undef X

size_t sheaf_dtype_size(sheaf_dtype dtype)
{
    static const unsigned char sizes[] = {
#define X(name, text, size) size,
        SHEAF_DTYPE_LIST(X)
#undef X
    };
    return (size_t)dtype < SHEAF_DTYPE_COUNT ? sizes[dtype] : 0;
}

const char *sheaf_dtype_name(sheaf_dtype dtype)
{
    static const char *const names[] = {
#define X(name, text, size) text,
        SHEAF_DTYPE_LIST(X)
#undef X
    };
    return (size_t)dtype < SHEAF_DTYPE_COUNT ? names[dtype] : "?";
}

bool dtype_is_complex(sheaf_dtype dtype)
{
    return dtype == SHEAF_C64 || dtype == SHEAF_C128;
}

bool dtype_holds(sheaf_dtype dtype, double value)
{
    if (dtype == SHEAF_BOOL || dtype_is_float(dtype) || dtype_is_complex(dtype))
        return true;
    const bool is_signed = dtype >= SHEAF_I8 && dtype <= SHEAF_I64;
    const int bits = 8 * (int)sheaf_dtype_size(dtype);
    const double whole = trunc(value), beyond = ldexp(1, is_signed ? bits - 1 : bits);
    return whole >= (is_signed ? -beyond : 0) && whole < beyond;
}

bool dtype_is_float(sheaf_dtype dtype)
{
    return dtype == SHEAF_F16 || dtype == SHEAF_F32 || dtype == SHEAF_F64;
}

bool dtype_is_integer(sheaf_dtype dtype)
{
    return dtype >= SHEAF_I8 && dtype <= SHEAF_U64;
}

bool dtype_is_signed(sheaf_dtype dtype)
{
    return dtype >= SHEAF_I8 && dtype <= SHEAF_I64;
}

/* The smallest float that holds every value of a dtype exactly, as NumPy sees it (64-bit integers count as f64). */
static sheaf_dtype float_for(sheaf_dtype dtype)
{
    if (dtype_is_float(dtype))
        return dtype;
    if (dtype_is_complex(dtype))
        return dtype == SHEAF_C64 ? SHEAF_F32 : SHEAF_F64;
    size_t size = sheaf_dtype_size(dtype);
    return size == 1 ? SHEAF_F16 : size == 2 ? SHEAF_F32 : SHEAF_F64;
}

static sheaf_dtype larger(sheaf_dtype a, sheaf_dtype b)
{
    return a > b ? a : b;
}

sheaf_dtype sheaf_dtype_promote(sheaf_dtype a, sheaf_dtype b)
{
    if (a == b || b == SHEAF_BOOL)
        return a;
    if (a == SHEAF_BOOL)
        return b;
    if (dtype_is_complex(a) || dtype_is_complex(b))
        return larger(float_for(a), float_for(b)) == SHEAF_F64 ? SHEAF_C128 : SHEAF_C64;
    if (dtype_is_float(a) || dtype_is_float(b))
        return larger(float_for(a), float_for(b));
    if (dtype_is_signed(a) == dtype_is_signed(b))
        return larger(a, b);
    sheaf_dtype with_sign = dtype_is_signed(a) ? a : b, without = dtype_is_signed(a) ? b : a;
    size_t need = 2 * sheaf_dtype_size(without); /* the signed integer that holds every unsigned value */
    if (need > 8)
        return SHEAF_F64;
    sheaf_dtype holds = need == 2 ? SHEAF_I16 : need == 4 ? SHEAF_I32 : SHEAF_I64;
    return larger(with_sign, holds);
}
