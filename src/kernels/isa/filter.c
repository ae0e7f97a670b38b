/* Recursive and finite filters along a row. */

#include "eights.h"
#include "level.h"
#include <math.h>
#include <string.h>

/* ---- exponential weights ---- */

static inline double last_of(eight a)
{
    double lanes[8];
    eight_store(lanes, a);
    return lanes[7];
}

/* Within eights sums of 1, 2, 4 are decayed onto each other; then what came before, decayed from its last place. */
static void decay(size_t n, const double *x, double *y, const struct decay *d, double state[2])
{
    const eight none = eight_set(0), once = eight_set(d->powers[0]), twice = eight_set(d->powers[1]);
    const eight four = eight_set(d->powers[3]), powers = eight_load(d->powers), weights = eight_load(d->weights);
    const eight share = eight_set(d->alpha);
    double sum = state[0], weight = state[1], of = NAN;
    eight r = share;
    for (size_t i = 0; i < n; i++) {
        eight a = eight_load(x + 8 * i);
        if (!d->adjust)
            a = eight_mul(a, share);
        a = eight_fma(once, eight_behind(none, a, 1), a);
        a = eight_fma(twice, eight_behind(none, a, 2), a);
        a = eight_fma(four, eight_behind(none, a, 4), a);
        a = eight_fma(powers, eight_set(sum), a);
        sum = last_of(a);
        if (d->adjust) {
            if (weight != of) { /* it stands still soon, and quotients are dear */
                const eight all = eight_fma(powers, eight_set(weight), weights);
                r = eight_div(eight_set(1), all);
                of = weight;
                weight = last_of(all);
            }
            a = eight_mul(a, r);
        }
        eight_store(y + 8 * i, a);
    }
    state[0] = sum;
    state[1] = weight;
}

static int all_finite(size_t n, const double *x)
{
    eight wrong = eight_set(0);
    for (size_t i = 0; i < n; i++) {
        const eight a = eight_load(x + 8 * i);
        wrong = eight_add(wrong, eight_sub(a, a));
    }
    double lanes[8];
    eight_store(lanes, wrong);
    for (int l = 0; l < 8; l++)
        if (lanes[l] != 0)
            return 0;
    return 1;
}

/* ---- finite ---- */

#define AT_ONCE 4

static inline void some(int eights, const double *x, size_t m, const double *b, double *y)
{
    eight sum[AT_ONCE];
#pragma GCC unroll 4
    for (int e = 0; e < eights; e++)
        sum[e] = eight_mul(eight_set(b[0]), eight_load(x + 8 * e));
    for (size_t k = 1; k < m; k++) {
        const eight by = eight_set(b[k]);
#pragma GCC unroll 4
        for (int e = 0; e < eights; e++)
            sum[e] = eight_fma(by, eight_load(x + 8 * e - k), sum[e]);
    }
#pragma GCC unroll 4
    for (int e = 0; e < eights; e++)
        eight_store(y + 8 * e, sum[e]);
}

static void fir(size_t n, const double *x, size_t m, const double *b, double *y)
{
    size_t i = 0;
    for (; i + 8 * AT_ONCE <= n; i += 8 * AT_ONCE)
        some(AT_ONCE, x + i, m, b, y + i);
    for (; i + 8 <= n; i += 8)
        some(1, x + i, m, b, y + i);
    for (; i < n; i++) {
        double sum = b[0] * x[i];
        for (size_t k = 1; k < m; k++)
            sum = fma(b[k], x[i - k], sum);
        y[i] = sum;
    }
}

/* ---- recursive: what is known early first, the last result last, so that only that is waited for ---- */

static void poles(size_t n, double *y, size_t m, const double *a)
{
    double last = y[-1], second = m > 1 ? y[-2] : 0, third = m > 2 ? y[-3] : 0;
    if (m == 1) {
        for (size_t i = 0; i < n; i++)
            y[i] = last = fma(a[0], last, y[i]);
    } else if (m == 2) {
        for (size_t i = 0; i < n; i++) {
            const double next = fma(a[0], last, fma(a[1], second, y[i]));
            second = last;
            y[i] = last = next;
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            double next = y[i];
            for (size_t k = m; k > 3; k--)
                next = fma(a[k - 1], y[(ptrdiff_t)i - (ptrdiff_t)k], next);
            next = fma(a[0], last, fma(a[1], second, fma(a[2], third, next)));
            third = second;
            second = last;
            y[i] = last = next;
        }
    }
}

/* The same of eight rows side by side. */
static void poles_beside(size_t n, double *y, size_t m, const double *a)
{
    eight last = eight_load(y - 8), second = m > 1 ? eight_load(y - 16) : last;
    for (size_t i = 0; i < n; i++) {
        double *at = y + 8 * i;
        eight next = eight_load(at);
        for (size_t k = m; k > 2; k--)
            next = eight_fma(eight_set(a[k - 1]), eight_load(at - 8 * k), next);
        if (m > 1)
            next = eight_fma(eight_set(a[1]), second, next);
        next = eight_fma(eight_set(a[0]), last, next);
        second = last;
        last = next;
        eight_store(at, next);
    }
}

void LEVEL(fill_filter)(struct kernels *k)
{
    k->decay = decay;
    k->all_finite = all_finite;
    k->fir = fir;
    k->poles = poles;
    k->poles_beside = poles_beside;
}
