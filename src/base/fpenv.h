#ifndef SHEAF_BASE_FPENV_H
#define SHEAF_BASE_FPENV_H

/* Work under the default floating-point mode (round to nearest, subnormals kept, no traps) and leave the caller's
 * as it was. */

struct fp_saved {
    unsigned mode;
    int changed;
};

#if defined(__x86_64__)
#include <xmmintrin.h>
static inline struct fp_saved fp_enter(void)
{
    struct fp_saved s = {_mm_getcsr(), 0};
    if ((s.mode & ~0x3fu) != 0x1f80u) {
        _mm_setcsr(0x1f80u);
        s.changed = 1;
    }
    return s;
}
static inline void fp_leave(struct fp_saved s)
{
    if (s.changed)
        _mm_setcsr(s.mode);
}
#else
static inline struct fp_saved fp_enter(void)
{
    return (struct fp_saved){0, 0};
}
static inline void fp_leave(struct fp_saved s)
{
    (void)s;
}
#endif

#endif
