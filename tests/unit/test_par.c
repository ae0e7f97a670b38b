#include "par/par.h"
#include "support.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xmmintrin.h>

struct count {
    atomic_int *seen;
    atomic_int bad_thread;
    int threads;
};

static void visit(void *context, size_t begin, size_t end, int thread)
{
    struct count *c = context;
    if (thread < 0 || thread >= c->threads)
        atomic_fetch_add(&c->bad_thread, 1);
    for (size_t i = begin; i < end; i++)
        atomic_fetch_add(&c->seen[i], 1);
}

START_TEST(every_index_comes_once)
{
    static atomic_int seen[10007];
    static const int threads[] = {1, 2, 3, 7};
    static const size_t sizes[] = {0, 1, 2, 5, 64, 10007}, grains[] = {0, 1, 3, 1000, 20000};
    for (size_t t = 0; t < 4; t++)
        for (size_t s = 0; s < 6; s++)
            for (size_t g = 0; g < 5; g++) {
                memset(seen, 0, sizeof seen);
                team leased = team_lease(threads[t]);
                ck_assert_int_eq(leased.threads, threads[t]);
                struct count c = {seen, 0, leased.threads};
                par_for(&leased, sizes[s], grains[g], visit, &c);
                team_release(&leased);
                size_t right = 0;
                for (size_t i = 0; i < 10007; i++)
                    right += atomic_load(&seen[i]) == (i < sizes[s] ? 1 : 0);
                ck_assert_uint_eq(right, 10007);
                ck_assert_int_eq(atomic_load(&c.bad_thread), 0);
            }
}
END_TEST

static void count_all(void *context, size_t begin, size_t end, int thread)
{
    (void)thread;
    atomic_fetch_add((atomic_size_t *)context, end - begin);
}

START_TEST(a_deadline_cuts_pieces_short)
{
    for (int threads = 1; threads <= 3; threads++) {
        atomic_size_t done = 0;
        team never = {.threads = threads}, far = {.threads = threads, .deadline = UINT64_MAX};
        team past = {.threads = threads, .deadline = 1};
        par_pieces(&past, 1000, 10, count_all, &done);
        par_share(&past, 1000, 1e6, count_all, &done);
        par_share(&past, 1000, 0, count_all, &done);
        ck_assert_uint_eq(atomic_load(&done), 0);
        ck_assert(team_late(&past) && !team_late(&far) && !team_late(&never));
        par_for(&past, 1000, 10, count_all, &done); /* who uses this needs every piece */
        ck_assert_uint_eq(atomic_load(&done), 1000);
        par_pieces(&far, 1000, 10, count_all, &done);
        par_pieces(&never, 1000, 0, count_all, &done);
        par_share(&far, 1000, 1e-3, count_all, &done);
        par_share(&never, 1000, 1e9, count_all, &done);
        par_pieces(&never, 0, 0, count_all, &done);
        ck_assert_uint_eq(atomic_load(&done), 5000);
        ck_assert_uint_eq(team_alone(&past).deadline, 1);
        ck_assert_int_eq(team_alone(&past).threads, 1);
    }
}
END_TEST

START_TEST(the_budget_is_shared)
{
    setenv("SHEAF_NUM_THREADS", "4", 1);
    ck_assert_int_eq(par_threads(), 4);
    ck_assert_str_eq(par_threads_why(), "SHEAF_NUM_THREADS=4");
    team a = team_lease(3), b = team_lease(0), c = team_lease(0);
    ck_assert_int_eq(a.threads, 3); /* itself and two of the three free */
    ck_assert_int_eq(b.threads, 2); /* itself and the last */
    ck_assert_int_eq(c.threads, 1);
    team_release(&a);
    team d = team_lease(0);
    ck_assert_int_eq(d.threads, 3);
    team_release(&a); /* giving back twice gives nothing */
    team_release(&b);
    team_release(&c);
    team_release(&d);
    team e = team_lease(0);
    ck_assert_int_eq(e.threads, 4);
    team_release(&e);
}
END_TEST

static void lease_inside(void *context, size_t begin, size_t end, int thread)
{
    atomic_int *most = context;
    (void)begin, (void)end, (void)thread;
    team t = team_lease(0);
    int now = atomic_load(most);
    while (t.threads > now && !atomic_compare_exchange_weak(most, &now, t.threads))
        ;
    team_release(&t);
}

START_TEST(a_lease_inside_a_team_is_one_thread)
{
    atomic_int most = 0;
    team t = team_lease(4);
    par_for(&t, 100, 1, lease_inside, &most);
    team_release(&t);
    ck_assert_int_eq(atomic_load(&most), 1);
}
END_TEST

START_TEST(bad_thread_numbers_in_the_environment_are_passed_over)
{
    static const char *const bad[] = {"", "0", "-3", "two", "4x", "99999999999"};
    setenv("SHEAF_NUM_THREADS", bad[_i], 1);
    setenv("OMP_NUM_THREADS", "5,2", 1);
    ck_assert_int_eq(par_threads(), 5);
    ck_assert_str_eq(par_threads_why(), "OMP_NUM_THREADS=5");
}
END_TEST

START_TEST(topology_is_plausible)
{
    unsetenv("SHEAF_NUM_THREADS");
    unsetenv("OMP_NUM_THREADS");
    ck_assert_int_ge(topo_physical(), 1);
    ck_assert_int_le(topo_physical(), topo_affinity());
    ck_assert_int_le(topo_affinity(), topo_online());
    ck_assert(topo_cgroup_cpus() >= 0);
    ck_assert_int_ge(par_threads(), 1);
    ck_assert_int_le(par_threads(), topo_physical());
}
END_TEST

START_TEST(a_forked_child_runs_alone)
{
    static atomic_int seen[1000];
    team t = team_lease(3);
    struct count c = {seen, 0, 3};
    par_for(&t, 1000, 1, visit, &c);
    pid_t child = fork();
    if (child == 0) {
        team mine = team_lease(3);
        c.threads = mine.threads;
        par_for(&mine, 1000, 1, visit, &c);
        _exit(mine.threads == 1 && atomic_load(&seen[999]) == 2 ? 0 : 1);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    team_release(&t);
}
END_TEST

static void read_mode(void *context, size_t begin, size_t end, int thread)
{
    atomic_int *flushed = context;
    volatile double tiny = 0x1p-1022;
    (void)begin, (void)end, (void)thread;
    if (tiny / 4 == 0)
        atomic_fetch_add(flushed, 1);
}

START_TEST(threads_keep_subnormals)
{
    atomic_int flushed = 0;
    unsigned mode = _mm_getcsr() | 0x8040; /* flush to zero, denormals are zero */
    _mm_setcsr(mode);
    team t = team_lease(3);
    par_for(&t, 300, 1, read_mode, &flushed);
    team_release(&t);
    ck_assert_uint_eq(_mm_getcsr() & 0x8040, 0x8040);
    _mm_setcsr(0x1f80);
    ck_assert_int_eq(atomic_load(&flushed), 0);
}
END_TEST

static void join(const void *context, void *into, const void *from)
{
    const char *separator = context;
    strcat(strcat(strcat(strcat(into, "("), separator), from), ")");
}

/* The tree's shape is a function of the count alone; written out by hand. */
START_TEST(the_tree_is_fixed)
{
    char parts[5][64] = {"a", "b", "c", "d", "e"};
    par_tree(parts, 5, 64, join, "+");
    ck_assert_str_eq(parts[0], "a(+b)(+c(+d))(+e)");
}
END_TEST

static void *call_often(void *context)
{
    atomic_int *total = context;
    for (int i = 0; i < 200; i++) {
        atomic_int seen[64] = {0};
        team t = team_lease(0);
        struct count c = {seen, 0, t.threads};
        par_for(&t, 64, 1, visit, &c);
        team_release(&t);
        for (int k = 0; k < 64; k++)
            atomic_fetch_add(total, atomic_load(&seen[k]));
    }
    return NULL;
}

START_TEST(many_callers_at_once)
{
    atomic_int total = 0;
    pthread_t callers[10];
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(pthread_create(&callers[i], NULL, call_often, &total), 0);
    for (int i = 0; i < 10; i++)
        pthread_join(callers[i], NULL);
    ck_assert_int_eq(atomic_load(&total), 10 * 200 * 64);
    team t = team_lease(0);
    ck_assert_int_eq(t.threads, par_threads());
    team_release(&t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("par");
    TCase *tests = tcase_create("par");
    tcase_add_test(tests, every_index_comes_once);
    tcase_add_test(tests, a_deadline_cuts_pieces_short);
    tcase_add_test(tests, the_budget_is_shared);
    tcase_add_test(tests, a_lease_inside_a_team_is_one_thread);
    tcase_add_loop_test(tests, bad_thread_numbers_in_the_environment_are_passed_over, 0, 6);
    tcase_add_test(tests, topology_is_plausible);
    tcase_add_test(tests, a_forked_child_runs_alone);
    tcase_add_test(tests, threads_keep_subnormals);
    tcase_add_test(tests, the_tree_is_fixed);
    tcase_add_test(tests, many_callers_at_once);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
