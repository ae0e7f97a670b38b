/* Opening HDF5 files, and the list of the datasets in them. Links that lead out of the file, nowhere, or in a circle
 * are parts that say so when they are asked for. */

#ifdef SHEAF_HDF5

#include "base/alloc.h"
#include "io/hdf5.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
    DEPTH_MOST = 32,
    LINKS_MOST = 1 << 18,
    NAME_MOST = 1 << 12,
    CORE_GROWTH = 64 << 10
};

/* ---- the lock, and what the library says ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static H5E_auto2_t printing; /* of the application, given back afterwards */
static void *printing_data;

void hdf5_enter(void)
{
    pthread_mutex_lock(&lock);
    H5Eget_auto2(H5E_DEFAULT, &printing, &printing_data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void hdf5_leave(void)
{
    H5Eclear2(H5E_DEFAULT);
    H5Eset_auto2(H5E_DEFAULT, printing, printing_data);
    pthread_mutex_unlock(&lock);
}

static herr_t innermost(unsigned n, const H5E_error2_t *e, void *to)
{
    if (n == 0 && e->desc)
        snprintf(to, IO_SHOWN, "%s", e->desc);
    return 0;
}

sheaf_status hdf5_refuses(const char *where, sheaf_error *error)
{
    char text[IO_SHOWN] = "it does not say why";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, text);
    return sheaf_error_set(error, SHEAF_FORMAT,
                           "%s: the HDF5 library refuses it: %s; if 'h5dump' does too, copy it again", where, text);
}

const char *hdf5_where(const sheaf_file *file, const char *name, char text[HDF5_WHERE])
{
    char path[IO_SHOWN], part[IO_SHOWN];
    snprintf(text, HDF5_WHERE, "%s:%s", io_shown(file->path, path), io_shown(name, part));
    return text;
}

/* ---- the list ---- */

struct link {
    const char *name;
    H5L_type_t type;
    struct link *next;
};

struct links {
    struct hdf5 *h;
    struct link *first, **last;
    bool memory;
};

/* The group that is walked, and those it is within. */
struct level {
    const struct level *above;
    haddr_t address;
    int depth;
};

static herr_t note_link(hid_t group, const char *name, const H5L_info_t *info, void *user)
{
    struct links *l = user;
    (void)group;
    struct link *link = arena_alloc(&l->h->arena, sizeof *link, sizeof(void *));
    const char *copy = link ? arena_strdup(&l->h->arena, name) : NULL;
    l->memory = copy;
    if (!copy || ++l->h->links > LINKS_MOST)
        return -1;
    *link = (struct link){.name = copy, .type = info->type};
    *l->last = link;
    l->last = &link->next;
    return 0;
}

static sheaf_status add_part(sheaf_file *file, struct hdf5 *h, const char *name, const char *refused,
                             sheaf_error *error)
{
    if (h->n == h->capacity) {
        size_t capacity = h->capacity ? 2 * h->capacity : 16;
        struct hdf5_part *parts = mem_realloc(h->parts, capacity * sizeof *parts);
        if (!parts)
            return io_no_memory(file->path, capacity * sizeof *parts, error);
        h->parts = parts;
        h->capacity = capacity;
    }
    h->parts[h->n++] = (struct hdf5_part){.name = name, .refused = refused};
    return SHEAF_OK;
}

static const char *join(struct arena *arena, const char *prefix, const char *name)
{
    size_t n = strlen(prefix), m = strlen(name) + 1;
    char *text = n + m < NAME_MOST ? arena_alloc(arena, n + m + 1, 1) : NULL;
    if (!text)
        return NULL;
    memcpy(text, prefix, n);
    if (n)
        text[n++] = '/';
    memcpy(text + n, name, m);
    return text;
}

static sheaf_status walk(sheaf_file *file, struct hdf5 *h, hid_t group, const char *prefix, const struct level *at,
                         sheaf_error *error);

/* What a hard or a soft link leads to. */
static sheaf_status visit(sheaf_file *file, struct hdf5 *h, hid_t group, const char *name, const char *path,
                          const struct level *above, sheaf_error *error)
{
    char where[HDF5_WHERE];
    H5O_info_t info;
    sheaf_status status = SHEAF_OK;
    hid_t object = H5Oopen(group, name, h->access);
    if (object < 0)
        return add_part(file, h, path, "a link that leads nowhere, in a circle, or out of the file, is not followed",
                        error);
    if (H5Oget_info(object, &info) < 0)
        status = hdf5_refuses(hdf5_where(file, path, where), error);
    else if (info.type == H5O_TYPE_DATASET)
        status = add_part(file, h, path, NULL, error);
    else if (info.type == H5O_TYPE_GROUP) {
        struct level at = {above, info.addr, above->depth + 1};
        bool circle = false;
        for (const struct level *l = above; l; l = l->above)
            circle = circle || l->address == info.addr;
        if (!circle)
            status = walk(file, h, object, path, &at, error);
    }
    H5Oclose(object);
    return status;
}

/* In the order in which links were made, where the group keeps it. */
static H5_index_t order_of(hid_t group)
{
    unsigned flags = 0;
    hid_t properties = H5Gget_create_plist(group);
    if (properties < 0)
        return H5_INDEX_NAME;
    H5Pget_link_creation_order(properties, &flags);
    H5Pclose(properties);
    return flags & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
}

static sheaf_status walk(sheaf_file *file, struct hdf5 *h, hid_t group, const char *prefix, const struct level *at,
                         sheaf_error *error)
{
    char text[IO_SHOWN], where[HDF5_WHERE];
    struct links links = {.h = h, .last = &links.first, .memory = true};
    hsize_t begin = 0;
    if (at->depth > DEPTH_MOST)
        return sheaf_error_set(error, SHEAF_FORMAT, "%s: its groups lie more than %d deep", io_shown(file->path, text),
                               DEPTH_MOST);
    if (H5Literate(group, order_of(group), H5_ITER_INC, &begin, note_link, &links) < 0) {
        if (!links.memory)
            return io_no_memory(file->path, sizeof(struct link), error);
        if (h->links > LINKS_MOST)
            return sheaf_error_set(error, SHEAF_FORMAT, "%s: it has more than %d links", io_shown(file->path, text),
                                   LINKS_MOST);
        return hdf5_refuses(hdf5_where(file, prefix, where), error);
    }
    sheaf_status status = SHEAF_OK;
    for (const struct link *l = links.first; l && status == SHEAF_OK; l = l->next) {
        const char *path = join(&h->arena, prefix, l->name);
        if (!path)
            return sheaf_error_set(error, SHEAF_FORMAT, "%s: a name in it is longer than %d bytes",
                                   io_shown(file->path, text), NAME_MOST);
        if (l->type == H5L_TYPE_HARD || l->type == H5L_TYPE_SOFT)
            status = visit(file, h, group, l->name, path, at, error);
        else
            status = add_part(file, h, path, "a link to another file is not followed; name that file", error);
    }
    return status;
}

/* ---- open and close ---- */

static herr_t never(const char *file, const char *group, const char *target_file, const char *target, unsigned *flags,
                    hid_t access, void *user)
{
    (void)file, (void)group, (void)target_file, (void)target, (void)flags, (void)access, (void)user;
    return -1;
}

/* A file is opened where it lies, by its descriptor, so that it is the one that was recognised; what came by a stream
 * is given to the library as it is in memory, under a name that no other has. */
static hid_t open_source(const sheaf_file *file, const struct hdf5 *h)
{
    const struct io_source *s = &file->source;
    char name[64];
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), id = -1;
    if (access < 0)
        return -1;
    if (!s->stream) {
        snprintf(name, sizeof name, "/proc/self/fd/%d", s->fd);
        if (H5Pset_file_locking(access, false, true) >= 0)
            id = H5Fopen(name, H5F_ACC_RDONLY, access);
    } else {
        snprintf(name, sizeof name, "sheaf %p", (const void *)h);
        if (H5Pset_fapl_core(access, CORE_GROWTH, false) >= 0 && H5Pset_file_image(access, s->bytes.data, s->got) >= 0)
            id = H5Fopen(name, H5F_ACC_RDONLY, access);
    }
    H5Pclose(access);
    return id;
}

static sheaf_status open_and_list(sheaf_file *file, struct hdf5 *h, sheaf_error *error)
{
    char text[IO_SHOWN];
    H5O_info_t info;
    h->access = H5Pcreate(H5P_LINK_ACCESS);
    if (h->access < 0 || H5Pset_elink_cb(h->access, never, NULL) < 0)
        return io_no_memory(file->path, sizeof *h, error);
    h->file = open_source(file, h);
    if (h->file < 0 || H5Oget_info(h->file, &info) < 0)
        return hdf5_refuses(io_shown(file->path, text), error);
    return walk(file, h, h->file, "", &(struct level){.address = info.addr}, error);
}

sheaf_status hdf5_open(sheaf_file *file, struct hdf5 **out, sheaf_error *error)
{
    struct hdf5 *h = *out = mem_calloc(1, sizeof *h);
    if (!h)
        return io_no_memory(file->path, sizeof *h, error);
    h->file = h->access = h->set.id = h->set.type = -1;
    h->set_part = h->attributes_part = SIZE_MAX;
    sheaf_status status = io_source_size(&file->source, &h->size, error);
    if (status)
        return status;
    hdf5_enter();
    status = open_and_list(file, h, error);
    hdf5_leave();
    return status;
}

void hdf5_close(struct hdf5 *h)
{
    if (!h)
        return;
    hdf5_enter();
    hdf5_set_close(&h->set);
    if (h->access >= 0)
        H5Pclose(h->access);
    if (h->file >= 0)
        H5Fclose(h->file);
    hdf5_leave();
    arena_free(&h->arena);
    mem_free(h->parts);
    mem_free(h);
}

#else
typedef int hdf5_list_is_empty;
#endif
