#include "batch/far.h"

#include "io/io.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define READ_BYTES (1 << 20) /* that a thread reads at a time, at least */

struct far_item {
    struct worker *w;
    size_t item;
    struct io_input *in;
    uint64_t first; /* its element that the array begins with */
    const team *team;
    sheaf_view x, *outs;
    size_t size[1 + SHEAF_MAX_OUTPUTS]; /* reserved: of the input, then of the outputs that are far */
    size_t piece;                       /* bytes that a thread reads at a time */
    struct far far;
    struct far_place place;
    struct far_part dropped; /* of the input: its pages are to be those of the next part; runs 0: none */
    /* the part that is being read */
    const struct far_part *part;
    atomic_flag failed;
    sheaf_status status;
    sheaf_error error;
};

/* ---- addresses ---- */

static void *reserve(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* The pages that run r of a part touches: nothing else of them is needed any more, or yet. */
struct pages {
    uintptr_t begin, end;
};

static struct pages pages_of(const void *data, const struct far_part *part, size_t r)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = (uintptr_t)data + part->offset + r * part->pitch;
    return (struct pages){first / page * page, (first + part->length + page - 1) / page * page};
}

static struct far_part in_one(const struct far_part *part)
{
    struct far_part one = *part;
    if (part->pitch == part->length)
        one = (struct far_part){part->offset, 1, part->runs * part->length, part->runs * part->length};
    return one;
}

/* Let go of the memory of a part. */
static void let_go(void *data, const struct far_part *part)
{
    const struct far_part p = in_one(part);
    for (size_t r = 0; r < p.runs; r++) {
        const struct pages own = pages_of(data, &p, r);
        madvise((void *)own.begin, own.end - own.begin, MADV_DONTNEED);
    }
}

/* Let the part to come have the pages of the one before: a fresh page costs more than reading it. */
static void move_pages(struct far_item *f, const struct far_part *next)
{
    const struct far_part from = in_one(&f->dropped), to = in_one(next);
    for (size_t r = 0; f->dropped.runs && r < from.runs && r < to.runs; r++) {
        const struct pages a = pages_of(f->x.data, &from, r), b = pages_of(f->x.data, &to, r);
        const uintptr_t begin = b.begin > a.end || b.end <= a.begin ? b.begin : a.end; /* one page may be of both */
        const size_t room = begin < b.end ? b.end - begin : 0, size = a.end - a.begin < room ? a.end - a.begin : room;
        if (size)
            mremap((void *)a.begin, size, size, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, (void *)begin);
    }
}

/* What is left of it. */
static void forget(struct far_item *f, const struct far_part *next)
{
    if (!f->dropped.runs)
        return;
    move_pages(f, next);
    let_go(f->x.data, &f->dropped);
    f->dropped.runs = 0;
}

/* ---- reading and writing ---- */

/* Pieces of a run, which lie between multiples of f->piece: as many as there can be. */
static size_t pieces_of(const struct far_item *f)
{
    return (f->part->length - 1) / f->piece + 2;
}

static void read_pieces(void *context, size_t begin, size_t end, int thread)
{
    struct far_item *f = context;
    const struct far_part *part = f->part;
    const size_t each = pieces_of(f), size = sheaf_dtype_size(f->x.dtype);
    (void)thread;
    for (size_t piece = begin; piece < end; piece++) {
        const size_t run = part->offset + piece / each * part->pitch, run_end = run + part->length;
        const size_t from = (run / f->piece + piece % each) * f->piece, to = from + f->piece;
        const size_t first = from > run ? from : run, last = to < run_end ? to : run_end;
        if (first >= last)
            continue;
        sheaf_error error = {SHEAF_OK, ""};
        const sheaf_status status =
            io_fetch(f->in, f->first + first / size, f->first + last / size, (char *)f->x.data + first, &error);
        if (status != SHEAF_OK && !atomic_flag_test_and_set(&f->failed)) {
            f->status = status;
            f->error = error;
        }
    }
}

static sheaf_status fetch(void *self, int input, const struct far_part *part, sheaf_error *error)
{
    struct far_item *f = self;
    (void)input;
    forget(f, part);
    f->part = part;
    par_pieces(f->team, part->runs * pieces_of(f), 1, read_pieces, f);
    if (f->status != SHEAF_OK && error)
        *error = f->error;
    return f->status;
}

static void drop(void *self, int input, const struct far_part *part)
{
    struct far_item *f = self;
    (void)input;
    if (f->dropped.runs)
        let_go(f->x.data, &f->dropped);
    f->dropped = *part;
}

static sheaf_status written(void *self, int output, const struct far_part *part, sheaf_error *error)
{
    struct far_item *f = self;
    char *data = f->outs[output].data;
    sheaf_status status = SHEAF_OK;
    for (size_t r = 0; r < part->runs && status == SHEAF_OK; r++) {
        const size_t at = part->offset + r * part->pitch;
        status = io_write_at(f->place.out, data + at, part->length, f->place.at + at, error);
    }
    let_go(data, part);
    return status;
}

/* ---- the item ---- */

static size_t bytes_of(const sheaf_view *v)
{
    return (size_t)sheaf_view_size(v) * sheaf_dtype_size(v->dtype);
}

/* The only output is the input as it is, and far. */
static bool is_copy(const struct far_item *f)
{
    return f->far.outputs && program_input_of(f->w->call.compiled, 0) >= 0;
}

/* Outputs that become a file piece by piece; the others have memory, which, where the sink does not keep it, takes of
 * the budget. */
static uint64_t choose_outputs(struct far_item *f, uint64_t budget)
{
    struct worker *w = f->w;
    const struct sink *sink = w->map->sink;
    const bool files = sink->open && !sink->in_memory;
    uint64_t near = 0;
    for (int k = 0; k < w->map->func->nout; k++) {
        const struct compiled *c = w->call.compiled;
        const size_t bytes = bytes_of(&f->outs[k]);
        const int input = program_input_of(c, k);
        const bool streams = program_streams(c, k) || (input >= 0 && f->far.inputs >> input & 1);
        if (bytes > budget / 8 && files && streams)
            f->far.outputs |= (uint64_t)1 << k;
        else if (files)
            near = budget_sum(near, bytes);
    }
    f->far.bytes = (size_t)(near <= budget / 2 ? budget - near : budget) / 2;
    return near;
}

static sheaf_status check(struct far_item *f, uint64_t near, uint64_t budget)
{
    struct worker *w = f->w;
    sheaf_status status = is_copy(f) ? SHEAF_OK : program_check_far(w->call.compiled, &f->far, &w->error);
    if (status != SHEAF_OK || near <= budget / 2)
        return status;
    w->too_large = true;
    return sheaf_error_set(&w->error, SHEAF_NO_MEMORY,
                           "results take %llu bytes, and the memory limit is %llu: raise it (--memory)",
                           (unsigned long long)near, (unsigned long long)budget);
}

/* Give every output its place: the sink's, as ever; or addresses, and a place in a file. */
static sheaf_status place_outputs(struct far_item *f)
{
    struct worker *w = f->w;
    const struct sink *sink = w->map->sink;
    sheaf_status status = SHEAF_OK;
    for (int k = 0; k < w->map->func->nout && status == SHEAF_OK; k++) {
        sheaf_view *out = &f->outs[k];
        const size_t bytes = bytes_of(out);
        if (!(f->far.outputs >> k & 1)) {
            status = sink->place(sink->self, w, f->item, k, out, &w->error);
            continue;
        }
        if (is_copy(f))
            continue;
        out->data = reserve(bytes);
        if (!out->data)
            return sheaf_error_set(&w->error, SHEAF_NO_MEMORY, "no addresses for a result of %zu bytes", bytes);
        f->size[1 + k] = bytes;
    }
    return status;
}

/* From file to file. */
static sheaf_status copy(struct far_item *f)
{
    const size_t bytes = f->size[0], most = f->far.bytes / f->piece ? f->far.bytes / f->piece * f->piece : f->piece;
    struct far_part part = {.runs = 1};
    sheaf_status status = SHEAF_OK;
    f->outs[0].data = f->x.data;
    for (; part.offset < bytes && status == SHEAF_OK && !team_late(f->team); part.offset += part.length) {
        part.length = part.pitch = bytes - part.offset < most ? bytes - part.offset : most;
        status = fetch(f, 0, &part, &f->w->error);
        if (status == SHEAF_OK)
            status = written(f, 0, &part, &f->w->error);
    }
    if (status == SHEAF_OK && team_late(f->team))
        status = sheaf_error_set(&f->w->error, SHEAF_TIMEOUT, "this took too long");
    return status;
}

/* The places are in files only when nothing can be refused any more. */
static sheaf_status compute(struct far_item *f)
{
    struct worker *w = f->w;
    const struct sink *sink = w->map->sink;
    const struct func_call *call = &w->call;
    sheaf_status status = place_outputs(f);
    if (status == SHEAF_OK && f->far.outputs)
        status = sink->open(sink->self, w, f->item, &f->outs[0], &f->place, &w->error);
    if (status != SHEAF_OK)
        return status;
    if (is_copy(f))
        status = copy(f);
    else
        status = program_run_far(call->compiled, call->in, (int64_t)f->item, f->team, f->outs, &f->far, &w->error);
    w->transient = w->transient || f->in->transient;
    if (f->far.outputs) {
        const sheaf_status closed = sink->close(sink->self, w, &f->place, status == SHEAF_OK, &w->error);
        return status == SHEAF_OK ? closed : status;
    }
    return status == SHEAF_OK && sink->deliver ? sink->deliver(sink->self, w, f->item, f->outs, &w->error) : status;
}

bool far_suits(const struct worker *w, const struct io_input *in, int nfiles)
{
    const sheaf_func *func = w->map->func;
    sheaf_options defaults;
    sheaf_options_init(&defaults);
    const bool suits = nfiles == 1 && io_can_fetch(in) && !in->info.fortran_order;
    return suits && func_is_known(func) && (func->program || memcmp(&func->options, &defaults, sizeof defaults) == 0);
}

/* The function as a program, of which passes can be made. */
static sheaf_status as_program(const sheaf_func *func, sheaf_func **made, sheaf_error *error)
{
    char text[128];
    snprintf(text, sizeof text, "%s(x)", func->name);
    return func_program(text, 1, (const char *const[]){"x"}, 0, NULL, NULL, made, error);
}

static sheaf_status run(struct far_item *f, const sheaf_func *func, uint64_t budget)
{
    struct worker *w = f->w;
    int input = 0;
    while (func->bound[input])
        input++;
    sheaf_status status = func_call_begin(&w->call, func, 1, &f->x, f->outs, &w->error);
    if (status != SHEAF_OK)
        return status;
    f->far = (struct far){f, 0, (uint64_t)1 << input, 0, fetch, written, drop};
    f->size[0] = bytes_of(&f->x);
    const size_t grain = (size_t)io_fetch_grain(f->in) * sheaf_dtype_size(f->x.dtype);
    f->piece = grain < READ_BYTES ? READ_BYTES / grain * grain : grain;
    status = check(f, choose_outputs(f, budget), budget);
    if (status == SHEAF_OK && f->team) {
        f->x.data = w->call.in[input].data = reserve(f->size[0]);
        w->bytes += f->size[0];
        status = f->x.data ? compute(f)
                           : sheaf_error_set(&w->error, SHEAF_NO_MEMORY, "no addresses for %zu bytes", f->size[0]);
    }
    func_call_end(&w->call);
    return status;
}

bool far_can(struct worker *w, struct io_input *in, uint64_t budget)
{
    const bool can = far_run(w, 0, in, NULL, 0, NULL, budget) == SHEAF_OK;
    w->too_large = false;
    w->error.message[0] = '\0';
    return can;
}

sheaf_status far_run(struct worker *w, size_t i, struct io_input *in, const sheaf_view *x, uint64_t first,
                     const team *t, uint64_t budget)
{
    const sheaf_func *func = w->map->func;
    struct far_item f = {
        .w = w, .item = i, .in = in, .team = t, .outs = w->output.views, .failed = ATOMIC_FLAG_INIT, .first = first};
    sheaf_func *made = NULL;
    const int ndim = x ? x->ndim : in->info.ndim;
    const int64_t *shape = x ? x->shape : in->info.shape;
    sheaf_status status = sheaf_view_init(&f.x, NULL, in->info.dtype, ndim, shape, &w->error);
    if (status == SHEAF_OK && !func->program)
        status = as_program(func, &made, &w->error);
    if (status == SHEAF_OK)
        status = run(&f, made ? made : func, budget);
    sheaf_func_free(made);
    if (f.x.data)
        munmap(f.x.data, f.size[0]);
    for (int k = 0; k < func->nout; k++)
        if (f.size[1 + k])
            munmap(f.outs[k].data, f.size[1 + k]);
    return status;
}
