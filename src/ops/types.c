/* Dtype rules, axes and texts. */

#include "ops/op.h"
#include <stdio.h>
#include <string.h>

char dtype_kind(sheaf_dtype dtype)
{
    if (dtype == SHEAF_BOOL)
        return 'b';
    if (dtype <= SHEAF_I64)
        return 'i';
    if (dtype <= SHEAF_U64)
        return 'u';
    return dtype <= SHEAF_F64 ? 'f' : 'c';
}

sheaf_dtype dtype_real(sheaf_dtype dtype)
{
    return dtype == SHEAF_C64 ? SHEAF_F32 : dtype == SHEAF_C128 ? SHEAF_F64 : dtype;
}

static bool is_integer(sheaf_dtype dtype)
{
    return dtype < SHEAF_F16; /* bool included */
}

static bool is_short(sheaf_dtype dtype)
{
    return is_integer(dtype) && sheaf_dtype_size(dtype) <= 2;
}

sheaf_dtype op_result_dtype(enum type_rule rule, sheaf_dtype in, int k)
{
    sheaf_dtype same = in == SHEAF_F16 ? SHEAF_F32 : in;
    if (rule >= RULE_CAST)
        return (sheaf_dtype)(rule - RULE_CAST);
    switch (rule) {
    case RULE_SAME:
        return same;
    case RULE_SAME_INT:
        return in == SHEAF_BOOL ? SHEAF_I8 : same;
    case RULE_REAL:
        return dtype_real(same);
    case RULE_FLOAT:
        return is_short(in) ? SHEAF_F32 : is_integer(in) ? SHEAF_F64 : same;
    case RULE_DIVIDE:
    case RULE_MEAN:
        return is_integer(in) ? SHEAF_F64 : same;
    case RULE_MEAN_REAL:
        return is_integer(in) ? SHEAF_F64 : dtype_real(same);
    case RULE_SUM:
        return dtype_kind(in) == 'u' ? SHEAF_U64 : is_integer(in) ? SHEAF_I64 : same;
    case RULE_COUNT:
        return SHEAF_I64;
    case RULE_TRUTH:
    case RULE_LOGIC:
        return SHEAF_BOOL;
    case RULE_WHERE:
        return same;
    case RULE_FLOAT_REAL:
        return dtype_real(op_result_dtype(RULE_FLOAT, in, 0));
    case RULE_FOURIER:
        return same == SHEAF_F32 ? SHEAF_C64 : SHEAF_C128;
    case RULE_KEEP:
    case RULE_FULL:
        return in;
    case RULE_MADE:
        return SHEAF_F64;
    case RULE_STATS:
        return k == 0 ? SHEAF_I64 : k >= 3 ? same : op_result_dtype(RULE_MEAN, in, 0);
    case RULE_HISTOGRAM:
        return k == 0 ? SHEAF_I64 : op_result_dtype(RULE_MEAN, in, 0);
    case RULE_BINCOUNT:
        return SHEAF_I64;
    case RULE_UNIQUE:
        return k == 0 ? same : SHEAF_I64;
    case RULE_CAST:
        break;
    }
    return same;
}

sheaf_dtype op_work_dtype(enum type_rule rule, sheaf_dtype in)
{
    if (rule == RULE_REAL || rule == RULE_TRUTH)
        rule = RULE_SAME;
    return op_result_dtype(rule == RULE_FLOAT_REAL ? RULE_FLOAT : rule, in, 0);
}

static int rank_of(sheaf_dtype dtype)
{
    return dtype_is_complex(dtype) ? 2 : dtype_is_float(dtype) ? 1 : 0;
}

/* From the widest kind on, so that the order of the inputs makes no difference: of integers of either sign and a small
 * float, the integers are not promoted to a large float with each other first. */
sheaf_dtype op_promoted(const struct op *op, int nin, const sheaf_view *in)
{
    const int first = op->rule == RULE_WHERE || op->class == CLASS_COMPRESS ? 1 : 0;
    sheaf_dtype dtype = in[first].dtype;
    if (op->class == CLASS_MOVE && op->info.nin == 2) /* the second says where */
        return dtype;
    for (int k = first + 1; k < nin; k++)
        if (rank_of(in[k].dtype) > rank_of(dtype))
            dtype = in[k].dtype;
    for (int k = first; k < nin; k++)
        dtype = dtype == in[k].dtype ? dtype : sheaf_dtype_promote(dtype, in[k].dtype);
    return dtype;
}

sheaf_status op_check_value(const struct op *op, const sheaf_options *o, sheaf_dtype dtype, sheaf_error *error)
{
    if (dtype_holds(dtype, o->value))
        return SHEAF_OK;
    return sheaf_error_set(error, SHEAF_OVERFLOW, "%s: options.value is %g, which is no %s", op->info.name, o->value,
                           sheaf_dtype_name(dtype));
}

const char *op_argument(const struct op *op, int k, char text[ARGUMENT_TEXT])
{
    const char *word = *op->info.arguments ? op->info.arguments : "x y z";
    for (int skip = op->info.nin == MANY ? 0 : k; skip > 0; skip--)
        word += strcspn(word, " ") + 1;
    int length = (int)strcspn(word, " ");
    if (op->info.nin == MANY)
        snprintf(text, ARGUMENT_TEXT, "%.1s[%d]", word, k);
    else
        snprintf(text, ARGUMENT_TEXT, "%.*s", length, word);
    return text;
}

static const sheaf_options defaults = {
    .struct_size = sizeof defaults, .bins = 10, .adjust = true, .step = 1, .num = 50, .dtype = SHEAF_DTYPE_COUNT};

void sheaf_options_init(sheaf_options *options)
{
    memcpy(options, &defaults, sizeof *options);
}

const sheaf_options *options_or_default(const sheaf_options *options)
{
    return options ? options : &defaults;
}

void op_axes(const struct op *op, const sheaf_view *x, const sheaf_options *options, bool along[SHEAF_MAX_NDIM])
{
    bool single = op->class == CLASS_REDUCE && (op->kernel == R_trapz || op->kernel == R_dot);
    for (int i = 0; i < x->ndim; i++)
        along[i] = options->naxes == 0 && (!single || i == x->ndim - 1);
    for (int k = 0; k < options->naxes; k++)
        along[options->axes[k] < 0 ? options->axes[k] + x->ndim : options->axes[k]] = true;
}

int op_axis(const sheaf_view *x, const sheaf_options *options)
{
    int axis = options->naxes ? options->axes[0] : -1;
    return axis < 0 ? axis + x->ndim : axis;
}
