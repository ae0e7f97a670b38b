/* Maps over URLs, with a server that fails in every way. */

#include "base/alloc.h"
#include "base/pool.h"
#include "batch/driver.h"
#include "io/http.h"
#include "io/url.h"
#include "url_server.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum {
    N = 8,
    LENGTH = 1000
};

/* f0.npy … hold LENGTH numbers from i on. */
static void begin(void)
{
    char name[16];
    server_start();
    for (int i = 0; i < N; i++) {
        snprintf(name, sizeof name, "f%d.npy", i);
        save_numbers(path_in(served, name), LENGTH, i);
    }
}

/* The mean of i, i + 1, … */
static double mean_of(int i)
{
    return i + (LENGTH - 1) / 2.0;
}

/* Back-off short enough for a test. */
static sheaf_http quick(void)
{
    sheaf_http http;
    sheaf_http_init(&http);
    http.backoff = 0.01;
    return http;
}

static sheaf_results *mean_with(const sheaf_http *http, sheaf_map_options *options, size_t n, const char *const *paths)
{
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = named("mean");
    sheaf_map_options defaults;
    sheaf_map_options_init(&defaults);
    options = options ? options : &defaults;
    options->http = http;
    ck_ok(sheaf_batch_from_files(paths, n, &batch, error));
    ck_ok(sheaf_map(func, batch, options, &results, error));
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    return results;
}

#define MEANS(http, options, ...)                                                                   \
    mean_with((http), (options), sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *), \
              (const char *const[]){__VA_ARGS__})

/* ---- a map over what a server gives ---- */

/* The bits of files, whatever the number of threads and the order of arrival. */
START_TEST(urls_and_files_in_one_batch)
{
    const char *urls[40], *files[40];
    char names[40][64], *paths[40];
    for (int i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "slow/%d/f%d.npy", i % 3 ? 0 : 20 - i % 7, i % N);
        paths[i] = strdup(path_in(served, strrchr(names[i], 'f')));
        files[i] = paths[i];
        urls[i] = i % 4 == 1 ? files[i] : url_of(names[i]);
    }
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    sheaf_results *expected = mean_with(NULL, &options, 40, files);
    for (int threads = 1; threads < 5; threads++) {
        options.threads = threads;
        sheaf_results *results = mean_with(NULL, &options, 40, urls);
        ck_assert_uint_eq(sheaf_results_failed(results), 0);
        for (size_t i = 0; i < 40; i++) {
            ck_assert(number_of(results, i, 0) == number_of(expected, i, 0));
            ck_assert(number_of(results, i, 0) == mean_of((int)i % N));
        }
        ck_assert_uint_eq(sheaf_results_report(results).bytes_in, 40 * LENGTH * 8);
        sheaf_results_free(results);
    }
    sheaf_results_free(expected);
    for (int i = 0; i < 40; i++)
        free(paths[i]);
}
END_TEST

START_TEST(what_breaks_is_asked_for_again)
{
    const sheaf_http http = quick();
    sheaf_results *r = MEANS(&http, NULL, url_of("drop/2/f1.npy"), url_of("dropplain/1/f2.npy"),
                             url_of("busy/2/503/-/f3.npy"), url_of("busy/1/429/1/f4.npy"), url_of("nolength/f5.npy"),
                             url_of("gzip/f6.npy"), url_of("replace/1/f7.npy"));
    for (size_t i = 0; i < 6; i++)
        ck_assert(number_of(r, i, 0) == mean_of((int)i + 1));
    /* The last number of the second version is 0: no byte of the first is left in it. */
    ck_assert(number_of(r, 6, 0) == (mean_of(7) * LENGTH - (7 + LENGTH - 1)) / LENGTH);
    /* Of 8128 bytes half, and of the rest half again. */
    ck_assert_int_eq(asked("/drop/2/f1.npy"), 3);
    ck_assert_int_eq(asked("/drop/2/f1.npy range=bytes=4064- if-range="), 1);
    ck_assert_int_eq(asked("/drop/2/f1.npy range=bytes=6096- if-range="), 1);
    ck_assert_int_eq(asked("/dropplain/1/f2.npy"), 2);
    ck_assert_int_eq(asked("/dropplain/1/f2.npy range"), 0);
    ck_assert_int_eq(asked("/busy/2/503/-/f3.npy"), 3);
    sheaf_results_free(r);
}
END_TEST

START_TEST(failures_say_what_was_wrong)
{
    sheaf_http http = quick();
    http.attempts = 3;
    http.most = 1 << 20;
    char port[64];
    snprintf(port, sizeof port, "http://127.0.0.1:%d/f0.npy?secret", 1);
    sheaf_results *r =
        MEANS(&http, NULL, url_of("missing.npy?secret"), url_of("busy/9/500/-/f1.npy"), url_of("longer/f1.npy"),
              url_of("shorter/f1.npy"), url_of("loop"), url_of("hops/11/f1.npy"),
              url_of("to/302/file%3A%2F%2F%2Fetc%2Fpasswd"), url_of("busy/1/503/7200/f1.npy"), url_of("endless"), port,
              url_of("headers"), url_of("hops/10/f1.npy"));
    static const char *const parts[] = {"missing.npy: the server answers 404 (Not Found), after 1 attempt",
                                        "answers 500 (Internal Server Error), after 3 attempts",
                                        "the connection broke after 8128 of 9128 bytes",
                                        "it was cut short",
                                        "redirected more than 10 times, at last to http://127.0.0.1",
                                        "redirected more than 10 times",
                                        "redirected to file:, and only http and https are followed",
                                        "asks to wait 7200 s",
                                        "sends more than 1048576 bytes",
                                        "after 3 attempts",
                                        "the server sends more than 262144 bytes of headers"};
    for (size_t i = 0; i < 11; i++) {
        ck_status(r, i, i == 3 || i == 10 ? SHEAF_FORMAT : SHEAF_IO);
        ck_has(message_of(r, i), parts[i]);
        ck_assert_ptr_null(strstr(message_of(r, i), "secret"));
    }
    ck_assert(number_of(r, 11, 0) == mean_of(1));
    sheaf_results_free(r);
}
END_TEST

/* Further attempts at the item are whole ones: each has its own at the transfer. */
START_TEST(retries_add_attempts)
{
    sheaf_http http = quick();
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    http.attempts = 2;
    options.retries = 2;
    sheaf_results *r = MEANS(&http, &options, url_of("busy/5/500/-/f2.npy"), url_of("f3.npy"), url_of("missing2.npy"));
    ck_assert(number_of(r, 0, 0) == mean_of(2));
    ck_assert(number_of(r, 1, 0) == mean_of(3));
    ck_assert_int_eq(sheaf_results_attempts(r, 0), 3);
    ck_assert_int_eq(sheaf_results_attempts(r, 2), 1);
    ck_assert_int_eq(asked("/busy/5/500/-/f2.npy"), 6);
    sheaf_results_free(r);
}
END_TEST

START_TEST(time_is_bounded)
{
    sheaf_http http = quick();
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.timeout = 0.2;
    sheaf_results *r = MEANS(&http, &options, url_of("drip"), url_of("slow/9999/f1.npy"), url_of("f1.npy"));
    ck_status(r, 0, SHEAF_TIMEOUT);
    ck_status(r, 1, SHEAF_TIMEOUT);
    ck_has(message_of(r, 0), "drip: fetching it took too long");
    ck_assert(number_of(r, 2, 0) == mean_of(1));
    sheaf_results_free(r);
    http.stall = 1;
    http.attempts = 1;
    r = MEANS(&http, NULL, url_of("drip"));
    ck_status(r, 0, SHEAF_IO);
    sheaf_results_free(r);
}
END_TEST

struct holding {
    const char *release;
    int after; /* so many items */
    atomic_int computed;
};

static sheaf_status count_and_release(const sheaf_view *inputs, const sheaf_item *item, sheaf_output *out, void *user,
                                      sheaf_error *error)
{
    (void)item;
    sheaf_file *file;
    struct holding *h = user;
    if (atomic_fetch_add(&h->computed, 1) + 1 == h->after)
        sheaf_url_open(url_of(h->release), NULL, NULL, &file, NULL, NULL);
    return sheaf_output_f64(out, ((const double *)inputs->data)[0], error);
}

/* The first URL answers only when all others have been computed. */
START_TEST(items_are_computed_while_others_download)
{
    struct holding holding = {.release = "release/all", .after = N - 1};
    const char *urls[N];
    char name[24];
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_func *func = callback(count_and_release, &holding, 1);
    for (int i = 0; i < N; i++) {
        snprintf(name, sizeof name, i ? "f%d.npy" : "hold/all/f%d.npy", i);
        urls[i] = url_of(name);
    }
    ck_ok(sheaf_batch_from_files(urls, N, &batch, error));
    ck_ok(sheaf_map(func, batch, NULL, &results, error));
    for (size_t i = 0; i < N; i++)
        ck_assert(number_of(results, i, 0) == (double)i);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* A host that has all the transfers it may have holds up its own URLs alone. */
START_TEST(hosts_have_a_cap)
{
    struct holding holding = {.release = "release/host", .after = 3};
    char other[3][64];
    sheaf_http http = quick();
    http.per_host = 1;
    for (int k = 0; k < 3; k++)
        snprintf(other[k], sizeof other[k], "http://127.0.0.2:%d/f%d.npy?capped", server_port, k);
    const char *const urls[] = {url_of("hold/host/f5.npy"), url_of("f6.npy?capped"), other[0], other[1], other[2]};
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_map_options options;
    sheaf_func *func = callback(count_and_release, &holding, 1);
    sheaf_map_options_init(&options);
    options.http = &http;
    ck_ok(sheaf_batch_from_files(urls, 5, &batch, error));
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_assert_uint_eq(sheaf_results_failed(results), 0);
    size_t n;
    char *log = file_read(server_log, &n);
    const char *last = strstr(log, "/f2.npy?capped"), *release = strstr(log, "/release/host"),
               *held = strstr(log, "/f6.npy?capped");
    ck_assert(last && release && held && last < release && release < held);
    free(log);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* What memory does not hold is on disk, and gives the same. */
START_TEST(memory_is_bounded)
{
    const char *urls[6];
    char name[32];
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.memory = 400000; /* a fourth of it is for what is fetched */
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "large%d.npy", i);
        save_numbers(path_in(served, name), 30000, i);
        snprintf(name, sizeof name, i < 3 ? "large%d.npy" : "nolength/large%d.npy", i);
        urls[i] = url_of(name);
    }
    sheaf_results *r = mean_with(NULL, &options, 6, urls);
    for (size_t i = 0; i < 6; i++)
        ck_assert(number_of(r, i, 0) == (double)i + 14999.5);
    const sheaf_map_report report = sheaf_results_report(r);
    ck_assert_uint_eq(report.memory, 400000);
    ck_assert_uint_le(report.peak_memory, 400000);
    sheaf_results_free(r);
}
END_TEST

/* ---- whom a redirect may lead to ---- */

/* As if 127.0.0.1 were of the internet. */
static bool one_is_public(const struct sockaddr *address)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
    return address->sa_family == AF_INET && v4->sin_addr.s_addr == htonl(INADDR_LOOPBACK);
}

static bool none_is_public(const struct sockaddr *address)
{
    (void)address;
    return false;
}

START_TEST(redirects_keep_out_of_private_networks)
{
    const sheaf_http http = quick();
    char to[128], at[128], back[300];
    snprintf(to, sizeof to, "to/302/http%%3A%%2F%%2F127.0.0.2%%3A%d%%2Ff3.npy%%3Fprivate", server_port);
    snprintf(at, sizeof at, "http://127.0.0.2:%d/f4.npy", server_port);
    /* Two redirects: to the private one by way of another public one. */
    snprintf(
        back, sizeof back,
        "to/307/http%%3A%%2F%%2F127.0.0.1%%3A%d%%2Fto%%2F302%%2Fhttp%%253A%%252F%%252F127.0.0.2%%253A%d%%252Ff5.npy",
        server_port, server_port);
    /* The user himself may name what he likes, and leave a connection to it open. */
    address_judge = one_is_public;
    sheaf_results *r = MEANS(&http, NULL, at, url_of(to), url_of(back));
    ck_assert(number_of(r, 0, 0) == mean_of(4));
    for (size_t i = 1; i < 3; i++) {
        ck_status(r, i, SHEAF_IO);
        ck_has(message_of(r, i), "redirected from a public address to a private one, http://127.0.0.2");
    }
    ck_assert_int_eq(asked("GET /f3.npy?private"), 0);
    sheaf_results_free(r);
    address_judge = none_is_public; /* from one private address to another */
    r = MEANS(&http, NULL, url_of(to));
    ck_assert(number_of(r, 0, 0) == mean_of(3));
    ck_assert_int_eq(asked("GET /f3.npy?private"), 1);
    sheaf_results_free(r);
}
END_TEST

START_TEST(headers_go_to_one_host_alone)
{
    static const char *const headers[] = {"X-Test: secret"};
    sheaf_http http = quick();
    char to[128], own[128], user[300];
    http.headers = headers;
    http.nheaders = 1;
    snprintf(to, sizeof to, "to/302/http%%3A%%2F%%2F127.0.0.2%%3A%d%%2Ff6.npy%%3Faway", server_port);
    snprintf(own, sizeof own, "to/302/http%%3A%%2F%%2F127.0.0.1%%3A%d%%2Ff6.npy%%3Fown", server_port);
    snprintf(user, sizeof user, "http://me:pw@127.0.0.1:%d/%s", server_port, to);
    sheaf_results *r = MEANS(&http, NULL, url_of(to), url_of(own), user);
    ck_assert_uint_eq(sheaf_results_failed(r), 0);
    ck_assert_int_eq(asked("/f6.npy?away"), 2);
    ck_assert_int_eq(asked("/f6.npy?away x-test"), 0);
    ck_assert_int_eq(asked("/f6.npy?away authorization"), 0);
    ck_assert_int_eq(asked("/f6.npy?own x-test=secret"), 1);
    ck_assert_int_eq(asked("authorization=Basic bWU6cHc= x-test=secret"), 1);
    sheaf_results_free(r);
}
END_TEST

START_TEST(options_are_checked)
{
    static const char *const bad[] = {"no colon", "Range: bytes=0-1", "A: b\r\nC: d", ": x", "if-none-match: x"};
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_http http = quick(), checked;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        http.headers = &bad[k];
        http.nheaders = 1;
        ck_assert_int_eq(http_options(&http, &checked, &error), SHEAF_INVALID);
    }
    http = quick();
    http.connections = 1001;
    ck_assert_int_eq(http_options(&http, &checked, &error), SHEAF_INVALID);
    http.connections = -1;
    ck_assert_int_eq(http_options(&http, &checked, &error), SHEAF_INVALID);
}
END_TEST

/* ---- the cache ---- */

START_TEST(cached_bodies_are_asked_about)
{
    sheaf_http http = quick();
    char *cache = strdup(path_in(served, "cache")), line[600];
    http.cache = cache;
    for (int k = 0; k < 3; k++) {
        sheaf_results *r =
            MEANS(&http, NULL, url_of("f2.npy?cached"), url_of("dated/f3.npy?cached"), url_of("plain/f4.npy?cached"));
        for (size_t i = 0; i < 3; i++)
            ck_assert(number_of(r, i, 0) == mean_of((int)i + 2));
        sheaf_results_free(r);
    }
    ck_assert_int_eq(asked("/f2.npy?cached"), 3);
    ck_assert_int_eq(asked("/f2.npy?cached if-none-match"), 2);
    ck_assert_int_eq(asked("/dated/f3.npy?cached if-modified-since"), 2);
    ck_assert_int_eq(asked("/plain/f4.npy?cached if-"), 0);
    /* Damaged bodies are fetched anew, and so is what has changed. */
    snprintf(line, sizeof line,
             "for f in %s/urls/*-*; do printf 12345678 | dd of=$f bs=1 seek=2000 conv=notrunc status=none; done",
             cache);
    ck_assert_int_eq(system(line), 0);
    sheaf_results *r = MEANS(&http, NULL, url_of("f2.npy?cached"));
    ck_assert(number_of(r, 0, 0) == mean_of(2));
    sheaf_results_free(r);
    save_numbers(path_in(served, "f2.npy"), LENGTH, 50);
    r = MEANS(&http, NULL, url_of("f2.npy?cached"));
    ck_assert(number_of(r, 0, 0) == mean_of(50));
    sheaf_results_free(r);
    save_numbers(path_in(served, "f2.npy"), LENGTH, 2);
    free(cache);
}
END_TEST

/* ---- streams, isolation, cancelling, continuing ---- */

START_TEST(streams_keep_their_order)
{
    const char *urls[24];
    char name[40];
    sheaf_batch *batch = NULL;
    sheaf_stream *stream = NULL;
    sheaf_array *array;
    sheaf_map_options options;
    sheaf_error item;
    size_t i, next = 0;
    sheaf_http http = quick();
    sheaf_func *func = named("mean");
    http.connections = 4;
    http.attempts = 1;
    sheaf_map_options_init(&options);
    options.http = &http;
    options.threads = 3;
    options.retries = 1;
    for (int k = 0; k < 24; k++) {
        snprintf(name, sizeof name, k % 5 == 4 ? "busy/1/500/%d/f%d.npy" : "slow/%d/f%d.npy", 7 * (k % 4), k % N);
        urls[k] = url_of(name);
    }
    ck_ok(sheaf_batch_from_files(urls, 24, &batch, error));
    ck_ok(sheaf_map_open(func, batch, &options, &stream, error));
    while (sheaf_map_next(stream, &i, &array, &item)) {
        ck_assert_uint_eq(i, next);
        ck_assert_msg(item.status == SHEAF_OK, "%s", item.message);
        const sheaf_view view = sheaf_array_view(array);
        ck_assert(*(const double *)view.data == mean_of((int)next++ % N));
        sheaf_array_free(array);
    }
    ck_assert_uint_eq(next, 24);
    ck_ok(sheaf_map_close(stream, NULL, error));
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* A worker process has the bytes, and no network. */
START_TEST(worker_processes_get_the_bytes)
{
    const sheaf_http http = quick();
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.isolate = SHEAF_ISOLATE_ALWAYS;
    options.threads = 2;
    sheaf_results *r = MEANS(&http, &options, url_of("f1.npy"), path_in(served, "f2.npy"), url_of("drop/1/f3.npy"),
                             url_of("missing3.npy"), url_of("gzip/f4.npy"));
    for (int i = 0; i < 5; i++)
        if (i != 3)
            ck_assert(number_of(r, (size_t)i, 0) == mean_of(i < 3 ? i + 1 : i));
    ck_has(message_of(r, 3), "404 (Not Found)");
    sheaf_results_free(r);
}
END_TEST

static sheaf_status cancel_now(const sheaf_view *inputs, const sheaf_item *item, sheaf_output *out, void *user,
                               sheaf_error *error)
{
    (void)inputs, (void)item;
    sheaf_cancel(user);
    return sheaf_output_f64(out, 1, error);
}

/* What never ends is ended at once. */
START_TEST(cancelling_ends_transfers)
{
    const char *const urls[] = {url_of("f1.npy"), url_of("drip"), url_of("endless")};
    volatile int flag = 0;
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_map_options options;
    sheaf_func *func = callback(cancel_now, (void *)(uintptr_t)&flag, 1);
    sheaf_map_options_init(&options);
    options.cancel = &flag;
    ck_ok(sheaf_batch_from_files(urls, 3, &batch, error));
    ck_ok(sheaf_map(func, batch, &options, &results, error));
    ck_status(results, 0, SHEAF_OK);
    ck_status(results, 1, SHEAF_SKIPPED);
    ck_status(results, 2, SHEAF_SKIPPED);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}
END_TEST

/* Every allocation fails once, or from then on: nothing hangs, nothing is lost track of, and what is done is right. */
START_TEST(running_out_of_memory)
{
    const char *const urls[] = {url_of("f1.npy"), path_in(served, "f2.npy"), url_of("f3.npy")};
    const sheaf_http http = quick();
    sheaf_func *func = named("mean");
    sheaf_map_options options;
    sheaf_map_options_init(&options);
    options.http = &http;
    options.threads = 2;
    bool whole = false;
    for (int always = 0; always < 2; always++) {
        whole = false;
        for (long k = 1; !whole; k++) {
            sheaf_batch *batch = NULL;
            sheaf_results *results = NULL;
            ck_assert_int_lt(k, 500);
            pool_trim();
            const long live = mem_live();
            mem_fail_at(k, always);
            sheaf_status status = sheaf_batch_from_files(urls, 3, &batch, NULL);
            if (status == SHEAF_OK)
                status = sheaf_map(func, batch, &options, &results, NULL);
            const bool came = mem_calls() >= k;
            mem_fail_at(0, 0);
            ck_assert(status == SHEAF_OK || status == SHEAF_NO_MEMORY);
            for (size_t i = 0; status == SHEAF_OK && i < 3; i++)
                if (sheaf_results_status(results, i, NULL) == SHEAF_OK)
                    ck_assert(number_of(results, i, 0) == mean_of((int)i + 1));
                else
                    ck_status(results, i, SHEAF_NO_MEMORY);
            whole = !came && status == SHEAF_OK && sheaf_results_failed(results) == 0;
            sheaf_results_free(results);
            sheaf_batch_free(batch);
            pool_trim();
            ck_assert_int_eq(mem_live(), live);
        }
    }
    sheaf_func_free(func);
}
END_TEST

static sheaf_map_report continue_with(const char *const *urls, size_t n, const char *out, bool resume)
{
    sheaf_batch *batch = NULL;
    sheaf_results *results = NULL;
    sheaf_map_options options;
    sheaf_func *func = named("mean");
    sheaf_http http = quick();
    sheaf_map_options_init(&options);
    options.journal = true;
    options.resume = resume;
    options.http = &http;
    ck_ok(sheaf_batch_from_files(urls, n, &batch, error));
    ck_ok(sheaf_map_to(func, batch, &options, out, &results, error));
    const sheaf_map_report report = sheaf_results_report(results);
    sheaf_results_free(results);
    sheaf_batch_free(batch);
    sheaf_func_free(func);
    return report;
}

/* What has an ETag is not fetched again as long as that is the same, whatever its query is now; what has none is. */
START_TEST(urls_are_continued)
{
    char *out = strdup(path_in(served, "out.csv"));
    const char *const urls[] = {url_of("f4.npy?signed=1"), url_of("f5.npy?signed=1"), url_of("plain/f6.npy"),
                                url_of("later.npy")};
    const char *const signed_anew[] = {url_of("f4.npy?signed=2"), url_of("f5.npy?signed=2"), urls[2], urls[3]};
    size_t n;
    sheaf_map_report report = continue_with(urls, 4, out, false);
    ck_assert_uint_eq(report.failed, 1);
    char *journal = file_read(path_in(served, "out.csv.sheaf-journal"), &n);
    for (size_t at = 0; at < n; at++)
        ck_assert(strncmp(journal + at, "signed", 6) != 0);
    free(journal);
    save_numbers(path_in(served, "later.npy"), LENGTH, 3);
    save_numbers(path_in(served, "f5.npy"), LENGTH, 70);
    report = continue_with(signed_anew, 4, out, true);
    ck_assert_uint_eq(report.failed, 0);
    ck_assert_uint_eq(report.resumed, 1);
    ck_assert_int_eq(asked("GET /f4.npy?signed=2"), 0);
    ck_assert_int_eq(asked("HEAD /f4.npy?signed=2"), 1);
    ck_assert_int_eq(asked("GET /f5.npy?signed=2"), 1);
    char *text = file_read(out, &n);
    ck_has(text, "569.5"); /* 70 + 499.5 */
    ck_assert_ptr_null(strstr(text, "signed"));
    free(text);
    save_numbers(path_in(served, "f5.npy"), LENGTH, 5);
    free(out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("urls");
    TCase *maps = tcase_create("maps");
    tcase_add_unchecked_fixture(maps, begin, server_stop);
    tcase_add_test(maps, urls_and_files_in_one_batch);
    tcase_add_test(maps, what_breaks_is_asked_for_again);
    tcase_add_test(maps, failures_say_what_was_wrong);
    tcase_add_test(maps, retries_add_attempts);
    tcase_add_test(maps, time_is_bounded);
    tcase_add_test(maps, items_are_computed_while_others_download);
    tcase_add_test(maps, hosts_have_a_cap);
    tcase_add_test(maps, memory_is_bounded);
    tcase_add_test(maps, redirects_keep_out_of_private_networks);
    tcase_add_test(maps, headers_go_to_one_host_alone);
    tcase_add_test(maps, options_are_checked);
    tcase_add_test(maps, cached_bodies_are_asked_about);
    tcase_add_test(maps, streams_keep_their_order);
    tcase_add_test(maps, worker_processes_get_the_bytes);
    tcase_add_test(maps, cancelling_ends_transfers);
    tcase_add_test(maps, urls_are_continued);
    tcase_add_test(maps, running_out_of_memory);
    suite_add_tcase(suite, maps);
    return run_suite(suite);
}
