#ifndef SHEAF_TEST_SUPPORT_H
#define SHEAF_TEST_SUPPORT_H

/* What every test program shares. */

#include <check.h>
#include <sheaf/array.h>
#include <stddef.h>
#include <stdint.h>

/* check writes to a file at every assertion that holds, to say how far a crash had come: most of the time of tests that
   assert millions of things. A crash says where by itself under the sanitizers. */
#define _mark_point(file, line) ((void)0)

/* Run a suite, each test in its own process; 0 when all passed. */
int run_suite(Suite *suite);

/* The folder of real data beside the checkout (environment SHEAF_SHARED_DATA, else ../shared/data), or NULL. */
const char *shared_data(void);

/* A fresh directory for this test, removed with everything in it by scratch_remove. */
char *scratch_new(void);
void scratch_remove(char *directory);
/* Work in one: fixtures of a test case. */
void scratch_enter(void);
void scratch_leave(void);
/* directory/name in a static buffer (four of them in turn). */
const char *path_in(const char *directory, const char *name);
void file_write(const char *path, const void *data, size_t n);
/* The whole file, malloc'ed, NUL-terminated; *n its length. NULL when it cannot be read. */
char *file_read(const char *path, size_t *n);

/* Reproducible numbers: a splitmix64 stream. */
uint64_t random_u64(uint64_t *state);
double random_unit(uint64_t *state); /* [0, 1) */

/* The same bits, any two NaNs being equal. */
int same_bits(const void *a, const void *b, size_t n, sheaf_dtype dtype);

/* Assert that a call returns SHEAF_OK; within the call, `error` is a fresh sheaf_error to pass. */
#define ck_ok(call)                                                                   \
    do {                                                                              \
        _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"") \
            sheaf_error ck_error_ = {SHEAF_OK, ""},                                   \
                        *error = &ck_error_;                                          \
        _Pragma("GCC diagnostic pop") sheaf_status ck_status_ = (call);               \
        ck_assert_msg(ck_status_ == SHEAF_OK, "%s: %s", #call, error->message);       \
    } while (0)

#endif
