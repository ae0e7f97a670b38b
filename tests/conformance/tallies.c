/* unique and its kin, searching, histograms, counting and nonzero against their definitions, to the bit. */

#include "exact_numbers.h"
#include <sheaf/functions.h>

static bool equal_numbers(long double a, long double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* ---- unique ---- */

struct groups {
    int64_t n;
    int64_t *first_sorted, *indices, *inverse, *counts;
};

static struct groups groups_of(int64_t n, const long double *x)
{
    struct exact_place *s = malloc(((size_t)n + 1) * sizeof *s);
    struct groups g = {0, NULL, NULL, NULL, NULL};
    int64_t **const lists[] = {&g.first_sorted, &g.indices, &g.inverse, &g.counts};
    for (int i = 0; i < 4; i++)
        *lists[i] = calloc((size_t)n + 1, sizeof(int64_t));
    for (int64_t i = 0; i < n; i++)
        s[i] = (struct exact_place){x[i], i};
    qsort(s, (size_t)n, sizeof *s, exact_compare);
    for (int64_t i = 0; i < n; i++) {
        if (i == 0 || !equal_numbers(s[i].x, s[i - 1].x)) {
            g.first_sorted[g.n] = g.indices[g.n] = s[i].at;
            g.n++;
        }
        g.inverse[s[i].at] = g.n - 1;
        g.counts[g.n - 1]++;
        if (s[i].at < g.indices[g.n - 1])
            g.indices[g.n - 1] = s[i].at;
    }
    free(s);
    return g;
}

static sheaf_view taken(int64_t *values, int64_t n)
{
    sheaf_view v;
    ck_ok(sheaf_view_init(&v, values, SHEAF_I64, 1, &n, error));
    return v;
}

static void check_unique(sheaf_dtype dtype, int ndim, const int64_t *shape, unsigned kind, int64_t modulus, int layouts)
{
    sheaf_view x = awkward_view(dtype, ndim, shape, 3 + (size_t)dtype, kind), inverse, values;
    if (modulus && dtype_kind(dtype) != 'f')
        for (int64_t i = 0; i < sheaf_view_size(&x); i++)
            put_number(&x, i, (long double)(i * i % modulus));
    long double *numbers = exact_numbers(&x);
    struct groups g = groups_of(sheaf_view_size(&x), numbers);
    sheaf_options o;
    sheaf_options_init(&o);
    values = new_view(dtype == SHEAF_F16 ? SHEAF_F32 : dtype, 1, &g.n);
    for (int64_t i = 0; i < g.n; i++)
        put_number(&values, i, numbers[g.first_sorted[i]]);
    ck_ok(sheaf_view_init(&inverse, g.inverse, SHEAF_I64, ndim, shape, error));
    const sheaf_view all[] = {values, taken(g.indices, g.n), inverse, taken(g.counts, g.n)};
    check_call_laid_out(op_find("unique"), &x, &o, all, layouts);
    check_call_laid_out(op_find("unique_counts"), &x, &o, (sheaf_view[]){values, all[3]}, 1);
    check_call_laid_out(op_find("unique_inverse"), &x, &o, (sheaf_view[]){values, inverse}, 1);
    check_call_laid_out(op_find("unique_all"), &x, &o, all, layouts);
    free(g.first_sorted);
    free(g.indices);
    free(g.inverse);
    free(g.counts);
    free(values.data);
    free(numbers);
    free(x.data);
}

START_TEST(test_unique)
{
    static const int64_t shapes[][2] = {{0, 3}, {1, 1}, {1, 2}, {5, 7}, {13, 100}, {2, 2500}}, large[] = {1, 100003};
    const sheaf_dtype dtype = (sheaf_dtype)_i;
    if (dtype_kind(dtype) == 'c')
        return;
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (unsigned kind = 0; kind < 4; kind++)
            check_unique(dtype, 2, shapes[s], kind, kind == 1 ? 91 : 0, s == 3 ? LAYOUT_COUNT : 2);
    if (dtype == SHEAF_F64 || dtype == SHEAF_I64 || dtype == SHEAF_I16 || dtype == SHEAF_F32) {
        check_unique(dtype, 2, large, 0, 0, 1);
        check_unique(dtype, 2, large, 3, 40009, 1);
    }
}
END_TEST

/* ---- searching ---- */

/* How many of the n sorted numbers come before y's place. */
static int64_t place_among(int64_t n, const long double *x, long double y, bool right)
{
    int64_t low = 0;
    while (n > low) {
        const int64_t middle = low + (n - low) / 2;
        const long double v = x[middle];
        const bool less = !isnan(v) && (isnan(y) || v < y);
        if (less || (right && equal_numbers(v, y)))
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

static void check_search(sheaf_dtype dtype, int64_t n, const int64_t *shape, unsigned kind, bool right, int layouts)
{
    sheaf_view in[2] = {awkward_view(dtype, 1, &n, 41, kind), awkward_view(dtype, 2, shape, 43, kind)};
    sheaf_view want = new_view(SHEAF_I64, 2, shape), digits[2] = {in[1], in[0]};
    long double *x = exact_numbers(&in[0]), *y = exact_numbers(&in[1]);
    struct exact_place *s = malloc(((size_t)n + 1) * sizeof *s);
    sheaf_options o;
    sheaf_options_init(&o);
    for (int64_t i = 0; i < n; i++)
        s[i] = (struct exact_place){x[i], i};
    qsort(s, (size_t)n, sizeof *s, exact_compare);
    for (int64_t i = 0; i < n; i++)
        put_number(&in[0], i, x[i] = s[i].x);
    for (int64_t i = 0; i < sheaf_view_size(&in[1]); i++)
        ((int64_t *)want.data)[i] = place_among(n, x, y[i], right);
    o.side = right ? "right" : NULL;
    check_call_laid_out(op_find("searchsorted"), in, &o, &want, layouts);
    o.side = NULL;
    o.right = !right;
    check_call_laid_out(op_find("digitize"), digits, &o, &want, layouts);
    if (n > 1 && !equal_numbers(x[0], x[n - 1])) {
        for (int64_t i = 0; i < n; i++)
            put_number(&digits[1], i, x[n - 1 - i]);
        for (int64_t i = 0; i < sheaf_view_size(&in[1]); i++)
            ((int64_t *)want.data)[i] = n - place_among(n, x, y[i], right);
        check_call_laid_out(op_find("digitize"), digits, &o, &want, layouts);
    }
    free(s);
    free(x);
    free(y);
    free(want.data);
    free(in[0].data);
    free(in[1].data);
}

START_TEST(test_search)
{
    static const int64_t sizes[] = {0, 1, 2, 3, 8, 100, 5000}, few[] = {3, 7}, many[] = {2, 40001};
    const sheaf_dtype dtype = (sheaf_dtype)_i;
    if (dtype_kind(dtype) == 'c')
        return;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (unsigned kind = 0; kind < 4; kind++)
            check_search(dtype, sizes[s], few, kind, kind % 2, s == 4 ? LAYOUT_COUNT : 2);
    check_search(dtype, 333, many, 0, true, 1);
}
END_TEST

/* ---- histograms and bincount ---- */

/* Sums of blocks of 65536, then in order. */
static void tally(int64_t n, const int64_t *bin, const double *weights, int64_t bins, double *sums, int64_t *counts)
{
    double *part = malloc((size_t)bins * sizeof *part);
    for (int64_t i = 0; i < bins; i++) {
        sums[i] = 0;
        counts[i] = 0;
    }
    for (int64_t at = 0; at < n; at += 65536) {
        memset(part, 0, (size_t)bins * sizeof *part);
        for (int64_t i = at; i < n && i < at + 65536; i++) {
            if (bin[i] < 0)
                continue;
            part[bin[i]] += weights[i];
            counts[bin[i]]++;
        }
        for (int64_t i = 0; i < bins; i++)
            sums[i] += part[i];
    }
    free(part);
}

static int64_t bin_of(int64_t bins, const long double *edges, long double x)
{
    if (!(x >= edges[0] && x <= edges[bins]))
        return -1;
    const int64_t k = place_among(bins + 1, edges, x, true) - 1;
    return k < bins ? k : bins - 1;
}

/* Bins of equal width from range[0] to range[1], by numpy.linspace; or of the data where both are 0. */
static void make_edges(const sheaf_view *x, const long double *numbers, int64_t bins, const double *range,
                       sheaf_view *edges)
{
    double first = range[0], last = range[1];
    const bool single = edges->dtype == SHEAF_F32, given = first != 0 || last != 0 || sheaf_view_size(x) == 0;
    if (given && first == 0 && last == 0)
        last = 1;
    for (int64_t i = 0; i < sheaf_view_size(x) && !given; i++) {
        first = i == 0 || (double)numbers[i] < first ? (double)numbers[i] : first;
        last = i == 0 || (double)numbers[i] > last ? (double)numbers[i] : last;
    }
    if (first == last) {
        first = single ? (double)((float)first - 0.5f) : first - 0.5;
        last = single ? (double)((float)last + 0.5f) : last + 0.5;
    }
    for (int64_t i = 0; i <= bins; i++) {
        const float step = ((float)last - (float)first) / (float)bins;
        const double wide = i == bins ? last : (double)i * ((last - first) / (double)bins) + first;
        if (single && !given)
            ((float *)edges->data)[i] = i == bins ? (float)last : (float)i * step + (float)first;
        else if (single)
            ((float *)edges->data)[i] = (float)wide;
        else
            ((double *)edges->data)[i] = wide;
    }
}

static void check_histogram(sheaf_dtype dtype, int64_t n, int64_t bins, const double *range, int64_t modulus,
                            int layouts)
{
    const int64_t more = bins + 1;
    const bool single = dtype == SHEAF_F32 || dtype == SHEAF_F16;
    sheaf_view x = awkward_view(dtype, 1, &n, 17, range[0] == range[1] ? 2 : 0);
    sheaf_view out[2] = {new_view(SHEAF_I64, 1, &bins), new_view(single ? SHEAF_F32 : SHEAF_F64, 1, &more)};
    sheaf_view sums = new_view(SHEAF_F64, 1, &bins), weights = awkward_view(SHEAF_F64, 1, &n, 19, 2);
    int64_t *bin = malloc(((size_t)n + 1) * sizeof *bin);
    sheaf_options o;
    sheaf_options_init(&o);
    for (int64_t i = 0; i < n && modulus; i++)
        put_number(&x, i, (long double)(i * 7 % modulus));
    long double *numbers = exact_numbers(&x);
    make_edges(&x, numbers, bins, range, &out[1]);
    long double *edges = exact_numbers(&out[1]);
    for (int64_t i = 0; i < n; i++) /* integers are compared as doubles */
        bin[i] = bin_of(bins, edges, dtype_kind(dtype) == 'f' ? numbers[i] : (long double)(double)numbers[i]);
    tally(n, bin, weights.data, bins, sums.data, out[0].data);
    memcpy(o.range, range, sizeof o.range);
    o.bins = bins;
    check_call_laid_out(op_find("histogram"), &x, &o, out, layouts);
    o.weights = &weights;
    check_call_laid_out(op_find("histogram"), &x, &o, (sheaf_view[]){sums, out[1]}, layouts);
    o.weights = NULL;
    o.edges = &out[1];
    memset(o.range, 0, sizeof o.range);
    if (dtype_kind(dtype) == 'f')
        check_call_laid_out(op_find("histogram"), &x, &o, out, layouts);
    free(bin);
    free(numbers);
    free(edges);
    free(x.data);
    free(weights.data);
    free(sums.data);
    free(out[0].data);
    free(out[1].data);
}

START_TEST(test_histogram)
{
    static const double none[] = {0, 0}, middle[] = {-0.7, 0.9}, wide[] = {-1e9, 1e10}, whole[] = {0, 100};
    static const int64_t bins[] = {1, 10, 257, 9000};
    const sheaf_dtype dtype = (sheaf_dtype)_i;
    if (dtype_kind(dtype) == 'c')
        return;
    for (int b = 0; b < 4; b++) {
        check_histogram(dtype, 1000, bins[b], middle, 0, b == 1 ? LAYOUT_COUNT : 1);
        check_histogram(dtype, 1000, bins[b], wide, 0, 1);
        check_histogram(dtype, 100, bins[b], none, 100, 2);
        check_histogram(dtype, 3, bins[b], whole, 100, 1);
    }
    check_histogram(dtype, 300007, 100, whole, 101, 1);
    check_histogram(dtype, 300007, 50, dtype_kind(dtype) == 'f' ? none : middle, 0, 1);
}
END_TEST

static void check_bincount(sheaf_dtype dtype, int64_t n, int64_t most, int64_t minlength, int layouts)
{
    sheaf_view x = new_view(dtype, 1, &n), weights = awkward_view(SHEAF_F32, 1, &n, 23, 2);
    int64_t *bin = malloc(((size_t)n + 1) * sizeof *bin), length = minlength;
    double *w = malloc(((size_t)n + 1) * sizeof *w);
    sheaf_options o;
    sheaf_options_init(&o);
    o.minlength = minlength;
    for (int64_t i = 0; i < n; i++) {
        bin[i] = i * 77 % most;
        put_number(&x, i, (long double)bin[i]);
        w[i] = (double)((float *)weights.data)[i];
        length = bin[i] + 1 > length ? bin[i] + 1 : length;
    }
    sheaf_view counts = new_view(SHEAF_I64, 1, &length), sums = new_view(SHEAF_F64, 1, &length);
    if (length > 0)
        tally(n, bin, w, length, sums.data, counts.data);
    check_call_laid_out(op_find("bincount"), &x, &o, &counts, layouts);
    o.weights = &weights;
    if (n > 0)
        check_call_laid_out(op_find("bincount"), &x, &o, &sums, layouts);
    free(x.data);
    free(weights.data);
    free(bin);
    free(w);
    free(counts.data);
    free(sums.data);
}

/* Any byte but 0 is true. */
START_TEST(test_truths)
{
    unsigned char zero_one[] = {0, 1}, bytes[] = {2, 1, 0, 255, 0, 3};
    sheaf_view edges, x;
    sheaf_options o;
    sheaf_array *outs[2];
    ck_ok(sheaf_view_init(&edges, zero_one, SHEAF_BOOL, 1, (int64_t[]){2}, error));
    ck_ok(sheaf_view_init(&x, bytes, SHEAF_BOOL, 1, (int64_t[]){6}, error));
    ck_ok(sheaf_searchsorted(&edges, &x, NULL, outs, error));
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(((int64_t *)sheaf_array_data(outs[0]))[i], bytes[i] != 0);
    sheaf_array_free(outs[0]);
    sheaf_options_init(&o);
    o.edges = &edges;
    ck_ok(sheaf_histogram(&x, &o, outs, error));
    ck_assert_int_eq(*(int64_t *)sheaf_array_data(outs[0]), 6);
    sheaf_array_free(outs[0]);
    sheaf_array_free(outs[1]);
}
END_TEST

START_TEST(test_bincount)
{
    for (int d = SHEAF_BOOL; d <= SHEAF_U64; d++) {
        const sheaf_dtype dtype = (sheaf_dtype)d;
        const int64_t most = d == SHEAF_BOOL ? 2 : sheaf_dtype_size(dtype) == 1 ? 128 : 3000;
        check_bincount(dtype, 0, most, 0, 1);
        check_bincount(dtype, 0, most, 5, 1);
        check_bincount(dtype, 1, most, 0, 1);
        check_bincount(dtype, 1777, most, 300, LAYOUT_COUNT);
        check_bincount(dtype, 200003, most, 0, 1);
    }
    check_bincount(SHEAF_I64, 150001, 12000, 0, 2);
}
END_TEST

/* ---- nonzero ---- */

static void check_nonzero(sheaf_dtype dtype, int ndim, const int64_t *shape, unsigned kind, int layouts)
{
    sheaf_view x = awkward_view(dtype, ndim, shape, 29, kind), want;
    int64_t n = sheaf_view_size(&x), found = 0, at = 0, *places = malloc(((size_t)n + 1) * sizeof *places);
    sheaf_options o;
    sheaf_options_init(&o);
    double *parts = malloc(2 * ((size_t)n + 1) * sizeof *parts);
    sheaf_view wide;
    ck_ok(sheaf_view_init(&wide, parts, SHEAF_C128, ndim, shape, error));
    ck_ok(sheaf_view_copy(&x, &wide, error));
    for (int64_t i = 0; i < n; i++)
        if (parts[2 * i] != 0 || parts[2 * i + 1] != 0)
            places[found++] = i;
    free(parts);
    want = new_view(SHEAF_I64, 2, (int64_t[]){ndim, found});
    for (at = 0; at < found; at++) {
        int64_t left = places[at];
        for (int axis = ndim - 1; axis >= 0; axis--) {
            ((int64_t *)want.data)[axis * found + at] = left % shape[axis];
            left /= shape[axis];
        }
    }
    check_call_laid_out(op_find("nonzero"), &x, &o, &want, layouts);
    free(places);
    free(want.data);
    free(x.data);
}

START_TEST(test_nonzero)
{
    static const int64_t shapes[][4] = {{0}, {1}, {63}, {5000}, {3, 5, 7}, {2, 0, 3}, {1, 9, 1}, {2, 3, 4, 5}},
                         large[] = {3, 50021};
    static const int ndims[] = {1, 1, 1, 1, 3, 3, 3, 4};
    for (size_t s = 0; s < sizeof ndims / sizeof *ndims; s++)
        for (unsigned kind = 0; kind < 4; kind += 3)
            check_nonzero((sheaf_dtype)_i, ndims[s], shapes[s], kind, LAYOUT_COUNT);
    check_nonzero((sheaf_dtype)_i, 2, large, 3, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: tallies");
    TCase *tc = tcase_create("tallies");
    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, test_unique, 0, SHEAF_DTYPE_COUNT);
    tcase_add_loop_test(tc, test_search, 0, SHEAF_DTYPE_COUNT);
    tcase_add_loop_test(tc, test_histogram, 0, SHEAF_DTYPE_COUNT);
    tcase_add_test(tc, test_bincount);
    tcase_add_test(tc, test_truths);
    tcase_add_loop_test(tc, test_nonzero, 0, SHEAF_DTYPE_COUNT);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
