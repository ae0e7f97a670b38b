/* Matrix products: OpenBLAS over tiles that depend on the shape alone, plain loops for integers. */

#include "base/checked.h"
#include "base/pool.h"
#include "blas/blas.h"
#include "ops/grid.h"
#include "ops/op.h"
#include <limits.h>
#include <string.h>

#define TILE_ROWS 256
#define TILE_COLUMNS 2048

#define T uint8_t
#define NAME(x) x##_u8
#define ADD(sum, a, b) (T)((sum) + (a) * (b))
#include "ops/matmul_body.inc"
#define T uint16_t
#define NAME(x) x##_u16
#define ADD(sum, a, b) (T)((sum) + (uint32_t)(a) * (b))
#include "ops/matmul_body.inc"
#define T uint32_t
#define NAME(x) x##_u32
#define ADD(sum, a, b) ((sum) + (a) * (b))
#include "ops/matmul_body.inc"
#define T uint64_t
#define NAME(x) x##_u64
#define ADD(sum, a, b) ((sum) + (a) * (b))
#include "ops/matmul_body.inc"
#define T uint8_t
#define NAME(x) x##_bool
#define ADD(sum, a, b) (T)((sum) | ((a) & (b)))
#include "ops/matmul_body.inc"

/* A stack of matrices, row-major within each. */
struct stack {
    char *data;
    size_t ld;           /* elements from row to row */
    int64_t row, column; /* strides in bytes */
    void *copy;          /* pooled, when the input had to be gathered */
    size_t bytes;
};

struct product {
    sheaf_dtype dtype;
    size_t size;
    struct matmul_shape shape;
    struct stack x, y, z;
    struct grid grid; /* the stack's dimensions: operand 0 x, 1 y, 2 z */
    size_t row_tiles, column_tiles;
};

static void multiply(const struct product *p, const struct matmul_shape *s, const char *a, const char *b, char *c)
{
    switch (p->dtype) {
    case SHEAF_BOOL:
        multiply_bool(s, a, p->x.ld, b, p->y.ld, c, p->z.ld);
        break;
    case SHEAF_I8:
    case SHEAF_U8:
        multiply_u8(s, a, p->x.ld, b, p->y.ld, c, p->z.ld);
        break;
    case SHEAF_I16:
    case SHEAF_U16:
        multiply_u16(s, a, p->x.ld, b, p->y.ld, c, p->z.ld);
        break;
    case SHEAF_I32:
    case SHEAF_U32:
        multiply_u32(s, a, p->x.ld, b, p->y.ld, c, p->z.ld);
        break;
    case SHEAF_I64:
    case SHEAF_U64:
        multiply_u64(s, a, p->x.ld, b, p->y.ld, c, p->z.ld);
        break;
    default:
        blas_gemm(p->dtype, (size_t)s->m, (size_t)s->n, (size_t)s->k, a, p->x.ld, b, p->y.ld, c, p->z.ld);
        break;
    }
}

static void zero(const struct product *p, const struct matmul_shape *s, char *c)
{
    for (int64_t i = 0; i < s->m; i++)
        memset(c + i * p->z.row, 0, (size_t)s->n * p->size);
}

/* Unit i is tile i % tiles of matrix i / tiles. */
static void run_tiles(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    const struct product *p = context;
    size_t tiles = p->row_tiles * p->column_tiles;
    char *base[3] = {p->x.data, p->y.data, p->z.data};
    struct cursor c;
    cursor_set(&c, &p->grid, base, begin / tiles / p->grid.n);
    size_t at = begin / tiles % p->grid.n, tile = begin % tiles;
    for (size_t unit = begin; unit < end; unit++) {
        int64_t i = (int64_t)(tile / p->column_tiles) * TILE_ROWS, j = (int64_t)(tile % p->column_tiles) * TILE_COLUMNS;
        struct matmul_shape s = p->shape;
        s.m = s.m - i < TILE_ROWS ? s.m - i : TILE_ROWS;
        s.n = s.n - j < TILE_COLUMNS ? s.n - j : TILE_COLUMNS;
        const int64_t *step = p->grid.step, matrix = (int64_t)at;
        char *to = c.p[2] + matrix * step[2] + i * p->z.row + j * p->z.column;
        if (s.k == 0)
            zero(p, &s, to);
        else
            multiply(p, &s, c.p[0] + matrix * step[0] + i * p->x.row, c.p[1] + matrix * step[1] + j * p->y.column, to);
        if (++tile < tiles)
            continue;
        tile = 0;
        if (++at == p->grid.n) {
            at = 0;
            cursor_next(&c, &p->grid);
        }
    }
}

/* The strides of an operand's two matrix dimensions; a vector is one row (x) or one column (y). */
static void matrix_strides(const sheaf_view *v, bool left, int64_t *row, int64_t *column)
{
    int64_t last = v->strides[v->ndim - 1];
    if (v->ndim > 1) {
        *row = v->strides[v->ndim - 2];
        *column = last;
    } else {
        *row = left ? last * v->shape[0] : last;
        *column = left ? last : (int64_t)sheaf_dtype_size(v->dtype);
    }
}

/* Whether rows of `columns` elements are contiguous and follow each other without overlap; sets the stack up. */
static bool is_row_major(struct stack *s, int64_t rows, int64_t columns, int64_t size)
{
    if (columns > 1 && s->column != size)
        return false;
    s->column = size;
    if (rows <= 1)
        s->row = columns * size;
    if (s->row < columns * size || s->row % size != 0 || s->row / size > INT_MAX)
        return false;
    s->ld = s->row > 0 ? (size_t)(s->row / size) : 1;
    return true;
}

/* Use v as it is, or a gathered copy of it in *copied. */
static sheaf_status take(struct stack *s, const sheaf_view **v, bool left, struct product *p, const team *t,
                         sheaf_view *copied, sheaf_error *error)
{
    int64_t rows = left ? p->shape.m : p->shape.k, columns = left ? p->shape.k : p->shape.n;
    int64_t size = (int64_t)p->size;
    matrix_strides(*v, left, &s->row, &s->column);
    if ((*v)->dtype != p->dtype || !is_row_major(s, rows, columns, size)) {
        sheaf_status status = sheaf_view_init(copied, NULL, p->dtype, (*v)->ndim, (*v)->shape, error);
        if (status)
            return status;
        s->bytes = (size_t)sheaf_view_size(copied) * p->size + 1; /* never 0 */
        s->copy = pool_get(s->bytes);
        if (!s->copy)
            return sheaf_error_set(error, SHEAF_NO_MEMORY, "matmul: no memory to gather %s (%zu bytes)",
                                   left ? "x" : "y", s->bytes);
        copied->data = s->copy;
        copy_run(*v, t, copied);
        *v = copied;
        matrix_strides(*v, left, &s->row, &s->column);
        if (!is_row_major(s, rows, columns, size))
            return sheaf_error_set(error, SHEAF_UNSUPPORTED, "matmul: a dimension of %s is beyond %d", left ? "x" : "y",
                                   INT_MAX);
    }
    s->data = (*v)->data;
    return SHEAF_OK;
}

static void lay_out(struct product *p, const sheaf_view *x, const sheaf_view *y, const sheaf_view *z, int z_matrix)
{
    const sheaf_view *v[3] = {x, y, z};
    int matrix[3] = {x->ndim < 2 ? x->ndim : 2, y->ndim < 2 ? y->ndim : 2, z_matrix};
    grid_init(&p->grid, 3);
    for (int i = 0; i < p->shape.ndim; i++) {
        int64_t strides[3];
        for (int k = 0; k < 3; k++) {
            int at = i - (p->shape.ndim - (v[k]->ndim - matrix[k]));
            strides[k] = at < 0 || v[k]->shape[at] == 1 ? 0 : v[k]->strides[at];
        }
        grid_add(&p->grid, p->shape.stack[i], strides);
    }
    grid_split(&p->grid);
}

/* z's own place when it is row-major, else a scratch of the same shape in *copied, to be copied back. */
static sheaf_status take_output(struct product *p, const sheaf_view *z, int z_matrix, sheaf_view *copied,
                                sheaf_error *error)
{
    int64_t size = (int64_t)p->size;
    struct stack *s = &p->z;
    *copied = *z;
    s->row = z_matrix == 2 ? z->strides[z->ndim - 2] : z_matrix == 1 ? z->strides[z->ndim - 1] : size;
    s->column = z_matrix == 0 || (z_matrix == 1 && p->shape.n == 1) ? size : z->strides[z->ndim - 1];
    if (z_matrix == 1 && p->shape.m == 1)
        s->row = p->shape.n * size;
    if (!is_row_major(s, p->shape.m, p->shape.n, size)) {
        sheaf_status status = sheaf_view_init(copied, NULL, p->dtype, z->ndim, z->shape, error);
        if (status)
            return status;
        s->bytes = (size_t)sheaf_view_size(copied) * p->size;
        s->copy = copied->data = pool_get(s->bytes);
        if (!s->copy)
            return sheaf_error_set(error, SHEAF_NO_MEMORY, "matmul: no memory for %zu bytes of result", s->bytes);
        s->row = p->shape.n * size;
        s->column = size;
        s->ld = (size_t)p->shape.n;
    }
    s->data = copied->data;
    return SHEAF_OK;
}

static void share_out(const struct op *op, struct product *p, const sheaf_view *in, const team *t)
{
    p->row_tiles = ((size_t)p->shape.m + TILE_ROWS - 1) / TILE_ROWS;
    p->column_tiles = ((size_t)p->shape.n + TILE_COLUMNS - 1) / TILE_COLUMNS;
    size_t units = p->grid.size * p->grid.n * p->row_tiles * p->column_tiles;
    double ns = (op_cost(op, 2, in) + 100) / (double)units;
    par_share(t, units, ns, run_tiles, p);
}

sheaf_status matmul_run(const struct op *op, const sheaf_view *in, const team *t, const sheaf_view *out,
                        sheaf_error *error)
{
    struct product p;
    memset(&p.x, 0, sizeof p.x);
    memset(&p.y, 0, sizeof p.y);
    memset(&p.z, 0, sizeof p.z);
    const sheaf_view *x = &in[0], *y = &in[1];
    sheaf_view x_copy, y_copy, z;
    int z_matrix = (in[0].ndim > 1) + (in[1].ndim > 1);
    p.dtype = out->dtype;
    p.size = sheaf_dtype_size(p.dtype);
    sheaf_status status = matmul_infer(op, in, &p.shape, NULL, error);
    if (status || sheaf_view_size(out) == 0)
        return status;
    if ((status = take(&p.x, &x, true, &p, t, &x_copy, error)) ||
        (status = take(&p.y, &y, false, &p, t, &y_copy, error)))
        goto done;
    if ((status = take_output(&p, out, z_matrix, &z, error)))
        goto done;
    lay_out(&p, x, y, &z, z_matrix);
    share_out(op, &p, in, t);
    if (p.z.copy)
        copy_run(&z, t, out);
done:
    pool_put(p.x.copy, p.x.bytes);
    pool_put(p.y.copy, p.y.bytes);
    pool_put(p.z.copy, p.z.bytes);
    return status;
}
