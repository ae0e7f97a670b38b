#ifndef SHEAF_CLI_INFO_H
#define SHEAF_CLI_INFO_H

/* `sheaf info` of journals and of the machine. */

#include "inputs.h"

/* Whether the first file, by its name, is a journal; the others have to be, too. */
bool are_journals(const struct paths *paths);
int show_journals(const struct paths *paths, bool json);

/* What the machine offers. */
int show_machine(bool json);

#endif
