#include "ops/fuse.h"
bool fuse_fits(const struct fuse *f, const sheaf_view *in)
{
    (void)f, (void)in;
    return false;
}
sheaf_status fuse_run(const struct fuse *f, const sheaf_view *in, const team *t, const sheaf_view *outs,
                      sheaf_error *error)
{
    (void)f, (void)in, (void)t, (void)outs, (void)error;
    return SHEAF_INVALID;
}
bool fuse_ends(const struct op *op)
{
    return op->class == CLASS_REDUCE && op->info.nin == 1 && op->kernel != R_fsum && op->kernel != R_trapz &&
           op->kernel != R_nanargmin && op->kernel != R_nanargmax;
}
