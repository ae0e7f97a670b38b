#ifndef SHEAF_TEST_LAID_OUT_H
#define SHEAF_TEST_LAID_OUT_H

/* Calls checked to the bit in every layout, by every level's kernels and on teams. */

#include "../unit/kernels_data.h"
#undef complex
#include "base/cpu.h"
#include "golden.h"

#ifdef __clang__
#define RACES_ONLY __has_feature(thread_sanitizer)
#else
#define RACES_ONLY 0
#endif

static inline bool is_float(sheaf_dtype dtype)
{
    return dtype_kind(dtype) == 'f' || dtype_kind(dtype) == 'c';
}

/* Teams cost the most here, so that large arrays are of some dtypes only. */
static inline bool is_sample(sheaf_dtype dtype)
{
    return dtype == SHEAF_F64 || dtype == SHEAF_F32 || dtype == SHEAF_I16 || dtype == SHEAF_C64;
}

static inline sheaf_view awkward_view(sheaf_dtype dtype, int ndim, const int64_t *shape, size_t seed, unsigned kind)
{
    sheaf_view v, single;
    ck_ok(sheaf_view_init(&v, NULL, dtype, ndim, shape, error));
    size_t n = (size_t)sheaf_view_size(&v);
    v.data = malloc(16 * n + 16);
    if (dtype != SHEAF_F16) {
        kernel_data_kind((enum kdtype)dtype, n, v.data, seed, kind);
        return v;
    }
    ck_ok(sheaf_view_init(&single, malloc(4 * n + 4), SHEAF_F32, ndim, shape, error));
    kernel_data_kind(K_F32, n, single.data, seed, kind);
    ck_ok(sheaf_view_copy(&single, &v, error));
    free(single.data);
    return v;
}

static inline void check_outputs(const struct op *op, const sheaf_view *got, const sheaf_view *want, const char *call,
                                 int layout, int threads)
{
    for (int k = 0; k < op->info.nout; k++) {
        ck_assert_int_eq(got[k].dtype, want[k].dtype);
        ck_assert_msg(got[k].ndim == want[k].ndim &&
                          memcmp(got[k].shape, want[k].shape, sizeof got[k].shape[0] * (size_t)got[k].ndim) == 0,
                      "%s: shape of output %d, layout %d, %d threads", call, k, layout, threads);
        ck_assert_msg(same_bits(got[k].data, want[k].data, (size_t)sheaf_view_size(&want[k]), want[k].dtype),
                      "%s: output %d, layout %d, %d threads, %s kernels", call, k, layout, threads,
                      isa_name(cpu_isa()));
    }
}

/* The same bits from every level alone and from the best one on teams; under ThreadSanitizer, which looks for races and
 * takes long, from one team. */
static inline void check_levels(const struct op *op, const sheaf_view *laid, const sheaf_options *options,
                                const sheaf_view *want, int layout)
{
    const size_t teams = TEAM_SIZES;
    for (int isa = ISA_PLAIN; kernels_at(isa); isa++) {
        const bool best = !kernels_at(isa + 1);
        for (size_t k = RACES_ONLY ? teams - 2 : 0; k < (best         ? teams - RACES_ONLY
                                                         : RACES_ONLY ? 0
                                                                      : 1);
             k += TEAM_STEP) {
            sheaf_view got[SHEAF_MAX_OUTPUTS];
            cpu_isa_force((enum isa)isa);
            call_on(op, op->info.nin, laid, options, team_sizes[k], got);
            check_outputs(op, got, want, call_text(op, laid, options), layout, team_sizes[k]);
            free_outs(op, got);
        }
    }
}

static inline void check_laid_out(const struct op *op, const sheaf_view *x, const sheaf_options *options,
                                  const sheaf_view *want, int layouts)
{
    for (int layout = 0; layout < (RACES_ONLY ? 1 : layouts); layout++) {
        void *memory;
        const sheaf_view laid = lay_out_as(x, (enum layout)layout, &memory);
        check_levels(op, &laid, options, want, layout);
        free(memory);
    }
}

#endif
