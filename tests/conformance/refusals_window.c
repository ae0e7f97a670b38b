/* What windows, filters and interpolation refuse. */

#include "refused.h"
#include <math.h>

static sheaf_options window_of(int64_t window, int64_t min_count)
{
    sheaf_options o;
    sheaf_options_init(&o);
    o.window = window;
    o.min_count = min_count;
    return o;
}

START_TEST(test_windows)
{
    sheaf_array *out[5];
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), scalar = shaped(SHEAF_F64, 0, 0, 0), c = shaped(SHEAF_C64, 1, 6, 0);
    sheaf_options none = window_of(0, 0), negative = window_of(-2, 0), more = window_of(3, 4), less = window_of(3, -1),
                  fine = window_of(7, 0), axis = window_of(2, 0);
    axis.naxes = 1;
    axis.axes[0] = 2;
    refused(sheaf_moving_sum(&x, NULL, out, &last), SHEAF_INVALID, "moving_sum", "options.window is 0", "(3, 4)",
            "at least 1");
    refused(sheaf_moving_mean(&x, &none, out, &last), SHEAF_INVALID, "moving_mean", "options.window is 0", "(3, 4)");
    refused(sheaf_moving_median(&x, &negative, out, &last), SHEAF_INVALID, "moving_median", "options.window is -2",
            "(3, 4)");
    refused(sheaf_moving_std(&x, &more, out, &last), SHEAF_INVALID, "moving_std", "min_count is 4", "length, 3",
            "(3, 4)");
    refused(sheaf_moving_min(&x, &less, out, &last), SHEAF_INVALID, "moving_min", "min_count is -1", "(3, 4)");
    refused(sheaf_moving_max(&scalar, &fine, out, &last), SHEAF_INVALID, "moving_max", "()");
    refused(sheaf_moving_var(&c, &fine, out, &last), SHEAF_DTYPE, "moving_var", "complex", "(6,)");
    refused(sheaf_moving_var(&x, &axis, out, &last), SHEAF_INVALID, "moving_var", "axis 2", "(3, 4)");
    ck_assert_ptr_null(out[0]);
    ck_ok(sheaf_moving_sum(&x, &fine, out, error)); /* longer than the rows: nothing to tell */
    for (int i = 0; i < 12; i++)
        ck_assert(isnan(((double *)sheaf_array_data(out[0]))[i]));
    sheaf_array_free(out[0]);
}
END_TEST

START_TEST(test_ewm)
{
    static const double wrong[] = {0, -0.5, 1.0000001, NAN, INFINITY};
    sheaf_array *out[5];
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), scalar = shaped(SHEAF_F64, 0, 0, 0);
    sheaf_options o;
    sheaf_options_init(&o);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        o.alpha = wrong[i];
        refused(sheaf_ewm(&x, &o, out, &last), SHEAF_INVALID, "ewm", "options.alpha is", "(3, 4)", "at most 1");
    }
    o.alpha = 1;
    refused(sheaf_ewm(&scalar, &o, out, &last), SHEAF_INVALID, "ewm", "()");
}
END_TEST

START_TEST(test_lfilter)
{
    double zero[] = {0, 1}, one[] = {1};
    sheaf_array *out[5];
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), scalar = shaped(SHEAF_F64, 0, 0, 0), none = shaped(SHEAF_F64, 1, 0, 0),
               c = shaped(SHEAF_C64, 1, 6, 0), a = sheaf_view_f64(zero, 2), b = sheaf_view_f64(one, 1);
    sheaf_options two = axes(1, 2, 0);
    refused(sheaf_lfilter(&b, &a, &x, NULL, out, &last), SHEAF_INVALID, "lfilter", "a[0] is 0", "(2,)");
    ck_assert_ptr_null(out[0]);
    refused(sheaf_lfilter(&none, &b, &x, NULL, out, &last), SHEAF_SHAPE, "lfilter", "b of shape (0,)");
    refused(sheaf_lfilter(&b, &none, &x, NULL, out, &last), SHEAF_SHAPE, "lfilter", "a of shape (0,)");
    refused(sheaf_lfilter(&x, &b, &x, NULL, out, &last), SHEAF_SHAPE, "lfilter", "b of shape (3, 4)");
    refused(sheaf_lfilter(&b, &b, &scalar, NULL, out, &last), SHEAF_INVALID, "lfilter", "x", "()");
    refused(sheaf_lfilter(&b, &b, &c, NULL, out, &last), SHEAF_DTYPE, "lfilter", "complex");
    refused(sheaf_lfilter(&b, &b, &x, &two, out, &last), SHEAF_INVALID, "lfilter", "axis 2", "(3, 4)");
}
END_TEST

START_TEST(test_interp)
{
    double up[] = {0, 1, 2}, down[] = {0, 2, 1}, nan[] = {NAN, 1, 2}, late[] = {0, 1, NAN};
    sheaf_array *out[5];
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), none = shaped(SHEAF_F64, 1, 0, 0), xp = sheaf_view_f64(up, 3),
               two = sheaf_view_f64(up, 2), falls = sheaf_view_f64(down, 3), first = sheaf_view_f64(nan, 3),
               third = sheaf_view_f64(late, 3);
    sheaf_options one = axes(1, 0, 0);
    refused(sheaf_interp(&x, &falls, &xp, NULL, out, &last), SHEAF_INVALID, "interp", "xp[2] is 1 after 2", "sort");
    refused(sheaf_interp(&x, &first, &xp, NULL, out, &last), SHEAF_INVALID, "interp", "xp[0] is nan");
    refused(sheaf_interp(&x, &third, &xp, NULL, out, &last), SHEAF_INVALID, "interp", "xp[2] is nan");
    refused(sheaf_interp(&x, &xp, &two, NULL, out, &last), SHEAF_SHAPE, "interp", "(3,)", "(2,)", "same length");
    refused(sheaf_interp(&x, &none, &none, NULL, out, &last), SHEAF_SHAPE, "interp", "(0,)", "at least one");
    refused(sheaf_interp(&x, &x, &x, NULL, out, &last), SHEAF_SHAPE, "interp", "(3, 4)", "one dimension");
    refused(sheaf_interp(&x, &xp, &xp, &one, out, &last), SHEAF_INVALID, "interp", "no axis", "(3, 4)");
    ck_assert_ptr_null(out[0]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: refusals of windows");
    TCase *tc = tcase_create("refusals");
    tcase_add_test(tc, test_windows);
    tcase_add_test(tc, test_ewm);
    tcase_add_test(tc, test_lfilter);
    tcase_add_test(tc, test_interp);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
