/* Results against plain C. */

#include "reference.h"
#include <math.h>
#include <stdlib.h>

#define PLACES_MAX 65536 /* of an elementwise result that are compared, evenly spread */
#define LINES_MAX 64     /* of a result along an axis */

double reference_element(const sheaf_view *view, int64_t place)
{
    const char *p = view->data;
    for (int d = view->ndim; d-- > 0; place /= view->shape[d])
        p += place % view->shape[d] * view->strides[d];
    switch (view->dtype) {
    case SHEAF_BOOL:
        return *(const bool *)p;
    case SHEAF_I32:
        return *(const int32_t *)p;
    case SHEAF_I64:
        return (double)*(const int64_t *)p;
    case SHEAF_F32:
        return (double)*(const float *)p;
    case SHEAF_F64:
        return *(const double *)p;
    default:
        return NAN;
    }
}

static double difference(double a, double b)
{
    if (a == b || (isnan(a) && isnan(b)))
        return 0;
    double d = fabs(a - b) / fmax(fabs(b), 1);
    return isnan(d) ? INFINITY : d;
}

/* Inputs broadcast: one of rank 0 has its one element everywhere. */
static double operand(const sheaf_view *inputs, int nin, int k, int64_t place)
{
    return k < nin ? reference_element(&inputs[k], inputs[k].ndim ? place : 0) : 0;
}

static double compare_map(const struct reference_map *map, const sheaf_view *inputs, int nin, const sheaf_view *output)
{
    int64_t size = sheaf_view_size(&inputs[0]), step = size / PLACES_MAX + 1;
    double worst = 0;
    if (sheaf_view_size(output) != size)
        return INFINITY;
    for (int64_t i = 0; i < size; i += step) {
        double expected =
            map->value(operand(inputs, nin, 0, i), operand(inputs, nin, 1, i), operand(inputs, nin, 2, i));
        worst = fmax(worst, difference(reference_element(output, i), expected));
    }
    return worst;
}

static double compare_line(const struct reference_line *line, const sheaf_view *inputs, int nin, int axis,
                           const sheaf_view *outputs, int nout)
{
    int64_t size = sheaf_view_size(&inputs[0]), inner = 1, n = axis < 0 ? size : inputs[0].shape[axis];
    for (int d = axis + 1; axis >= 0 && d < inputs[0].ndim; d++)
        inner *= inputs[0].shape[d];
    int64_t each = line->nout == REFERENCE_SAME ? n : line->nout == REFERENCE_LESS ? n - 1 : 1, count = size / n;
    double *x = malloc((size_t)n * sizeof *x), *y = malloc((size_t)n * sizeof *y);
    double *expected = malloc((size_t)(n + 5) * sizeof *expected), worst = 0;
    if (!x || !y || !expected || sheaf_view_size(outputs) != count * each || (line->nout > 1 && line->nout != nout))
        worst = INFINITY;
    for (int64_t i = 0; worst < INFINITY && i < count; i += count / LINES_MAX + 1) {
        int64_t outer = i / inner, within = i % inner;
        for (int64_t k = 0; k < n; k++) {
            int64_t place = (outer * n + k) * inner + within;
            x[k] = reference_element(&inputs[0], place);
            y[k] = nin > 1 ? reference_element(&inputs[1], place) : 0;
        }
        line->value(x, y, (size_t)n, expected);
        for (int64_t k = 0; line->nout < 0 && k < each; k++)
            worst =
                fmax(worst, difference(reference_element(outputs, (outer * each + k) * inner + within), expected[k]));
        for (int k = 0; k < line->nout; k++)
            worst = fmax(worst, difference(reference_element(&outputs[k], i), expected[k]));
    }
    free(x);
    free(y);
    free(expected);
    return worst;
}

double reference_compare(const char *name, const sheaf_view *inputs, int axis, const sheaf_view *outputs, int nout)
{
    const struct reference_map *map = reference_map_find(name);
    const struct reference_line *line = reference_line_find(name);
    int nin = sheaf_catalogue_find(name)->nin;
    if (map)
        return compare_map(map, inputs, nin, outputs);
    return line ? compare_line(line, inputs, nin, axis, outputs, nout) : -1;
}
