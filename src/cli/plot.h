#ifndef SHEAF_CLI_PLOT_H
#define SHEAF_CLI_PLOT_H

/* `sheaf info --plot`: gnuplot as a process of its own, which gets everything through a pipe and draws to a file that
 * it is given open: no name of a file or a dimension is ever a command. */

#include "inputs.h"
#include <sheaf/io.h>

/* Whether a file of this name can be drawn (NULL: none is asked for). DONE, or REFUSED after a message. */
int plot_check(const char *path);
/* Draw a panel for each array, or column of a table. DONE, or a message and REFUSED or NO_OUTPUT. */
int plot_files(const struct paths *paths, const sheaf_read *read, const char *path, bool histograms);

#endif
