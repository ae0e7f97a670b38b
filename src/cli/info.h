#ifndef SHEAF_CLI_INFO_H
#define SHEAF_CLI_INFO_H

/* `sheaf info` of journals and of the machine. */

#include "inputs.h"

/* Whether the first file, by its name, is a journal; the others have to be, too. */
bool are_journals(const struct paths *paths);
int show_journals(const struct paths *paths, bool json);

/* What is known of a URL's array before it is computed with. */
struct fetched {
    sheaf_file_info info;
    sheaf_error error;
};
/* A batch of these paths, the URLs among them fetched, one after the other, and their arrays in memory. paths become
 * what is to be shown: a container's parts one by one. *infos (malloc'ed) has as many entries; those of files say
 * nothing. */
sheaf_status info_fetch(const struct inputs *in, struct fetching *fetching, struct paths *paths, struct fetched **infos,
                        sheaf_batch **batch, sheaf_error *error);
/* What the machine offers. */
int show_machine(bool json);

#endif
