#include "array/array.h"
#include "ops/scan.h"
#include <sched.h>
#include <string.h>

bool scanner_choose(struct scanner *s, enum scan_kind kind, sheaf_dtype work)
{
    const struct kernels *k = kernels();
    s->kind = kind;
    s->work = work;
    s->size = sheaf_dtype_size(work);
    s->blocks = kind == S_cumsum && !dtype_is_integer(work);
    s->scan = k->scan[kind][work];
    s->end = k->scan_end[kind][work];
    s->columns = k->scan_columns[kind][work];
    return s->scan != NULL;
}

struct scan_state scanner_start(const struct scanner *s, const void *first)
{
    struct scan_state state = {{0, 0}, {0, 0}};
    if (s->kind == S_cummin || s->kind == S_cummax) {
        memcpy(state.carry, first, s->size);
    } else if (s->blocks) {
        for (int k = 0; k < 2; k++)
            state.carry[k] = state.local[k] = -0.0;
    } else if (s->kind == S_cumprod) {
        const int64_t one = 1;
        state.carry[0] = 1;
        if (s->work == SHEAF_I64 || s->work == SHEAF_U64)
            memcpy(state.carry, &one, sizeof one);
    }
    return state;
}

void scanner_end_block(const struct scanner *s, struct scan_state *state)
{
    for (int k = 0; s->blocks && k < 2; k++) {
        state->carry[k] += state->local[k];
        state->local[k] = -0.0;
    }
}

void scanner_follow(const struct scanner *s, const struct scan_state *block, struct scan_state *state)
{
    if (s->blocks) {
        memcpy(state->local, block->local, sizeof block->local);
        scanner_end_block(s, state);
    } else {
        s->end(1, block->carry, state);
    }
}

void scan_wait(atomic_size_t *turn, size_t piece)
{
    for (int tries = 0; atomic_load_explicit(turn, memory_order_acquire) != piece; tries++) {
        if (tries > 200)
            sched_yield();
#if defined(__x86_64__)
        else
            __builtin_ia32_pause();
#endif
    }
}
