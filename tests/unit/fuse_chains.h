#ifndef TESTS_FUSE_CHAINS_H
#define TESTS_FUSE_CHAINS_H

/* Chains, arrays for them, and what their functions give one by one. */

#include "../conformance/laid_out.h"
#include "kernels/kernels.h"
#include "ops/fuse.h"

/* ---- chains ---- */

/* "name value…" a step, "value" or "value name option…" an end; values: the inputs a, b, c, and steps from 0 on. */
static const char *const chains[][2] = {
    {"neg a", "0"},
    {"mul a a;neg 0;exp 1;mul b c;add 2 3;sqrt 4", "5"},
    {"sub a b;div 0 c;abs 1;maximum 2 b;minimum 3 a", "4;1;0;4"},
    {"greater a b;where 0 a c;logical_not 0;logical_and 0 2;float32 1;add 4 a", "1;3;5"},
    {"less a b;isnan a;logical_or 0 1;add a c;where 2 3 b;float64 4;real 5;conj a", "5;6;7"},
    {"float16 a;float16 b;add 0 1;int8 c;add 3 0", "2;4;0"},
    {"clip a b c;tanh 0;hypot 0 1;floor 2;int32 3;mul 4 a", "5;2"},
    {"", "a mean;a std;a min;a max;a argmax;a argmin"},
    {"", "a stats;a norm;a rms;a prod;a any;a all;a count_nonzero"},
    {"", "a skew;a kurtosis;a logsumexp;a nanmean;a nanstd;a nanmin;a nanmax;a nansum;a ptp;a var ddof=1;a sum"},
    {"", "a mean axis=-1;b std axis=-1;c max axis=-1 keepdims=1;a argmin axis=-1;a stats axis=-1;c prod axis=-1;a"},
    {"sub a b;square 0;mul 1 c", "2 sum;1 mean;0 min;2;a max;1 argmax;0 nansum"},
    {"sub a b;square 0;isfinite 1;add b c", "1 mean axis=-1;0 var axis=-1;2 all axis=-1;0;3 norm axis=-1"},
    {"sub a b;mul 0 0;abs 1", "1 sum axis=-1,-2;2 rms axis=-2,-1;1 count_nonzero axis=-2,-1"},
    {"hypot a b;atan2 b a;float32 0;mod 2 1;sub 3 a;erf 4", "5;2"},
    {"less a b;where 0 a b;sub b c;exp 2;isnan 3",
     "0 sum axis=-1;1 argmin axis=-1;3 nanmean axis=-1;4 any axis=-1;b mean axis=-1"},
    {"", "a cumsum;a cummax;b cumprod;a mean;c cummin"},
    {"sub a b;square 0;mul 1 c", "2 cumsum;1 cumprod;0 cummax;2;a cummin;2 sum"},
    {"sub a b;square 0", "1 cumsum axis=-1;0 cummin axis=-1;1 mean axis=-1;1;a cumsum axis=-1;c cumprod axis=-1"},
    /* over leading axes and axes in the middle, from here on */
    {"", "a mean axis=0;a std axis=0;a var axis=0 ddof=1"},
    {"", "a sum axis=0;b mean axis=0 keepdims=1;a min axis=0;a max axis=0;c ptp axis=0;a any axis=0;a all axis=0;a "
         "count_nonzero axis=0;a skew axis=0;a prod axis=0"},
    {"sub a b;square 0;mul 1 c", "2 sum axis=0;1 mean axis=0;0 min axis=0;2;a max axis=0;0 nansum axis=0"},
    {"sub a b;square 0;isfinite 1;add b c", "1 mean axis=0,1;0 var axis=0,1;2 all axis=0,1;0;3 norm axis=0,1"},
    {"add a b", "0 stats axis=0;0 prod axis=0;0 logsumexp axis=0;0 kurtosis axis=0;0 rms axis=0;0 nanmean axis=0;0 "
                "nanstd axis=0"},
    {"add a b;sub a c;greater 0 1", "0 mean axis=0;0 std axis=0;1 sum axis=0;1 skew axis=0;2 count_nonzero axis=0;1 "
                                    "max axis=0"},
    {"", "a cumsum axis=0;a cummax axis=0;b cumsum axis=0;a sum axis=0"},
    {"sub a b;square 0", "1 cumsum axis=0;0 cummin axis=0;1 mean axis=0;1;a cumsum axis=0;c cumprod axis=0"},
    {"sub a b;mul 0 c", "0 cumsum axis=0;1 cummax axis=0;0"},
    {"sub a b;mul 0 c", "1 mean axis=1;0 std axis=1;1 max axis=1;0;1 stats axis=1"},
    {"add a b", "0 cumsum axis=1;0 sum axis=1;0 cumprod axis=1;0 nanmean axis=1"},
};
#define CHAINS (int)(sizeof chains / sizeof chains[0])
#define FIRST_DOWN (CHAINS - 11)

struct chain {
    struct fuse f;
    struct fuse_step steps[FUSE_MOST_STEPS];
    struct fuse_end ends[FUSE_MOST_ENDS];
    sheaf_options options[FUSE_MOST_ENDS];
};

static int value_of(const char *word)
{
    return *word >= 'a' ? *word - 'a' : 3 + atoi(word);
}

static void add_end(struct chain *c, char *text)
{
    char *rest;
    sheaf_options *o = &c->options[c->f.nends];
    struct fuse_end *end = &c->ends[c->f.nends++];
    end->value = value_of(strtok_r(text, " ", &rest));
    end->op = NULL;
    end->options = NULL;
    for (char *word; (word = strtok_r(NULL, " ", &rest));)
        if (!end->op) {
            end->op = op_find(word);
            ck_assert_msg(end->op != NULL, "no function %s", word);
            sheaf_options_init(o);
            end->options = o;
        } else if (strncmp(word, "axis=", 5) == 0) {
            int64_t axes[4];
            o->naxes = option_list(word + 5, axes);
            for (int i = 0; i < o->naxes; i++)
                o->axes[i] = (int)axes[i];
        } else {
            ck_assert(option_set(o, word, NULL));
        }
}

static void add_step(struct chain *c, char *text)
{
    char *rest;
    struct fuse_step *step = &c->steps[c->f.nsteps++];
    const char *name = strtok_r(text, " ", &rest);
    step->op = op_find(name);
    ck_assert_msg(step->op != NULL, "no function %s", name);
    step->fast = false;
    for (int k = 0; k < step->op->info.nin; k++)
        step->in[k] = value_of(strtok_r(NULL, " ", &rest));
}

static void chain_parse(struct chain *c, const char *const texts[2])
{
    c->f = (struct fuse){.nin = 3, .steps = c->steps, .ends = c->ends};
    for (int part = 0; part < 2; part++) {
        char text[512], *rest;
        snprintf(text, sizeof text, "%s", texts[part]);
        for (char *word = strtok_r(text, ";", &rest); word; word = strtok_r(NULL, ";", &rest))
            (part ? add_end : add_step)(c, word);
    }
}

/* ---- inputs ---- */

enum {
    PLAIN,
    EVERY_OTHER,
    BACKWARDS,
    ROW,
    COLUMN,
    SCALAR,
    PADDED,
    MIDDLE,
    WIDE_COLUMN,
    LAYOUTS
};

#define PERIOD 20011 /* elements from which on they repeat: making them all would take most of the tests' time */

static sheaf_view make_array(sheaf_dtype dtype, int ndim, const int64_t *shape, size_t seed)
{
    sheaf_view v;
    ck_ok(sheaf_view_init(&v, NULL, dtype, ndim, shape, error));
    const int64_t n = sheaf_view_size(&v), few = n < PERIOD ? n : PERIOD;
    const size_t size = sheaf_dtype_size(dtype), all = (size_t)n * size;
    char *data = realloc(awkward_view(dtype, 1, &few, seed, (unsigned)seed % 3).data, all + 16);
    ck_assert_ptr_nonnull(data);
    for (size_t have = (size_t)few * size; have < all;) {
        const size_t more = have < all - have ? have : all - have;
        memcpy(data + have, data, more);
        have += more;
    }
    v.data = data;
    return v;
}

/* The array that x is of part of its axes, and the view. */
static sheaf_view make_input(sheaf_dtype dtype, int ndim, const int64_t *shape, int layout, size_t seed, void **memory)
{
    int64_t full[3], part[3];
    const int64_t size = (int64_t)sheaf_dtype_size(dtype);
    int first = layout == SCALAR ? ndim : layout == ROW && ndim > 0 ? ndim - 1 : 0, rank = ndim - first;
    for (int i = 0; i < rank; i++) {
        const bool last = i == rank - 1;
        const bool one = last ? layout == COLUMN || layout == WIDE_COLUMN : layout == MIDDLE && i == 1;
        part[i] = one ? 1 : shape[first + i];
        full[i] = last && layout == EVERY_OTHER ? 2 * part[i] : last && layout >= PADDED ? part[i] + 3 : part[i];
    }
    sheaf_view v = make_array(dtype, rank, full, seed);
    *memory = v.data;
    for (int i = 0; i < rank; i++)
        v.shape[i] = part[i];
    if (rank > 0 && layout == EVERY_OTHER)
        v.strides[rank - 1] = 2 * size;
    for (int i = 0; layout == BACKWARDS && i < rank; i++) {
        v.data = (char *)v.data + (v.shape[i] ? v.shape[i] - 1 : 0) * v.strides[i];
        v.strides[i] = -v.strides[i];
    }
    return v;
}

/* ---- one by one ---- */

static bool infers(const struct op *op, const sheaf_view *in, const sheaf_options *o, sheaf_view *outs)
{
    return op_infer(op, op->info.nin, in, o, outs, NULL) == SHEAF_OK;
}

struct expected {
    sheaf_view values[3 + FUSE_MOST_STEPS], outs[FUSE_MOST_ENDS * 5];
    int nouts;
};

static void expected_free(struct expected *e, int nsteps)
{
    for (int s = 0; s < nsteps; s++)
        free(e->values[3 + s].data);
    for (int k = 0; k < e->nouts; k++)
        free(e->outs[k].data);
}

/* The value as of the common shape. */
static sheaf_view widened(const struct expected *e, int value)
{
    sheaf_view wide;
    int64_t shape[SHEAF_MAX_NDIM];
    int ndim;
    ck_ok(op_broadcast("inputs", 3, e->values, &ndim, shape, error));
    op_stretch(&e->values[value], ndim, shape, &wide);
    return wide;
}

static bool expect_end(struct expected *e, const struct fuse_end *end)
{
    sheaf_view x = widened(e, end->value), *out = &e->outs[e->nouts];
    if (end->op) {
        if (!infers(end->op, &x, end->options, out))
            return false;
        call_on(end->op, 1, &x, end->options, 1, out);
        e->nouts += end->op->info.nout;
        return true;
    }
    ck_ok(sheaf_view_init(out, NULL, x.dtype, x.ndim, x.shape, error));
    golden_place(NULL, 0, out, NULL);
    ck_ok(sheaf_view_copy(&x, out, error));
    e->nouts++;
    return true;
}

/* False where a function does not take the dtype, or has no value for the shape. */
static bool expect(struct expected *e, const struct chain *c, const sheaf_view *in)
{
    int s = 0;
    bool fits = true;
    e->nouts = 0;
    for (int k = 0; k < 3; k++)
        e->values[k] = in[k];
    for (; s < c->f.nsteps && fits; s++) {
        const struct fuse_step *step = &c->steps[s];
        sheaf_view args[3], *out = &e->values[3 + s];
        for (int k = 0; k < step->op->info.nin; k++)
            args[k] = e->values[step->in[k]];
        fits = infers(step->op, args, NULL, out);
        out->data = NULL;
        if (fits)
            call_on(step->op, step->op->info.nin, args, NULL, 1, out);
    }
    for (int k = 0; k < c->f.nends && fits; k++)
        fits = expect_end(e, &c->ends[k]);
    if (!fits)
        expected_free(e, s);
    return fits;
}

/* A stored output, with a gap behind every element if so. */
static sheaf_view room_like(const sheaf_view *v, bool gaps)
{
    sheaf_view out = *v;
    const size_t bytes = (size_t)sheaf_view_size(v) * sheaf_dtype_size(v->dtype);
    out.data = malloc(2 * bytes + 16);
    for (int i = 0; i < out.ndim && gaps; i++)
        out.strides[i] *= 2;
    return out;
}

#endif
