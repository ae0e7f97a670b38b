/* Chains that are fed: of their inputs and stored values only a region is there at a time. */

#include "fuse_chains.h"

/* Inputs and stored values of which only the region at hand is there; the rest is rubbish. */
struct fed {
    const struct chain *c;
    sheaf_view in[3], near_in[3], *outs, near_outs[FUSE_MOST_ENDS * 5];
    size_t regions;
};

static void move_region(const struct fuse_region *r, const sheaf_view *from, const sheaf_view *to)
{
    const size_t size = sheaf_dtype_size(to->dtype);
    for (size_t i = 0; i < r->runs; i++) {
        char *y = (char *)to->data + (r->first + i * r->pitch) * size;
        if (from)
            memcpy(y, (const char *)from->data + (r->first + i * r->pitch) * size, r->length * size);
        else
            memset(y, 0xee, r->length * size);
    }
}

static sheaf_status fetch(void *self, const struct fuse_region *r, sheaf_error *e)
{
    struct fed *f = self;
    (void)e;
    for (int k = 0; k < 3; k++)
        move_region(r, &f->in[k], &f->near_in[k]);
    f->regions++;
    return SHEAF_OK;
}

static sheaf_status release(void *self, const struct fuse_region *r, sheaf_error *e)
{
    struct fed *f = self;
    (void)e;
    for (int k = 0; k < 3; k++)
        move_region(r, NULL, &f->near_in[k]);
    for (int k = 0, out = 0; k < f->c->f.nends; k++) {
        const struct op *op = f->c->ends[k].op;
        if (!op || op->class == CLASS_SCAN) {
            move_region(r, &f->near_outs[out], &f->outs[out]);
            move_region(r, NULL, &f->near_outs[out]);
        }
        out += op ? op->info.nout : 1;
    }
    return SHEAF_OK;
}

static sheaf_view rubbish_like(const sheaf_view *v)
{
    sheaf_view out = *v;
    const size_t bytes = (size_t)sheaf_view_size(v) * sheaf_dtype_size(v->dtype);
    out.data = malloc(bytes + 16);
    memset(out.data, 0xee, bytes);
    return out;
}

static void check_fed(const struct chain *c, const char *text, const sheaf_view *in, const struct expected *e,
                      size_t elements, int threads)
{
    struct fed f = {.c = c};
    sheaf_view outs[FUSE_MOST_ENDS * 5];
    const struct fuse_feed feed = {&f, elements, fetch, release};
    int n = 0;
    for (int k = 0; k < 3; k++) {
        ck_ok(sheaf_view_init(&f.in[k], NULL, in[k].dtype, in[k].ndim, in[k].shape, error));
        f.in[k] = rubbish_like(&f.in[k]);
        ck_ok(sheaf_view_copy(&in[k], &f.in[k], error));
        f.near_in[k] = rubbish_like(&f.in[k]);
    }
    for (int k = 0; k < c->f.nends; k++)
        for (int i = 0; i < (c->ends[k].op ? c->ends[k].op->info.nout : 1); i++, n++) {
            const bool far = !c->ends[k].op || c->ends[k].op->class == CLASS_SCAN;
            outs[n] = room_like(&e->outs[n], false);
            f.near_outs[n] = far ? rubbish_like(&e->outs[n]) : outs[n];
        }
    f.outs = outs;
    ck_ok(fuse_run_fed(&c->f, f.near_in, &(team){.threads = threads}, f.near_outs, &feed, error));
    ck_assert_uint_ge(f.regions, sheaf_view_size(in) > 0);
    for (int k = 0; k < n; k++) {
        ck_assert_msg(same_bits(outs[k].data, e->outs[k].data, (size_t)sheaf_view_size(&outs[k]), outs[k].dtype),
                      "%s: output %d of %s, fed %zu elements at a time, %d threads", text, k,
                      sheaf_dtype_name(in->dtype), elements, threads);
        if (f.near_outs[k].data != outs[k].data)
            free(f.near_outs[k].data);
        free(outs[k].data);
    }
    for (int k = 0; k < 3; k++) {
        free(f.near_in[k].data);
        free(f.in[k].data);
    }
}

static void check_shape(const struct chain *c, const char *text, sheaf_dtype dtype, int ndim, const int64_t *shape)
{
    struct expected e;
    sheaf_view in[3];
    void *memory[3];
    for (int i = 0; i < c->f.nends; i++)
        if (c->options[i].naxes > ndim && c->ends[i].op)
            return;
    for (int k = 0; k < 3; k++)
        in[k] = make_input(dtype, ndim, shape, PLAIN, (size_t)k, &memory[k]);
    if (expect(&e, c, in)) {
        if (fuse_can_be_fed(&c->f, in)) {
            check_fed(c, text, in, &e, 1, 1);
            check_fed(c, text, in, &e, 20000, 2);
            check_fed(c, text, in, &e, 100000, 3);
        }
        expected_free(&e, c->f.nsteps);
    }
    for (int k = 0; k < 3; k++)
        free(memory[k]);
}

START_TEST(regions)
{
    static const int64_t shapes[][4] = {{1, 4095},    {1, 30000},    {2, 7, 5000},  {2, 1000, 3},    {3, 5, 70, 3},
                                        {2, 9000, 5}, {2, 2500, 40}, {2, 12, 5000}, {3, 2500, 3, 7}, {3, 3, 1500, 7}};
    static const sheaf_dtype dtypes[] = {SHEAF_F64, SHEAF_F32, SHEAF_I32, SHEAF_C128};
    struct chain c;
    chain_parse(&c, chains[_i]);
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (size_t d = 0; d < sizeof dtypes / sizeof dtypes[0]; d++)
            check_shape(&c, *chains[_i][0] ? chains[_i][0] : chains[_i][1], dtypes[d], (int)shapes[s][0],
                        shapes[s] + 1);
}
END_TEST

/* All that reduces, scans or stores over matching axes can be fed. */
START_TEST(what_can_be_fed)
{
    const int64_t shape[] = {_i ? 12 : 9000, 50};
    struct chain c;
    sheaf_view in[3];
    static const char *const texts[][2] = {
        {"sub a b;square 0", "1;1 sum;0 std;1 max"},
        {"sub a b;square 0", "1 mean axis=0;0 std axis=0;1"},
        {"sub a b", "0 mean axis=-1;0 argmax axis=-1;0 cumsum axis=-1"},
        {"", "a cumsum;a sum"},
        {"", "a sum axis=0;a prod axis=0"},
    };
    for (int k = 0; k < 3; k++)
        in[k] = awkward_view(SHEAF_F64, 2, shape, (size_t)k, 0);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        chain_parse(&c, texts[i]);
        ck_assert_msg(fuse_can_be_fed(&c.f, in), "%s %s", texts[i][0], texts[i][1]);
    }
    for (int k = 0; k < 3; k++)
        free(in[k].data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ops: fuse, fed");
    TCase *t = tcase_create("fed");
    tcase_set_timeout(t, 300);
    tcase_add_loop_test(t, regions, 0, CHAINS);
    tcase_add_loop_test(t, what_can_be_fed, 0, 2);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
