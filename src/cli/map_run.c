#include "map.h"
#include "table.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool to_stdout(const struct map_request *r)
{
    return !r->output || strcmp(r->output, "-") == 0;
}

static bool fits_row(const sheaf_plan *plan)
{
    for (int k = 0; k < plan->nout; k++)
        if (plan->output[k].ndim > 1 || (plan->output[k].ndim == 1 && plan->output[k].shape[0] > SHEAF_CSV_MAX_VECTOR))
            return false;
    return true;
}

static int refuse_arrays(const struct map_request *r, const sheaf_plan *plan, const char *item)
{
    int k = 0;
    while (k + 1 < plan->nout && plan->output[k].ndim == 0)
        k++;
    return complain(REFUSED,
                    "%s of %s is an array of shape %s, which a table cannot hold; add -o DIR/ for one .npy per item, "
                    "or -o NAME.npy for one stack",
                    r->function, item, shape_text(plan->output[k].ndim, plan->output[k].shape));
}

/* Arrays are refused before anything is computed. Where shapes differ from item to item, the plan of the whole
 * batch does not tell them, and each item is asked. */
static int check_printable(const struct map_request *r, const sheaf_func *func, const sheaf_batch *batch)
{
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_plan plan;
    /* A reduction by its bare name, without an axis, gives scalars. */
    if (r->info && strcmp(r->info->group, "reduction") == 0)
        return DONE;
    if (sheaf_map_plan(func, batch, &r->options, &plan, &error) != SHEAF_OK)
        return complain(REFUSED, "%s", error.message);
    if (plan.uniform)
        return fits_row(&plan) ? DONE : refuse_arrays(r, &plan, "each item");
    for (size_t i = 0; i < r->paths.n; i++) {
        sheaf_batch *one = NULL;
        const char *path = r->paths.at[i];
        bool planned = !is_url(path) && sheaf_batch_new(&one, NULL) == SHEAF_OK &&
                       (r->each ? sheaf_batch_add_slices(one, path, r->each, NULL)
                                : sheaf_batch_add_file(one, path, NULL)) == SHEAF_OK &&
                       sheaf_map_plan(func, one, &r->options, &plan, NULL) == SHEAF_OK && plan.unreadable == 0;
        sheaf_batch_free(one);
        if (planned && !fits_row(&plan))
            return refuse_arrays(r, &plan, path);
    }
    return DONE;
}

static bool append(const char *text, size_t n, void *user)
{
    return fwrite(text, 1, n, user) == n;
}

/* Whoever reads the other end of a pipe has it at once. */
static bool append_now(const char *text, size_t n, void *user)
{
    return append(text, n, user) && flush_stdout();
}

/* The aligned table of a terminal. */
static int print_table(const sheaf_results *results)
{
    sheaf_error error = {SHEAF_OK, ""};
    struct table table = {0};
    char *text = NULL;
    size_t n = 0;
    FILE *memory = must(open_memstream(&text, &n));
    sheaf_status status = sheaf_results_csv(results, append, memory, &error);
    must(fclose(memory) == 0 ? text : NULL);
    if (status == SHEAF_OK) {
        table_from_csv(&table, text, n);
        table_print(&table, stdout, color_on(stdout));
    } else {
        complain(NO_OUTPUT, "%s", error.message);
    }
    table_free(&table);
    free(text);
    return status == SHEAF_OK ? DONE : NO_OUTPUT;
}

/* The exit status of a map that did not run to its end. */
static int refused(sheaf_status status, const sheaf_error *error, bool ran)
{
    if (status == SHEAF_EXISTS && !strstr(error->message, "--force"))
        complain(REFUSED, "%s; -f (--force) replaces it", error->message);
    else
        complain(REFUSED, "%s", error->message);
    return ran || status == SHEAF_IO || status == SHEAF_NO_MEMORY ? NO_OUTPUT : REFUSED;
}

static void tell_how(const struct map_request *r, const sheaf_results *results)
{
    sheaf_map_report report = sheaf_results_report(results);
    if (!r->verbose)
        return;
    double seconds = report.seconds > 0 ? report.seconds : 1e-9;
    note("%zu wide, %zu narrow; %d threads (%s); %s in %.3f s, %s/s", report.wide, report.narrow, report.threads,
         report.threads_why, bytes_text((double)report.bytes_in), seconds,
         bytes_text((double)report.bytes_in / seconds));
}

static int run(struct map_request *r, const sheaf_func *func, const sheaf_batch *batch)
{
    const bool table = !r->output && isatty(STDOUT_FILENO);
    struct progress progress;
    sheaf_results *results = NULL;
    sheaf_error error = {SHEAF_OK, ""};
    int status = to_stdout(r) ? check_printable(r, func, batch) : DONE;
    if (status != DONE)
        return status;
    signals_catch();
    r->options.cancel = signal_flag();
    progress_start(&progress, r->progress, r->quiet, &r->options);
    double start = now();
    sheaf_status ended = table          ? sheaf_map(func, batch, &r->options, &results, &error)
                         : to_stdout(r) ? sheaf_map_csv(func, batch, &r->options, append_now, stdout, &results, &error)
                                        : sheaf_map_to(func, batch, &r->options, r->output, &results, &error);
    double seconds = now() - start;
    progress_end(&progress);
    /* A signal that came when every item was done already has stopped nothing. */
    bool whole = ended == SHEAF_OK && sheaf_results_report(results).skipped == 0;
    if (signal_status() && !whole) {
        size_t done = results ? sheaf_results_report(results).done : 0;
        complain(0, "stopped by signal: %zu of %zu items were done", done, map_items_count(r));
        map_tell_continue(r);
        status = signal_status();
    } else if (ended != SHEAF_OK && ferror(stdout)) {
        status = NO_OUTPUT; /* finish_stdout says why */
    } else if (ended != SHEAF_OK) {
        status = refused(ended, &error, results != NULL);
        if (results && sheaf_results_failed(results))
            map_tell_failures(r, results);
        if (results)
            map_tell_continue(r);
    } else if (sheaf_results_report(results).untouched) {
        if (!r->quiet)
            note("%s is finished: nothing to do", r->output);
    } else {
        sheaf_map_report report = sheaf_results_report(results);
        status = report.failed || report.skipped ? SOME_FAILED : DONE;
        if (table && print_table(results) != DONE)
            status = NO_OUTPUT;
        if (status == SOME_FAILED)
            map_tell_failures(r, results);
        if (!r->quiet) {
            map_tell_written(r, results);
            map_tell_threads(r, results);
        }
        tell_how(r, results);
    }
    if (r->trace && map_write_trace(r, results) != DONE && status < NO_OUTPUT)
        status = NO_OUTPUT;
    if (r->report && map_write_report(r, results, ended == SHEAF_OK ? NULL : &error, status, seconds) != DONE &&
        status < NO_OUTPUT)
        status = NO_OUTPUT;
    sheaf_results_free(results);
    return status;
}

int run_map(struct map_request *r)
{
    const int status = map_items(r);
    return status == DONE ? run(r, r->func, r->batch) : status;
}

static void print_plan(const struct map_request *r, const sheaf_func *func, const sheaf_plan *plan)
{
    printf("function     %s\n", r->function);
    printf("items        %zu", plan->items);
    if (plan->unreadable)
        printf(" (%zu unreadable or refused)", plan->unreadable);
    if (plan->unknown)
        printf(" (%zu of them URLs, known when they are fetched)", plan->unknown);
    printf("\ninput        %s\n", bytes_text((double)plan->bytes_in));
    for (int k = 0; k < plan->nout; k++) {
        printf("%-12s %s", k == 0 ? "result" : "", plan->nout > 1 ? sheaf_func_output_name(func, k) : "");
        printf("%s", plan->nout > 1 ? " " : "");
        if (plan->uniform)
            printf("%s %s\n", sheaf_dtype_name(plan->output[k].dtype),
                   shape_text(plan->output[k].ndim, plan->output[k].shape));
        else
            printf("shapes or dtypes differ from item to item\n");
    }
    const bool known = plan->nout > 0 || (plan->items == plan->unreadable && !plan->unknown);
    if (!known)
        printf("result       only running tells\n");
    printf("output       %s", known ? bytes_text((double)plan->bytes_out) : "not known");
    if (r->output) {
        fputs(" to ", stdout);
        put_visible(stdout, r->output);
    }
    printf("\nplan         %zu wide, %zu narrow\n", plan->wide, plan->narrow);
    printf("threads      %d (%s)\n", plan->threads, plan->threads_why);
    printf("peak memory  %s, of %s (%s)\n", bytes_text((double)plan->peak_bytes), bytes_text((double)plan->memory),
           r->options.memory ? "--memory" : "half of what is free");
    if (plan->too_large)
        printf("too large    %zu of the items: done piece by piece where the function allows, else they fail\n",
               plan->too_large);
}

static bool print(const char *text, size_t n, void *user)
{
    return fwrite(text, 1, n, user) == n;
}

/* How the first item that can be is computed. */
static void print_steps(const struct map_request *r, const sheaf_batch *batch)
{
    size_t i = 0;
    while (i < map_items_count(r) && sheaf_map_explain(r->func, batch, i, print, stdout, NULL) != SHEAF_OK)
        i++;
}

/* What a run would be refused for. */
static int check_standing(const struct map_request *r)
{
    char journal[SHEAF_PATH_MAX];
    if (sheaf_journal_path(r->output, journal, NULL) == SHEAF_OK && access(journal, F_OK) == 0)
        return complain(REFUSED, "'%s' is unfinished, or has items that failed: --resume goes on, --force starts over",
                        r->output);
    if (!text_ends(r->output, "/") && !strchr(r->output, '{') && access(r->output, F_OK) == 0)
        return complain(REFUSED, "'%s' exists; -f (--force) replaces it", r->output);
    return DONE;
}

int dry_run_map(struct map_request *r)
{
    const sheaf_func *func = r->func;
    sheaf_plan plan;
    sheaf_error error = {SHEAF_OK, ""};
    int status = map_items(r);
    if (status != DONE)
        return status;
    if (sheaf_map_plan(func, r->batch, &r->options, &plan, &error) != SHEAF_OK)
        return complain(REFUSED, "%s", error.message);
    print_plan(r, func, &plan);
    if (r->verbose)
        print_steps(r, r->batch);
    if (to_stdout(r))
        status = check_printable(r, func, r->batch);
    else if (!r->options.overwrite && !r->options.resume)
        status = check_standing(r);
    if (status == DONE && plan.unreadable)
        status = complain(SOME_FAILED, "%s", plan.first_problem);
    return status;
}
