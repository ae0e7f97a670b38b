#ifndef SHEAF_IO_GRID_H
#define SHEAF_IO_GRID_H

/* What a file says about the places that an array's elements stand for: its dimensions by name, their coordinates, and
 * units. */

#include "base/arena.h"
#include "io/format.h"

struct io_dimension {
    const char *name;         /* "": it has none */
    sheaf_array *coordinates; /* of a variable of the dimension's name, one a place; NULL: there is none of numbers */
    const char *units, *calendar; /* theirs; "": the file does not say */
};

struct io_grid {
    bool named; /* the format has names for dimensions */
    bool told;  /* and units for arrays */
    int ndim;
    struct io_dimension dims[SHEAF_MAX_NDIM];
    const char *units; /* of the array */
    struct arena arena;
};

/* That of an opened part. grid_clear also after an error. */
sheaf_status grid_take(struct io_input *in, struct io_grid *grid, sheaf_error *error);
void grid_clear(struct io_grid *grid);
/* SHAPE error, naming both files, unless b's array continues a's along `axis` (-1: lies behind it): dimensions have
 * the same names, those other than axis the same coordinates, and what has a unit the same one. The arrays have shapes
 * that fit. */
sheaf_status grid_check(const struct io_grid *a, const char *a_path, const struct io_grid *b, const char *b_path,
                        int axis, sheaf_error *error);

#endif
