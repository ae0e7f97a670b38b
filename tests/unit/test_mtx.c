/* Matrix Market: every layout, field and symmetry, as scipy.io.mmread(...).toarray() gives them, and what is refused.
 */

#include "base/alloc.h"
#include "io/format.h"
#include "support.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *directory;

static void setup(void)
{
    directory = scratch_new();
}

static void teardown(void)
{
    scratch_remove(directory);
}

static sheaf_status load(const char *text, size_t n, sheaf_array **out, sheaf_error *error)
{
    const char *path = path_in(directory, "m.mtx");
    file_write(path, text, n);
    *out = NULL;
    return sheaf_file_load(path, out, error);
}

#define MM "%%MatrixMarket matrix "

static const struct {
    const char *text;
    sheaf_dtype dtype;
    int rows, columns;
    double values[12]; /* complex: pairs */
} good[] = {
    {MM "array real general\n2 3\n1\n2\n3\n4\n5\n6e0\n", SHEAF_F64, 2, 3, {1, 3, 5, 2, 4, 6}},
    {MM "array real symmetric\n2 2\n1\n2\n3\n", SHEAF_F64, 2, 2, {1, 2, 2, 3}},
    {MM "array real skew-symmetric\n3 3\n1\n2\n3\n", SHEAF_F64, 3, 3, {0, -1, -2, 1, 0, -3, 2, 3, 0}},
    {MM "array integer general\n1 2\n-5\n7", SHEAF_I64, 1, 2, {-5, 7}},
    {MM "array integer skew-symmetric\n2 2\n7\n", SHEAF_I64, 2, 2, {0, -7, 7, 0}},
    {MM "array complex general\n1 2\n1 2\n3 4\n", SHEAF_C128, 1, 2, {1, 2, 3, 4}},
    {MM "array complex hermitian\n2 2\n1 0\n3 4\n2 0\n", SHEAF_C128, 2, 2, {1, 0, 3, -4, 3, 4, 2, 0}},
    {MM "coordinate real general\n2 2 2\n1 2 5\n2 1 -0.5\n", SHEAF_F64, 2, 2, {0, 5, -0.5, 0}},
    {MM "coordinate real general\n2 2 2\n1 2 5\n1 2 0.5\n", SHEAF_F64, 2, 2, {0, 5.5, 0, 0}},
    {MM "coordinate real symmetric\n2 2 2\n1 1 5\n2 1 3\n", SHEAF_F64, 2, 2, {5, 3, 3, 0}},
    {MM "coordinate real skew-symmetric\n2 2 1\n2 1 3\n", SHEAF_F64, 2, 2, {0, -3, 3, 0}},
    {MM "coordinate integer symmetric\n2 2 1\n2 1 3\n", SHEAF_I64, 2, 2, {0, 3, 3, 0}},
    {MM "coordinate complex symmetric\n2 2 1\n2 1 3 4\n", SHEAF_C128, 2, 2, {0, 0, 3, 4, 3, 4, 0, 0}},
    {MM "coordinate complex skew-symmetric\n2 2 1\n2 1 3 4\n", SHEAF_C128, 2, 2, {0, 0, -3, -4, 3, 4, 0, 0}},
    {MM "coordinate complex hermitian\n2 2 1\n2 1 3 4\n", SHEAF_C128, 2, 2, {0, 0, 3, -4, 3, 4, 0, 0}},
    {MM "coordinate pattern general\n2 2 2\n1 1\n2 1\n", SHEAF_F64, 2, 2, {1, 0, 1, 0}},
    {MM "coordinate pattern symmetric\n2 2 1\n2 1\n", SHEAF_F64, 2, 2, {0, 1, 1, 0}},
    {MM "coordinate real general\n2 3 0\n", SHEAF_F64, 2, 3, {0}},
    {MM "array real general\n0 3\n", SHEAF_F64, 0, 3, {0}},
    /* any case, CRLF and CR, blank lines, comments, free format */
    {"%%matrixmarket MATRIX  Coordinate\tReal General \r\n%\r\n\r\n  2\t2  1 \r\n\r\n%x\r\n  2   1\t 1.5e1 \r\n\r\n",
     SHEAF_F64,
     2,
     2,
     {0, 0, 15, 0}},
    {MM "coordinate real general\r2 2 1\r2 1 4\r", SHEAF_F64, 2, 2, {0, 0, 4, 0}},
    {MM "array real general\n2 2\n1 2 3\n4\n", SHEAF_F64, 2, 2, {1, 3, 2, 4}},
};

START_TEST(reads_good)
{
    sheaf_array *array;
    ck_ok(load(good[_i].text, strlen(good[_i].text), &array, error));
    sheaf_view v = sheaf_array_view(array);
    ck_assert_int_eq(v.dtype, good[_i].dtype);
    ck_assert_int_eq(v.ndim, 2);
    ck_assert_int_eq(v.shape[0], good[_i].rows);
    ck_assert_int_eq(v.shape[1], good[_i].columns);
    const int64_t n = sheaf_view_size(&v) * (v.dtype == SHEAF_C128 ? 2 : 1);
    for (int64_t i = 0; i < n; i++) {
        const double x = v.dtype == SHEAF_I64 ? (double)((int64_t *)v.data)[i] : ((double *)v.data)[i];
        ck_assert_msg(x == good[_i].values[i], "%d: %g", (int)i, x);
    }
    sheaf_array_free(array);
}
END_TEST

static const struct {
    const char *text, *says;
} wrong[] = {
    {"%%MatrixMarket vector array real general\n2 2\n", "line 1: no matrix"},
    {MM "sparse real general\n2 2\n", "line 1: the layout is neither"},
    {MM "array float general\n2 2\n", "line 1: the field is none"},
    {MM "array real diagonal\n2 2\n", "line 1: the symmetry is none"},
    {MM "array pattern general\n2 2\n", "an array has no pattern"},
    {MM "array real hermitian\n2 2\n", "a hermitian matrix is complex"},
    {MM "coordinate pattern skew-symmetric\n2 2 0\n", "cannot be skew"},
    {MM "array real general\n", "ends before the line of sizes"},
    {MM "array real general\n% c\n2\n", "line 3: is to hold the sizes"},
    {MM "coordinate real general\n2 2\n1 1 1\n", "line 2: is to hold the sizes"},
    {MM "array real general\n2 -2\n", "line 2: is to hold the sizes"},
    {MM "array real symmetric\n2 3\n", "as many rows as columns"},
    {MM "coordinate real general\n99999999 99999999 1\n1 1 1\n", "half of the memory"},
    {MM "coordinate real general\n999999999999999999 999999999999999999 1\n1 1 1\n", "half of the memory"},
    {MM "coordinate real general\n99999999999999999999 1 1\n1 1 1\n", "is to hold the sizes"},
    {MM "coordinate real general\n2 2 900\n1 1 1\n", "more entries are declared than the file can hold"},
    {MM "coordinate real general\n2 2 2\n1 1 1.000000\n", "line 4: the file ends before all entries"},
    {MM "coordinate real general\n2 2 1\n1 1 1\n1 2 1\n", "line 4: holds more than the entries"},
    {MM "coordinate real general\n2 2 1\n3 1 1\n", "line 3: row or column is outside"},
    {MM "coordinate real general\n2 2 1\n1 0 1\n", "line 3: row or column is outside"},
    {MM "coordinate real general\n2 2 1\n-1 1 1\n", "line 3: is to start with a row"},
    {MM "coordinate real general\n2 2 1\n1 1 x\n", "line 3: is no number"},
    {MM "coordinate real general\n2 2 1\n1 1 1.5x\n", "line 3: is no number"},
    {MM "coordinate real general\n2 2 1\n1 1\n", "line 3: is no number"},
    {MM "coordinate real general\n2 2 1\n1 1 1 1\n", "line 3: has more than an entry"},
    {MM "coordinate integer general\n2 2 1\n1 1 1.5\n", "line 3: is no whole number"},
    {MM "coordinate integer general\n2 2 1\n1 1 9223372036854775808\n", "line 3: is no whole number"},
    {MM "coordinate complex general\n2 2 1\n1 1 1      \n", "line 3: a complex number has two parts"},
    {MM "coordinate real skew-symmetric\n2 2 1\n1 1 1\n", "line 3: a skew-symmetric matrix has no"},
};

START_TEST(refuses_wrong)
{
    sheaf_array *array;
    sheaf_error error = {SHEAF_OK, ""};
    ck_assert_int_ne(load(wrong[_i].text, strlen(wrong[_i].text), &array, &error), SHEAF_OK);
    ck_assert_ptr_null(array);
    ck_assert_msg(strstr(error.message, wrong[_i].says) && strstr(error.message, "m.mtx"), "%s", error.message);
}
END_TEST

/* Every cut of every good file: read the same or refused, naming the file. */
START_TEST(cuts)
{
    const size_t n = strlen(good[_i].text);
    for (size_t cut = 0; cut < n; cut++) {
        sheaf_array *array;
        sheaf_error error = {SHEAF_OK, ""};
        if (load(good[_i].text, cut, &array, &error) == SHEAF_OK)
            ck_assert_int_eq(sheaf_array_view(array).shape[0] > 2, good[_i].rows > 2);
        else
            ck_assert_msg(strstr(error.message, "m.mtx"), "%s", error.message);
        sheaf_array_free(array);
    }
}
END_TEST

/* Over many chunks: entry (i, j) is i + j/8 of a symmetric matrix; an error at the end names its line. */
START_TEST(chunks)
{
    enum {
        N = 400
    };
    char *text = malloc(N * N * 32), *at = text;
    ck_assert_ptr_nonnull(text);
    at += sprintf(at, "%scoordinate real symmetric\n%d %d %d\n", MM, N, N, N * (N + 1) / 2);
    for (int j = 0; j < N; j++)
        for (int i = j; i < N; i++)
            at += sprintf(at, "%d %d %.3f%s", i + 1, j + 1, i + j / 8., i % 3 ? "\n" : "\r\n");
    sheaf_array *array;
    ck_ok(load(text, (size_t)(at - text), &array, error));
    const double *x = sheaf_array_view(array).data;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            ck_assert(x[i * N + j] == (i > j ? i + j / 8. : j + i / 8.));
    sheaf_array_free(array);
    sheaf_error error;
    char says[32];
    at += sprintf(at, "1 1 1\n");
    ck_assert_int_eq(load(text, (size_t)(at - text), &array, &error), SHEAF_FORMAT);
    snprintf(says, sizeof says, "line %d:", 2 + N * (N + 1) / 2 + 1);
    ck_assert_msg(strstr(error.message, says), "%s", error.message);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mtx");
    TCase *tests = tcase_create("mtx");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, reads_good, 0, sizeof good / sizeof *good);
    tcase_add_loop_test(tests, refuses_wrong, 0, sizeof wrong / sizeof *wrong);
    tcase_add_loop_test(tests, cuts, 0, sizeof good / sizeof *good);
    tcase_add_test(tests, chunks);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
