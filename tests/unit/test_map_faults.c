/* Every allocation of a map fails in turn: no crash, no leak, no silence. */

#include "base/alloc.h"
#include "test_map.h"
#include <unistd.h>

static char *dir;

static void setup(void)
{
    dir = scratch_new();
    ck_assert_int_eq(chdir(dir), 0);
    save_numbers("a.npy", 3, 1);
    save_numbers("b.npy", 3, 2);
}

static void teardown(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    scratch_remove(dir);
}

/* What one run came to. */
struct outcome {
    sheaf_status status;
    size_t failed, other; /* items out of memory, and items failed otherwise */
    bool right;           /* all that was given is what it should be */
};

static sheaf_status big_rows(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                             sheaf_error *error)
{
    const int64_t shape[] = {20000};
    sheaf_view view;
    (void)item, (void)user;
    sheaf_status status = sheaf_output_array(out, SHEAF_F64, 1, shape, &view, error);
    for (int i = 0; status == SHEAF_OK && i < 20000; i++)
        ((double *)view.data)[i] = *(const double *)x->data;
    return status;
}

static void count(struct outcome *o, const sheaf_results *results)
{
    for (size_t i = 0; results && i < sheaf_results_size(results); i++) {
        sheaf_status status = sheaf_results_status(results, i, NULL);
        o->failed += status == SHEAF_NO_MEMORY;
        o->other += status != SHEAF_NO_MEMORY && status != SHEAF_OK;
        o->right = o->right && (status == SHEAF_OK || *message_of(results, i));
    }
}

static sheaf_status make_batch(sheaf_batch **batch, const double *x, sheaf_error *error)
{
    sheaf_view view = sheaf_view_f64(x, 3);
    sheaf_status status = sheaf_batch_new(batch, error);
    if (status == SHEAF_OK)
        status = sheaf_batch_add_file(*batch, "a.npy", error);
    if (status == SHEAF_OK)
        status = sheaf_batch_add_file(*batch, "b.npy", error);
    if (status == SHEAF_OK)
        status = sheaf_batch_add_views(*batch, &view, 1, "memory", error);
    return status;
}

/* path NULL: in memory. */
static struct outcome run(const char *function, const char *path, int threads)
{
    static const char *const names[] = {"rows"};
    const double x[3] = {3, 4, 5};
    struct outcome o = {.right = true};
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_func *func = NULL;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_array *array = NULL;
    sheaf_map_options options;
    sheaf_view view;
    struct text text = {.n = 0};
    sheaf_map_options_init(&options);
    options.threads = threads;
    options.overwrite = options.no_sync = options.trace = true;
    options.retries = threads - 1;
    o.status = function ? sheaf_func_named(function, NULL, &func, &error)
                        : sheaf_func_callback(big_rows, NULL, 1, names, &func, &error);
    if (o.status == SHEAF_OK)
        o.status = make_batch(&batch, x, &error);
    if (o.status == SHEAF_OK)
        o.status = path ? sheaf_map_to(func, batch, &options, path, &results, &error)
                        : sheaf_map(func, batch, &options, &results, &error);
    count(&o, results);
    for (size_t i = 0; o.status == SHEAF_OK && !path && function && i < 3; i++) {
        if (sheaf_results_view(results, i, 0, &view, NULL) == SHEAF_OK)
            o.right = o.right && *(double *)view.data == (double)i + 2; /* the mean */
    }
    if (o.status == SHEAF_OK && !path && o.failed == 0)
        o.status = function ? sheaf_results_csv(results, text_add, &text, &error)
                            : sheaf_results_take(results, 1, 0, &array, &error);
    if (o.status == SHEAF_OK && !path && !function && o.failed == 0)
        o.right = o.right && *(double *)sheaf_array_data(array) == 2;
    o.right = o.right && (o.status == SHEAF_OK || error.message[0]);
    sheaf_array_free(array);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    return o;
}

static const struct {
    const char *function, *path;
} cases[] = {{"mean", NULL},    {NULL, NULL},     {"mean", "t.csv"},         {"sqrt", "s.npy"},
             {NULL, "big.npy"}, {"sqrt", "out/"}, {"sqrt", "new/{stem}.npy"}};

START_TEST(every_allocation_fails_once)
{
    const char *function = cases[_i].function, *path = cases[_i].path;
    for (int threads = 1; threads <= 2; threads++) {
        struct outcome whole = run(function, path, threads);
        ck_assert_int_eq(whole.status, SHEAF_OK);
        ck_assert(whole.right && whole.failed == 0 && whole.other == 0);
        for (int always = 0; always < 2; always++) {
            bool finished = false;
            for (long k = 1; !finished; k++) {
                ck_assert_int_lt(k, 10000);
                sheaf_pool_trim();
                mem_fail_at(0, 0);
                long before = mem_live();
                mem_fail_at(k, always);
                struct outcome o = run(function, path, threads);
                finished = mem_calls() < k;
                mem_fail_at(0, 0);
                sheaf_pool_trim();
                ck_assert_msg(mem_live() == before, "call %ld: %ld blocks leak", k, mem_live() - before);
                ck_assert_msg(o.right, "call %ld: a wrong result or no message", k);
                ck_assert_msg(o.other == 0, "call %ld: an item failed otherwise", k);
                ck_assert_msg(o.status == SHEAF_OK || o.status == SHEAF_NO_MEMORY, "call %ld: %s", k,
                              sheaf_status_name(o.status));
                ck_assert(!finished || (o.status == SHEAF_OK && o.failed == 0));
            }
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("map_faults");
    TCase *faults = tcase_create("faults");
    tcase_add_checked_fixture(faults, setup, teardown);
    tcase_add_loop_test(faults, every_allocation_fails_once, 0, sizeof cases / sizeof *cases);
    suite_add_tcase(suite, faults);
    return run_suite(suite);
}
