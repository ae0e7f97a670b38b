/* Tables of text: ways to write them, errors with their lines, pieces, damage, and what Sheaf writes itself. */

#include "array/array.h"
#include "base/alloc.h"
#include "io/csv.h"
#include "support.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NA 1e300 /* stands for NaN in what is expected */

static char *directory;

static void setup(void)
{
    directory = scratch_new();
}

static void teardown(void)
{
    scratch_remove(directory);
}

/* A table written to a file; keys: of --read, with blanks between, or NULL. */
static sheaf_status load_part(const char *text, size_t n, const char *keys, const char *part, sheaf_array **out,
                              sheaf_error *error)
{
    char copy[256] = "", *texts[8];
    size_t count = 0, k = 0;
    sheaf_read *read = NULL;
    sheaf_file *file = NULL;
    const char *path = path_in(directory, "t.csv");
    file_write(path, text, n);
    snprintf(copy, sizeof copy, "%s", keys ? keys : "");
    for (char *at = strtok(copy, " "); at; at = strtok(NULL, " "))
        texts[count++] = at;
    *out = NULL;
    sheaf_status status = sheaf_read_new(count, (const char *const *)texts, &read, error);
    if (status == SHEAF_OK)
        status = sheaf_file_open(path, read, &file, error);
    if (status == SHEAF_OK)
        status = file_find(file, part, &k, error);
    if (status == SHEAF_OK)
        status = sheaf_file_part_load(file, k, out, error);
    sheaf_file_close(file);
    sheaf_read_free(read);
    return status;
}

static const struct {
    const char *text, *keys, *part;
    int rows, columns; /* columns 0: one dimension */
    double values[12];
} good[] = {
    /* line ends, with and without a last one; BOM */
    {"a,b\n1,2\n3,4\n", NULL, NULL, 2, 2, {1, 2, 3, 4}},
    {"a,b\r\n1,2\r\n3,4", NULL, NULL, 2, 2, {1, 2, 3, 4}},
    {"a,b\r1,2\r3,4\r", NULL, NULL, 2, 2, {1, 2, 3, 4}},
    {"\xef\xbb\xbf"
     "a,b\n1,2\n",
     NULL,
     "a",
     1,
     0,
     {1}},
    /* header or none */
    {"1,2\n3,4\n", NULL, NULL, 2, 2, {1, 2, 3, 4}},
    {"1,2\n3,4\n", "header=yes", NULL, 1, 2, {3, 4}},
    {"1,2\n3,4\n", "header=yes", "2", 1, 0, {4}},
    {"1,2\n3,4\n", NULL, "1", 2, 0, {2, 4}},
    {"5.1,3.5,setosa\n4.9,3,setosa\n", NULL, NULL, 2, 2, {5.1, 3.5, 4.9, 3}},
    {"x\n1\n2\n", NULL, NULL, 2, 1, {1, 2}},
    {"x\n", "header=yes columns=x", NULL, 0, 1, {0}},
    /* delimiters */
    {"a;b\n1.5;2\n", NULL, NULL, 1, 2, {1.5, 2}},
    {"a;b\n1,5;2\n", "decimal=,", NULL, 1, 2, {1.5, 2}},
    {"a\tb\n1,5\t2\n", "decimal=comma", NULL, 1, 2, {1.5, 2}},
    {"a\tb\n\t2\n3\t\n", NULL, NULL, 2, 2, {NA, 2, 3, NA}},
    {"a|b\n1|2\n", NULL, NULL, 1, 2, {1, 2}},
    {"  a   b\n  1 -2 \n\t3  \t4\n", NULL, NULL, 2, 2, {1, -2, 3, 4}},
    {"a:b\n1:2\n", "delimiter=:", NULL, 1, 2, {1, 2}},
    {"1,5 2,5\n", "decimal=, delimiter=blanks", NULL, 1, 2, {1.5, 2.5}},
    {"a,b\n1, 2\n 3 ,4 \n", NULL, NULL, 2, 2, {1, 2, 3, 4}},
    /* quotes */
    {"\"a,x\",\"b \"\"q\"\"\"\n\"1\",2\n3,\" 4 \"\n", NULL, "b \"q\"", 2, 0, {2, 4}},
    {"n,v\n\"two\nlines, \"\"q\"\"\",1\n\"\",2\n", NULL, NULL, 2, 1, {1, 2}},
    {"n,v\n5\" pipe,1\nx\"y,2\n", NULL, NULL, 2, 1, {1, 2}},
    /* comments, blank lines, titles */
    {"# made by hand\n\na,b\n# units\n1,2\n\n  \n3,4\n#end", NULL, NULL, 2, 2, {1, 2, 3, 4}},
    {"% made\na,b\n1,2\n", "comment=%", NULL, 1, 2, {1, 2}},
    {"#a,b\n1,2\n", "comment=none", "#a", 1, 0, {1}},
    {"Global Means\na,b\n1,2\n", NULL, NULL, 1, 2, {1, 2}},
    {"Global Means, all\nby hand\na,b,c\n1,2,3\n4,5,6\n", "skip=1", NULL, 2, 3, {1, 2, 3, 4, 5, 6}},
    /* missing words */
    {"a,b\n,NA\nNaN,nan\nnull,***\n-,N/A\n1,\"\"\n?,2\n",
     NULL,
     NULL,
     6,
     2,
     {NA, NA, NA, NA, NA, NA, NA, NA, 1, NA, NA, 2}},
    {"a,b\n-999,1\n-999.0,gone\n", "missing=-999,gone", NULL, 2, 2, {NA, 1, NA, NA}},
    {"a,b\n,\n,\n", NULL, NULL, 2, 2, {NA, NA, NA, NA}},
    /* columns: text is dropped, without renumbering */
    {"n,a,t,b\nx,1,y,2\nx,3,y,4\n", NULL, NULL, 2, 2, {1, 2, 3, 4}},
    {"n,a,t,b\nx,1,y,2\nx,3,y,4\n", NULL, "3", 2, 0, {2, 4}},
    {"n,a,t,b\nx,1,y,2\nx,3,y,4\n", "columns=b,1", NULL, 2, 2, {2, 1, 4, 3}},
    {"a,a,\n1,2,3\n", NULL, "#1", 1, 0, {2}},
    {"a,a,\n1,2,3\n", NULL, "2", 1, 0, {3}},
    {"Gr\xf6\xdf"
     "e,b\n1,2\n",
     NULL,
     "Gr\u00f6\u00dfe",
     1,
     0,
     {1}},
    {"a,b\ninf,-Infinity\n1e3,-0.5E-1\n", NULL, NULL, 2, 2, {INFINITY, -INFINITY, 1000, -0.05}},
};

START_TEST(reads_good)
{
    sheaf_array *array;
    ck_ok(load_part(good[_i].text, strlen(good[_i].text), good[_i].keys, good[_i].part, &array, error));
    sheaf_view v = sheaf_array_view(array);
    ck_assert_int_eq(v.dtype, SHEAF_F64);
    ck_assert_int_eq(v.ndim, good[_i].columns ? 2 : 1);
    ck_assert_int_eq(v.shape[0], good[_i].rows);
    if (v.ndim == 2)
        ck_assert_int_eq(v.shape[1], good[_i].columns);
    const double *x = v.data;
    for (int64_t i = 0; i < sheaf_view_size(&v); i++)
        ck_assert_msg(good[_i].values[i] == NA ? isnan(x[i]) : x[i] == good[_i].values[i], "%d: %g", (int)i, x[i]);
    sheaf_array_free(array);
}
END_TEST

static const struct {
    const char *text, *keys, *part, *says;
} wrong[] = {
    {"", NULL, NULL, "t.csv"},
    {"\n\n", NULL, NULL, "has no rows"},
    {"a,b\n1,2\n3,x\n", NULL, NULL, "line 3, column 1 ('b'): 'x' is neither"},
    {"# c\r\na,b\r\n\"1\",\"2\"\r\n3,4x\r\n", NULL, NULL, "line 4, column 1 ('b'): '4x'"},
    {"t,b\n\"two\nlines\",1\ny,1.2.3\n", NULL, NULL, "line 4, column 1 ('b'): '1.2.3'"},
    {"a,b\n1,2\n3\n4,5\n", NULL, NULL, "line 3: has fewer cells than the table columns (2)"},
    {"a,b\n1,2\n3,4,5\n6,7\n", NULL, NULL, "line 3: has more cells"},
    {"a b\n1 2\n3\n4 5\n", NULL, NULL, "line 3: has fewer cells"},
    {"a,b,c\n1,2\n3,4\n", NULL, NULL, "line 1: the header has 3 cells, but the rows below have 2"},
    {"a,b\n1,\"2\n3,4\n5,6\n", NULL, NULL, "quote"},
    {"a,b\n1,2\n1,\"2\"x\n5,6\n", NULL, NULL, "line 3, column 1 ('b'): a quote"},
    {"a,b\nx,y\nz,w\n", NULL, NULL, "has no column of numbers among its 2"},
    {"a;b\n1,5;2\n", NULL, NULL, "'1,5' is a number if its decimal sign is ','"},
    {"n,a\nx,1\n", NULL, "c", "has no column 'c'; it has 2 columns, 0 'n' to 1 'a'"},
    {"n,a\nx,1\n", NULL, "n", "column 0 ('n') is text"},
    {"n,a\nx,1\n", "columns=n", NULL, "line 2, column 0 ('n'): 'x'"},
    {"n,a\nx,1\n", "columns=7", NULL, "has no column '7'"},
    {"n,a\nx,1\n", "columns=a,1", NULL, "twice"},
    {"n,a\nx,1\n", "header=maybe", NULL, "either yes or no"},
    {"n,a\nx,1\n", "delimiter=ab", NULL, "is a character"},
    {"n,a\nx,1\n", "decimal=;", NULL, "point"},
    {"n,a\nx,1\n", "delimiter=, decimal=,", NULL, "is the decimal sign too"},
    {"n,a\nx,1\n", "skip=-1", NULL, "number of lines"},
    {"n,a\nx,1\n", "comment=\"", NULL, "starts a comment"},
    {"n,a\nx,1\n", "colour=red", NULL, "no format has such a setting"},
    {"\xff\xfe"
     "1\0,\0",
     NULL, NULL, "UTF-16"},
};

START_TEST(refuses_wrong)
{
    sheaf_array *array;
    sheaf_error error = {SHEAF_OK, ""};
    ck_assert_int_ne(load_part(wrong[_i].text, strlen(wrong[_i].text), wrong[_i].keys, wrong[_i].part, &array, &error),
                     SHEAF_OK);
    ck_assert_ptr_null(array);
    ck_assert_msg(strstr(error.message, wrong[_i].says), "%s", error.message);
}
END_TEST

/* Rows i, i/8, over many pieces: the sums are known. Every kind of row now and then: quotes with line ends, blank
 * lines, comments; the kinds of line end by _i. */
START_TEST(pieces)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    enum {
        ROWS = 150000
    };
    const char *end = ends[_i % 3];
    const int odd = _i / 3;
    char *text = malloc(ROWS * 64), *at = text;
    ck_assert_ptr_nonnull(text);
    at += sprintf(at, "i,name,eighth%s", end);
    for (int i = 0; i < ROWS; i++) {
        const int kind = odd ? i % 1000 : 1;
        if (kind == 500)
            at += sprintf(at, "%s# a comment, \"with %s", end, end);
        if (kind == 700 || (odd == 2 && i > ROWS / 3 && i < ROWS / 2))
            at += sprintf(at, "%d,\"line%sline \"\"%d,\"\"\",\"%.3f\"%s", i, end, i, i / 8., end);
        else
            at += sprintf(at, "%d,name,%.3f%s", i, i / 8., end);
    }
    sheaf_array *array;
    for (int part = 0; part < 2; part++) {
        ck_ok(load_part(text, (size_t)(at - text), NULL, part ? "eighth" : NULL, &array, error));
        sheaf_view v = sheaf_array_view(array);
        ck_assert_int_eq(v.shape[0], ROWS);
        const double *x = v.data;
        for (int i = 0; i < ROWS; i++)
            ck_assert(part ? x[i] == i / 8. : x[2 * i] == i && x[2 * i + 1] == i / 8.);
        sheaf_array_free(array);
    }
    /* an error in the last row names its line */
    uint64_t lines = io_lines(text, at);
    at += sprintf(at, "1,x,oops%s", end);
    sheaf_error error;
    char says[64];
    ck_assert_int_eq(load_part(text, (size_t)(at - text), NULL, NULL, &array, &error), SHEAF_FORMAT);
    snprintf(says, sizeof says, "line %llu, column 2", (unsigned long long)lines + 1);
    ck_assert_msg(strstr(error.message, says), "%s is not %s", error.message, says);
    free(text);
}
END_TEST

/* Any bit changed, the characters that mean something anywhere, and any cut: a table or an error that names the file,
 * never more rows than lines. */
START_TEST(damage)
{
    static const char seed[] =
        "\xef\xbb\xbf# c\r\nTitle\r\nname,\"a \"\"b\"\"\",v\r\n\"x,\n1\",1.5e3,NA\r\ny,\"2\",\r\n"
        "z,-0.25,3\r\n";
    const size_t n = sizeof seed - 1;
    static const char changes[] = {0, 1, 2, 4, 8, 16, 32, 64, -128, '"', ',', '\n', '\r', '#', '\0', '9'};
    char text[sizeof seed];
    size_t read = 0, refused = 0;
    for (size_t at = 0; at < n; at++)
        for (size_t k = 0; k < sizeof changes; k++) {
            const size_t length = k ? n : at;
            sheaf_array *array;
            sheaf_error error = {SHEAF_OK, ""};
            memcpy(text, seed, sizeof seed);
            text[at] = k < 9 ? (char)(text[at] ^ changes[k]) : changes[k];
            sheaf_status status = load_part(text, length, NULL, NULL, &array, &error);
            if (status == SHEAF_OK) {
                ck_assert_int_le(sheaf_array_view(array).shape[0], 8);
                sheaf_array_free(array);
                read++;
            } else {
                ck_assert_msg(strstr(error.message, "t.csv"), "%s", error.message);
                refused++;
            }
        }
    ck_assert_uint_gt(read, n);
    ck_assert_uint_gt(refused, n);
}
END_TEST

/* A header of very many columns over very many short rows declares more than any memory: refused by the row. */
START_TEST(lying_sizes)
{
    enum {
        COLUMNS = 400000,
        ROWS = 1000000
    };
    char *text = malloc(2 * COLUMNS + 2 * ROWS);
    sheaf_array *array;
    sheaf_error error;
    for (int i = 0; i < COLUMNS; i++)
        memcpy(text + 2 * i, i + 1 < COLUMNS ? "1," : "1\n", 2);
    for (int i = 0; i < ROWS; i++)
        memcpy(text + 2 * COLUMNS + 2 * i, "1\n", 2);
    ck_assert_int_eq(load_part(text, 2 * COLUMNS + 2 * ROWS, "header=no", NULL, &array, &error), SHEAF_FORMAT);
    ck_assert_msg(strstr(error.message, "line 1: has more cells"), "%s", error.message);
    memset(text, 'x', 2 * COLUMNS + 2 * ROWS);
    ck_assert_int_eq(load_part(text, 2 * COLUMNS + 2 * ROWS, NULL, NULL, &array, &error), SHEAF_FORMAT);
    ck_assert_msg(strstr(error.message, "longer than 1 MiB"), "%s", error.message);
    free(text);
}
END_TEST

/* What Sheaf writes reads back to the same bits. */
START_TEST(own_numbers)
{
    enum {
        N = 200000
    };
    double *x = malloc(N * sizeof *x);
    char *text = malloc(N * 32), *at = text;
    uint64_t state = 5;
    at += sprintf(at, "value\n");
    for (int i = 0; i < N; i++) {
        const uint64_t bits = random_u64(&state) << (i % 4 == 1 ? 52 : 0);
        sheaf_view v;
        memcpy(&x[i], &bits, sizeof bits);
        if (i % 4 == 2)
            x[i] = (double)(int64_t)bits / 1024;
        if (i % 4 == 3)
            x[i] = (random_unit(&state) - 0.5) * 1000;
        ck_ok(sheaf_view_init(&v, &x[i], SHEAF_F64, 0, NULL, error));
        at += sheaf_format_scalar(&v, at, 32);
        *at++ = '\n';
    }
    sheaf_array *array;
    ck_ok(load_part(text, (size_t)(at - text), NULL, "value", &array, error));
    sheaf_view v = sheaf_array_view(array);
    ck_assert_int_eq(v.shape[0], N);
    ck_assert(same_bits(v.data, x, N, SHEAF_F64));
    sheaf_array_free(array);
    free(text);
    free(x);
}
END_TEST

/* Every allocation that fails is reported, and nothing leaks. */
START_TEST(no_memory)
{
    static const char text[] = "n,a,b\nx,1,2\ny,3,4\n";
    sheaf_array *array;
    sheaf_error error;
    sheaf_status status = SHEAF_NO_MEMORY;
    load_part(text, strlen(text), "missing=-9,x", NULL, &array, &error);
    sheaf_array_free(array);
    for (long k = 1; status != SHEAF_OK; k++) {
        ck_assert_int_lt(k, 200);
        mem_fail_at(k, 0);
        const long live = mem_live();
        status = load_part(text, strlen(text), "missing=-9,x", NULL, &array, &error);
        mem_fail_at(0, 0);
        ck_assert(status == SHEAF_OK || status == SHEAF_NO_MEMORY);
        sheaf_array_free(array);
        ck_assert_int_le(mem_live() - live, 4); /* what the pool keeps */
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv");
    TCase *tests = tcase_create("csv");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, reads_good, 0, sizeof good / sizeof *good);
    tcase_add_loop_test(tests, refuses_wrong, 0, sizeof wrong / sizeof *wrong);
    tcase_add_loop_test(tests, pieces, 0, 9);
    tcase_add_test(tests, damage);
    tcase_add_test(tests, lying_sizes);
    tcase_add_test(tests, own_numbers);
    tcase_add_test(tests, no_memory);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
