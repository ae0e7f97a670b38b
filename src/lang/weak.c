/* Literals, and Python's operators on them. */

#include "lang/ast.h"
#include <complex.h>
#include <math.h>
#include <string.h>

#define LARGEST ((wide_int)1 << 100) /* of integers between literals */

double weak_double(const struct weak *w)
{
    return w->kind <= WEAK_INT ? (double)w->integer : w->re;
}

bool weak_is_real(const struct weak *w)
{
    return w->kind != WEAK_COMPLEX;
}

static double complex as_complex(const struct weak *w)
{
    const double parts[2] = {weak_double(w), w->kind == WEAK_COMPLEX ? w->im : 0};
    double complex z; /* clang 14 knows no CMPLX */
    memcpy(&z, parts, sizeof z);
    return z;
}

static bool set_int(struct weak *out, wide_int value, const char **why)
{
    *why = "the integer is too large; write a float";
    *out = (struct weak){.kind = WEAK_INT, .integer = value};
    return value < LARGEST && value > -LARGEST;
}

static bool set_float(struct weak *out, double value)
{
    *out = (struct weak){.kind = WEAK_FLOAT, .re = value};
    return true;
}

static bool set_complex(struct weak *out, double complex value)
{
    *out = (struct weak){.kind = WEAK_COMPLEX, .re = creal(value), .im = cimag(value)};
    return true;
}

static bool set_bool(struct weak *out, bool value)
{
    *out = (struct weak){.kind = WEAK_BOOL, .integer = value};
    return true;
}

static wide_int floor_quotient(wide_int a, wide_int b)
{
    return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

static bool power(wide_int a, wide_int b, struct weak *out, const char **why)
{
    wide_int result = 1;
    if (b < 0)
        return set_float(out, pow((double)a, (double)b));
    for (wide_int i = 0; i < b && (a < -1 || a > 1); i++) {
        result *= a;
        if (result >= LARGEST || result <= -LARGEST)
            return set_int(out, LARGEST, why);
    }
    return set_int(out, a < -1 || a > 1 ? result : b == 0 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : a, why);
}

static bool is(const char *name, const char *word)
{
    return strcmp(name, word) == 0;
}

/* Both are bool: & | ^ stay so. */
static bool bits(const char *f, const struct weak *in, struct weak *out, const char **why)
{
    const wide_int a = in[0].integer, b = in[1].integer;
    const bool both = in[0].kind == WEAK_BOOL && in[1].kind == WEAK_BOOL;
    *why = "the shift is out of range";
    if (is(f, "left_shift") || is(f, "right_shift")) {
        if (b < 0 || (b > 99 && f[0] == 'l'))
            return false;
        return set_int(out, f[0] == 'l' ? a * ((wide_int)1 << b) : b > 99 ? (a < 0 ? -1 : 0) : a >> b, why);
    }
    const wide_int result = is(f, "bitwise_and") ? (a & b) : is(f, "bitwise_or") ? (a | b) : (a ^ b);
    return both ? set_bool(out, result != 0) : set_int(out, result, why);
}

static bool integers(const char *f, const struct weak *in, struct weak *out, const char **why)
{
    const wide_int a = in[0].integer, b = in[1].integer;
    if (is(f, "add"))
        return set_int(out, a + b, why);
    if (is(f, "sub"))
        return set_int(out, a - b, why);
    if (is(f, "mul")) {
        wide_int product;
        return set_int(out, __builtin_mul_overflow(a, b, &product) ? LARGEST : product, why);
    }
    if (is(f, "pow"))
        return power(a, b, out, why);
    *why = "division by zero";
    if (b == 0)
        return false;
    if (is(f, "div"))
        return set_float(out, (double)a / (double)b);
    return set_int(out, is(f, "mod") ? a - floor_quotient(a, b) * b : floor_quotient(a, b), why);
}

static bool floats(const char *f, double a, double b, struct weak *out, const char **why)
{
    if (is(f, "add"))
        return set_float(out, a + b);
    if (is(f, "sub"))
        return set_float(out, a - b);
    if (is(f, "mul"))
        return set_float(out, a * b);
    if (is(f, "pow"))
        return a < 0 && isfinite(a) && isfinite(b) && b != floor(b) ? set_complex(out, cpow(a, b))
                                                                    : set_float(out, pow(a, b));
    *why = "division by zero";
    if (b == 0)
        return false;
    if (is(f, "div"))
        return set_float(out, a / b);
    double rest = fmod(a, b), quotient = (a - rest) / b;
    if (rest != 0 && (rest < 0) != (b < 0)) {
        rest += b;
        quotient -= 1;
    }
    return set_float(out, is(f, "mod") ? (rest == 0 ? copysign(0, b) : rest) : round(quotient));
}

static bool complexes(const char *f, double complex a, double complex b, struct weak *out, const char **why)
{
    if (is(f, "add"))
        return set_complex(out, a + b);
    if (is(f, "sub"))
        return set_complex(out, a - b);
    if (is(f, "mul"))
        return set_complex(out, a * b);
    if (is(f, "pow"))
        return set_complex(out, cpow(a, b));
    *why = is(f, "div") ? "division by zero" : "complex numbers have no such operator";
    return is(f, "div") && b != 0 && set_complex(out, a / b);
}

/* -1, 0, 1; of real ones. */
static int compare(const struct weak *in)
{
    if (in[0].kind <= WEAK_INT && in[1].kind <= WEAK_INT)
        return (in[0].integer > in[1].integer) - (in[0].integer < in[1].integer);
    const double a = weak_double(&in[0]), b = weak_double(&in[1]);
    return a < b ? -1 : a > b ? 1 : 0;
}

/* *is_one: it is a comparison. */
static bool comparison(const char *f, const struct weak *in, struct weak *out, bool *is_one)
{
    const bool real = weak_is_real(&in[0]) && weak_is_real(&in[1]);
    const bool ordered = !isnan(in[0].re) && !isnan(in[1].re);
    *is_one = true;
    if (is(f, "equal") || is(f, "not_equal")) {
        bool same = real ? ordered && compare(in) == 0 : as_complex(&in[0]) == as_complex(&in[1]);
        return set_bool(out, same == is(f, "equal"));
    }
    *is_one = is(f, "less") || is(f, "less_equal") || is(f, "greater") || is(f, "greater_equal");
    if (!*is_one || !real)
        return false;
    const int c = compare(in);
    return set_bool(out, ordered && (is(f, "less")         ? c < 0
                                     : is(f, "less_equal") ? c <= 0
                                     : is(f, "greater")    ? c > 0
                                                           : c >= 0));
}

static bool unary(const char *f, const struct weak *in, struct weak *out, const char **why)
{
    if (is(f, "bitwise_not"))
        return in->kind <= WEAK_INT && set_int(out, ~in->integer, why);
    if (in->kind == WEAK_COMPLEX)
        return set_complex(out, -as_complex(in));
    return in->kind == WEAK_FLOAT ? set_float(out, -in->re) : set_int(out, -in->integer, why);
}

bool weak_operate(const char *function, int n, const struct weak *in, struct weak *out, const char **why)
{
    static const char *const bitwise[] = {"bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift"};
    bool is_comparison;
    *why = "these literals have no such operator";
    if (n == 1)
        return unary(function, in, out, why);
    const bool fine = comparison(function, in, out, &is_comparison);
    if (is_comparison)
        return fine;
    const bool whole = in[0].kind <= WEAK_INT && in[1].kind <= WEAK_INT;
    for (size_t i = 0; i < sizeof bitwise / sizeof *bitwise; i++)
        if (is(function, bitwise[i]))
            return whole && bits(function, in, out, why);
    if (is(function, "matmul"))
        return false;
    if (whole)
        return integers(function, in, out, why);
    if (weak_is_real(&in[0]) && weak_is_real(&in[1]))
        return floats(function, weak_double(&in[0]), weak_double(&in[1]), out, why);
    return complexes(function, as_complex(&in[0]), as_complex(&in[1]), out, why);
}
