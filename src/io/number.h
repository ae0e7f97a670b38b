#ifndef SHEAF_IO_NUMBER_H
#define SHEAF_IO_NUMBER_H

/* Decimal text to the nearest double, ties to even, as strtod in the C locale; and back. */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    NUMBER_DIGITS = 19, /* so many fit a uint64_t */
    NUMBER_EXPONENT = 100,
    NUMBER_PADDING = 16 /* bytes that can be read behind a text */
};

extern const uint64_t number_tens[9];
extern const double number_exact_tens[23];

/* Any number: [+-] digits, perhaps with a decimal sign and an exponent, or inf, infinity in any case. Returns its end,
 * or NULL when there is none. */
const char *number_read_any(const char *p, char decimal, double *out);
/* m·10^e by Eisel and Lemire's method; false: not decided by it. */
bool number_scale(uint64_t m, int64_t e, double *out);

/* 10^q is (high·2^64 + low)·2^power, cut off behind its 128 bits, the first of which is 1; false: q is not in the
 * table.
 */
bool number_power(int q, uint64_t *high, uint64_t *low, int *power);

/* value as sheaf_format_scalar writes it, of single precision if it is said so; a whole number. The length: no NUL. */
enum {
    NUMBER_TEXT = 40
};
int number_write(double value, bool single, char text[NUMBER_TEXT]);
int number_write_whole(uint64_t value, bool negative, char text[NUMBER_TEXT]);

/* Of eight digits' values, the first in the lowest byte. */
static inline uint64_t number_of_eight(uint64_t digits)
{
    const uint64_t mask = 0x000000ff000000ff, hundreds = 100 + (1000000ull << 32), ones = 1 + (10000ull << 32);
    digits = digits * 10 + (digits >> 8);
    return (uint32_t)(((digits & mask) * hundreds + ((digits >> 16) & mask) * ones) >> 32);
}

/* Append the digits at p to *m; returns their end. */
static inline const char *number_digits(const char *p, uint64_t *m)
{
    for (;;) {
        uint64_t digits;
        memcpy(&digits, p, sizeof digits);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        digits = __builtin_bswap64(digits);
#endif
        digits ^= 0x3030303030303030;
        const uint64_t others = ((digits + 0x7676767676767676) | digits) & 0x8080808080808080;
        if (!others) {
            *m = *m * 100000000 + number_of_eight(digits);
            p += 8;
            continue;
        }
        const int n = __builtin_ctzll(others) / 8;
        *m = *m * number_tens[n] + number_of_eight(digits << (8 * (7 - n)) << 8);
        return p + n;
    }
}

/* As number_read_any, fast for what is common. NUMBER_PADDING bytes behind the text can be read, and the first of them
 * is no part of a number. */
static inline const char *number_read(const char *p, char decimal, double *out)
{
    const char *const start = p;
    const bool negative = *p == '-';
    const char *const first = p += negative;
    uint64_t m = 0;
    int64_t e = 0;
    if ((unsigned char)(*p - '0') < 10 && p[1] == decimal) /* mostly so, and little work */
        m = (uint64_t)*p++ - '0';
    else
        p = number_digits(p, &m);
    int64_t digits = p - first;
    if (*p == decimal) {
        const char *const fraction = ++p;
        p = number_digits(p, &m);
        e = fraction - p;
        digits -= e;
    }
    if (digits < 1 || digits > NUMBER_DIGITS)
        return number_read_any(start, decimal, out);
    if ((*p | 0x20) == 'e') {
        uint64_t power = 0;
        const char *const sign = p + 1, *const from = sign + (*sign == '-' || *sign == '+');
        p = number_digits(from, &power);
        if (p == from || p - from > 4)
            return number_read_any(start, decimal, out);
        e += *sign == '-' ? -(int64_t)power : (int64_t)power;
    }
    double value, scaled;
    if (m < 1000000000000000 && e <= 0 && e >= -22) /* up to 2^53, a branch would go either way */
        value = (double)m / number_exact_tens[-e];
    else if (number_scale(m, e, &scaled))
        value = scaled;
    else
        return number_read_any(start, decimal, out);
    /* Without a branch: signs are hard to predict. */
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits |= (uint64_t)negative << 63;
    memcpy(out, &bits, sizeof bits);
    return p;
}

#endif
