#include "timing.h"
#include "harness.h"

bool timed(bool (*once)(const void *context), const void *context, double *seconds)
{
    for (double calls = 1;;) {
        double begin = bench_seconds(), taken;
        for (double i = 0; i < calls; i++)
            if (!once(context))
                return false;
        taken = bench_seconds() - begin;
        *seconds = taken / calls;
        if (taken >= TIMED_LEAST)
            return true;
        /* The first guess comes from one call, so it aims past the least. */
        calls = calls * (taken > TIMED_LEAST / 20 ? 1.3 * TIMED_LEAST / taken : 16);
    }
}
