/* Numbers as text, as sheaf_format_scalar writes them: the fewest of 15, 16 or 17 digits (single precision: of 6 to 9)
 * that read back to the same bits. The number times a power of ten is a whole number of 17 digits and a fraction, known
 * to 128 bits less an error; where a rounding is too close to call within it, sheaf_format_scalar does the work. */

#include "io/number.h"
#include <math.h>
#include <sheaf/array.h>

enum {
    MOST = 17
};

__extension__ typedef unsigned __int128 wide;

static const uint64_t tens[] = {1,        10,        100,        1000,        10000,        100000,       1000000,
                                10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000};

/* The decimal exponent of the first digit of m·2^e, or one less. */
static int exponent_of(uint64_t m, int e)
{
    const int top = 63 - __builtin_clzll(m) + e;  /* 2^top <= m·2^e */
    return (int)(((int64_t)top * 1262611) >> 22); /* floor(top·log10(2)) */
}

/* m·2^e·10^q = *whole + *part / 2^64, the latter too small by at most 2^SLACK units. False: outside of the table. */
enum {
    SLACK = 10
};
static bool scale(uint64_t m, int e, int q, uint64_t *whole, uint64_t *part)
{
    uint64_t high, low;
    int power;
    if (!number_power(q, &high, &low, &power))
        return false;
    /* Of m·(high, low) the 192 bits' upper 128. */
    const int zeros = __builtin_clzll(m);
    m <<= zeros;
    const wide product = (wide)m * high + ((wide)m * low >> 64);
    const int shift = -(e - zeros + power + 64); /* product·2^64·2^(e - zeros + power) is the number */
    if (shift < 0 || shift >= 128)
        return false;
    const wide fixed = shift <= 64 ? product : product >> (shift - 64); /* 64 bits behind the point, or more */
    const int behind = shift <= 64 ? shift : 64;
    *whole = (uint64_t)(fixed >> behind);
    *part = behind == 64 ? (uint64_t)fixed : (uint64_t)(fixed << (64 - behind));
    return behind > 0;
}

/* A number of 17 digits rounded to 17 - drop ones; false: too close to call. */
static bool round_to(uint64_t whole, uint64_t part, int drop, uint64_t *out)
{
    const uint64_t unit = tens[drop], rest = whole % unit, half = unit / 2;
    const uint64_t slack = (uint64_t)1 << SLACK;
    *out = whole / unit;
    if (drop == 0) {
        const uint64_t middle = (uint64_t)1 << 63;
        if (part > middle - slack && part < middle + slack)
            return false;
        *out += part >= middle;
        return part < UINT64_MAX - slack;
    }
    if ((rest == half && part < slack) || (rest == half - 1 && part > UINT64_MAX - slack))
        return false;
    *out += rest >= half;
    return true;
}

static bool reads_back(uint64_t digits, int e, double value, bool single, bool *same)
{
    double back;
    uint64_t bits;
    if (digits <= 1ull << 53 && e <= 0 && e >= -22)
        back = (double)digits / number_exact_tens[-e];
    else if (!number_scale(digits, e, &back))
        return false;
    memcpy(&bits, &back, sizeof bits);
    if (single && (bits & 0x1fffffff) == 0x10000000) /* rounded twice, it might be the other one */
        return false;
    *same = single ? (float)back == (float)value : back == value;
    return true;
}

/* Whether a decimal, in units of the 17th digit, is nearer to the double than the middle to the next one, which then is
 * what reads_back tells; false: too close to call, or the double below is nearer than the one above. */
static bool is_near(uint64_t m, uint64_t whole, uint64_t part, uint64_t decimal, bool *same)
{
    const double gap = (double)whole / (2 * (double)m); /* from the double to the middle: 0.5 to 12 */
    const double off = fabs((double)(int64_t)(decimal - whole) - (double)part * 0x1p-64);
    *same = off < gap;
    return m != 1ull << 52 && fabs(off - gap) > 1e-6 * gap;
}

static const char pairs[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

static void write_eight(uint32_t number, char *text)
{
    const uint32_t high = number / 10000, low = number % 10000;
    memcpy(text, pairs + high / 100 * 2, 2);
    memcpy(text + 2, pairs + high % 100 * 2, 2);
    memcpy(text + 4, pairs + low / 100 * 2, 2);
    memcpy(text + 6, pairs + low % 100 * 2, 2);
}

/* As printf's %.*g with `digits` of precision writes digits·10^(e), and ".0" behind what looks whole. */
static int write_digits(uint64_t digits, int precision, int exponent, char *text)
{
    char buffer[24];
    const char *const all = buffer + MOST - precision;
    int n, at = 0;
    buffer[0] = (char)('0' + digits / 10000000000000000);
    write_eight((uint32_t)(digits / 100000000 % 100000000), buffer + 1);
    write_eight((uint32_t)(digits % 100000000), buffer + 9);
    for (n = precision; n > 1 && all[n - 1] == '0'; n--)
        ;
    if (exponent < -4 || exponent >= precision) {
        text[at++] = all[0];
        if (n > 1)
            text[at++] = '.';
        memcpy(text + at, all + 1, (size_t)n - 1);
        at += n - 1;
        text[at++] = 'e';
        text[at++] = exponent < 0 ? '-' : '+';
        const int size = exponent < 0 ? -exponent : exponent;
        if (size >= 100)
            text[at++] = (char)('0' + size / 100);
        text[at++] = (char)('0' + size / 10 % 10);
        text[at++] = (char)('0' + size % 10);
        return at;
    }
    if (exponent < 0) {
        memcpy(text, "0.0000", 6);
        at = 1 - exponent;
        memcpy(text + at, all, (size_t)n);
        return at + n;
    }
    for (int i = 0; i <= exponent; i++)
        text[at++] = i < n ? all[i] : '0';
    text[at++] = '.';
    if (n <= exponent + 1)
        text[at++] = '0';
    for (int i = exponent + 1; i < n; i++)
        text[at++] = all[i];
    return at;
}

static int by_printf(double value, bool single, char *text)
{
    const float narrow = (float)value;
    sheaf_view v;
    sheaf_view_init(&v, single ? (void *)&narrow : &value, single ? SHEAF_F32 : SHEAF_F64, 0, NULL, NULL);
    return sheaf_format_scalar(&v, text, NUMBER_TEXT);
}

/* The digits of a positive normal number, how many, and the exponent of the first; false: not decided here. */
static bool shortest(double value, bool single, uint64_t *digits, int *precision, int *exponent)
{
    uint64_t bits, whole, part;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t m = (bits & 0xfffffffffffff) | 1ull << 52;
    const int e = (int)(bits >> 52) - 1075;
    int first = exponent_of(m, e);
    if (!scale(m, e, MOST - 1 - first, &whole, &part))
        return false;
    if (whole >= 100000000000000000) { /* the exponent was one less than it is */
        first++;
        if (!scale(m, e, MOST - 1 - first, &whole, &part))
            return false;
    }
    for (int n = single ? 6 : 15; n <= (single ? 9 : MOST); n++) {
        bool same = n == MOST;
        int at = first;
        if (!round_to(whole, part, MOST - n, digits))
            return false;
        const uint64_t decimal = *digits * tens[MOST - n];
        if (*digits == (n < 13    ? tens[n]
                        : n == 15 ? 1000000000000000
                        : n == 16 ? 10000000000000000
                                  : 100000000000000000)) {
            *digits /= 10;
            at++;
        }
        if (!same && (single || !is_near(m, whole, part, decimal, &same)) &&
            !reads_back(*digits, at - n + 1, value, single, &same))
            return false;
        *precision = n;
        *exponent = at;
        if (same)
            return true;
    }
    return false;
}

int number_write(double value, bool single, char text[NUMBER_TEXT])
{
    const bool negative = signbit(value);
    const double size = fabs(value);
    uint64_t digits;
    int precision, exponent;
    if (size == 0) {
        memcpy(text, "-0.0" + !negative, 3 + negative);
        return 3 + negative;
    }
    if (!(size >= 1e-80 && size <= 1e80) || (single && size < 1e-30) ||
        !shortest(size, single, &digits, &precision, &exponent))
        return by_printf(value, single, text);
    text[0] = '-';
    return negative + write_digits(digits, precision, exponent, text + negative);
}

int number_write_whole(uint64_t value, bool negative, char text[NUMBER_TEXT])
{
    char all[24];
    int n = 0, at = 0;
    do {
        all[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    if (negative)
        text[at++] = '-';
    while (n > 0)
        text[at++] = all[--n];
    return at;
}
