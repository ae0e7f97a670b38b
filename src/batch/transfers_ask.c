/* Before an output is continued: whether the URLs of what is done still give the same. */

#include "base/alloc.h"
#include "batch/journal.h"
#include "batch/transfers.h"
#include "io/url.h"
#include <string.h>

struct question {
    struct http_get get;
    size_t url;
    struct io_identity before;
    char name[];
};

struct asking {
    struct map *map;
    const struct contents *had;
    size_t url;  /* the next */
    size_t item; /* that `record` is of; SIZE_MAX: none yet */
    bool done;   /* it was */
    struct record record;
    bool *changed;
};

/* The next URL to ask about; false: there are no more. What no server gave a version of has changed, for all we know.
 */
static bool next_url(struct asking *a, size_t *u)
{
    const struct urls *urls = &a->map->items->urls;
    for (; a->url < urls->n; a->url++) {
        const struct item_url *at = &urls->at[a->url];
        if (at->item != a->item) {
            a->item = at->item;
            a->done = contents_record(a->had, at->item, &a->record) && a->record.status == SHEAF_OK &&
                      a->record.ninputs > at->file;
        }
        if (!a->done)
            continue;
        if (a->record.inputs[at->file].device == IO_URL_DEVICE) {
            *u = a->url++;
            return true;
        }
        a->changed[a->url] = true;
    }
    return false;
}

static struct question *question_new(const struct asking *a, size_t u)
{
    const struct item_url *at = &a->map->items->urls.at[u];
    const size_t n = url_show(at->url, NULL, 0) + 1;
    struct question *q = mem_calloc(1, sizeof *q + n);
    if (!q)
        return NULL;
    url_show(at->url, q->name, n);
    q->url = u;
    q->before = a->record.inputs[at->file];
    q->get = (struct http_get){.url = at->url, .name = q->name, .head = true, .timeout = a->map->options.timeout};
    return q;
}

/* A server that does not answer says nothing against what is done. */
static bool is_another(const struct question *q)
{
    const struct io_identity *now = &q->get.body.identity;
    if (q->get.status != SHEAF_OK)
        return q->get.code == 404 || q->get.code == 410;
    return now->device != q->before.device || now->inode != q->before.inode ||
           (now->size != q->before.size && now->size != UINT64_MAX);
}

sheaf_status transfers_compare(struct http_set *set, struct map *m, int most, const struct contents *had, bool *changed,
                               sheaf_error *error)
{
    struct asking a = {.map = m, .had = had, .item = SIZE_MAX, .changed = changed};
    sheaf_status status = SHEAF_OK;
    struct http_get *get;
    int under_way = 0;
    bool more = true;
    while (more || under_way > 0) {
        size_t u;
        while (under_way < most && more && (more = status == SHEAF_OK && !map_stopped(m) && next_url(&a, &u))) {
            struct question *q = question_new(&a, u);
            if (!q) {
                status = sheaf_error_set(error, SHEAF_NO_MEMORY, "no memory to ask for %zu URLs", m->items->urls.n);
                break;
            }
            http_add(set, &q->get);
            under_way++;
        }
        http_step(set, under_way ? 100 : 0);
        while ((get = http_take(set))) {
            struct question *q = (struct question *)(void *)((char *)get - offsetof(struct question, get));
            changed[q->url] = is_another(q);
            mem_free(q);
            under_way--;
        }
    }
    return status;
}
