/* Whether a map begins, goes on, or is refused, by what an earlier run of it has left. */

#include "batch/sinks.h"

#include <string.h>
#include <sys/stat.h>

bool rerun_is_finished(const struct request *r)
{
    const struct contents *had = &r->journal->had;
    struct io_identity now;
    if (!had->finished)
        return false;
    return r->target->kind == TARGET_EACH ||
           (io_identify(r->target->path, false, &now) && io_same(&now, &had->ending.output));
}

/* A journal of another output under the same name: that of another template in the same directory. */
static sheaf_status check_output(const struct request *r, sheaf_error *error)
{
    const struct journal *j = r->journal;
    struct fact before[JOURNAL_MOST_FACTS];
    const size_t n = journal_facts_before(j, before);
    const char *files = journal_fact_of(before, n, JOURNAL_FILES), *output = journal_fact_of(before, n, JOURNAL_OUTPUT);
    if (!files || strcmp(files, journal_fact_of(j->facts, j->nfacts, JOURNAL_FILES)) == 0)
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_CONFLICT,
                           "%.150s is the journal of another output, %.150s: finish that one first, or remove its "
                           "journal",
                           r->target->journal_path, output ? output : files);
}

static sheaf_status tell(const struct request *r, sheaf_error *error)
{
    const struct contents *had = &r->journal->had;
    const size_t n = had->header.n, done = had->done, failed = had->failed;
    if (rerun_is_finished(r) && had->ending.skipped)
        return sheaf_error_set(error, SHEAF_EXISTS,
                               "%.250s is finished, but %zu of its %zu items failed and %llu were not run: --resume "
                               "runs these, --force starts over",
                               r->target->path, failed, n, (unsigned long long)had->ending.skipped);
    if (rerun_is_finished(r))
        return sheaf_error_set(error, SHEAF_EXISTS,
                               "%.250s is finished, but %zu of its %zu items failed: --resume retries these, --force "
                               "starts over",
                               r->target->path, failed, n);
    return sheaf_error_set(error, SHEAF_EXISTS,
                           "%.250s is unfinished: %zu of %zu items (%d %%) done, %zu failed: --resume continues, "
                           "--force starts over",
                           r->target->path, done, n, (int)(100.0 * (double)done / (double)(n ? n : 1)), failed);
}

/* What to do about a journal with something in it. */
static sheaf_status decide(const struct request *r, sheaf_error *error)
{
    struct journal *j = r->journal;
    sheaf_status status = check_output(r, error);
    if (status != SHEAF_OK)
        return status;
    const bool resume = r->options->resume, overwrite = r->options->overwrite;
    if (journal_is_worth(j) && !resume && !overwrite)
        return tell(r, error);
    j->restart = overwrite;
    /* Where nothing is on record, the first of many outputs may stand all the same. */
    status = target_check(r->target, r->batch->items, resume || overwrite, error);
    return status == SHEAF_EXISTS && r->target->kind == TARGET_EACH ? tell(r, error) : status;
}

/* Killed between the output's last step and the journal's, which is to go: nothing is left that it could tell. */
static bool is_over(const struct request *r)
{
    const struct contents *had = &r->journal->had;
    return !r->options->overwrite && had->ending.failed + had->ending.skipped == 0 && rerun_is_finished(r);
}

/* No journal with anything in it: the output is finished, or was never begun. */
static sheaf_status without(const struct request *r, bool *untouched, sheaf_error *error)
{
    const struct target *t = r->target;
    const struct items *items = r->batch->items;
    const size_t all = t->kind == TARGET_EACH ? items->n : 1,
                 standing = r->options->resume ? target_standing(t, items) : 0;
    *untouched = standing > 0 && standing == all;
    sheaf_status status = target_check(t, items, r->options->overwrite || *untouched, error);
    if (status == SHEAF_EXISTS && standing > 0)
        return sheaf_error_set(error, status,
                               "%.250s: %zu of its %zu files are there, and no journal tells how they were made: start "
                               "over (--force), or choose another name",
                               t->path, standing, all);
    return status;
}

static sheaf_status check_items(const struct request *r, sheaf_error *error)
{
    const struct items *items = r->batch->items;
    char name[SHEAF_NAME_MAX];
    for (size_t i = 0; i < items->n && items->files < items->n; i++)
        if (!item_is_file(items_at(items, i)))
            return sheaf_error_set(error, SHEAF_INVALID,
                                   "%.200s: item %.100s is in memory, and a journal could not tell whether it has "
                                   "changed: only files can be continued",
                                   r->target->path, item_name(items, i, name));
    return SHEAF_OK;
}

/* Make the journal, and see that nobody else has made the output meanwhile. */
static sheaf_status make(struct request *r, sheaf_error *error)
{
    char path[PATH_MAX];
    struct stat st;
    sheaf_status status = SHEAF_OK;
    if (r->target->kind == TARGET_EACH)
        status = target_make_directories(r->target, r->batch->items, error);
    if (status == SHEAF_OK)
        status = journal_open(r->target->journal_path, true, r->options, &r->journal, error);
    if (status != SHEAF_OK || r->journal->had.started || r->options->overwrite || r->batch->items->n == 0)
        return status;
    if (r->target->kind != TARGET_EACH)
        return target_check(r->target, r->batch->items, false, error);
    status = target_of(r->target, r->batch->items, 0, path, error);
    if (status == SHEAF_OK && lstat(path, &st) == 0)
        return sheaf_error_set(error, SHEAF_EXISTS, "%.300s: another run has just made it", path);
    return status;
}

sheaf_status rerun_begin(struct request *r, bool *untouched, sheaf_error *error)
{
    *untouched = false;
    sheaf_status status = journal_open(r->target->journal_path, false, r->options, &r->journal, error);
    const bool there = r->journal != NULL;
    if (status != SHEAF_OK)
        return status;
    if (!there && !r->options->journal && !r->options->resume)
        return target_check(r->target, r->batch->items, r->options->overwrite, error);
    status = check_items(r, error);
    if (status == SHEAF_OK && (!there || !r->journal->had.started || is_over(r)))
        status = without(r, untouched, error);
    if (status == SHEAF_OK && !there && !*untouched)
        status = make(r, error);
    if (status == SHEAF_EXISTS && !there && r->options->resume) /* another run may have ended since the first look */
        status = without(r, untouched, error);
    if (status != SHEAF_OK || *untouched)
        return status;
    r->journal->command = r->options->command;
    status = facts_add(r, error);
    return status == SHEAF_OK && r->journal->had.started ? decide(r, error) : status;
}

sheaf_status rerun_results(const struct request *r, sheaf_results **results, sheaf_error *error)
{
    sheaf_status status = results_new(r->func, r->batch->items, 1, results, error);
    if (status != SHEAF_OK)
        return status;
    const size_t n = (*results)->n;
    for (size_t i = 0; i < n; i++) {
        (*results)->slots[i].status = SHEAF_OK;
        (*results)->slots[i].attempts = 1;
    }
    (*results)->report = (sheaf_map_report){.items = n, .done = n, .resumed = n, .threads_why = "", .untouched = true};
    return SHEAF_OK;
}
