/* Every allocation of every kind of call is made to fail in turn: the call must then report NO_MEMORY with a
 * message (a map may report it for the item), leave nothing behind, and work again afterwards. */

#include "base/alloc.h"
#include "base/pool.h"
#include "support.h"

#include <math.h>
#include <sheaf/sheaf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    N = 20000
};
static double data[N];
static char *directory;

static sheaf_view matrix(int64_t rows, int64_t columns)
{
    sheaf_view v;
    int64_t shape[] = {rows, columns};
    sheaf_view_init(&v, data, SHEAF_F64, 2, shape, NULL);
    return v;
}

static sheaf_status run_unary(const char *name,
                              sheaf_status (*call)(const sheaf_view *, const sheaf_options *, sheaf_array **,
                                                   sheaf_error *),
                              sheaf_error *error)
{
    sheaf_options options;
    sheaf_array *out = NULL;
    sheaf_view x = matrix(100, N / 100), t;
    sheaf_options_init(&options);
    options.naxes = 1;
    options.threads = 2;
    sheaf_status status = sheaf_view_transpose(&x, NULL, &t, error);
    if (status == SHEAF_OK)
        status = call(&t, strcmp(name, "exp") == 0 ? NULL : &options, &out, error);
    ck_assert(status == SHEAF_OK ? out != NULL : out == NULL);
    sheaf_array_free(out);
    return status;
}

static sheaf_status do_exp(sheaf_error *error)
{
    return run_unary("exp", sheaf_exp, error);
}

static sheaf_status do_sum(sheaf_error *error)
{
    return run_unary("sum", sheaf_sum, error);
}

static sheaf_status do_var_all(sheaf_error *error)
{
    sheaf_view x = sheaf_view_f64(data, N);
    sheaf_array *out = NULL;
    sheaf_status status = sheaf_var(&x, NULL, &out, error);
    sheaf_array_free(out);
    return status;
}

static sheaf_status do_sort(sheaf_error *error)
{
    return run_unary("sort", sheaf_sort, error);
}

static sheaf_status do_cumsum(sheaf_error *error)
{
    return run_unary("cumsum", sheaf_cumsum, error);
}

static sheaf_status do_norm(sheaf_error *error)
{
    return run_unary("norm", sheaf_norm, error);
}

static sheaf_status do_argmax(sheaf_error *error)
{
    return run_unary("argmax", sheaf_argmax, error);
}

static sheaf_status do_stats(sheaf_error *error)
{
    sheaf_view x = matrix(10, N / 10);
    sheaf_array *out[5] = {NULL};
    sheaf_status status = sheaf_stats(&x, NULL, out, error);
    for (int k = 0; k < 5; k++)
        sheaf_array_free(out[k]);
    return status;
}

static sheaf_status do_matmul(sheaf_error *error)
{
    sheaf_view x = matrix(40, 50), t;
    sheaf_array *out = NULL;
    sheaf_status status = sheaf_view_transpose(&x, NULL, &t, error);
    if (status == SHEAF_OK)
        status = sheaf_matmul(&x, &t, NULL, &out, error);
    sheaf_array_free(out);
    return status;
}

static sheaf_status do_save_and_load(sheaf_error *error)
{
    sheaf_view x = sheaf_view_f64(data, N);
    const char *path = path_in(directory, "a.npy");
    sheaf_array *out = NULL;
    sheaf_status status = sheaf_file_save(path, &x, false, error);
    if (status == SHEAF_OK)
        status = sheaf_file_load(path, &out, error);
    sheaf_array_free(out);
    return status;
}

/* A map goes on when an item fails: the first failed slot's status stands for it. */
static sheaf_status finish_map(sheaf_status status, sheaf_results *results, sheaf_error *error)
{
    for (size_t i = 0; status == SHEAF_OK && results && i < sheaf_results_size(results); i++) {
        const char *message;
        sheaf_status item = sheaf_results_status(results, i, &message);
        if (item != SHEAF_OK)
            status = sheaf_error_set(error, item, "%s", message);
    }
    sheaf_results_free(results);
    return status;
}

static sheaf_status with_map(const char *function, const char *out, sheaf_error *error)
{
    sheaf_func *f = NULL;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_map_options options;
    sheaf_view x = sheaf_view_f64(data, N), y = matrix(4, N / 4);
    sheaf_map_options_init(&options);
    options.threads = 2;
    options.overwrite = options.no_sync = true;
    sheaf_status status = sheaf_func_parse(function, 0, NULL, &f, error);
    if (status == SHEAF_OK)
        status = sheaf_batch_new(&batch, error);
    if (status == SHEAF_OK)
        status = sheaf_batch_add_file(batch, path_in(directory, "input.npy"), error);
    if (status == SHEAF_OK && !out)
        status = sheaf_batch_add_views(batch, &y, 1, "named", error);
    if (status == SHEAF_OK && !out)
        status = sheaf_batch_add_views(batch, &x, 1, NULL, error);
    if (status == SHEAF_OK)
        status = out ? sheaf_map_to(f, batch, &options, path_in(directory, out), &results, error)
                     : sheaf_map(f, batch, &options, &results, error);
    status = finish_map(status, results, error);
    sheaf_batch_free(batch);
    sheaf_func_free(f);
    return status;
}

static sheaf_status do_map(sheaf_error *error)
{
    return with_map("stats", NULL, error);
}

static sheaf_status do_map_large(sheaf_error *error)
{
    return with_map("sqrt", NULL, error);
}

static sheaf_status do_map_csv(sheaf_error *error)
{
    return with_map("stats", "t.csv", error);
}

static sheaf_status do_map_npy(sheaf_error *error)
{
    return with_map("exp", "t.npy", error);
}

static sheaf_status do_map_directory(sheaf_error *error)
{
    return with_map("exp", "out/", error);
}

/* A run that leaves a journal, because a file is not there yet, and the one that goes on with it. */
static sheaf_status with_journal(const char *out, sheaf_error *error)
{
    const char *paths[] = {path_in(directory, "input.npy"), path_in(directory, "late.npy")};
    char output[200];
    sheaf_func *f = NULL;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.threads = 2;
    options.journal = options.overwrite = options.no_sync = true;
    snprintf(output, sizeof output, "%s", path_in(directory, out));
    unlink(paths[1]);
    sheaf_status status = sheaf_func_parse("exp", 0, NULL, &f, error);
    if (status == SHEAF_OK)
        status = sheaf_batch_from_files(paths, 2, &batch, error);
    if (status == SHEAF_OK)
        status = sheaf_map_to(f, batch, &options, output, NULL, error);
    options.overwrite = false;
    options.resume = true;
    if (status == SHEAF_OK && symlink("input.npy", paths[1]) == 0)
        status = sheaf_map_to(f, batch, &options, output, &results, error);
    status = finish_map(status, results, error);
    sheaf_batch_free(batch);
    sheaf_func_free(f);
    return status;
}

static sheaf_status do_journal_npy(sheaf_error *error)
{
    return with_journal("j.npy", error);
}

static sheaf_status do_journal_directory(sheaf_error *error)
{
    return with_journal("journalled/", error);
}

/* Slices, masks, folded constants, passes, weights, sizes, names. */
static sheaf_status do_program(sheaf_error *error)
{
    static const char text[] = "y = (x - mean(x, axis=0)) * linspace(0, 1, 3).sum(); z = x[x > 0]; "
                               "sum(y * y, axis=1), top=sort(y, axis=0)[-1], z.size, z * 2, stack([x[0], x[1]]), "
                               "mean(x[0], weights=x[1] * x[1]), stats(y)";
    sheaf_view x = matrix(4, N / 4);
    const sheaf_view *in[] = {&x};
    sheaf_array *out[SHEAF_MAX_OUTPUTS] = {NULL};
    sheaf_func *f = NULL;
    sheaf_status status = sheaf_func_parse(text, 0, NULL, &f, error);
    if (status == SHEAF_OK)
        status = sheaf_func_eval(f, 1, in, NULL, out, error);
    for (int k = 0; k < SHEAF_MAX_OUTPUTS; k++)
        sheaf_array_free(out[k]);
    sheaf_func_free(f);
    return status;
}

/* One's own C, also where it has to be compiled (a source that differs each time), on input that has to be converted.
 */
static sheaf_status with_own_c(bool compiled, sheaf_error *error)
{
    static int turn;
    char text[200];
    float numbers[3] = {1, 2, 3};
    sheaf_view x;
    sheaf_func *f = NULL;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_compile_options options;
    sheaf_compile_options_init(&options);
    options.cache = path_in(directory, "cache");
    int n = snprintf(text, sizeof text, "double own(const double *x, unsigned long n) { return n + 0 * %d; }\n",
                     compiled ? turn++ : 0);
    file_write(path_in(directory, "own.c"), text, (size_t)n);
    sheaf_status status = sheaf_view_init(&x, numbers, SHEAF_F32, 1, (const int64_t[]){3}, error);
    if (status == SHEAF_OK)
        status = sheaf_func_from_file(path_in(directory, "own.c"), &options, &f, error);
    if (status == SHEAF_OK)
        status = sheaf_batch_from_views(&x, 1, &batch, error);
    if (status == SHEAF_OK)
        status = sheaf_map(f, batch, NULL, &results, error);
    status = finish_map(status, results, error);
    sheaf_batch_free(batch);
    sheaf_func_free(f);
    return status;
}

static sheaf_status do_map_program(sheaf_error *error)
{
    return with_map("x - mean(x), x[x > 0]", NULL, error);
}

static sheaf_status do_own_c(sheaf_error *error)
{
    return with_own_c(false, error);
}

static sheaf_status do_own_c_compiled(sheaf_error *error)
{
    return with_own_c(true, error);
}

static const struct {
    const char *name;
    sheaf_status (*run)(sheaf_error *error);
} calls[] = {
    {"exp", do_exp},
    {"sum", do_sum},
    {"var", do_var_all},
    {"sort", do_sort},
    {"cumsum", do_cumsum},
    {"norm", do_norm},
    {"argmax", do_argmax},
    {"stats", do_stats},
    {"matmul", do_matmul},
    {"file", do_save_and_load},
    {"program", do_program},
    {"map", do_map},
    {"map program", do_map_program},
    {"map large", do_map_large},
    {"map csv", do_map_csv},
    {"map npy", do_map_npy},
    {"map dir", do_map_directory},
    {"journal npy", do_journal_npy},
    {"journal dir", do_journal_directory},
    {"own c", do_own_c},
    {"own c, compiled", do_own_c_compiled},
};

START_TEST(every_allocation_may_fail)
{
    sheaf_error error = {SHEAF_OK, ""};
    directory = scratch_new();
    for (int i = 0; i < N; i++)
        data[i] = sin(i);
    sheaf_view x = sheaf_view_f64(data, N);
    ck_ok(sheaf_file_save(path_in(directory, "input.npy"), &x, false, error));
    /* the first call makes what is made once per process */
    ck_assert_msg(calls[_i].run(&error) == SHEAF_OK, "%s: %s", calls[_i].name, error.message);
    pool_trim();
    mem_fail_at(0, 0);
    long failures = 0, k = 1;
    for (;; k++) {
        ck_assert_int_lt(k, 500);
        pool_trim();
        long before = mem_live();
        error = (sheaf_error){SHEAF_OK, ""};
        mem_fail_at(k, 0);
        sheaf_status status = calls[_i].run(&error);
        bool reached = mem_calls() >= k;
        mem_fail_at(0, 0);
        pool_trim();
        ck_assert_msg(mem_live() == before, "%s leaks %ld blocks when allocation %ld fails", calls[_i].name,
                      mem_live() - before, k);
        if (!reached) {
            ck_assert_msg(status == SHEAF_OK, "%s: %s", calls[_i].name, error.message);
            break;
        }
        if (status != SHEAF_OK) {
            failures++;
            ck_assert_msg(status == SHEAF_NO_MEMORY, "%s, allocation %ld: %s: %s", calls[_i].name, k,
                          sheaf_status_name(status), error.message);
            ck_assert_msg(error.message[0] != '\0', "%s, allocation %ld: no message", calls[_i].name, k);
        }
    }
    ck_assert_int_gt(failures, 0);
    scratch_remove(directory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fault");
    TCase *tests = tcase_create("fault");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, every_allocation_may_fail, 0, (int)(sizeof calls / sizeof *calls));
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
