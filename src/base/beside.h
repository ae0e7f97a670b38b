#ifndef SHEAF_BASE_BESIDE_H
#define SHEAF_BASE_BESIDE_H

/* Files that are installed with the library. */

#include <limits.h>
#include <stdbool.h>

/* The root of the tree that this library or program is installed in, whatever its prefix is now, and that holds the
 * file `relative`: bin and include, or lib/x86_64-linux-gnu and include, lie side by side in it. False: there is none.
 */
bool beside(const char *relative, char root[PATH_MAX]);

#endif
