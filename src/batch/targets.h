#ifndef SHEAF_BATCH_TARGETS_H
#define SHEAF_BATCH_TARGETS_H

/* The names outputs are written to, and what is refused of them before anything is computed. */

#include "batch/items.h"
#include <limits.h>

enum target_kind {
    TARGET_CSV,
    TARGET_NPY,
    TARGET_NPZ,
    TARGET_NC,
    TARGET_EACH
};

struct target {
    enum target_kind kind, format; /* format: of the files; the kind, unless that is EACH */
    const char *path;              /* as given */
    char *directory;               /* EACH: DIR without its last slashes; NULL for a template */
    char *items_path;              /* where OUT.items.csv goes */
    char *journal_path;            /* and OUT.sheaf-journal */
    char *history_path;            /* and OUT.history.txt */
    bool by_part;                  /* members are called as the parts that items are */
    char **syncs;                  /* EACH: one directory on every file system written to */
    size_t nsyncs;
};

/* Understand an output path. Free with target_clear, also after an error. */
sheaf_status target_parse(const char *path, struct target *target, sheaf_error *error);
void target_clear(struct target *target);
/* Items are written as they are: a single one is a file of its own. INVALID for several where a file holds one. */
sheaf_status target_as_is(struct target *target, const struct items *items, sheaf_error *error);

/* The file item i goes to. */
sheaf_status target_of(const struct target *target, const struct items *items, size_t i, char path[PATH_MAX],
                       sheaf_error *error);
/* Refuse existing outputs (unless overwrite), outputs that are inputs, and two outputs of one name. */
sheaf_status target_check(const struct target *target, const struct items *items, bool overwrite, sheaf_error *error);
/* How many of the outputs (one, or one for each item) are there. */
size_t target_standing(const struct target *target, const struct items *items);
/* Make the directories the outputs go to, unless that was done. */
sheaf_status target_make_directories(struct target *target, const struct items *items, sheaf_error *error);
/* IO error when the file system of path has less free than need bytes. */
sheaf_status target_check_space(const struct target *target, uint64_t need, sheaf_error *error);
/* The directory part of path ("." when it has none). */
void directory_part(const char *path, char directory[PATH_MAX]);

#endif
