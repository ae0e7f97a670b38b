/* --trace: what each thread did, as chrome://tracing and Perfetto read it. */

#include "json.h"
#include "map.h"

static double micro(uint64_t ns)
{
    return (double)ns / 1e3;
}

/* A complete event; its arguments, if any, are to follow. */
static void open_event(struct json *j, const char *name, const char *category, int thread, uint64_t begin, uint64_t end)
{
    json_open(j, NULL, '{');
    j->flat = j->depth;
    json_text(j, "name", name);
    json_text(j, "cat", category);
    json_text(j, "ph", "X");
    json_whole(j, "pid", 1);
    json_whole(j, "tid", thread);
    json_real(j, "ts", micro(begin));
    json_real(j, "dur", micro(end - begin));
}

static void write_stage(struct json *j, const char *name, int thread, uint64_t begin, uint64_t end)
{
    if (begin == end)
        return;
    open_event(j, name, "stage", thread, begin, end);
    json_close(j, '}');
}

static void write_attempt(struct json *j, const char *name, const sheaf_attempt *a)
{
    open_event(j, name, "item", a->thread, a->begin, a->end);
    json_open(j, "args", '{');
    json_whole(j, "index", (int64_t)a->item);
    json_whole(j, "attempt", a->attempt);
    json_text(j, "status", sheaf_status_name(a->status));
    json_whole(j, "bytes", (int64_t)a->bytes);
    json_whole(j, "threads", a->threads);
    json_close(j, '}');
    json_close(j, '}');
    write_stage(j, "open", a->thread, a->begin, a->opened);
    write_stage(j, "read", a->thread, a->opened, a->read);
    write_stage(j, "compute", a->thread, a->read, a->computed);
    if (a->status == SHEAF_OK)
        write_stage(j, "deliver", a->thread, a->computed, a->end);
}

/* What a process or a thread is called. */
static void write_name(struct json *j, const char *what, int thread, const char *name)
{
    json_open(j, NULL, '{');
    j->flat = j->depth;
    json_text(j, "name", what);
    json_text(j, "ph", "M");
    json_whole(j, "pid", 1);
    json_whole(j, "tid", thread);
    json_open(j, "args", '{');
    json_text(j, "name", name);
    json_close(j, '}');
    json_close(j, '}');
}

struct trace {
    const struct map_request *r;
    const sheaf_results *results;
};

static void write_body(struct json *j, void *user)
{
    const struct trace *t = user;
    const int threads = t->results ? sheaf_results_report(t->results).threads : 0;
    size_t lost = 0, n = t->results ? sheaf_results_attempts_kept(t->results, &lost) : 0;
    char name[32];
    json_open(j, NULL, '{');
    json_text(j, "displayTimeUnit", "ms");
    json_open(j, "otherData", '{');
    json_text(j, "function", t->r->function);
    json_whole(j, "attempts_left_out", (int64_t)lost);
    json_close(j, '}');
    json_open(j, "traceEvents", '[');
    write_name(j, "process_name", 0, "sheaf map");
    for (int k = 0; k < threads; k++) {
        snprintf(name, sizeof name, "thread %d", k);
        write_name(j, "thread_name", k, name);
    }
    for (size_t k = 0; k < n; k++) {
        const sheaf_attempt a = sheaf_results_attempt_at(t->results, k);
        write_attempt(j, map_item_name(t->r, a.item), &a);
    }
    json_close(j, ']');
    json_close(j, '}');
}

int map_write_trace(const struct map_request *r, const sheaf_results *results)
{
    return json_file(r->trace, "trace", write_body, &(struct trace){r, results});
}
