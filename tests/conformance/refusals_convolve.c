/* What convolutions, correlations and stencils refuse. */

#include "refused.h"

static sheaf_options mode_of(const char *mode)
{
    sheaf_options o;
    sheaf_options_init(&o);
    o.mode = mode;
    return o;
}

START_TEST(test_modes)
{
    sheaf_array *out[5] = {NULL};
    sheaf_view x = shaped(SHEAF_F64, 2, 5, 4), y = shaped(SHEAF_F64, 1, 3, 0), k = shaped(SHEAF_F64, 2, 3, 3);
    sheaf_options reflect = mode_of("reflect"), same = mode_of("same"), none = mode_of("nothing"), empty = mode_of("");
    refused(sheaf_convolve(&x, &y, &reflect, out, &last), SHEAF_INVALID, "convolve", "\"reflect\"",
            "full, same, valid");
    refused(sheaf_correlate(&x, &y, &empty, out, &last), SHEAF_INVALID, "correlate", "\"\"", "full, same, valid");
    refused(sheaf_convolve2d(&x, &k, &reflect, out, &last), SHEAF_INVALID, "convolve2d", "\"reflect\"", "full");
    refused(sheaf_stencil(&x, &k, &same, out, &last), SHEAF_INVALID, "stencil", "\"same\"", "mirror", "wrap");
    refused(sheaf_stencil(&x, &k, &none, out, &last), SHEAF_INVALID, "stencil", "\"nothing\"", "nearest");
    ck_assert_ptr_null(out[0]);
}
END_TEST

START_TEST(test_ranks)
{
    sheaf_array *out[5] = {NULL};
    sheaf_view x = shaped(SHEAF_F64, 2, 5, 4), y = shaped(SHEAF_F64, 1, 3, 0), k = shaped(SHEAF_F64, 2, 3, 3),
               scalar = shaped(SHEAF_F64, 0, 0, 0);
    sheaf_options beyond = axes(1, 2, 0), one = axes(1, 0, 0), twice = axes(2, 1, 1);
    refused(sheaf_convolve(&x, &k, NULL, out, &last), SHEAF_SHAPE, "convolve", "(3, 3)", "one dimension", "convolve2d");
    refused(sheaf_convolve(&scalar, &y, NULL, out, &last), SHEAF_SHAPE, "convolve", "()", "too few dimensions");
    refused(sheaf_convolve(&x, &scalar, NULL, out, &last), SHEAF_SHAPE, "convolve", "()", "one dimension");
    refused(sheaf_correlate2d(&x, &y, NULL, out, &last), SHEAF_SHAPE, "correlate2d", "(3,)", "two dimensions");
    refused(sheaf_convolve2d(&y, &k, NULL, out, &last), SHEAF_SHAPE, "convolve2d", "(3,)", "too few dimensions");
    refused(sheaf_stencil(&y, &k, NULL, out, &last), SHEAF_SHAPE, "stencil", "kernel of shape (3, 3)",
            "no more than x");
    refused(sheaf_stencil(&x, &scalar, NULL, out, &last), SHEAF_SHAPE, "stencil", "()", "at least one");
    refused(sheaf_convolve(&x, &y, &beyond, out, &last), SHEAF_INVALID, "convolve", "axis 2", "(5, 4)");
    refused(sheaf_stencil(&x, &k, &one, out, &last), SHEAF_SHAPE, "stencil", "one axis for each dimension");
    refused(sheaf_stencil(&x, &k, &twice, out, &last), SHEAF_INVALID, "stencil", "axis 1", "twice");
    ck_assert_ptr_null(out[0]);
}
END_TEST

START_TEST(test_extents)
{
    sheaf_array *out[5] = {NULL};
    sheaf_view x = shaped(SHEAF_F64, 2, 5, 4), none = shaped(SHEAF_F64, 1, 0, 0), k = shaped(SHEAF_F64, 2, 3, 3),
               flat = shaped(SHEAF_F64, 2, 2, 8), nothing = shaped(SHEAF_F64, 2, 3, 0),
               huge = shaped(SHEAF_U8, 1, 1, 0);
    sheaf_options valid = mode_of("valid"), full = mode_of("full");
    huge.shape[0] = INT64_MAX;
    huge.strides[0] = 0;
    refused(sheaf_convolve(&x, &none, NULL, out, &last), SHEAF_SHAPE, "convolve", "(0,)", "neither may be empty");
    refused(sheaf_correlate(&none, &none, NULL, out, &last), SHEAF_SHAPE, "correlate", "(0,)", "neither may be empty");
    refused(sheaf_convolve2d(&nothing, &k, NULL, out, &last), SHEAF_SHAPE, "convolve2d", "(3, 0)", "empty");
    refused(sheaf_stencil(&x, &nothing, NULL, out, &last), SHEAF_SHAPE, "stencil", "(3, 0)", "the kernel is empty");
    refused(sheaf_convolve2d(&x, &flat, &valid, out, &last), SHEAF_SHAPE, "convolve2d", "(5, 4)", "(2, 8)",
            "as large as the other");
    refused(sheaf_convolve(&huge, &huge, &full, out, &last), SHEAF_OVERFLOW, "convolve", "9223372036854775807",
            "too many");
    ck_assert_ptr_null(out[0]);
    ck_ok(sheaf_stencil(&nothing, &k, NULL, out, error)); /* of nothing: nothing */
    sheaf_view got = sheaf_array_view(out[0]);
    ck_assert_int_eq(sheaf_view_size(&got), 0);
    sheaf_array_free(out[0]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: refusals of convolutions");
    TCase *tc = tcase_create("refusals");
    tcase_add_test(tc, test_modes);
    tcase_add_test(tc, test_ranks);
    tcase_add_test(tc, test_extents);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
