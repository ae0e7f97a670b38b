/* The memory of a map: items wait for it, those that can never have it fail, and what was used goes back. */

#include "base/pool.h"
#include "batch/budget.h"
#include "test_map.h"
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* With a sanitizer, memory is used for other things too. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED true
#elif defined __has_feature
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED false
#endif

static char *directory;

static void setup(void)
{
    directory = scratch_new();
}

static void teardown(void)
{
    scratch_remove(directory);
}

/* n files of `length` doubles. */
static sheaf_batch *files_of(size_t n, int64_t length)
{
    sheaf_batch *batch = NULL;
    char name[32];
    ck_ok(sheaf_batch_new(&batch, error));
    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%zu.npy", i);
        save_numbers(path_in(directory, name), length, (double)i);
        ck_ok(sheaf_batch_add_file(batch, path_in(directory, name), error));
    }
    return batch;
}

struct inside {
    atomic_int now, most;
};

/* Counts how many are here at once, and gives the first element. */
static sheaf_status first_of(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                             sheaf_error *error)
{
    struct inside *s = user;
    const int now = atomic_fetch_add(&s->now, 1) + 1;
    int most = atomic_load(&s->most);
    (void)item;
    while (now > most && !atomic_compare_exchange_weak(&s->most, &most, now))
        ;
    for (int k = 0; k < 20; k++) /* others would have the time to come */
        sched_yield();
    const sheaf_status status = sheaf_output_f64(out, *(const double *)x->data, error);
    atomic_fetch_sub(&s->now, 1);
    return status;
}

static sheaf_map_options with(int threads, uint64_t memory)
{
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = threads;
    options.memory = memory;
    return options;
}

/* A budget of one item and a half: they run one after another, whatever the threads, and give what they give. */
START_TEST(items_that_do_not_fit_together_run_one_after_another)
{
    enum {
        ITEMS = 60,
        LENGTH = 100000
    };
    struct inside inside = {0, 0};
    sheaf_func *func = callback(first_of, &inside, 1);
    sheaf_batch *batch = files_of(ITEMS, LENGTH);
    sheaf_results *results = NULL;
    const sheaf_map_options options = with(4, (uint64_t)LENGTH * 8 * 3 / 2);
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), 0);
    for (size_t i = 0; i < ITEMS; i++)
        ck_assert_double_eq(number_of(results, i, 0), (double)i);
    ck_assert_int_eq(atomic_load(&inside.most), 1);
    const sheaf_map_report report = sheaf_results_report(results);
    ck_assert_uint_eq(report.memory, options.memory);
    ck_assert_uint_ge(report.peak_memory, (uint64_t)LENGTH * 8);
    ck_assert_uint_le(report.peak_memory, report.memory);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

START_TEST(an_item_that_never_fits_fails_at_once)
{
    sheaf_func *func = named("mean");
    sheaf_batch *batch = files_of(3, 1000);
    sheaf_results *results = NULL;
    const char *message;
    sheaf_map_options options = with(2, 10000);
    sheaf_plan plan;
    save_numbers(path_in(directory, "1.npy"), 2000, 0);
    options.retries = 3;
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), 1);
    ck_assert_int_eq(sheaf_results_status(results, 1, &message), SHEAF_NO_MEMORY);
    ck_assert_ptr_nonnull(strstr(message, "1.npy: needs 16008 bytes of memory, and the map may use 10000"));
    ck_assert_ptr_nonnull(strstr(message, "--memory"));
    ck_assert_int_eq(sheaf_results_attempts(results, 1), 1);
    ck_assert_double_eq(number_of(results, 2, 0), 2 + 499.5);
    sheaf_results_free(results);
    ck_ok(sheaf_map_plan(func, batch, &options, &plan, error));
    ck_assert_uint_eq(plan.memory, 10000);
    ck_assert_uint_eq(plan.too_large, 1);
    ck_assert_uint_eq(plan.peak_bytes, 10000); /* of two items with 8008 */
    options.memory = 100000;
    ck_ok(sheaf_map_plan(func, batch, &options, &plan, error));
    ck_assert_uint_eq(plan.too_large, 0);
    ck_assert_uint_eq(plan.peak_bytes, 32016);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* All files of an item are asked for at once; two items that had half of theirs each would wait for ever. */
START_TEST(items_of_several_files)
{
    sheaf_func *func = NULL;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    const char *const names[] = {"x", "y"};
    char name[32];
    ck_ok(sheaf_func_parse("sum(x * y)", 2, names, &func, error));
    ck_ok(sheaf_batch_new(&batch, error));
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "%d.npy", i);
        save_numbers(path_in(directory, name), 5000, i);
        const char *paths[] = {path_in(directory, name), path_in(directory, "0.npy")};
        ck_ok(sheaf_batch_add_files(batch, paths, 2, error));
    }
    const sheaf_map_options options = with(4, 100000);
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), 0);
    const double n = 5000, squares = (n - 1) * n * (2 * n - 1) / 6, sum = n * (n - 1) / 2;
    for (size_t i = 0; i < 40; i++)
        ck_assert_double_eq_tol(number_of(results, i, 0), squares + (double)i * sum, 1e-3);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* ---- the budget alone ---- */

struct asking {
    struct budget *budget;
    size_t item;
    uint64_t bytes;
    atomic_int *turn;
    int got;
};

static void *ask(void *arg)
{
    struct asking *a = arg;
    budget_wait(a->budget, a->item, a->bytes);
    a->got = atomic_fetch_add(a->turn, 1);
    budget_give(a->budget, a->bytes);
    return NULL;
}

static void until_waiting(struct budget *b, unsigned n)
{
    while (atomic_load(&b->waiting) < n)
        sched_yield();
}

/* A large one is not passed for ever by small ones that would fit. */
START_TEST(who_waits_is_served_in_order)
{
    struct budget b;
    atomic_int turn = 0;
    pthread_t threads[2];
    budget_init(&b, 1000, 2);
    ck_assert(budget_take(&b, 600));
    struct asking large = {&b, 0, 900, &turn, -1}, small = {&b, 1, 200, &turn, -1};
    pthread_create(&threads[0], NULL, ask, &large);
    until_waiting(&b, 1);
    ck_assert(!budget_take(&b, 100));
    pthread_create(&threads[1], NULL, ask, &small);
    until_waiting(&b, 2);
    budget_give(&b, 600);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    ck_assert_int_eq(large.got, 0);
    ck_assert_int_eq(small.got, 1);
    ck_assert_uint_eq(atomic_load(&b.held), 0);
    ck_assert_uint_eq(atomic_load(&b.peak), 900);
    budget_clear(&b);
}
END_TEST

START_TEST(the_urgent_item_never_waits)
{
    struct budget b;
    atomic_int turn = 0;
    atomic_size_t urgent = 3;
    pthread_t threads[2];
    budget_init(&b, 1000, 2);
    b.urgent = &urgent;
    budget_count(&b, 990);
    struct asking first = {&b, 5, 500, &turn, -1}, second = {&b, 4, 500, &turn, -1};
    pthread_create(&threads[0], NULL, ask, &first);
    until_waiting(&b, 1);
    pthread_create(&threads[1], NULL, ask, &second);
    until_waiting(&b, 2);
    atomic_store(&urgent, 4);
    budget_wake(&b);
    pthread_join(threads[1], NULL);
    ck_assert_int_eq(second.got, 0);
    budget_give(&b, 990);
    pthread_join(threads[0], NULL);
    ck_assert_int_eq(first.got, 1);
    budget_clear(&b);
}
END_TEST

START_TEST(the_pool_keeps_no_more_than_its_bound)
{
    pool_trim();
    void *blocks[4];
    for (int k = 0; k < 4; k++)
        ck_assert_ptr_nonnull(blocks[k] = pool_get((size_t)1 << 22));
    for (int k = 0; k < 4; k++)
        pool_put(blocks[k], (size_t)1 << 22);
    ck_assert_uint_eq(pool_kept(), (size_t)4 << 22);
    pool_bound((size_t)2 << 22);
    ck_assert_uint_eq(pool_kept(), (size_t)2 << 22);
    for (int k = 0; k < 4; k++)
        ck_assert_ptr_nonnull(blocks[k] = pool_get((size_t)1 << 22));
    for (int k = 0; k < 4; k++)
        pool_put(blocks[k], (size_t)1 << 22);
    ck_assert_uint_eq(pool_kept(), (size_t)2 << 22);
    pool_bound(SIZE_MAX);
    pool_trim();
}
END_TEST

/* ---- what a map keeps of each item ---- */

static size_t resident(void)
{
    unsigned long all = 0, pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    ck_assert_int_eq(fscanf(f, "%lu %lu", &all, &pages), 2);
    fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* The batch and the results of a million items, each a view of one number. */
START_TEST(small_items_cost_little_memory)
{
    enum {
        ITEMS = 1000000
    };
    double *x = counting(ITEMS);
    sheaf_func *func = named("sum");
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    const size_t before = resident();
    ck_ok(sheaf_batch_new(&batch, error));
    for (size_t i = 0; i < ITEMS; i++) {
        const sheaf_view view = sheaf_view_f64(x + i, 1);
        ck_ok(sheaf_batch_add_views(batch, &view, 1, NULL, error));
    }
    const sheaf_map_options options = with(2, 0);
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    const size_t each = (resident() - before) / ITEMS;
    ck_assert_double_eq(number_of(results, ITEMS - 1, 0), ITEMS - 1);
    ck_assert_msg(each <= 200, "%zu bytes an item", each);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    free(x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *c = tcase_create("memory");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, items_that_do_not_fit_together_run_one_after_another);
    tcase_add_test(c, an_item_that_never_fits_fails_at_once);
    tcase_add_test(c, items_of_several_files);
    tcase_add_test(c, who_waits_is_served_in_order);
    tcase_add_test(c, the_urgent_item_never_waits);
    tcase_add_test(c, the_pool_keeps_no_more_than_its_bound);
    if (!SANITIZED)
        tcase_add_test(c, small_items_cost_little_memory);
    suite_add_tcase(suite, c);
    return run_suite(suite);
}
