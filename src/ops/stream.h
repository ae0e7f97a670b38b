#ifndef SHEAF_OPS_STREAM_H
#define SHEAF_OPS_STREAM_H

/* Results larger than the caches go past them: they are computed tile by tile and streamed (kernels->stream), which
 * saves reading what is overwritten. Measured on Zen 3 and 4: docs/decisions.md. */

#include <stddef.h>

#define STREAM_LEAST (8u << 20) /* bytes of output from which on it pays */
#define STREAM_TILE 1024        /* bytes of the widest operand's tile: longer bursts hold up the reading */

#endif
