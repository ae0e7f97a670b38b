#include "call.h"
#include "machine.h"
#include "peer.h"
#include "reference.h"
#include "scratch.h"
#include "timing.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* One way of calling the function, with its own results. */
struct way {
    sheaf_options options;
    sheaf_array *arrays[SHEAF_MAX_OUTPUTS]; /* of the first call; the only one is written again and again */
    sheaf_view outputs[SHEAF_MAX_OUTPUTS];
};

static struct {
    const sheaf_function_info *info; /* NULL: a program */
    sheaf_func *program;
    int nin, nout;
    sheaf_view inputs[SHEAF_MAX_INPUTS];
    const sheaf_view *pointers[SHEAF_MAX_INPUTS];
    struct way ours, one_thread, last_axis, fast;
    double bytes_in, bytes_out;
} now;

const sheaf_view *call_inputs(void)
{
    return now.inputs;
}

const sheaf_view *call_output(void)
{
    return now.ours.outputs;
}

int call_threads(const struct call *call)
{
    return call->threads ? call->threads : bench_options()->threads;
}

const char *call_unit(const struct call *call)
{
    static const char *const units[] = {"s", "GB/s", "GB/s", "GB/s", "Gel/s", "GFLOP/s"};
    return units[call->amount];
}

static int64_t elements(int ndim, const int64_t *shape)
{
    int64_t n = 1;
    for (int d = 0; d < ndim; d++)
        n *= shape[d];
    return n;
}

/* The shape of input k; returns its number of dimensions. */
static int input_shape(const struct call *call, int k, int64_t shape[3])
{
    memcpy(shape, call->shape, sizeof call->shape);
    if (!call->lengths[k])
        return call->ndim;
    shape[0] = call->lengths[k];
    shape[1] = call->widths[k];
    return call->widths[k] ? 2 : 1;
}

double call_value(const struct call *call, double seconds)
{
    switch (call->amount) {
    case CALL_SECONDS:
        return seconds;
    case CALL_BYTES:
        return 1e-9 * (now.bytes_in + now.bytes_out) / seconds;
    case CALL_READ:
        return 1e-9 * now.bytes_in / seconds;
    case CALL_TWICE:
        return 1e-9 * (2 * now.bytes_in + now.bytes_out) / seconds;
    case CALL_FLOPS:
        return 2e-9 * (double)sheaf_view_size(&now.inputs[1]) * (double)sheaf_view_size(now.ours.outputs) / seconds;
    default:
        return 1e-9 * (double)elements(call->ndim, call->shape) / seconds;
    }
}

/* Memory of the input as the layout wants it, then the view that has the case's shape. */
static bool make_input(const struct call *call, int k)
{
    sheaf_view *view = &now.inputs[k];
    sheaf_error error = {0};
    enum call_layout layout = k == 0 ? call->layout : CALL_PLAIN;
    int64_t shape[3], swapped[2] = {call->shape[1], call->shape[0]};
    const int ndim = input_shape(call, k, shape);
    const int64_t n = elements(ndim, shape);
    sheaf_status status = SHEAF_OK;
    if (!inputs_get(k, &call->in[k], call->patterns[k], layout == CALL_EVERY_OTHER ? 2 * n : n, view))
        return false;
    if (layout == CALL_EVERY_OTHER)
        status = sheaf_view_slice(view, 0, 0, 2 * n, 2, view, &error);
    else if (layout == CALL_TRANSPOSED) {
        status = sheaf_view_reshape(view, 2, swapped, view, &error);
        if (status == SHEAF_OK)
            status = sheaf_view_transpose(view, NULL, view, &error);
    } else
        status = sheaf_view_reshape(view, ndim, shape, view, &error);
    now.bytes_in += (double)n * (double)sheaf_dtype_size(call->in[k].dtype);
    now.pointers[k] = view;
    return status == SHEAF_OK || bench_fail("%s", error.message);
}

static sheaf_status compute(const struct way *way, sheaf_array **out, sheaf_error *error)
{
    return now.program ? sheaf_func_eval(now.program, now.nin, now.pointers, &way->options, out, error)
                       : sheaf_function_call(now.info, now.nin, now.pointers, &way->options, out, error);
}

/* The first call makes the results; a single output of a function is written onto from then on. */
static bool open_way(const struct call *call, struct way *way, int threads, int axis)
{
    sheaf_error error = {0};
    sheaf_options_init(&way->options);
    way->options.threads = threads;
    way->options.fast = way == &now.fast;
    if (axis != CALL_FLAT) {
        way->options.naxes = 1;
        way->options.axes[0] = axis;
    }
    if (call->set)
        call->set(&way->options, call->parameter);
    sheaf_status status = compute(way, way->arrays, &error);
    if (status == SHEAF_UNSUPPORTED)
        return bench_absent("not in this build: %s", error.message);
    if (status != SHEAF_OK)
        return bench_fail("%s: %s", call->function, error.message);
    for (int k = 0; k < now.nout; k++)
        way->outputs[k] = sheaf_array_view(way->arrays[k]);
    if (now.info && now.nout == 1 && !call->anew)
        way->options.into = &way->outputs[0];
    return true;
}

static void close_way(struct way *way)
{
    for (int k = 0; k < SHEAF_MAX_OUTPUTS; k++)
        sheaf_array_free(way->arrays[k]);
    memset(way, 0, sizeof *way);
}

static bool open_function(const struct call *call)
{
    now.info = sheaf_catalogue_find(call->function);
    if (!now.info)
        return bench_absent("not in this build: no function %s", call->function);
    now.nin = now.info->nin == SHEAF_MANY || call->nin < now.info->nin ? call->nin : now.info->nin;
    now.nout = now.info->nout;
    return true;
}

static bool open_program(const struct call *call)
{
    static const char *const names[] = {"x", "y", "z"};
    sheaf_error error = {0};
    if (sheaf_func_parse(call->program, call->nin, names, &now.program, &error) != SHEAF_OK)
        return bench_fail("%s: %s", call->function, error.message);
    sheaf_pool_trim(); /* what was kept of other sizes would leave no room to keep these results */
    now.nin = call->nin;
    now.nout = sheaf_func_nout(now.program);
    return true;
}

bool call_prepare(const void *work)
{
    const struct call *call = work;
    memset(&now, 0, sizeof now);
    if (!(call->program ? open_program : open_function)(call))
        return false;
    for (int k = 0; k < call->nin; k++)
        if (!make_input(call, k))
            return false;
    if (!open_way(call, &now.ours, call_threads(call), call->axis))
        return false;
    for (int k = 0; k < now.nout; k++)
        now.bytes_out +=
            (double)sheaf_view_size(&now.ours.outputs[k]) * (double)sheaf_dtype_size(now.ours.outputs[k].dtype);
    return true;
}

void call_finish(const void *work)
{
    (void)work;
    close_way(&now.ours);
    close_way(&now.one_thread);
    close_way(&now.last_axis);
    close_way(&now.fast);
    sheaf_func_free(now.program);
    now.program = NULL;
}

static bool call_once(const void *context)
{
    const struct way *way = context;
    sheaf_array *out[SHEAF_MAX_OUTPUTS] = {NULL};
    sheaf_error error = {0};
    sheaf_status status = compute(way, out, &error);
    for (int k = 0; !way->options.into && k < now.nout; k++)
        sheaf_array_free(out[k]);
    return status == SHEAF_OK || bench_fail("%s", error.message);
}

static bool run_way(const struct call *call, struct way *way, int threads, int axis, double *value)
{
    double seconds;
    if (!way->arrays[0] && !open_way(call, way, threads, axis))
        return false;
    if (!timed(call_once, way, &seconds))
        return false;
    *value = call_value(call, seconds);
    return true;
}

bool call_ours(const void *work, bool first, double *value)
{
    const struct call *call = work;
    (void)first;
    return run_way(call, &now.ours, call_threads(call), call->axis, value);
}

bool call_one_thread(const void *work, bool first, double *value)
{
    const struct call *call = work;
    (void)first;
    return run_way(call, &now.one_thread, 1, call->axis, value);
}

bool call_fast(const void *work, bool first, double *value)
{
    const struct call *call = work;
    (void)first;
    return run_way(call, &now.fast, call_threads(call), call->axis, value);
}

bool call_last_axis(const void *work, bool first, double *value)
{
    const struct call *call = work;
    (void)first;
    return run_way(call, &now.last_axis, call_threads(call), -1, value);
}

/* ---- Python ---- */

static const char *python_side(const struct call *call)
{
    return call->python ? call->python : "numpy";
}

bool call_numpy(const void *work, bool first, double *value)
{
    const struct call *call = work;
    const char *side = python_side(call);
    char what[160], source[2048];
    size_t used = 0;
    double seconds;
    if (call->python)
        snprintf(what, sizeof what, "%d %s", call_threads(call), call->peer);
    else if (call->peer[0])
        snprintf(what, sizeof what, "= %s", call->peer);
    else
        snprintf(what, sizeof what, call->axis == CALL_FLAT ? "%s -" : "%s %d", call->function, call->axis);
    for (int k = 0; k < call->nin; k++) {
        int64_t shape[3];
        const int ndim = input_shape(call, k, shape);
        const char *path = inputs_file(k, ndim, shape);
        if (!path)
            return false;
        used += (size_t)snprintf(source + used, sizeof source - used, "%s%s", k ? "," : "", path);
    }
    if (used >= sizeof source || !peer_ask(side, what, source, "-", first ? peer_result(side) : "-", &seconds))
        return false;
    *value = call_value(call, seconds);
    return true;
}

/* Single precision rounds more, and NumPy sums some of it in single precision. */
static double tolerance(const struct call *call, bool numpy)
{
    if (numpy && call->exact)
        return 0;
    bool single = now.ours.outputs[0].dtype == SHEAF_F32;
    for (int k = 0; k < call->nin; k++)
        single = single || call->in[k].dtype == SHEAF_F32;
    return !single ? 1e-8 : numpy ? 2e-2 : 1e-4;
}

/* Both as vectors of doubles. Scaled by the largest element, or 1. */
static double distance(const sheaf_view *a, const sheaf_view *b)
{
    sheaf_error error = {0};
    sheaf_array *x = NULL, *y = NULL;
    double worst = INFINITY, scale = 1;
    if (sheaf_view_size(a) == sheaf_view_size(b) && (a->dtype == SHEAF_C128) == (b->dtype == SHEAF_C128) &&
        sheaf_array_from_view(a, a->dtype == SHEAF_C128 ? SHEAF_C128 : SHEAF_F64, &x, &error) == SHEAF_OK &&
        sheaf_array_from_view(b, a->dtype == SHEAF_C128 ? SHEAF_C128 : SHEAF_F64, &y, &error) == SHEAF_OK) {
        const double *p = sheaf_array_data(x), *q = sheaf_array_data(y);
        int64_t n = sheaf_view_size(a) * (a->dtype == SHEAF_C128 ? 2 : 1);
        worst = 0;
        for (int64_t i = 0; i < n; i++)
            scale = isfinite(q[i]) ? fmax(scale, fabs(q[i])) : scale;
        for (int64_t i = 0; i < n; i++) {
            double d = p[i] == q[i] || (isnan(p[i]) && isnan(q[i])) ? 0 : fabs(p[i] - q[i]) / scale;
            worst = d <= worst ? worst : isnan(d) ? INFINITY : d;
        }
    }
    sheaf_array_free(x);
    sheaf_array_free(y);
    return worst;
}

static bool check_output(const struct call *call, int k, double *difference)
{
    char side[32];
    sheaf_error error = {0};
    sheaf_array *array = NULL;
    if (k > 0)
        snprintf(side, sizeof side, "%s_%d", python_side(call), k);
    else
        snprintf(side, sizeof side, "%s", python_side(call));
    const char *path = peer_result(side);
    if (sheaf_file_load(path, &array, &error) != SHEAF_OK)
        return bench_fail("%s", error.message);
    scratch_remove(path);
    sheaf_view theirs = sheaf_array_view(array);
    double d = distance(&now.ours.outputs[k], &theirs);
    sheaf_array_free(array);
    *difference = fmax(*difference, d);
    return d <= tolerance(call, true);
}

static bool check_numpy(const struct call *call, double *difference)
{
    bool fine = true;
    for (int k = 0; fine && k < now.nout; k++)
        fine = check_output(call, k, difference);
    return fine;
}

static bool check_fast(const struct call *call, double *difference)
{
    double d = distance(now.fast.outputs, now.ours.outputs);
    *difference = fmax(*difference, d);
    return d <= tolerance(call, false);
}

/* With plain C where there is a reference, and with NumPy where it takes part; with one of them at least. The fast mode
 * with ours. */
bool call_check(const void *work, double *difference)
{
    const struct call *call = work;
    bool numpy = call->numpy && bench_options()->peers;
    int axis = call->axis == CALL_FLAT ? (call->ndim == 1 ? 0 : -1)
               : call->axis < 0        ? call->axis + call->ndim
                                       : call->axis;
    double plain = call->program ? call->plain(now.inputs, now.ours.outputs)
                                 : reference_compare(now.info->name, now.inputs, axis, now.ours.outputs, now.nout);
    *difference = fmax(plain, 0);
    if (plain < 0 && !numpy && call->peer[0])
        return bench_absent("compared with the Python side alone, which does not take part");
    if (plain < 0 && !numpy)
        return bench_fail("%s: nothing to compare with", call->function);
    return *difference <= tolerance(call, false) && (!now.fast.arrays[0] || check_fast(call, difference)) &&
           (!numpy || check_numpy(call, difference));
}

/* ---- limits ---- */

static size_t limit_bytes(void)
{
    return (size_t)(bench_options()->small ? 2 : 64) << 20;
}

static bool limit_open(void)
{
    return machine_open(limit_bytes());
}

/* Of as many bytes as the inputs have: in L1, L2 or out of cache, as they are. */
bool call_read(const void *work, bool first, double *value)
{
    (void)first;
    if (!machine_open((size_t)now.bytes_in))
        return false;
    *value = machine_read(call_threads(work), (size_t)now.bytes_in);
    return true;
}

bool call_copy(const void *work, bool first, double *value)
{
    (void)first;
    if (!limit_open())
        return false;
    *value = machine_copy(call_threads(work), limit_bytes(), false);
    return true;
}

bool call_copy_streamed(const void *work, bool first, double *value)
{
    (void)first;
    if (!limit_open())
        return false;
    *value = machine_copy(call_threads(work), limit_bytes(), machine_streams());
    return true;
}

bool call_triad(const void *work, bool first, double *value)
{
    (void)first;
    if (!limit_open())
        return false;
    *value = machine_triad(call_threads(work), limit_bytes(), false);
    return true;
}

bool call_triad_streamed(const void *work, bool first, double *value)
{
    (void)first;
    if (!limit_open())
        return false;
    *value = machine_triad(call_threads(work), limit_bytes(), machine_streams());
    return true;
}

bool call_multiply_adds(const void *work, bool first, double *value)
{
    const struct call *call = work;
    (void)first;
    *value = machine_multiply_adds(call_threads(call), call->in[0].dtype == SHEAF_F32);
    return true;
}
