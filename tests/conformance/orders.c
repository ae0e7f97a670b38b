/* sort and its kin against their definition written out once more: the places in order, ties by place. */

#include "laid_out.h"

enum task {
    SORT,
    ARGSORT,
    PARTITION,
    ARGPARTITION,
    TOPK,
    ARGTOPK,
    RANK,
    TASKS
};
static const char *const names[] = {"sort", "argsort", "partition", "argpartition", "topk", "argtopk", "rank"};
static const char *const methods[] = {NULL, "ordinal", "average", "min", "max", "dense"};

/* ---- the definition ---- */

static int by_sign(double a, double b)
{
    return (signbit(b) != 0) - (signbit(a) != 0);
}

static int by_real(double a, double b, bool zeros)
{
    if (isnan(a) || isnan(b))
        return (isnan(a) != 0) - (isnan(b) != 0);
    return a < b ? -1 : a > b ? 1 : zeros && a == 0 ? by_sign(a, b) : 0;
}

/* Those without NaN, then those with NaN as imaginary part, as real part, as both; then real parts, imaginary parts,
 * and last the signs of zeros. */
static int by_complex(const double *a, const double *b)
{
    int by = (2 * (isnan(a[0]) != 0) + (isnan(a[1]) != 0)) - (2 * (isnan(b[0]) != 0) + (isnan(b[1]) != 0));
    for (int zeros = 0; zeros < 2; zeros++)
        for (int part = 0; part < 2 && by == 0; part++)
            by = by_real(a[part], b[part], zeros != 0);
    return (by > 0) - (by < 0);
}

/* The row, wide: int64, uint64, double or pairs of double. */
static struct row {
    char kind;
    bool zeros; /* their signs count */
    double (*real)[2];
    int64_t *integer;
} row;

static int compare(int64_t i, int64_t j)
{
    if (row.kind == 'c')
        return by_complex(row.real[i], row.real[j]);
    if (row.kind == 'f')
        return by_real(row.real[i][0], row.real[j][0], row.zeros);
    int64_t a = row.integer[i], b = row.integer[j];
    if (row.kind == 'u')
        return ((uint64_t)a > (uint64_t)b) - ((uint64_t)a < (uint64_t)b);
    return (a > b) - (a < b);
}

static int by_place(const void *a, const void *b)
{
    int64_t i = *(const int64_t *)a, j = *(const int64_t *)b;
    int by = compare(i, j);
    return by ? by : (i > j) - (i < j);
}

static int from_greatest(const void *a, const void *b)
{
    int64_t i = *(const int64_t *)a, j = *(const int64_t *)b;
    int by = compare(j, i);
    return by ? by : (i > j) - (i < j);
}

static void take_row(const sheaf_view *x, bool zeros)
{
    sheaf_view wide = *x;
    int64_t n = x->shape[0];
    row.kind = dtype_kind(x->dtype) == 'b' ? 'i' : dtype_kind(x->dtype);
    row.zeros = zeros;
    row.real = malloc((size_t)(n + 1) * sizeof *row.real);
    row.integer = malloc((size_t)(n + 1) * sizeof *row.integer);
    bool real = row.kind == 'f' || row.kind == 'c';
    wide.dtype = real ? SHEAF_C128 : row.kind == 'u' ? SHEAF_U64 : SHEAF_I64;
    wide.data = real ? (void *)row.real : (void *)row.integer;
    wide.strides[0] = real ? 16 : 8;
    ck_ok(sheaf_view_copy(x, &wide, error));
}

static void free_row(void)
{
    free(row.real);
    free(row.integer);
}

/* The places of the result, in its order. */
static void expect_places(enum task task, int64_t n, int64_t k, int64_t *places)
{
    for (int64_t i = 0; i < n; i++)
        places[i] = i;
    bool greatest = (task == TOPK || task == ARGTOPK) && k > 0;
    qsort(places, (size_t)n, sizeof *places, greatest ? from_greatest : by_place);
    if (n == 0 || (task != PARTITION && task != ARGPARTITION))
        return;
    int64_t pivot = places[k < 0 ? k + n : k], at = 0;
    for (int side = -1; side <= 1; side++)
        for (int64_t i = 0; i < n; i++)
            if (compare(i, pivot) == side)
                places[at++] = i;
}

static void expect_ranks(int64_t n, const char *method, const int64_t *places, void *ranks)
{
    int64_t dense = 0;
    for (int64_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && compare(places[i], places[j]) == 0;)
            j++;
        dense++;
        for (int64_t k = i; k < j; k++) {
            if (method && strcmp(method, "average") == 0)
                ((double *)ranks)[places[k]] = (double)(i + 1 + j) / 2;
            else
                ((int64_t *)ranks)[places[k]] = !method || strcmp(method, "ordinal") == 0 ? k + 1
                                                : strcmp(method, "min") == 0              ? i + 1
                                                : strcmp(method, "max") == 0              ? j
                                                                                          : dense;
        }
    }
}

/* Rank 1, contiguous result. */
static void expect(enum task task, const sheaf_view *x, const sheaf_options *o, sheaf_view *y)
{
    int64_t n = x->shape[0], *places = malloc((size_t)(n + 1) * sizeof *places);
    take_row(x, task != RANK);
    expect_places(task, n, o->k, places);
    if (task == RANK) {
        expect_ranks(n, o->method, places, y->data);
    } else if (y->dtype == SHEAF_I64 && (task == ARGSORT || task == ARGPARTITION || task == ARGTOPK)) {
        memcpy(y->data, places, (size_t)y->shape[0] * sizeof *places);
    } else {
        for (int64_t i = 0; i < y->shape[0]; i++) {
            sheaf_view from = *x, to = *y;
            from.shape[0] = to.shape[0] = 1;
            from.data = (char *)x->data + places[i] * x->strides[0];
            to.data = (char *)y->data + i * y->strides[0];
            ck_ok(sheaf_view_copy(&from, &to, error));
        }
    }
    free_row();
    free(places);
}

/* ---- calls ---- */

enum data {
    EVERYTHING,
    NO_NAN,
    ORDINARY,
    ZEROS,
    FEW,
    CLUSTERED, /* much differs in the last bits only */
    ASCENDING,
    DATA
};

static sheaf_view make(sheaf_dtype dtype, int ndim, const int64_t *shape, enum data data, size_t seed)
{
    sheaf_view x = awkward_view(dtype, ndim, shape, seed, data <= ZEROS ? (unsigned)data : 0);
    size_t n = (size_t)sheaf_view_size(&x), size = sheaf_dtype_size(dtype);
    for (size_t i = 0; i < n; i++) {
        char *at = (char *)x.data + i * size;
        if (data == FEW)
            memcpy(at, (char *)x.data + i * 7 % (n < 5 ? n : 5) * size, size);
        if (data == CLUSTERED && i % 16 > 0) {
            at[size - 1] = 0x3e;
            for (size_t byte = size > 2 ? 2 : 1; byte + 1 < size; byte++)
                at[byte] = (char)(i % 3 ? 0 : i % 5);
        }
    }
    if (data == ASCENDING && dtype != SHEAF_F16)
        kernel_sort((enum kdtype)dtype, n, x.data);
    return x;
}

/* Along the axis of an array (before, n, after). */
static void check_axis(enum task task, const sheaf_view *x, int axis, sheaf_options *o, int layouts)
{
    const struct op *op = op_find(names[task]);
    sheaf_view want;
    o->naxes = 1;
    o->axes[0] = axis;
    ck_ok(op_infer(op, 1, x, o, &want, error));
    want.data = malloc((size_t)sheaf_view_size(&want) * sheaf_dtype_size(want.dtype) + 1);
    int64_t before = 1, after = 1;
    for (int i = 0; i < x->ndim; i++) {
        before *= i < axis ? x->shape[i] : 1;
        after *= i > axis ? x->shape[i] : 1;
    }
    for (int64_t r = 0; r < before * after; r++) {
        sheaf_view in, out;
        ck_assert_int_eq(sheaf_view_init(&in, NULL, x->dtype, 1, &x->shape[axis], NULL), SHEAF_OK);
        ck_assert_int_eq(sheaf_view_init(&out, NULL, want.dtype, 1, &want.shape[axis], NULL), SHEAF_OK);
        in.strides[0] *= after;
        in.data =
            (char *)x->data + (r / after * x->shape[axis] * after + r % after) * (int64_t)sheaf_dtype_size(x->dtype);
        out.data = malloc((size_t)out.shape[0] * sheaf_dtype_size(out.dtype) + 1);
        expect(task, &in, o, &out);
        sheaf_view to = out;
        to.strides[0] *= after;
        to.data = (char *)want.data +
                  (r / after * want.shape[axis] * after + r % after) * (int64_t)sheaf_dtype_size(want.dtype);
        ck_ok(sheaf_view_copy(&out, &to, error));
        free(out.data);
    }
    check_laid_out(op, x, o, &want, layouts);
    free(want.data);
}

/* With every method, or several k. */
static void check_options(enum task task, const sheaf_view *x, int axis, int layouts)
{
    int64_t n = x->shape[axis], ks[] = {n / 2, n ? n - 1 : 0, -n, 0}, counts[] = {3, -3, n + 2, -n - 2, n / 2, 1};
    sheaf_options o;
    sheaf_options_init(&o);
    if (task == RANK) {
        for (size_t i = 0; i < sizeof methods / sizeof *methods && dtype_kind(x->dtype) != 'c'; i++) {
            o.method = methods[i];
            check_axis(task, x, axis, &o, layouts);
        }
    } else if (task == PARTITION || task == ARGPARTITION) {
        for (size_t i = 0; i < (n > 1 ? 4u : 1u); i++) {
            o.k = ks[i];
            check_axis(task, x, axis, &o, layouts);
        }
    } else if (task == TOPK || task == ARGTOPK) {
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            o.k = counts[i];
            if (o.k != 0)
                check_axis(task, x, axis, &o, layouts);
        }
    } else {
        check_axis(task, x, axis, &o, layouts);
    }
}

static void check(enum task task, sheaf_dtype dtype, int ndim, const int64_t *shape, int axis, enum data data,
                  int layouts)
{
    sheaf_view x = make(dtype, ndim, shape, data, 3 + (size_t)task + (size_t)dtype);
    check_options(task, &x, axis, layouts);
    free(x.data);
}

START_TEST(test_rows)
{
    static const int64_t sizes[] = {0, 1, 2, 7, 16, 65, 513};
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            for (int data = (int)s % 2; data < DATA; data += 2)
                check((enum task)_i, (sheaf_dtype)d, 1, &sizes[s], 0, (enum data)data, s == 3 ? LAYOUT_COUNT : 1);
}
END_TEST

START_TEST(test_axes)
{
    static const int64_t shapes[][3] = {{3, 5, 4}, {9, 17, 7}, {1, 70, 5}, {0, 3, 2}, {3, 0, 2}, {40, 2, 30}};
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
            for (int axis = 0; axis < 3; axis++)
                check((enum task)_i, (sheaf_dtype)d, 3, shapes[s], axis, (enum data)((size_t)d + s) % ASCENDING,
                      s == 0 ? LAYOUT_COUNT : 1);
}
END_TEST

/* By a bracket, and cut into chunks of which every thread has some. */
START_TEST(test_long_rows)
{
    static const int64_t sizes[] = {8192, 40001, 70001}, pair[] = {33001, 2};
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++) {
        for (size_t s = 0; s < (is_sample((sheaf_dtype)d) ? 2 : 1); s++)
            check((enum task)_i, (sheaf_dtype)d, 1, &sizes[s], 0, (enum data)(((size_t)d + s) % DATA), 1);
        if (!is_sample((sheaf_dtype)d))
            continue;
        for (int data = d % 3; data < DATA; data += 6)
            check((enum task)_i, (sheaf_dtype)d, 1, &sizes[2], 0, (enum data)data, 1);
        check((enum task)_i, (sheaf_dtype)d, 2, pair, 0, EVERYTHING, 2);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: orders");
    TCase *tc = tcase_create("orders");
    tcase_set_timeout(tc, 200);
    tcase_add_loop_test(tc, test_rows, 0, TASKS);
    tcase_add_loop_test(tc, test_axes, 0, TASKS);
    tcase_add_loop_test(tc, test_long_rows, 0, TASKS);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
