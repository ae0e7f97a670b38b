#include "batch/urls.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "batch/items.h"
#include "io/url.h"
#include <stdint.h>
#include <stdio.h>

struct url_name {
    const char *name; /* NULL: free */
    size_t times;
};

void urls_free(struct urls *u)
{
    mem_free(u->at);
    mem_free(u->names);
    *u = (struct urls){0};
}

static struct url_name *find(const struct urls *u, const char *name)
{
    size_t at = (size_t)hash_bytes(name, strlen(name), 0) & (u->slots - 1);
    while (u->names[at].name && strcmp(u->names[at].name, name) != 0)
        at = (at + 1) & (u->slots - 1);
    return &u->names[at];
}

static bool grow_names(struct urls *u)
{
    struct urls larger = {.slots = u->slots ? 2 * u->slots : 64};
    if (2 * u->used < u->slots)
        return true;
    larger.names = mem_calloc(larger.slots, sizeof *larger.names);
    if (!larger.names)
        return false;
    for (size_t k = 0; k < u->slots; k++)
        if (u->names[k].name)
            *find(&larger, u->names[k].name) = u->names[k];
    mem_free(u->names);
    u->names = larger.names;
    u->slots = larger.slots;
    return true;
}

static bool grow(struct urls *u)
{
    const size_t capacity = u->capacity ? 2 * u->capacity : 16;
    if (u->n < u->capacity)
        return true;
    struct item_url *at = mem_realloc(u->at, capacity * sizeof *at);
    if (!at)
        return false;
    u->at = at;
    u->capacity = capacity;
    return true;
}

bool urls_add(struct items *items, int file, const char *url, const char **name)
{
    struct urls *u = &items->urls;
    const char *part = url_part(url);
    const size_t shown = url_show(url, NULL, 0), room = shown + 32 + (part ? strlen(part) : 0);
    char *copy = grow(u) && grow_names(u) ? arena_strdup(&items->arena, url) : NULL;
    char *text = copy ? arena_alloc(&items->arena, room, 1) : NULL;
    if (!text)
        return false;
    url_show(url, text, room);
    snprintf(text + shown, room - shown, "%s%s", part ? "#" : "", part ? part : "");
    struct url_name *known = find(u, text);
    *name = text;
    if (known->times++ == 0) {
        known->name = text;
        u->used++;
    } else { /* the name without a number stays what it is found by */
        char *numbered = arena_alloc(&items->arena, room, 1);
        if (!numbered)
            return false;
        snprintf(numbered, room, "%.*s?%zu%s", (int)shown, text, known->times, text + shown);
        *name = numbered;
    }
    u->at[u->n++] = (struct item_url){copy, items->n, file};
    return true;
}

size_t urls_first(const struct items *items, size_t i)
{
    const struct urls *u = &items->urls;
    size_t low = 0, high = u->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (u->at[middle].item < i)
            low = middle + 1;
        else
            high = middle;
    }
    return low < u->n && u->at[low].item == i ? low : SIZE_MAX;
}

size_t urls_of(const struct items *items, size_t i, int k)
{
    const struct urls *u = &items->urls;
    for (size_t at = urls_first(items, i); at < u->n && u->at[at].item == i; at++)
        if (u->at[at].file == k)
            return at;
    return SIZE_MAX;
}

size_t urls_same(const struct items *items, size_t u)
{
    const struct item_url *at = items->urls.at;
    const size_t n = url_length(at[u].url);
    size_t same = u;
    for (size_t k = u; k-- > 0 && at[k].item == at[u].item;)
        if (url_length(at[k].url) == n && memcmp(at[k].url, at[u].url, n) == 0)
            same = k;
    return same;
}
