/* What is computed in worker processes has the bits of what is computed here, and the words, and goes to the same
 * places. */

#include "isolated.h"

#include <math.h>
#include <unistd.h>

/* ---- what is computed ---- */

static sheaf_status never_called(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                 sheaf_error *error)
{
    (void)x, (void)item, (void)out, (void)user;
    return sheaf_error_set(error, SHEAF_CALLBACK, "called");
}

START_TEST(a_callback_cannot_be_isolated)
{
    double x[1] = {1};
    sheaf_func *func = callback(never_called, NULL, 1);
    sheaf_batch *batch = batch_of_numbers(x, 1);
    sheaf_results *results = NULL;
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_map_options options = threads(1);
    options.isolate = SHEAF_ISOLATE_ALWAYS;
    ck_assert_int_eq(sheaf_map(func, batch, &options, &results, &error), SHEAF_UNSUPPORTED);
    ck_has(error.message, "sheaf_func_from_file");
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

static const char several[] =
    "#include <sheaf/plugin.h>\n"
    "#include <stdio.h>\n"
    "#include <string.h>\n"
    "static sheaf_status several(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,\n"
    "                            sheaf_error *error)\n"
    "{\n"
    "    sheaf_view a;\n"
    "    const int64_t shape[2] = {3, (int64_t)item->index * 2000};\n"
    "    if (item->index == 3)\n"
    "        return sheaf_error_set(error, SHEAF_CALLBACK, \"%s is odd\", item->name);\n"
    "    if (item->index == 4)\n"
    "        return sheaf_output_f64(out, 1, error);\n"
    "    sheaf_status status = sheaf_output_array(out, SHEAF_I16, 2, shape, &a, error);\n"
    "    if (status != SHEAF_OK)\n"
    "        return status;\n"
    "    for (int64_t i = 0; i < sheaf_view_size(&a); i++)\n"
    "        ((int16_t *)a.data)[i] = (int16_t)(i + item->ninputs);\n"
    "    return sheaf_output_f64(out, *(double *)x->data + (user != NULL), error);\n"
    "}\n"
    "SHEAF_FUNCTION(several, \"a\", \"b\");\n";

START_TEST(a_function_with_everything)
{
    double x[5] = {1, 2, 3, 4, 5};
    sheaf_func *func = own_function(directory, "several.c", several);
    sheaf_batch *batch = batch_of_numbers(x, 5);
    sheaf_results *results = mapped(func, batch, NULL);
    for (size_t i = 0; i < 3; i++) {
        sheaf_view a;
        ck_assert_double_eq(number_of(results, i, 1), x[i]);
        ck_ok(sheaf_results_view(results, i, 0, &a, error));
        ck_assert_int_eq(a.dtype, SHEAF_I16);
        ck_assert_int_eq(a.ndim, 2);
        ck_assert_int_eq(a.shape[0], 3);
        ck_assert_int_eq(a.shape[1], (int64_t)i * 2000);
        for (int64_t k = 0; k < sheaf_view_size(&a); k++)
            ck_assert_int_eq(((int16_t *)a.data)[k], (int16_t)(k + 1));
    }
    ck_status(results, 3, SHEAF_CALLBACK);
    ck_assert_str_eq(message_of(results, 3), "[3] is odd");
    ck_status(results, 4, SHEAF_INVALID);
    ck_has(message_of(results, 4), "only 1 of its 2 outputs");
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* Arrays of all sizes, dtypes and layouts, and files. */
static sheaf_batch *all_kinds(void)
{
    static double numbers[96 * 70];
    static float floats[40 * 30];
    static int16_t shorts[500];
    static double complexes[40];
    static bool bools[9];
    sheaf_batch *batch = NULL;
    sheaf_view v, t;
    uint64_t state = 7;
    for (size_t i = 0; i < 96 * 70; i++)
        numbers[i] = random_unit(&state) * 9 - 4;
    numbers[17] = (double)NAN;
    for (size_t i = 0; i < 40 * 30; i++)
        floats[i] = (float)numbers[i + 50];
    for (size_t i = 0; i < 500; i++)
        shorts[i] = (int16_t)random_u64(&state);
    for (size_t i = 0; i < 40; i++)
        complexes[i] = numbers[i + 900];
    for (size_t i = 0; i < 9; i++)
        bools[i] = i % 3 == 0;
    ck_ok(sheaf_batch_new(&batch, error));
    ck_ok(sheaf_view_init(&v, numbers, SHEAF_F64, 2, (const int64_t[]){96, 70}, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, "large", error));
    ck_ok(sheaf_view_transpose(&v, NULL, &t, error));
    ck_ok(sheaf_batch_add_views(batch, &t, 1, "transposed", error));
    ck_ok(sheaf_file_save(path_in(directory, "large.npy"), &v, false, error));
    ck_ok(sheaf_batch_add_file(batch, path_in(directory, "large.npy"), error));
    ck_ok(sheaf_view_init(&v, floats, SHEAF_F32, 2, (const int64_t[]){40, 30}, error));
    ck_ok(sheaf_view_flip(&v, 0, NULL, &v, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, NULL, error));
    ck_ok(sheaf_view_init(&v, shorts, SHEAF_I16, 1, (const int64_t[]){500}, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, NULL, error));
    ck_ok(sheaf_file_save(path_in(directory, "shorts.npy"), &v, false, error));
    ck_ok(sheaf_batch_add_file(batch, path_in(directory, "shorts.npy"), error));
    ck_ok(sheaf_view_init(&v, complexes, SHEAF_C128, 1, (const int64_t[]){20}, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, NULL, error));
    ck_ok(sheaf_view_init(&v, bools, SHEAF_BOOL, 2, (const int64_t[]){3, 3}, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, NULL, error));
    ck_ok(sheaf_view_init(&v, numbers, SHEAF_F64, 2, (const int64_t[]){0, 4}, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, "empty", error));
    ck_ok(sheaf_view_init(&v, numbers, SHEAF_F64, 0, NULL, error));
    ck_ok(sheaf_batch_add_views(batch, &v, 1, "number", error));
    ck_ok(sheaf_batch_add_file(batch, path_in(directory, "missing.npy"), error));
    return batch;
}

/* The same outcome of every item, to the bit and the word. */
static void same_outcome(const char *what, const sheaf_func *func, const sheaf_results *a, const sheaf_results *b)
{
    for (size_t i = 0; i < sheaf_results_size(a); i++) {
        ck_assert_msg(sheaf_results_status(a, i, NULL) == sheaf_results_status(b, i, NULL), "%s, item %zu: %s or %s",
                      what, i, message_of(a, i), message_of(b, i));
        ck_assert_str_eq(message_of(a, i), message_of(b, i));
        for (int k = 0; k < sheaf_func_nout(func) && sheaf_results_status(a, i, NULL) == SHEAF_OK; k++) {
            sheaf_view x, y;
            ck_ok(sheaf_results_view(a, i, k, &x, error));
            ck_ok(sheaf_results_view(b, i, k, &y, error));
            ck_assert_msg(x.dtype == y.dtype && x.ndim == y.ndim &&
                              memcmp(x.shape, y.shape, (size_t)x.ndim * sizeof *x.shape) == 0,
                          "%s, item %zu: shapes differ", what, i);
            ck_assert_msg(same_bits(x.data, y.data, (size_t)sheaf_view_size(&x), x.dtype), "%s, item %zu: bits differ",
                          what, i);
        }
    }
}

/* Here on one thread, and isolated on three. */
static size_t compare(const char *what, sheaf_func *func, const sheaf_batch *batch)
{
    sheaf_map_options options = threads(1);
    options.isolate = SHEAF_ISOLATE_NEVER;
    sheaf_results *here = mapped(func, batch, &options);
    options.isolate = SHEAF_ISOLATE_ALWAYS;
    options.threads = 3;
    sheaf_results *there = mapped(func, batch, &options);
    same_outcome(what, func, here, there);
    sheaf_results_free(there);
    const size_t done = sheaf_results_size(here) - sheaf_results_failed(here);
    sheaf_results_free(here);
    sheaf_func_free(func);
    return done;
}

START_TEST(the_same_bits_of_the_catalogue)
{
    sheaf_batch *batch = all_kinds();
    size_t done = 0, functions = 0;
    for (size_t f = 0; f < sheaf_catalogue_size(); f++) {
        const sheaf_function_info *info = sheaf_catalogue_at(f);
        if (info->nin != 1 && info->nin != SHEAF_MANY)
            continue;
        done += compare(info->name, named(info->name), batch);
        functions++;
    }
    ck_assert_uint_gt(functions, 100);
    ck_assert_uint_gt(done, 5 * functions);
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(the_same_bits_of_options_and_programs)
{
    double weights[70], edges[4] = {-3, -1, 0.5, 2};
    sheaf_batch *batch = all_kinds();
    sheaf_options o;
    sheaf_func *func = NULL;
    for (int i = 0; i < 70; i++)
        weights[i] = i * 0.25;
    const sheaf_view w = sheaf_view_f64(weights, 70), e = sheaf_view_f64(edges, 4);
    sheaf_options_init(&o);
    o.naxes = 1;
    o.axes[0] = -1;
    o.weights = &w;
    ck_ok(sheaf_func_named("mean", &o, &func, error));
    ck_assert_uint_gt(compare("mean", func, batch), 1);
    sheaf_options_init(&o);
    o.edges = &e;
    ck_ok(sheaf_func_named("histogram", &o, &func, error));
    ck_assert_uint_gt(compare("histogram", func, batch), 3);
    sheaf_options_init(&o);
    o.method = "dense";
    ck_ok(sheaf_func_named("rank", &o, &func, error));
    ck_assert_uint_gt(compare("rank", func, batch), 3);
    static const char *const texts[] = {"mean(x), std(x)",   "y = sqrt(abs(x)); y - mean(y), index",
                                        "sort(x), x[x > 0]", "x + b",
                                        "unique(x)",         "pad(x, 2, mode='edge')"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        sheaf_array *b = NULL;
        ck_ok(sheaf_array_from_view(&w, SHEAF_F32, &b, error));
        ck_ok(sheaf_func_parse(texts[k], 2, (const char *const[]){"x", "b"}, &func, error));
        ck_ok(sheaf_func_bind(func, "b", b, error));
        ck_assert_uint_gt(compare(texts[k], func, batch), 2);
        sheaf_array_free(b);
    }
    sheaf_batch_free(batch);
}
END_TEST

START_TEST(programs_that_use_own_c)
{
    sheaf_batch *batch = all_kinds();
    sheaf_func *own = own_function(directory, "deadly.c", deadly), *func = NULL;
    ck_ok(sheaf_func_parse_using("deadly(x * 0 + 1), mean(x)", 0, NULL, 1, (const sheaf_func *const[]){own}, &func,
                                 error));
    ck_assert_uint_gt(compare("program", func, batch), 5);
    /* by default, too: it dies there and not here */
    ck_ok(sheaf_func_parse_using("deadly(x[:0]), deadly(ones(3) * -1)", 0, NULL, 1, (const sheaf_func *const[]){own},
                                 &func, error));
    sheaf_results *results = mapped(func, batch, NULL);
    ck_status(results, 0, SHEAF_CRASHED);
    sheaf_results_free(results);
    sheaf_func_free(func);
    sheaf_func_free(own);
    sheaf_batch_free(batch);
}
END_TEST

/* Items worth a team's while: one worker computes each with all threads. Several inputs; what is freed between items.
 */
START_TEST(large_items)
{
    enum {
        N = 1500000
    };
    double *x = malloc(N * sizeof *x);
    uint64_t state = 3;
    sheaf_batch *batch = NULL;
    sheaf_func *func = NULL;
    for (size_t i = 0; i < N; i++)
        x[i] = random_unit(&state);
    ck_ok(sheaf_batch_new(&batch, error));
    const sheaf_view two[2] = {sheaf_view_f64(x, N), sheaf_view_f64(x, N)};
    for (int k = 0; k < 3; k++) {
        ck_ok(sheaf_batch_add_views(batch, two, 2, NULL, error));
        ck_ok(sheaf_batch_add_views(batch, (const sheaf_view[]){sheaf_view_f64(x, 3), sheaf_view_f64(x + 3, 3)}, 2,
                                    NULL, error));
    }
    ck_ok(sheaf_func_parse("sort(x) + y, cumsum(y), x * 2, sqrt(y), exp(x)", 2, (const char *const[]){"x", "y"}, &func,
                           error));
    ck_assert_uint_eq(compare("large", func, batch), 6);
    sheaf_batch_free(batch);
    /* files, in the same plan */
    ck_ok(sheaf_batch_new(&batch, error));
    for (int k = 0; k < 3; k++) {
        char name[] = "0.npy";
        const sheaf_view v = sheaf_view_f64(x, k < 2 ? N : 5);
        name[0] = (char)('0' + k);
        ck_ok(sheaf_file_save(path_in(directory, name), &v, false, error));
        ck_ok(sheaf_batch_add_file(batch, path_in(directory, name), error));
    }
    size_t wide[2];
    sheaf_map_options options = threads(3);
    func = named("sort");
    for (int k = 0; k < 2; k++) {
        options.isolate = k ? SHEAF_ISOLATE_ALWAYS : SHEAF_ISOLATE_NEVER;
        sheaf_results *results = mapped(func, batch, &options);
        wide[k] = sheaf_results_report(results).wide;
        sheaf_results_free(results);
    }
    ck_assert_uint_eq(wide[0], 2);
    ck_assert_uint_eq(wide[1], 2);
    ck_assert_uint_eq(compare("files", func, batch), 3);
    sheaf_batch_free(batch);
    free(x);
}
END_TEST

/* ---- where it goes ---- */

START_TEST(into_rows_of_any_stride)
{
    double x[3] = {1, 2, DIES_ABORT}, out[4][6];
    sheaf_func *func = own_function(directory, "twice.c",
                                    "#include <stddef.h>\n#include <stdlib.h>\n"
                                    "void twice(const double *x, double *y, size_t n)\n"
                                    "{ for (size_t i = 0; i < n; i++) { if (x[i] < 0) abort(); y[i] = 2 * x[i]; } }\n");
    sheaf_view views[3], rows, every;
    for (int i = 0; i < 3; i++) {
        views[i] = sheaf_view_f64(&x[i], 1);
        views[i].shape[0] = 4;
        views[i].strides[0] = 0;
    }
    sheaf_batch *batch = NULL;
    ck_ok(sheaf_batch_from_views(views, 3, &batch, error));
    ck_ok(sheaf_view_init(&rows, out, SHEAF_F64, 2, (const int64_t[]){4, 6}, error));
    ck_ok(sheaf_view_transpose(&rows, NULL, &rows, error)); /* 6 rows of 4 */
    ck_ok(sheaf_view_slice(&rows, 0, 0, 6, 2, &every, error));
    ck_ok(sheaf_map_into(func, batch, NULL, &every, NULL, error));
    for (int d = 0; d < 4; d++) {
        ck_assert_double_eq(out[d][0], 2);
        ck_assert_double_eq(out[d][2], 4);
        ck_assert_double_nan(out[d][4]);
    }
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* A stack on disk has the bytes of one computed here. */
START_TEST(to_a_file)
{
    sheaf_func *func = NULL;
    sheaf_batch *batch = NULL;
    char *a = strdup(path_in(directory, "a.npy")), *b = strdup(path_in(directory, "b.npy"));
    save_numbers(a, 3000, 1);
    save_numbers(b, 3000, 5);
    ck_ok(sheaf_func_parse("sqrt(x) + 1", 0, NULL, &func, error));
    ck_ok(sheaf_batch_from_files((const char *const[]){a, b}, 2, &batch, error));
    sheaf_map_options options = threads(2);
    options.isolate = SHEAF_ISOLATE_ALWAYS;
    ck_ok(sheaf_map_to(func, batch, &options, path_in(directory, "there.npy"), NULL, error));
    options.isolate = SHEAF_ISOLATE_NEVER;
    ck_ok(sheaf_map_to(func, batch, &options, path_in(directory, "here.npy"), NULL, error));
    size_t n, m;
    char *there = file_read(path_in(directory, "there.npy"), &n), *here = file_read(path_in(directory, "here.npy"), &m);
    ck_assert_uint_eq(n, m);
    ck_assert_int_eq(memcmp(there, here, n), 0);
    free(there);
    free(here);
    free(a);
    free(b);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* The compiled file is removed, and another lies under its name, before the first worker starts. */
START_TEST(an_object_that_is_gone)
{
    double x[2] = {4, 5};
    sheaf_func *func = own_function(directory, "deadly.c", deadly);
    sheaf_batch *batch = batch_of_numbers(x, 2);
    DIR *dir = opendir(path_in(directory, "cache"));
    int removed = 0;
    for (struct dirent *e; (e = readdir(dir));) {
        char path[600];
        snprintf(path, sizeof path, "%s/cache/%.255s", directory, e->d_name);
        removed += unlink(path) == 0;
    }
    closedir(dir);
    ck_assert_int_eq(removed, 1);
    sheaf_results *results = mapped(func, batch, NULL);
    ck_assert_double_eq(number_of(results, 0, 0), 4);
    ck_assert_double_eq(number_of(results, 1, 0), 5);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("isolate_bits");
    TCase *tests = tcase_create("isolate_bits");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_callback_cannot_be_isolated);
    tcase_add_test(tests, a_function_with_everything);
    tcase_add_test(tests, the_same_bits_of_the_catalogue);
    tcase_add_test(tests, the_same_bits_of_options_and_programs);
    tcase_add_test(tests, programs_that_use_own_c);
    tcase_add_test(tests, large_items);
    tcase_add_test(tests, into_rows_of_any_stride);
    tcase_add_test(tests, to_a_file);
    tcase_add_test(tests, an_object_that_is_gone);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
