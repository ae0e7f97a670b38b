#ifndef SHEAF_OPS_OP_H
#define SHEAF_OPS_OP_H

/* A row of the catalogue as the rest of ops sees it. */

#include "array/array.h"
#include "kernels/kernels.h"
#include "ops/ops.h"

#define MANY SHEAF_MANY

enum op_class {
    CLASS_CAST,
    CLASS_UNARY,
    CLASS_BINARY,
    CLASS_TERNARY,
    CLASS_REDUCE,
    CLASS_ORDER,
    CLASS_SCAN,
    CLASS_DIFFERENCE,
    CLASS_TRANSFORM,
    CLASS_MATMUL,
    CLASS_QUANTILE,
    CLASS_SEARCH,
    CLASS_HISTOGRAM,
    CLASS_VIEW,
    CLASS_MOVE,
    CLASS_CREATE,
    CLASS_OUTER,
    CLASS_WINDOW,
    CLASS_FILTER,
    CLASS_INTERP,
    CLASS_CONVOLVE,
    CLASS_TALLY, /* these two: the shapes of their outputs depend on the data */
    CLASS_COMPRESS
};

/* The result's dtype from the inputs' promoted dtype. float16 is computed and returned as float32 by every rule
 * but CAST and KEEP. */
enum type_rule {
    RULE_SAME,       /* the input's */
    RULE_SAME_INT,   /* the input's, bool as int8 */
    RULE_REAL,       /* the input's, complex as its real part's */
    RULE_FLOAT,      /* bool, 8 and 16 bit integers float32, other integers float64 */
    RULE_DIVIDE,     /* integers and bool float64 */
    RULE_SUM,        /* integers int64 or uint64, bool int64 */
    RULE_MEAN,       /* integers and bool float64 */
    RULE_MEAN_REAL,  /* as MEAN, complex as its real part's */
    RULE_COUNT,      /* int64 */
    RULE_TRUTH,      /* bool, computed in the input's */
    RULE_LOGIC,      /* bool, of whether the inputs are 0 */
    RULE_WHERE,      /* that of the second and third input; the first is asked whether it is 0 */
    RULE_FLOAT_REAL, /* as FLOAT, complex as its real part's */
    RULE_FOURIER,    /* complex64 of float32, else complex128 */
    RULE_STATS,      /* count int64, mean and std as MEAN, min and max SAME */
    RULE_HISTOGRAM,  /* counts int64, edges as MEAN */
    RULE_BINCOUNT,   /* int64 */
    RULE_UNIQUE,     /* values SAME, the rest int64 */
    RULE_KEEP,       /* the input's, float16 too: nothing is computed */
    RULE_MADE,       /* options.dtype, else float64 */
    RULE_FULL,       /* options.dtype, else the input's */
    RULE_CAST        /* plus a dtype: that one. The last of them */
};

enum reduction_kind {
    R_sum,
    R_mean,
    R_var,
    R_std,
    R_min,
    R_max,
    R_ptp,
    R_argmin,
    R_argmax,
    R_any,
    R_all,
    R_count_nonzero,
    R_norm,
    R_stats,
    R_fsum,
    R_prod,
    R_rms,
    R_logsumexp,
    R_skew,
    R_kurtosis,
    R_trapz,
    R_dot,
    R_nansum,
    R_nanmean,
    R_nanvar,
    R_nanstd,
    R_nanmin,
    R_nanmax,
    R_nanargmin,
    R_nanargmax
};

enum order_kind {
    O_sort,
    O_argsort,
    O_partition,
    O_argpartition,
    O_topk,
    O_argtopk,
    O_rank
};

enum difference_kind {
    D_diff,
    D_gradient
};

enum quantile_kind {
    Q_median,
    Q_quantile,
    Q_percentile,
    Q_nanmedian,
    Q_nanquantile,
    Q_nanpercentile
};

enum search_kind {
    F_searchsorted,
    F_digitize
};

enum tally_kind {
    T_unique,
    T_unique_counts,
    T_unique_inverse,
    T_unique_all, /* the last of the unique ones */
    T_nonzero,
    T_bincount
};

enum convolution_kind {
    V_convolve,
    V_correlate,
    V_convolve2d,
    V_correlate2d,
    V_stencil
};

/* Positions of the rows, in the order of functions.def. */
enum op_index {
#define FUNCTION(name, aliases, class, nin, arguments, nout, outputs, takes, shapes, dtypes, rule, kernel, vector, \
                 divisible, cost, bits, accuracy, help, formula, nan, example)                                     \
    OP_##name,
#include "ops/functions.def"
    OP_COUNT
};

struct op {
    sheaf_function_info info;
    enum op_class class;
    enum type_rule rule;
    int kernel; /* the kind of its class: kunary, kbinary, kternary, reduction_kind, scan_kind … */
    bool divisible;
    double cost; /* ns per element */
};

extern const struct op op_table[OP_COUNT];

/* Result dtype k of a call whose inputs promote to `in`; and the dtype that elementwise work is done in. */
sheaf_dtype op_result_dtype(enum type_rule rule, sheaf_dtype in, int k);
sheaf_dtype op_work_dtype(enum type_rule rule, sheaf_dtype in);
/* The dtype that the inputs promote to. */
sheaf_dtype op_promoted(const struct op *op, int nin, const sheaf_view *in);
/* Refuse options.value if it is none of the dtype. */
sheaf_status op_check_value(const struct op *op, const sheaf_options *o, sheaf_dtype dtype, sheaf_error *error);
/* 'b', 'i', 'u', 'f' or 'c'. */
char dtype_kind(sheaf_dtype dtype);
static inline bool op_is_elementwise(const struct op *op)
{
    return op->class == CLASS_CAST || op->class == CLASS_UNARY || op->class == CLASS_BINARY ||
           op->class == CLASS_TERNARY;
}
static inline bool op_is_cast(const struct op *op)
{
    return op->class == CLASS_CAST;
}
/* Input k's name: "x", "b", or "x[3]" where there are many; written to text. */
#define ARGUMENT_TEXT 24
const char *op_argument(const struct op *op, int k, char text[ARGUMENT_TEXT]);

sheaf_dtype dtype_real(sheaf_dtype dtype); /* of complex: its parts'; else itself */

/* The defaults where options is NULL. */
const sheaf_options *options_or_default(const sheaf_options *options);

/* Whether the options' axes, `most` at most, are axes of x, each once. */
sheaf_status op_check_axes(const struct op *op, const sheaf_view *x, const sheaf_options *o, int most,
                           sheaf_error *error);
/* Which axes of x the options name: along[axis] is set. None given: all are, or the last one where op works along a
 * single axis. Axes are in range after op_infer. */
void op_axes(const struct op *op, const sheaf_view *x, const sheaf_options *options, bool along[SHEAF_MAX_NDIM]);
/* The one axis of sort, scans, differences and rfft; the last one when none is given. */
int op_axis(const sheaf_view *x, const sheaf_options *options);
/* The common shape of n views that broadcast together; SHAPE error, naming the function, when they do not. */
sheaf_status op_broadcast(const char *name, int n, const sheaf_view *in, int *ndim, int64_t *shape, sheaf_error *error);
/* wide = v as a view of this broadcast shape: missing and unit dimensions have stride 0. */
void op_stretch(const sheaf_view *v, int ndim, const int64_t *shape, sheaf_view *wide);
/* to = from, without the entries beyond its rank: calls on few elements count their copies. */
static inline void view_assign(sheaf_view *to, const sheaf_view *from)
{
    to->data = from->data;
    to->dtype = from->dtype;
    to->ndim = from->ndim;
    for (int i = 0; i < from->ndim; i++) {
        to->shape[i] = from->shape[i];
        to->strides[i] = from->strides[i];
    }
}

/* options->weights as a view of x's shape. */
sheaf_status op_weights(const struct op *op, const sheaf_view *x, const sheaf_options *options, sheaf_view *weights,
                        sheaf_error *error);

/* The classes at work; inputs are checked, outs have data. */
sheaf_status elementwise_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                             const sheaf_view *out, sheaf_error *error);
sheaf_status reduce_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                        const sheaf_view *outs, sheaf_error *error);
sheaf_status rows_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                      const sheaf_view *out, sheaf_error *error);
sheaf_status order_infer(const struct op *op, const sheaf_view *in, const sheaf_options *options, sheaf_view *out,
                         sheaf_error *error);
double order_cost(const struct op *op, const sheaf_view *in);
sheaf_status order_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                       const sheaf_view *out, sheaf_error *error);
sheaf_status scan_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                      const sheaf_view *out, sheaf_error *error);
sheaf_status difference_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                            const sheaf_view *out, sheaf_error *error);
sheaf_status matmul_run(const struct op *op, const sheaf_view *in, const team *t, const sheaf_view *out,
                        sheaf_error *error);
/* Windows, filters and interpolation. */
sheaf_status window_infer(const struct op *op, const sheaf_view *in, const sheaf_options *options, sheaf_view *out,
                          sheaf_error *error);
sheaf_status window_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                        const sheaf_view *out, sheaf_error *error);
sheaf_status ewm_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                     const sheaf_view *out);
sheaf_status filter_infer(const struct op *op, const sheaf_view *in, sheaf_view *out, sheaf_error *error);
sheaf_status filter_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                        const sheaf_view *out, sheaf_error *error);
sheaf_status interp_infer(const struct op *op, const sheaf_view *in, sheaf_view *out, sheaf_error *error);
sheaf_status interp_run(const struct op *op, const sheaf_view *in, const team *t, const sheaf_view *out,
                        sheaf_error *error);
sheaf_status convolve_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                          const sheaf_view *out, sheaf_error *error);
sheaf_status convolve_infer(const struct op *op, const sheaf_view *in, const sheaf_options *options, sheaf_view *out,
                            sheaf_error *error);
int convolve_axes(const struct op *op); /* how many may be given */
double convolve_cost(const struct op *op, const sheaf_view *in);
/* out = in with out's dtype and in's values, by the team; shapes are equal. */
void copy_run(const sheaf_view *in, const team *t, const sheaf_view *out);

sheaf_status quantile_infer(const struct op *op, const sheaf_view *in, const sheaf_options *options, sheaf_view *out,
                            sheaf_error *error);
sheaf_status quantile_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                          const sheaf_view *out, sheaf_error *error);
sheaf_status search_infer(const struct op *op, const sheaf_view *in, const sheaf_options *options, sheaf_view *out,
                          sheaf_error *error);
sheaf_status search_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                        const sheaf_view *out, sheaf_error *error);
/* x, n contiguous elements of dtype work, must not decrease (NaN is the greatest); or, when falls is given, not
 * increase, which it tells. Otherwise an INVALID error, naming the argument and the first place. */
sheaf_status search_check_order(const char *name, const char *argument, const struct kernels *k, sheaf_dtype work,
                                size_t n, const void *x, bool *falls, sheaf_error *error);
sheaf_status histogram_infer(const struct op *op, const sheaf_view *in, const sheaf_options *options, sheaf_view *outs,
                             sheaf_error *error);
sheaf_status histogram_run(const struct op *op, const sheaf_view *in, const sheaf_options *options, const team *t,
                           const sheaf_view *outs, sheaf_error *error);
sheaf_status tally_infer(const struct op *op, const sheaf_view *x, const sheaf_options *options, sheaf_view *outs,
                         sheaf_error *error);
sheaf_status tally_run(const struct op *op, const sheaf_view *x, const sheaf_options *options, const team *t,
                       sheaf_view *outs, const struct placer *placer, sheaf_error *error);

/* What matmul's inputs look like once 1-D ones are matrices: m, k, n, and the stack's dimensions. */
struct matmul_shape {
    int64_t m, k, n;
    int ndim; /* of the stack */
    int64_t stack[SHEAF_MAX_NDIM];
};
sheaf_status matmul_infer(const struct op *op, const sheaf_view *in, struct matmul_shape *s, sheaf_view *out,
                          sheaf_error *error);

#endif
