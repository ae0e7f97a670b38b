#ifndef SHEAF_BATCH_SINKS_H
#define SHEAF_BATCH_SINKS_H

/* The sinks of sheaf_map_to, each of which runs the map and finishes its output. *results gets the slots whenever
 * the map ran. */

#include "batch/driver.h"
#include "batch/targets.h"

struct request {
    const sheaf_func *func;
    const sheaf_batch *batch;
    const sheaf_map_options *options; /* checked */
    struct target *target;
};

sheaf_status sink_csv(const struct request *r, sheaf_results **results, sheaf_error *error);
sheaf_status sink_stack(const struct request *r, sheaf_results **results, sheaf_error *error);
sheaf_status sink_npz(const struct request *r, sheaf_results **results, sheaf_error *error);
sheaf_status sink_each(const struct request *r, sheaf_results **results, sheaf_error *error);

/* The first write that failed: kept, and the map is stopped. Returns the error's status. */
struct write_failure {
    atomic_flag happened;
    sheaf_error error;
};
sheaf_status write_failed(struct write_failure *failure, struct worker *w, const sheaf_error *error);

/* The error of a map whose caller cancelled it before all items were run, OK otherwise: one file for all items is
 * then not written. */
sheaf_status check_cancelled(const struct request *r, const sheaf_results *results, sheaf_error *error);
/* Write the .items.csv when `always` or when some item has no result; remove one of an earlier run otherwise. */
sheaf_status write_items(const struct request *r, const sheaf_results *results, bool always, sheaf_error *error);
/* The last step: write_items, then the output's final name. Nothing new stands when this fails. */
sheaf_status finish_output(const struct request *r, const sheaf_results *results, struct io_output *out, bool always,
                           sheaf_error *error);

/* SHAPE error unless view fits a CSV row. */
sheaf_status check_csv_cell(const char *function, const sheaf_view *view, sheaf_error *error);

#endif
