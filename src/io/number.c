/* Numbers from text: Clinger's fast path and Eisel-Lemire; strtod for the rest. */

#include "io/number.h"
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* No double, nor the middle between two, has more significant digits than 768: further ones only break a tie. */
enum {
    DIGITS_MOST = 780,
    EXPONENT_MOST = 1000000000
};

const uint64_t number_tens[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
const double number_exact_tens[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static const struct {
    uint64_t high, low;
} powers[2 * NUMBER_EXPONENT + 1] = {
#include "io/number_powers.inc"
};

static locale_t c_locale;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

__extension__ typedef unsigned __int128 wide;

bool number_power(int q, uint64_t *high, uint64_t *low, int *power)
{
    if (q < -NUMBER_EXPONENT || q > NUMBER_EXPONENT)
        return false;
    *high = powers[q + NUMBER_EXPONENT].high;
    *low = powers[q + NUMBER_EXPONENT].low;
    *power = (int)((217706 * (int64_t)q) >> 16) - 127;
    return true;
}

bool number_scale(uint64_t m, int64_t e, double *out)
{
    if (m == 0) {
        *out = 0;
        return true;
    }
    if (e < -NUMBER_EXPONENT || e > NUMBER_EXPONENT)
        return false;
    const int zeros = __builtin_clzll(m), q = (int)e;
    const uint64_t w = m << zeros;
    wide product = (wide)w * powers[q + NUMBER_EXPONENT].high;
    if ((product >> 64 & 0x1ff) == 0x1ff)
        product += (wide)w * powers[q + NUMBER_EXPONENT].low >> 64;
    const uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    if (low == UINT64_MAX && (q < -27 || q > 55))
        return false;
    const int upper = (int)(high >> 63), shift = upper + 64 - 52 - 3;
    uint64_t mantissa = high >> shift;
    int64_t power = ((217706 * (int64_t)q) >> 16) + 63 + upper - zeros + 1023;
    if (low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 && mantissa << shift == high)
        mantissa &= ~1ull; /* the middle between two: to the even one */
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >= 2ull << 52) {
        mantissa = 1ull << 52;
        power++;
    }
    const uint64_t bits = (mantissa & ~(1ull << 52)) | (uint64_t)power << 52;
    memcpy(out, &bits, sizeof bits);
    return true;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What a number is made of: digits with leading zeros left off, the rest as a power of ten. */
struct parts {
    uint64_t m;     /* of the first NUMBER_DIGITS */
    int64_t e;      /* of the last digit in `text` */
    size_t n;       /* digits in text */
    bool any, more; /* a digit was there; one other than 0 did not fit */
    char text[DIGITS_MOST];
};

static const char *take_digits(struct parts *s, const char *p, bool fraction)
{
    for (; digit(*p); p++) {
        s->any = true;
        if (s->n == DIGITS_MOST) {
            s->more |= *p != '0';
            s->e += !fraction;
            continue;
        }
        s->e -= fraction;
        if (s->n == 0 && *p == '0')
            continue;
        if (s->n < NUMBER_DIGITS)
            s->m = s->m * 10 + (uint64_t)(*p - '0');
        s->text[s->n++] = *p;
    }
    return p;
}

/* Without an exponent behind it, an e is none: returns p. */
static const char *take_exponent(struct parts *s, const char *p)
{
    int64_t e = 0;
    const char *at = p + 1;
    const bool negative = *at == '-';
    if ((*p | 0x20) != 'e')
        return p;
    at += *at == '-' || *at == '+';
    if (!digit(*at))
        return p;
    for (; digit(*at); at++)
        if (e < EXPONENT_MOST)
            e = e * 10 + (*at - '0');
    s->e += negative ? -e : e;
    return at;
}

static double by_strtod(const struct parts *s)
{
    char text[DIGITS_MOST + 40];
    pthread_once(&once, make_locale);
    memcpy(text, s->text, s->n);
    size_t n = s->n;
    int64_t e = s->e;
    if (s->more) {
        text[n++] = '1';
        e--;
    }
    snprintf(text + n, sizeof text - n, "e%lld", (long long)e);
    return c_locale ? strtod_l(text, NULL, c_locale) : strtod(text, NULL); /* no decimal sign: any locale will do */
}

static double value_of(const struct parts *s)
{
    double value, next;
    if (s->n == 0)
        return 0;
    if (s->n <= NUMBER_DIGITS) {
        if (s->m <= 1ull << 53 && s->e >= -22 && s->e <= 22)
            return s->e < 0 ? (double)s->m / number_exact_tens[-s->e] : (double)s->m * number_exact_tens[s->e];
        if (number_scale(s->m, s->e, &value))
            return value;
    } else {
        /* It lies between the first digits and one more; where both round to the same, so does it. */
        const int64_t e = s->e + (int64_t)(s->n - NUMBER_DIGITS);
        if (number_scale(s->m, e, &value) && number_scale(s->m + 1, e, &next) && value == next)
            return value;
    }
    return by_strtod(s);
}

const char *number_read_any(const char *p, char decimal, double *out)
{
    struct parts s;
    const bool negative = *p == '-';
    s.m = s.n = 0;
    s.e = 0;
    s.any = s.more = false;
    p += *p == '-' || *p == '+';
    if ((*p | 0x20) == 'i' && strncasecmp(p, "inf", 3) == 0) {
        *out = negative ? -INFINITY : INFINITY;
        return p + (strncasecmp(p, "infinity", 8) == 0 ? 8 : 3);
    }
    p = take_digits(&s, p, false);
    if (*p == decimal)
        p = take_digits(&s, p + 1, true);
    if (!s.any)
        return NULL;
    p = take_exponent(&s, p);
    const double value = value_of(&s);
    *out = negative ? -value : value;
    return p;
}
