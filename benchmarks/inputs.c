#include "inputs.h"
#include "harness.h"
#include "scratch.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct input {
    sheaf_array *array;
    struct operand operand;
    enum pattern pattern;
    int64_t n;
    char path[512]; /* "": no file yet */
    int ndim;
    int64_t shape[3]; /* of the file */
} inputs[SHEAF_MAX_INPUTS];

static void release(struct input *input)
{
    sheaf_array_free(input->array);
    if (input->path[0])
        scratch_remove(input->path);
    memset(input, 0, sizeof *input);
}

void inputs_free(void)
{
    for (int slot = 0; slot < SHEAF_MAX_INPUTS; slot++)
        release(&inputs[slot]);
}

/* A number in [0, 1) by place alone, so that threads can share the work: SplitMix64's output function. */
static double uniform(int slot, int64_t i)
{
    uint64_t z = ((uint64_t)i * 3 + (uint64_t)slot + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void store(void *data, sheaf_dtype dtype, int64_t i, double value)
{
    switch (dtype) {
    case SHEAF_BOOL:
        ((bool *)data)[i] = value != 0;
        break;
    case SHEAF_U8:
        ((uint8_t *)data)[i] = (uint8_t)floor(value);
        break;
    case SHEAF_I16:
        ((int16_t *)data)[i] = (int16_t)floor(value);
        break;
    case SHEAF_I32:
        ((int32_t *)data)[i] = (int32_t)floor(value);
        break;
    case SHEAF_I64:
        ((int64_t *)data)[i] = (int64_t)floor(value);
        break;
    case SHEAF_F32:
        ((float *)data)[i] = (float)value;
        break;
    case SHEAF_C128:
        ((double *)data)[2 * i] = value;
        ((double *)data)[2 * i + 1] = -value;
        break;
    default:
        ((double *)data)[i] = value;
        break;
    }
}

/* What u in [0, 1) becomes at place i of n. */
static double placed(enum pattern pattern, double u, int64_t i, int64_t n)
{
    switch (pattern) {
    case PATTERN_ASCENDING:
        return ((double)i + u) / (double)n;
    case PATTERN_DESCENDING:
        return ((double)(n - 1 - i) + u) / (double)n;
    case PATTERN_FEW:
        return floor(u * 16) / 16;
    default:
        return u;
    }
}

static void fill(int slot, const struct operand *operand, enum pattern pattern, int64_t n, void *data)
{
    bool truth = operand->dtype == SHEAF_BOOL, signs = operand->low == operand->high;
#pragma omp parallel for num_threads(bench_options()->threads) schedule(static)
    for (int64_t i = 0; i < n; i++) {
        double u = placed(pattern, uniform(slot, i), i, n);
        double value = truth   ? u < 0.5
                       : signs ? (u < 0.5 ? -operand->low : operand->low)
                               : operand->low + u * (operand->high - operand->low);
        bool nan = pattern == PATTERN_NAN && uniform(slot + SHEAF_MAX_INPUTS, i) < 0.25;
        store(data, operand->dtype, i, nan ? NAN : value);
    }
}

bool inputs_get(int slot, const struct operand *operand, enum pattern pattern, int64_t n, sheaf_view *view)
{
    struct input *input = &inputs[slot];
    const struct operand *have = &input->operand;
    sheaf_error error = {0};
    bool same = input->array && have->dtype == operand->dtype && have->low == operand->low &&
                have->high == operand->high && input->pattern == pattern &&
                (pattern == PATTERN_RANDOM ? input->n >= n : input->n == n);
    if (!same) {
        release(input);
        if (sheaf_array_new(operand->dtype, 1, &n, &input->array, &error) != SHEAF_OK)
            return bench_fail("%s", error.message);
        fill(slot, operand, pattern, n, sheaf_array_data(input->array));
        input->operand = *operand;
        input->pattern = pattern;
        input->n = n;
    }
    return sheaf_view_init(view, sheaf_array_data(input->array), operand->dtype, 1, &n, &error) == SHEAF_OK ||
           bench_fail("%s", error.message);
}

/* Python keeps what it has loaded by name, so that another array has another name. */
const char *inputs_file(int slot, int ndim, const int64_t *shape)
{
    static unsigned version;
    struct input *input = &inputs[slot];
    char name[64];
    sheaf_view view;
    sheaf_error error = {0};
    if (input->path[0] && input->ndim == ndim && memcmp(input->shape, shape, (size_t)ndim * sizeof *shape) == 0)
        return input->path;
    if (input->path[0])
        scratch_remove(input->path);
    snprintf(name, sizeof name, "input_%d_%u.npy", slot, version++);
    snprintf(input->path, sizeof input->path, "%s", scratch_path(name));
    if (sheaf_view_init(&view, sheaf_array_data(input->array), input->operand.dtype, ndim, shape, &error) != SHEAF_OK ||
        sheaf_file_save(input->path, &view, true, &error) != SHEAF_OK) {
        bench_fail("%s", error.message);
        input->path[0] = '\0';
        return NULL;
    }
    input->ndim = ndim;
    memcpy(input->shape, shape, (size_t)ndim * sizeof *shape);
    return input->path;
}
