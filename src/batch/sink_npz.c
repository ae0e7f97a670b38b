/* The sink of NAME.npz: values are kept, and the archive is written when all are there. */

#include "batch/sinks.h"

#ifdef SHEAF_DEFLATE

#include "base/alloc.h"
#include "batch/preview.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether output k becomes one member with all items on its first axis, rather than a member for each. */
static bool is_stacked(const sheaf_results *results, int k)
{
    sheaf_view signature;
    size_t first;
    return results_uniform(results, k, &first, &signature, NULL) == SHEAF_OK && first < results->n &&
           (signature.ndim <= 1 || results->nout > 1);
}

static sheaf_status add_stack(struct npz_output *z, const sheaf_results *results, int k, sheaf_error *error)
{
    sheaf_array *stack = NULL;
    sheaf_status status = sheaf_results_stack(results, k, &stack, error);
    if (status)
        return status;
    const sheaf_view view = sheaf_array_view(stack);
    status = npz_add(z, results->names[k], &view, error);
    sheaf_array_free(stack);
    return status;
}

static sheaf_status add_each(struct npz_output *z, const struct request *r, const sheaf_results *results, int k,
                             sheaf_error *error)
{
    char stem[PATH_MAX], name[2 * PATH_MAX];
    sheaf_status status = SHEAF_OK;
    for (size_t i = 0; i < results->n && !status; i++) {
        sheaf_view view;
        if (results->slots[i].status != SHEAF_OK)
            continue;
        status = sheaf_batch_path(r->batch, i, "{stem}", stem, error);
        if (status == SHEAF_OK)
            status = sheaf_results_view(results, i, k, &view, error);
        if (results->nout > 1)
            snprintf(name, sizeof name, "%s.%s", stem, results->names[k]);
        else
            snprintf(name, sizeof name, "%s", stem);
        if (status == SHEAF_OK)
            status = npz_add(z, name, &view, error);
    }
    return status;
}

/* The result of the only item, by itself. */
static sheaf_status add_one(struct npz_output *z, const sheaf_results *results, int k, sheaf_error *error)
{
    sheaf_view view;
    if (results->slots[0].status != SHEAF_OK)
        return SHEAF_OK;
    sheaf_status status = sheaf_results_view(results, 0, k, &view, error);
    return status ? status : npz_add(z, results->names[k], &view, error);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Two items of one stem would be two members of one name. */
static sheaf_status check_stems(const struct request *r, sheaf_error *error)
{
    const size_t n = r->batch->items->n;
    char stem[PATH_MAX];
    struct arena arena = {0};
    sheaf_status status = SHEAF_OK;
    char **stems = mem_alloc((n ? n : 1) * sizeof *stems);
    for (size_t i = 0; stems && i < n && !status; i++) {
        status = sheaf_batch_path(r->batch, i, "{stem}", stem, error);
        stems[i] = status ? NULL : arena_strdup(&arena, stem);
        if (!status && !stems[i])
            status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the names of %zu members", n);
    }
    if (!stems)
        status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory for the names of %zu members", n);
    if (!status)
        qsort(stems, n, sizeof *stems, by_text);
    for (size_t i = 1; !status && i < n; i++)
        if (strcmp(stems[i], stems[i - 1]) == 0)
            status = sheaf_error_set(error, SHEAF_CONFLICT,
                                     "%.200s: two items would be the member %.100s; write to DIR/ by a template with "
                                     "{index} or {dir} in it",
                                     r->target->path, stems[i]);
    mem_free(stems);
    arena_free(&arena);
    return status;
}

static sheaf_status write_members(const struct request *r, const sheaf_results *results, struct io_output *out,
                                  bool *stacked, sheaf_error *error)
{
    struct npz_output z;
    sheaf_status status = SHEAF_OK;
    bool each = false;
    const bool one = items_are_one(r->batch->items);
    npz_begin(&z, out, r->options->compress);
    for (int k = 0; k < results->nout && one && !status; k++)
        status = add_one(&z, results, k, error);
    for (int k = 0; k < results->nout && !one && !status; k++) {
        const bool whole = is_stacked(results, k);
        if (!whole && !each)
            status = check_stems(r, error);
        each = each || !whole;
        *stacked = *stacked || whole;
        if (!status)
            status = whole ? add_stack(&z, results, k, error) : add_each(&z, r, results, k, error);
    }
    if (!status)
        status = npz_end(&z, error);
    npz_clear(&z);
    return status;
}

/* Refuse before anything is computed what headers tell: names that would collide. */
static sheaf_status check(const struct request *r, sheaf_error *error)
{
    const struct items *items = r->batch->items;
    struct io_buffer buffer = {0};
    sheaf_view outs[SHEAF_MAX_OUTPUTS];
    uint64_t bytes;
    double cost;
    size_t i = 0, scratch;
    if (!func_is_known(r->func) || r->func->nout > 1)
        return SHEAF_OK;
    while (i < items->n && preview_item(r->func, items, i, &bytes, &cost, &scratch, &buffer, outs, NULL) != SHEAF_OK)
        i++;
    io_buffer_free(&buffer);
    return i < items->n && outs[0].ndim > 1 ? check_stems(r, error) : SHEAF_OK;
}

sheaf_status sink_npz(const struct request *r, sheaf_results **results, sheaf_error *error)
{
    const struct sink sink = {
        .place = keep_place, .keeps = true, .journal = r->journal, .record = record_values, .recall = recall_values};
    struct io_output out;
    bool stacked = false;
    /* Made before the work, so that a directory that takes no file is found now. */
    sheaf_status status = check(r, error);
    if (status == SHEAF_OK)
        status = begin_journal(r, error);
    if (status == SHEAF_OK)
        status = create_output(r, &out, error);
    if (status != SHEAF_OK)
        return status;
    status = map_run(r->func, r->batch, r->options, &sink, results, error);
    if (status == SHEAF_OK)
        status = end_journal(r, &sink, *results, error);
    if (status == SHEAF_OK)
        status = check_cancelled(r, *results, error);
    if (status == SHEAF_OK)
        status = write_members(r, *results, &out, &stacked, error);
    if (status == SHEAF_OK)
        status = finish_output(r, *results, &out, stacked, error);
    io_discard(&out);
    return status;
}

#else

sheaf_status sink_npz(const struct request *r, sheaf_results **results, sheaf_error *error)
{
    (void)results;
    return sheaf_error_set(error, SHEAF_UNSUPPORTED,
                           "%.300s: this build writes no .npz: build Sheaf again with libdeflate-dev and zlib1g-dev "
                           "installed, or write to DIR/",
                           r->target->path);
}

#endif
