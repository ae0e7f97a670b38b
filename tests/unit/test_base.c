#include "base/alloc.h"
#include "base/arena.h"
#include "base/checked.h"
#include "base/fpenv.h"
#include "base/pool.h"
#include "support.h"

#include <fenv.h>
#include <pthread.h>
#include <string.h>

START_TEST(status_has_a_name_and_a_message)
{
    sheaf_error error = {SHEAF_OK, ""};
    ck_assert_int_eq(sheaf_error_set(&error, SHEAF_SHAPE, "%s has %d rows", "x", 3), SHEAF_SHAPE);
    ck_assert_int_eq(error.status, SHEAF_SHAPE);
    ck_assert_str_eq(error.message, "x has 3 rows");
    ck_assert_int_eq(sheaf_error_set(NULL, SHEAF_IO, "nobody listens"), SHEAF_IO);
    ck_assert_str_eq(sheaf_status_name(SHEAF_NO_MEMORY), "NO_MEMORY");
    ck_assert_str_eq(sheaf_status_name((sheaf_status)999), "?");
}
END_TEST

START_TEST(a_long_message_is_cut)
{
    sheaf_error error;
    char text[2000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    sheaf_error_set(&error, SHEAF_IO, "%s", text);
    ck_assert_uint_eq(strlen(error.message), SHEAF_MESSAGE_MAX - 1);
}
END_TEST

START_TEST(the_kth_allocation_fails)
{
    mem_fail_at(3, 0);
    void *a = mem_alloc(10), *b = mem_calloc(2, 8), *c = mem_aligned(100), *d = mem_strdup("d");
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    ck_assert_ptr_null(c);
    ck_assert_ptr_nonnull(d);
    ck_assert_int_eq(mem_calls(), 4);
    mem_free(a);
    mem_free(b);
    mem_free(d);
    ck_assert_int_eq(mem_live(), 0);
    mem_fail_at(2, 1);
    a = mem_alloc(1);
    ck_assert_ptr_nonnull(a);
    for (int i = 0; i < 5; i++)
        ck_assert_ptr_null(mem_alloc(1));
    ck_assert_ptr_null(mem_realloc(a, 100));
    mem_fail_at(0, 0);
    a = mem_realloc(a, 100);
    ck_assert_ptr_nonnull(a);
    mem_free(a);
}
END_TEST

START_TEST(the_pool_hands_blocks_out_again)
{
    static const size_t sizes[] = {1, 100, 4095, 4096, 4097, 65537, 81920, 1 << 20, (1 << 20) + 1, 3 << 20, 40 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *p = pool_get(sizes[i]);
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq((uintptr_t)p % 64, 0);
        memset(p, 0xab, sizes[i]);
        size_t before = pool_kept();
        pool_put(p, sizes[i]);
        if (sizes[i] < 4096) {
            ck_assert_uint_eq(pool_kept(), before);
            continue;
        }
        size_t kept = pool_kept() - before;
        ck_assert_uint_ge(kept, sizes[i]);
        ck_assert_uint_le(kept, sizes[i] + sizes[i] / 4 + 1);
        ck_assert_ptr_eq(pool_get(sizes[i]), p);
        pool_put(p, sizes[i]);
    }
    ck_assert_uint_gt(pool_kept(), 0);
    pool_trim();
    ck_assert_uint_eq(pool_kept(), 0);
    ck_assert_ptr_null(pool_get(SIZE_MAX));
    ck_assert_ptr_null(pool_get((size_t)1 << 62));
}
END_TEST

static void *churn(void *seed)
{
    uint64_t state = (uint64_t)(uintptr_t)seed;
    for (int i = 0; i < 2000; i++) {
        size_t n = 60000 + random_u64(&state) % 200000;
        unsigned char *p = pool_get(n);
        if (!p)
            return NULL;
        p[0] = p[n - 1] = (unsigned char)i;
        pool_put(p, n);
    }
    return seed;
}

START_TEST(the_pool_serves_threads_at_once)
{
    pthread_t threads[4];
    for (uintptr_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, churn, (void *)(i + 1)), 0);
    for (uintptr_t i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        ck_assert_ptr_eq(result, (void *)(i + 1));
    }
}
END_TEST

START_TEST(an_arena_aligns_grows_and_resets)
{
    struct arena a = {0};
    mem_fail_at(0, 0);
    for (size_t i = 1; i < 3000; i++) {
        size_t align = (size_t)1 << i % 7;
        unsigned char *p = arena_alloc(&a, i, align);
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq((uintptr_t)p % align, 0);
        memset(p, (int)i, i);
    }
    ck_assert_str_eq(arena_strdup(&a, "text"), "text");
    arena_reset(&a);
    pool_trim();
    ck_assert_int_eq(mem_live(), 1);
    ck_assert_ptr_nonnull(arena_alloc(&a, 100000, 64));
    ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX - 10, 1));
    arena_free(&a);
    pool_trim();
    ck_assert_int_eq(mem_live(), 0);
    mem_fail_at(1, 1);
    ck_assert_ptr_null(arena_alloc(&a, 1, 1));
}
END_TEST

START_TEST(sizes_tell_when_they_overflow)
{
    size_t out;
    ck_assert(size_mul(1u << 20, 1u << 20, &out));
    ck_assert_uint_eq(out, (size_t)1 << 40);
    ck_assert(!size_mul((size_t)1 << 33, (size_t)1 << 31, &out));
    ck_assert(size_add(SIZE_MAX - 1, 1, &out));
    ck_assert(!size_add(SIZE_MAX, 1, &out));
}
END_TEST

START_TEST(the_floating_point_mode_comes_back)
{
    volatile double one = 1.0, tiny = 0x1p-60;
    fesetround(FE_UPWARD);
    ck_assert(one + tiny > 1.0);
    struct fp_saved saved = fp_enter();
    ck_assert(one + tiny == 1.0);
    fp_leave(saved);
    ck_assert(one + tiny > 1.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base");
    TCase *tests = tcase_create("base");
    tcase_add_test(tests, status_has_a_name_and_a_message);
    tcase_add_test(tests, a_long_message_is_cut);
    tcase_add_test(tests, the_kth_allocation_fails);
    tcase_add_test(tests, the_pool_hands_blocks_out_again);
    tcase_add_test(tests, the_pool_serves_threads_at_once);
    tcase_add_test(tests, an_arena_aligns_grows_and_resets);
    tcase_add_test(tests, sizes_tell_when_they_overflow);
    tcase_add_test(tests, the_floating_point_mode_comes_back);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
