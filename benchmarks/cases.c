/* Lists of cases, made by loops. */

#include "call.h"
#include "machine.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *needed(void *memory)
{
    if (memory)
        return memory;
    bench_fail("out of memory");
    exit(1);
}

struct bench_case *case_add(struct case_list *list, const struct call *call, const char *format, ...)
{
    char name[128];
    va_list arguments;
    struct call *work = needed(malloc(sizeof *work));
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    *work = *call;
    list->cases = needed(realloc(list->cases, (list->n + 1) * sizeof *list->cases));
    struct bench_case *c = &list->cases[list->n++];
    *c = (struct bench_case){.name = needed(strdup(name)),
                             .unit = call_unit(work),
                             .work = work,
                             .prepare = call_prepare,
                             .check = call_check,
                             .finish = call_finish};
    case_side(c, "sheaf", BENCH_OURS, call_ours, 0);
    return c;
}

struct bench_case *case_add_python(struct case_list *list, const struct call *call, const char *family,
                                   const char *name, double goal)
{
    struct call with = *call;
    with.numpy = true;
    struct bench_case *c =
        case_add(list, &with, "%s/%s/%s%s", family, call->function, name, call->threads == 1 ? "" : "_all");
    case_side(c, "Python", BENCH_PEER, call_numpy, 3);
    case_goal(c, BENCH_SHARE, "Python", goal);
    return c;
}

void case_list_free(struct case_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free((char *)list->cases[i].name);
        free((void *)list->cases[i].work);
    }
    free(list->cases);
    *list = (struct case_list){0};
}

void case_side(struct bench_case *c, const char *name, enum bench_role role,
               bool (*run)(const void *work, bool first, double *value), int rounds)
{
    for (int s = 0; s < BENCH_SIDES_MAX; s++)
        if (!c->sides[s].run) {
            c->sides[s] = (struct bench_side){name, role, run, rounds};
            return;
        }
}

void case_goal(struct bench_case *c, enum bench_goal_kind kind, const char *against, double goal)
{
    case_goal_of(c, NULL, kind, against, goal);
}

void case_goal_of(struct bench_case *c, const char *of, enum bench_goal_kind kind, const char *against, double goal)
{
    for (int g = 0; g < BENCH_GOALS_MAX; g++)
        if (c->goals[g].goal <= 0) {
            c->goals[g] = (struct bench_goal){against, kind, 0, goal, of};
            return;
        }
}

void case_one_thread(struct bench_case *c, double goal)
{
    case_side(c, "one thread", BENCH_BASE, call_one_thread, 5);
    case_goal(c, BENCH_SHARE, "one thread", bench_options()->threads > 1 ? goal : 0);
}

int call_main(int argc, char **argv, const char *name, const char *peer_script, struct case_list *list)
{
    const struct bench_program program = {
        .name = name, .peer_script = peer_script, .cases = list->cases, .ncases = list->n};
    int code = bench_main(argc, argv, &program);
    inputs_free();
    machine_close();
    case_list_free(list);
    return code;
}
