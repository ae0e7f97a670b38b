#ifndef SHEAF_BATCH_SINKS_H
#define SHEAF_BATCH_SINKS_H

/* The sinks of sheaf_map_to, each of which runs the map and finishes its output. *results gets the slots whenever
 * the map ran. */

#include "batch/journal.h"
#include "batch/targets.h"

struct request {
    const sheaf_func *func;
    const sheaf_batch *batch;
    const sheaf_map_options *options; /* checked */
    struct target *target;
    struct journal *journal; /* NULL: none is kept */
};

sheaf_status sink_csv(const struct request *r, sheaf_results **results, sheaf_error *error);
sheaf_status sink_stack(const struct request *r, sheaf_results **results, sheaf_error *error);
sheaf_status sink_npz(const struct request *r, sheaf_results **results, sheaf_error *error);
sheaf_status sink_nc(const struct request *r, sheaf_results **results, sheaf_error *error);
sheaf_status sink_each(const struct request *r, sheaf_results **results, sheaf_error *error);

/* How .npy and .npz are laid out. */
static inline struct npy_layout request_layout(const struct request *r)
{
    const bool native = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    return (struct npy_layout){.fortran = r->options->fortran_order, .big = r->options->big_endian || native};
}

/* The first write that failed: kept, and the map is stopped. Returns the error's status. */
struct write_failure {
    atomic_flag happened;
    sheaf_error error;
};
sheaf_status write_failed(struct write_failure *failure, struct worker *w, const sheaf_error *error);

/* The temporary file of an output that is one file. */
sheaf_status create_output(const struct request *r, struct io_output *out, sheaf_error *error);
/* Before the map: the journal is begun, or is that of the same work (CONFLICT). */
sheaf_status begin_journal(const struct request *r, sheaf_error *error);
/* After the map: what its threads noted is in the journal. IO when that could not be written. */
sheaf_status end_journal(const struct request *r, const struct sink *sink, const sheaf_results *results,
                         sheaf_error *error);
/* Of sinks that keep values: these as a record, and back. */
bool record_values(void *self, struct io_text *t, const sheaf_view *outs, int nout);
bool recall_values(void *self, sheaf_results *results, size_t i, const struct record *record);

/* ---- members.c: items side by side in one output ---- */

/* Whether they are so in any case: as they are, or as different variables of their files. Then, and by check_members,
 * CONFLICT for two of one name. Call it before member_name. */
sheaf_status members_apart(const struct request *r, bool *apart, sheaf_error *error);
sheaf_status member_name(const struct request *r, size_t i, char name[PATH_MAX], sheaf_error *error);
/* Of an item in a file of its own: its part, else its {stem}. */
sheaf_status member_alone(const struct request *r, size_t i, char name[PATH_MAX], sheaf_error *error);
sheaf_status check_members(const struct request *r, sheaf_error *error);

/* ---- history.c ---- */

/* The line that says how the output was made: that of the first of its runs. NULL: none is wanted. */
const char *request_history(const struct request *r);
/* The same in a file beside the output, where that is asked for. */
sheaf_status write_history(const struct request *r, sheaf_error *error);

/* ---- rerun.c ---- */

/* What to do about what an earlier run left: open the journal (r->journal; NULL when none is asked for or there), or
 * refuse. *untouched: the output is finished, and nothing is to be done. */
sheaf_status rerun_begin(struct request *r, bool *untouched, sheaf_error *error);
/* Whether the journal's last run finished its output, and it stands. */
bool rerun_is_finished(const struct request *r);
/* Slots for a map that is finished already. */
sheaf_status rerun_results(const struct request *r, sheaf_results **results, sheaf_error *error);

/* ---- facts.c ---- */

/* All that decides the results, but for the inputs, as facts of the journal. */
sheaf_status facts_add(const struct request *r, sheaf_error *error);

/* The error of a map whose caller cancelled it before all items were run, OK otherwise: one file for all items is
 * then not written. */
bool was_cancelled(const sheaf_results *results);
sheaf_status check_cancelled(const struct request *r, const sheaf_results *results, sheaf_error *error);
/* Write the .items.csv when `always` or when some item has no result; remove one of an earlier run otherwise. */
sheaf_status write_items(const struct request *r, const sheaf_results *results, bool always, sheaf_error *error);
/* The last step: write_items, the journal's word, then the output's final name. Nothing new stands when this fails. */
sheaf_status finish_output(const struct request *r, const sheaf_results *results, struct io_output *out, bool always,
                           sheaf_error *error);

/* SHAPE error unless view fits a CSV row. */
sheaf_status check_csv_cell(const char *function, const sheaf_view *view, sheaf_error *error);

#endif
