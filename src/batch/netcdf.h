#ifndef SHEAF_BATCH_NETCDF_H
#define SHEAF_BATCH_NETCDF_H

/* Results as variables of a netCDF file: their names, and what of their inputs is told of them. */

#include "batch/sinks.h"
#include "io/netcdf_write.h"

/* A file under construction, for the results of the items told of. */
struct nc_results {
    const struct request *r;
    struct nc_writer writer;
    struct nc_source *sources; /* blocks of ITEM_MAX_INPUTS, one for each nc_results_add */
    size_t nblocks, room;
};
/* Add output k of item i, a view of the result's dtype and shape; member as the item is called among others, NULL:
 * there are none. */
sheaf_status nc_results_add(struct nc_results *n, size_t i, int k, const sheaf_view *view, const char *member,
                            size_t *variable, sheaf_error *error);
/* Add output k of all items that have a result, on a new first dimension. */
sheaf_status nc_results_stack(struct nc_results *n, const sheaf_results *results, int k, const sheaf_view *view,
                              size_t *variable, sheaf_error *error);
/* The global attributes, and what nc_begin writes. */
sheaf_status nc_results_begin(struct nc_results *n, struct io_output *out, sheaf_error *error);
void nc_results_clear(struct nc_results *n);

/* One item's result as a file of its own. suffix as of npy_save_as. */
sheaf_status nc_save_as(const struct request *r, const char *path, const char *suffix, size_t i, const sheaf_view *view,
                        sheaf_error *error);

#endif
