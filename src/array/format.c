#include "array/array.h"

#include "kernels/kernels.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The fewest digits that read back to the same bits. */
static int format_real(double value, bool single, char *buffer, size_t size)
{
    if (isnan(value))
        return snprintf(buffer, size, "nan");
    if (isinf(value))
        return snprintf(buffer, size, value < 0 ? "-inf" : "inf");
    char text[40];
    for (int digits = single ? 6 : 15;; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        bool same = single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
        if (same || digits == 17)
            break;
    }
    /* A float shows that it is one: 3.0, not 3. */
    return snprintf(buffer, size, strpbrk(text, ".en") ? "%s" : "%s.0", text);
}

static int format_complex(double re, double im, bool single, char *buffer, size_t size)
{
    char a[48], b[48];
    format_real(re, single, a, sizeof a);
    format_real(im, single, b, sizeof b);
    return snprintf(buffer, size, signbit(im) && !isnan(im) ? "(%s%sj)" : "(%s+%sj)", a, b);
}

int sheaf_format_scalar(const sheaf_view *scalar, char *buffer, size_t size)
{
    union {
        int64_t i;
        uint64_t u;
        float f;
        double d, c[2];
        bool b;
    } v;
    sheaf_dtype to = scalar->dtype;
    if (dtype_is_integer(to))
        to = dtype_is_signed(to) ? SHEAF_I64 : SHEAF_U64;
    else if (dtype_is_complex(to))
        to = SHEAF_C128;
    else if (dtype_is_float(to))
        to = SHEAF_F64;
    kernels()->cast[scalar->dtype][to](1, scalar->data, 0, &v, 0);
    bool single = scalar->dtype == SHEAF_F16 || scalar->dtype == SHEAF_F32 || scalar->dtype == SHEAF_C64;
    switch (to) {
    case SHEAF_BOOL:
        return snprintf(buffer, size, v.b ? "True" : "False");
    case SHEAF_I64:
        return snprintf(buffer, size, "%" PRId64, v.i);
    case SHEAF_U64:
        return snprintf(buffer, size, "%" PRIu64, v.u);
    case SHEAF_C128:
        return format_complex(v.c[0], v.c[1], single, buffer, size);
    default:
        return format_real(v.d, single, buffer, size);
    }
}
