/* What quantiles, unique, searching and counting refuse: the status, and a message that names function, argument,
 * value. */

#include "refused.h"
#include <math.h>
#include <sheaf/machine.h>

START_TEST(test_quantiles)
{
    sheaf_array *out[5];
    double qs[] = {0.5, 1.25, NAN}, hundred = 100.5;
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), nothing = shaped(SHEAF_F64, 2, 0, 4), q = shaped(SHEAF_F64, 2, 1, 2);
    sheaf_view c = shaped(SHEAF_C64, 1, 6, 0);
    sheaf_options o = axes(0, 0, 0), two = axes(1, 2, 0);
    refused(sheaf_quantile(&x, &q, NULL, out, &last), SHEAF_SHAPE, "quantile", "q", "(1, 2)");
    ck_ok(sheaf_view_init(&q, qs, SHEAF_F64, 1, (int64_t[]){2}, error));
    refused(sheaf_quantile(&x, &q, NULL, out, &last), SHEAF_INVALID, "quantile", "q[1]", "1.25", "0 to 1");
    ck_ok(sheaf_view_init(&q, qs + 2, SHEAF_F64, 0, NULL, error));
    refused(sheaf_nanquantile(&x, &q, NULL, out, &last), SHEAF_INVALID, "nanquantile", "q[0]", "nan");
    ck_ok(sheaf_view_init(&q, &hundred, SHEAF_F64, 0, NULL, error));
    refused(sheaf_percentile(&x, &q, NULL, out, &last), SHEAF_INVALID, "percentile", "100.5", "0 to 100");
    hundred = -1;
    refused(sheaf_nanpercentile(&x, &q, NULL, out, &last), SHEAF_INVALID, "nanpercentile", "-1", "0 to 100");
    hundred = 0.5;
    o.method = "cubic";
    refused(sheaf_quantile(&x, &q, &o, out, &last), SHEAF_INVALID, "quantile", "method", "cubic", "midpoint");
    refused(sheaf_quantile(&nothing, &q, NULL, out, &last), SHEAF_INVALID, "quantile", "(0, 4)");
    refused(sheaf_quantile(&x, &q, &two, out, &last), SHEAF_INVALID, "quantile", "axis 2", "(3, 4)");
    refused(sheaf_median(&c, NULL, out, &last), SHEAF_DTYPE, "median", "complex", "(6,)");
    ck_assert_ptr_null(out[0]);
}
END_TEST

START_TEST(test_searching)
{
    sheaf_array *out[5];
    double up[] = {1, 3, 2, 5}, down[] = {5, 3, 4, 1};
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), y = shaped(SHEAF_F64, 1, 4, 0), bins;
    sheaf_options o = axes(0, 0, 0), one = axes(1, 0, 0);
    o.side = "middle";
    refused(sheaf_searchsorted(&x, &y, NULL, out, &last), SHEAF_SHAPE, "searchsorted", "x", "(3, 4)");
    refused(sheaf_searchsorted(&y, &x, &o, out, &last), SHEAF_INVALID, "searchsorted", "side", "middle", "left");
    refused(sheaf_searchsorted(&y, &x, &one, out, &last), SHEAF_INVALID, "searchsorted", "no axis");
    refused(sheaf_digitize(&y, &x, NULL, out, &last), SHEAF_SHAPE, "digitize", "bins", "(3, 4)");
    ck_ok(sheaf_view_init(&bins, up, SHEAF_F64, 1, (int64_t[]){4}, error));
    refused(sheaf_digitize(&x, &bins, NULL, out, &last), SHEAF_INVALID, "digitize", "bins[1] is 3", "bins[2] 2");
    bins.data = down;
    refused(sheaf_digitize(&x, &bins, NULL, out, &last), SHEAF_INVALID, "digitize", "bins[1] is 3", "bins[2] 4");
    ck_assert_ptr_null(out[0]);
}
END_TEST

/* The bins are looked at though nothing is looked up. */
START_TEST(test_bins_alone)
{
    double unsorted[] = {1, 3, 2};
    sheaf_array *out[5] = {NULL};
    sheaf_view x = shaped(SHEAF_F64, 1, 0, 0), bins = sheaf_view_f64(unsorted, 3);
    refused(sheaf_digitize(&x, &bins, NULL, out, &last), SHEAF_INVALID, "digitize", "bins", "sort");
    ck_assert_ptr_null(out[0]);
}
END_TEST

START_TEST(test_histograms)
{
    sheaf_array *out[5];
    double up[] = {1, 3, 2}, data[] = {1, NAN, INFINITY, 2}, huge[] = {-1.5e308, 1.5e308}, ends[] = {0, 1, NAN};
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), w = shaped(SHEAF_F64, 1, 4, 0), c = shaped(SHEAF_C64, 1, 3, 0), edges;
    sheaf_options o = axes(0, 0, 0);
    o.bins = 0;
    refused(sheaf_histogram(&x, &o, out, &last), SHEAF_INVALID, "histogram", "bins is 0");
    o.bins = INT64_MAX;
    refused(sheaf_histogram(&x, &o, out, &last), SHEAF_INVALID, "histogram", "bins is 9223372036854775807");
    /* The most there may be, where the machine has no room for them. */
    sheaf_machine machine;
    sheaf_machine_get(&machine);
    o.bins = INT32_MAX;
    const uint64_t room = machine.memory_limit ? machine.memory_limit : machine.memory_total;
    if (room < (uint64_t)o.bins * 40)
        refused(sheaf_histogram(&x, &o, out, &last), SHEAF_OVERFLOW, "histogram", "bins is 2147483647", "memory");
    o = axes(0, 0, 0);
    o.range[0] = 3;
    o.range[1] = -1;
    refused(sheaf_histogram(&x, &o, out, &last), SHEAF_INVALID, "histogram", "range [3, -1]");
    o.range[1] = INFINITY;
    refused(sheaf_histogram(&x, &o, out, &last), SHEAF_INVALID, "histogram", "range [3, inf]", "finite");
    o = axes(0, 0, 0);
    o.weights = &w;
    refused(sheaf_histogram(&x, &o, out, &last), SHEAF_SHAPE, "histogram", "weights", "(4,)", "(3, 4)");
    o = axes(0, 0, 0);
    o.edges = &edges;
    ck_ok(sheaf_view_init(&edges, up, SHEAF_F64, 1, (int64_t[]){3}, error));
    refused(sheaf_histogram(&x, &o, out, &last), SHEAF_INVALID, "histogram", "edges[1] is 3", "edges[2] 2");
    edges.data = ends;
    refused(sheaf_histogram(&x, &o, out, &last), SHEAF_INVALID, "histogram", "edges[2] is NaN");
    edges.shape[0] = 1;
    refused(sheaf_histogram(&x, &o, out, &last), SHEAF_SHAPE, "histogram", "edges", "(1,)");
    o.edges = &c;
    refused(sheaf_histogram(&x, &o, out, &last), SHEAF_DTYPE, "histogram", "edges", "complex64", "(3,)");
    ck_ok(sheaf_view_init(&x, data, SHEAF_F64, 1, (int64_t[]){2}, error));
    refused(sheaf_histogram(&x, NULL, out, &last), SHEAF_INVALID, "histogram", "nan", "give a range");
    ck_ok(sheaf_view_init(&x, data + 2, SHEAF_F64, 1, (int64_t[]){2}, error));
    refused(sheaf_histogram(&x, NULL, out, &last), SHEAF_INVALID, "histogram", "inf", "give a range");
    ck_ok(sheaf_view_init(&x, huge, SHEAF_F64, 1, (int64_t[]){2}, error));
    refused(sheaf_histogram(&x, NULL, out, &last), SHEAF_INVALID, "histogram", "too wide", "float64");
    o = axes(0, 0, 0);
    o.bins = 1000;
    o.range[0] = 1;
    o.range[1] = 1 + 10 * 0x1p-52;
    refused(sheaf_histogram(&x, &o, out, &last), SHEAF_INVALID, "histogram", "1000 bins", "too many");
    ck_assert_ptr_null(out[0]);
    ck_assert_ptr_null(out[1]);
}
END_TEST

START_TEST(test_tallies)
{
    sheaf_array *out[5];
    int32_t numbers[] = {3, 0, -7, -1};
    int64_t large[] = {0, INT64_MAX, 1}, far[] = {5, (int64_t)1 << 58};
    sheaf_view x, f = shaped(SHEAF_F64, 2, 3, 4), scalar = shaped(SHEAF_F64, 0, 0, 0), w = shaped(SHEAF_C64, 1, 4, 0);
    sheaf_options o = axes(0, 0, 0), one = axes(1, 0, 0);
    ck_ok(sheaf_view_init(&x, numbers, SHEAF_I32, 2, (int64_t[]){2, 2}, error));
    refused(sheaf_bincount(&x, NULL, out, &last), SHEAF_INVALID, "bincount", "element 2", "-7");
    refused(sheaf_bincount(&f, NULL, out, &last), SHEAF_DTYPE, "bincount", "float64", "(3, 4)");
    o.minlength = -2;
    refused(sheaf_bincount(&x, &o, out, &last), SHEAF_INVALID, "bincount", "minlength is -2");
    o.minlength = INT64_MAX / 8;
    ck_ok(sheaf_view_init(&x, numbers, SHEAF_I32, 1, (int64_t[]){2}, error));
    refused(sheaf_bincount(&x, &o, out, &last), SHEAF_OVERFLOW, "bincount", "minlength 1152921504606846975", "memory");
    o.minlength = 0;
    o.weights = &f;
    refused(sheaf_bincount(&x, &o, out, &last), SHEAF_SHAPE, "bincount", "weights", "(3, 4)", "(2,)");
    o.weights = &w;
    refused(sheaf_bincount(&x, &o, out, &last), SHEAF_DTYPE, "bincount", "weights", "complex64");
    ck_ok(sheaf_view_init(&x, large, SHEAF_I64, 1, (int64_t[]){3}, error));
    refused(sheaf_bincount(&x, NULL, out, &last), SHEAF_OVERFLOW, "bincount", "9223372036854775807", "unique_counts");
    x.dtype = SHEAF_U64;
    large[2] = -1;
    refused(sheaf_bincount(&x, NULL, out, &last), SHEAF_OVERFLOW, "bincount", "18446744073709551615");
    ck_ok(sheaf_view_init(&x, far, SHEAF_I64, 1, (int64_t[]){2}, error));
    refused(sheaf_bincount(&x, NULL, out, &last), SHEAF_OVERFLOW, "bincount", "288230376151711744");
    refused(sheaf_nonzero(&scalar, NULL, out, &last), SHEAF_INVALID, "nonzero", "()");
    refused(sheaf_unique(&f, &one, out, &last), SHEAF_INVALID, "unique", "no axis", "(3, 4)");
    o.weights = &f;
    refused(sheaf_unique_counts(&f, &o, out, &last), SHEAF_INVALID, "unique_counts", "weights");
    o = axes(0, 0, 0);
    o.into = &f;
    refused(sheaf_unique(&f, &o, out, &last), SHEAF_INVALID, "unique", "options.into", "depends on the data");
    ck_assert_ptr_null(out[0]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: refusals of quantiles and tallies");
    TCase *tc = tcase_create("refusals");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_quantiles);
    tcase_add_test(tc, test_searching);
    tcase_add_test(tc, test_histograms);
    tcase_add_test(tc, test_bins_alone);
    tcase_add_test(tc, test_tallies);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
