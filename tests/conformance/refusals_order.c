/* What sort and its kin refuse. */

#include "refused.h"

START_TEST(test_places)
{
    sheaf_array *out[1];
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), nothing = shaped(SHEAF_F64, 2, 0, 4),
               scalar = shaped(SHEAF_F64, 0, 0, 0);
    sheaf_options o = axes(1, 0, 0);
    o.k = 3;
    refused(sheaf_partition(&x, &o, out, &last), SHEAF_INVALID, "partition", "k is 3", "axis 0", "(3, 4)", "-3 to 2");
    ck_assert_ptr_null(out[0]);
    o.k = -4;
    refused(sheaf_argpartition(&x, &o, out, &last), SHEAF_INVALID, "argpartition", "k is -4", "(3, 4)", "-3 to 2");
    o.k = 1;
    refused(sheaf_partition(&nothing, &o, out, &last), SHEAF_INVALID, "partition", "k is 1", "(0, 4)");
    o.naxes = 0;
    refused(sheaf_partition(&scalar, &o, out, &last), SHEAF_INVALID, "partition", "()");
    refused(sheaf_rank(&scalar, NULL, out, &last), SHEAF_INVALID, "rank", "()");
    refused(sheaf_argsort(&scalar, NULL, out, &last), SHEAF_INVALID, "argsort", "()");
}
END_TEST

START_TEST(test_counts_and_methods)
{
    sheaf_array *out[1];
    sheaf_view x = shaped(SHEAF_F64, 2, 3, 4), c = shaped(SHEAF_C128, 1, 6, 0);
    sheaf_options o = axes(1, 2, 0);
    refused(sheaf_topk(&x, NULL, out, &last), SHEAF_INVALID, "topk", "k is 0", "axis 1", "(3, 4)", "how many");
    refused(sheaf_argtopk(&x, NULL, out, &last), SHEAF_INVALID, "argtopk", "k is 0", "(3, 4)");
    refused(sheaf_argsort(&x, &o, out, &last), SHEAF_INVALID, "argsort", "axis 2", "(3, 4)");
    o = axes(2, 0, 1);
    o.k = 2;
    refused(sheaf_topk(&x, &o, out, &last), SHEAF_INVALID, "topk", "2 axes", "(3, 4)");
    o = axes(0, 0, 0);
    o.method = "mean";
    refused(sheaf_rank(&x, &o, out, &last), SHEAF_INVALID, "rank", "\"mean\"", "average", "dense");
    refused(sheaf_rank(&c, NULL, out, &last), SHEAF_DTYPE, "rank", "complex", "(6,)");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conformance: refused orders");
    TCase *tc = tcase_create("refused");
    tcase_add_test(tc, test_places);
    tcase_add_test(tc, test_counts_and_methods);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
