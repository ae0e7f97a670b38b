/* Numbers from text: the bits of strtod in the C locale, for every kind of text. */

#include "io/number.h"
#include "support.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS = 1000000
};

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* text, in room enough for what lies behind it, by both readers. */
static void same_as_strtod(const char *text)
{
    double fast = -1, any = -1;
    char *end, copy[2048];
    size_t n = strlen(text);
    memcpy(copy, text, n);
    memset(copy + n, '\n', NUMBER_PADDING);
    const double expected = strtod(text, &end);
    ck_assert_ptr_eq(end, text + n);
    ck_assert_msg(number_read(copy, '.', &fast) == copy + n, "%s: ends elsewhere", text);
    ck_assert_msg(bits_of(fast) == bits_of(expected), "%s: %a, not %a", text, fast, expected);
    ck_assert_ptr_eq(number_read_any(copy, '.', &any), copy + n);
    ck_assert_msg(bits_of(any) == bits_of(expected), "%s: %a, not %a", text, any, expected);
}

/* Any bits, with as few and as many digits as printf gives. */
START_TEST(doubles)
{
    char text[1200];
    uint64_t state = 1 + (uint64_t)_i;
    for (int i = 0; i < ROUNDS / 2; i++) {
        const uint64_t random = random_u64(&state);
        const double x = _i ? (random_unit(&state) - 0.5) * pow(10, (double)(random % 12)) : double_of(random);
        if (!isfinite(x))
            continue;
        snprintf(text, sizeof text, random & 1 ? "%.*g" : "%.*e", (int)(random >> 8 & 31), x);
        same_as_strtod(text);
        snprintf(text, sizeof text, "%.17g", x);
        same_as_strtod(text);
    }
}
END_TEST

/* Digits, a point among them somewhere, an exponent. */
START_TEST(digits)
{
    char text[64];
    uint64_t state = 7;
    for (int i = 0; i < ROUNDS; i++) {
        const uint64_t random = random_u64(&state);
        const int n = 1 + (int)(random % 26), point = (int)(random >> 8) & 31;
        int at = 0;
        if (random >> 16 & 1)
            text[at++] = '-';
        for (int k = 0; k < n; k++) {
            if (k == point)
                text[at++] = '.';
            text[at++] = (char)('0' + random_u64(&state) % 10);
        }
        if (random >> 17 & 1)
            at += snprintf(text + at, 16, random >> 18 & 1 ? "e%d" : "E%+d", (int)(random >> 20 & 127) - 64);
        text[at] = '\0';
        same_as_strtod(text);
    }
}
END_TEST

/* The middle between two doubles, written out in full, and a little off it. */
START_TEST(middles)
{
    char text[1400];
    uint64_t state = 11;
    for (int i = 0; i < ROUNDS / 50; i++) {
        const uint64_t bits = random_u64(&state) & ~(1ull << 63);
        const double x = i % 4 ? ldexp((double)(bits >> 11 | 1), (int)(bits % 120) - 60) : double_of(bits);
        if (!isfinite(x) || x == DBL_MAX)
            continue;
        const long double middle = ((long double)x + (long double)nextafter(x, INFINITY)) / 2;
        snprintf(text, sizeof text, "%.*Le", i % 2 ? 1100 : 780, middle);
        same_as_strtod(text);
        char *last = strchr(text, 'e');
        last[-1] = (char)(last[-1] == '9' ? '8' : last[-1] + 1);
        same_as_strtod(text);
    }
}
END_TEST

START_TEST(edges)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "0.0",
                                        "-0.000",
                                        ".5",
                                        "5.",
                                        "+5",
                                        "-.5e1",
                                        "1e0",
                                        "00000000000000000000000000001",
                                        "0.00000000000000000000000000000000000000000000000000000000000000000000000001",
                                        "inf",
                                        "-Infinity",
                                        "+INF",
                                        "1e400",
                                        "-1e400",
                                        "1e-400",
                                        "4.9e-324",
                                        "2.4703282292062327e-324",
                                        "2.4703282292062328e-324",
                                        "2.2250738585072011e-308",
                                        "2.2250738585072014e-308",
                                        "1.7976931348623157e308",
                                        "1.7976931348623159e308",
                                        "9007199254740993",
                                        "9007199254740992.99999999999999999999",
                                        "9007199254740993.00000000000000000000001",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "9999999999999999999",
                                        "99999999999999999999",
                                        "1e22",
                                        "1e23",
                                        "8.5e22",
                                        "123456789012345678e-22",
                                        "1e999999999999",
                                        "0e999999999999",
                                        "1e-999999999999",
                                        "6.02214076e+23",
                                        "1.7976931348623158079e308",
                                        "12345678",
                                        "123456789012345678.",
                                        "0.1234567812345678"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        same_as_strtod(texts[i]);
}
END_TEST

START_TEST(not_numbers)
{
    static const struct {
        const char *text;
        int end; /* -1: no number at all */
    } cases[] = {{"", -1},    {"-", -1},   {"+", -1},   {".", -1},    {"e5", -1},  {"-.", -1},  {"abc", -1},
                 {"nan", -1}, {"1e", 1},   {"1e+", 1},  {"1.2.3", 3}, {"1-2", 1},  {"0x10", 1}, {"1_000", 1},
                 {"1,5", 1},  {"--1", -1}, {"infx", 3}, {"1e5e5", 3}, {"12 3", 2}, {"1\x80", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64] = "";
        double x;
        strcpy(text, cases[i].text);
        for (int fast = 0; fast < 2; fast++) {
            const char *end = fast ? number_read(text, '.', &x) : number_read_any(text, '.', &x);
            ck_assert_msg((end ? (int)(end - text) : -1) == cases[i].end, "%s: %d", text, fast);
        }
    }
    double x;
    char comma[64] = "-12,75;";
    ck_assert_ptr_eq(number_read(comma, ',', &x), comma + 6);
    ck_assert_double_eq(x, -12.75);
}
END_TEST

/* The fewest digits of printf's that strtod reads back, with ".0" behind what looks whole. */
static void by_printf(double x, bool single, char text[NUMBER_TEXT])
{
    for (int n = single ? 6 : 15; n <= 17; n++) {
        snprintf(text, NUMBER_TEXT, "%.*g", n, x);
        if (single ? strtof(text, NULL) == (float)x : strtod(text, NULL) == x)
            break;
    }
    if (!strpbrk(text, ".en"))
        strcat(text, ".0");
}

static void writes(double x, bool single)
{
    char wanted[NUMBER_TEXT], got[NUMBER_TEXT + 1];
    if (isnan(x))
        return;
    by_printf(x, single, wanted);
    const int n = number_write(x, single, got);
    got[n] = '\0';
    ck_assert_str_eq(got, wanted);
}

START_TEST(written)
{
    static const double odd[] = {0,
                                 -0.0,
                                 0.5,
                                 1,
                                 -1,
                                 9.5,
                                 9.995,
                                 0.1,
                                 1e15,
                                 1e16,
                                 1e17,
                                 1e22,
                                 1e23,
                                 1e-4,
                                 1e-5,
                                 1e80,
                                 1e-80,
                                 1e300,
                                 1e99,
                                 1e100,
                                 1.5e-5,
                                 123456,
                                 1e5 / 3,
                                 DBL_MAX,
                                 DBL_MIN,
                                 5e-324,
                                 0x1p53,
                                 0x1p63,
                                 0x1p64,
                                 2.5,
                                 1e16 + 2,
                                 9007199254740993.0,
                                 INFINITY,
                                 -INFINITY,
                                 0x1.fffffffffffffp52,
                                 999999999999999.9,
                                 9.5367431640625e-7};
    uint64_t state = (uint64_t)_i + 1;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        writes(odd[i], false);
        writes((float)odd[i], true);
    }
    for (int i = 0; i < ROUNDS / 10; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        const uint64_t random = state ^ state >> 29;
        const double x = double_of((random & 0x800fffffffffffff) | (823 + random % 400) << 52);
        const uint32_t half = (uint32_t)(random >> 13);
        float y;
        memcpy(&y, &half, sizeof y);
        writes(x, false);
        writes(y, true);
        writes((double)(random >> 40) / 1000, false); /* few digits */
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tests = tcase_create("number");
    tcase_add_loop_test(tests, doubles, 0, 2);
    tcase_add_test(tests, digits);
    tcase_add_test(tests, middles);
    tcase_add_test(tests, edges);
    tcase_add_test(tests, not_numbers);
    tcase_add_loop_test(tests, written, 0, 2);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
