/* Floating-point reductions with products, and the exact sum of a block. */

#include "level.h"
#include "simd.h"
#include <string.h>

#define T double
#define NAME(x) x##_f64
#define LOAD vd_load
#include "products_body.inc"

#define T float
#define NAME(x) x##_f32
#define LOAD vd_load_f32
#include "products_body.inc"

static double weighted_m2(size_t n, const double *w, const double *x, double mean)
{
    const vd middle = vd_set(mean);
    vd a[NV];
#pragma GCC unroll 16
    for (int v = 0; v < NV; v++)
        a[v] = vd_set(0);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
#pragma GCC unroll 16
        for (int v = 0; v < NV; v++) {
            vd d = vd_sub(vd_load(x + i + v * VD), middle);
            a[v] = vd_fma(vd_load(w + i + v * VD) * d, d, a[v]);
        }
    }
    if (i < n) {
        double p[LANES] = {0}, q[LANES];
        memcpy(p, w + i, (n - i) * sizeof *p);
        for (size_t l = 0; l < LANES; l++)
            q[l] = i + l < n ? x[i + l] - mean : 0;
#pragma GCC unroll 16
        for (int v = 0; v < NV; v++) {
            vd d = vd_load(q + v * VD);
            a[v] = vd_fma(vd_load(p + v * VD) * d, d, a[v]);
        }
    }
    return vd_fold(a);
}

static inline void times(double *re, double *im, double x, double y)
{
    const double a = *re * x, b = *im * y, c = *re * y, d = *im * x;
    *re = a - b;
    *im = c + d;
}

/* Complex numbers, their parts apart. Lanes without an element stay out of it: to multiply an infinity by 1 + 0i would
 * give a NaN. */
static void prod_split(size_t n, const double *re, const double *im, double product[2])
{
    double p[LANES], q[LANES];
    size_t lanes = n < LANES ? n : LANES;
    memcpy(p, re, lanes * sizeof *p);
    memcpy(q, im, lanes * sizeof *q);
    size_t i = LANES;
    if (n >= LANES) {
        vd a[NV], b[NV];
#pragma GCC unroll 16
        for (int v = 0; v < NV; v++) {
            a[v] = vd_load(p + v * VD);
            b[v] = vd_load(q + v * VD);
        }
        for (; i + LANES <= n; i += LANES) {
#pragma GCC unroll 16
            for (int v = 0; v < NV; v++) {
                const vd x = vd_load(re + i + v * VD), y = vd_load(im + i + v * VD);
                const vd ax = a[v] * x, by = b[v] * y, ay = a[v] * y, bx = b[v] * x;
                a[v] = vd_sub(ax, by);
                b[v] = vd_add(ay, bx);
            }
        }
#pragma GCC unroll 16
        for (int v = 0; v < NV; v++) {
            vd_store(p + v * VD, a[v]);
            vd_store(q + v * VD, b[v]);
        }
    }
    for (size_t l = 0; i + l < n; l++)
        times(&p[l], &q[l], re[i + l], im[i + l]);
    for (size_t width = LANES / 2; width > 0; width /= 2) {
        for (size_t l = 0; l + width < lanes; l++)
            times(&p[l], &q[l], p[l + width], q[l + width]);
        lanes = lanes < width ? lanes : width;
    }
    product[0] = n > 0 ? p[0] : 1;
    product[1] = n > 0 ? q[0] : 0;
}

/* Two levels of one vector: what it has above big's last place goes to s, the rest above small's to t. */
static inline vd extract(vd x, vd big, vd small, vd *s, vd *t)
{
    const vd high = vd_sub(vd_add(x, big), big), low = vd_sub(x, high);
    const vd middle = vd_sub(vd_add(low, small), small);
    *s = vd_add(*s, high);
    *t = vd_add(*t, middle);
    return vd_sub(low, middle);
}

/* Error-free extraction after Rump, Ogita and Oishi (2008): nothing here rounds but the additions of big and small. */
static int exact(size_t n, const double *x, double big, double *rest, double sums[2])
{
    const vd b = vd_set(big), c = vd_set(big * 0x1p-41);
    vd s[4], t[4];
    vdm left = vdm_none();
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++)
        s[v] = t[v] = vd_set(0);
    size_t i = 0;
    for (; i + 4 * VD <= n; i += 4 * VD) {
#pragma GCC unroll 4
        for (int v = 0; v < 4; v++) {
            const vd r = extract(vd_load(x + i + v * VD), b, c, &s[v], &t[v]);
            vd_store(rest + i + v * VD, r);
            left = vdm_or(left, vd_less(vd_set(0), vd_abs(r)));
        }
    }
    for (; i < n; i += VD) {
        const size_t m = n - i < VD ? n - i : VD;
        double tail[VD] = {0};
        memcpy(tail, x + i, m * sizeof *tail);
        const vd r = extract(vd_load(tail), b, c, &s[0], &t[0]);
        vd_store(tail, r);
        memcpy(rest + i, tail, m * sizeof *tail);
        left = vdm_or(left, vd_less(vd_set(0), vd_abs(r)));
    }
    double high[VD], low[VD];
    vd_store(high, vd_add(vd_add(s[0], s[1]), vd_add(s[2], s[3])));
    vd_store(low, vd_add(vd_add(t[0], t[1]), vd_add(t[2], t[3])));
    sums[0] = sums[1] = 0;
    for (int l = 0; l < VD; l++) {
        sums[0] += high[l];
        sums[1] += low[l];
    }
    return vdm_any(left);
}

void LEVEL(fill_products)(struct kernels *k)
{
    k->dot_f64 = dot_f64;
    k->dot_f32 = dot_f32;
    k->prod_f64 = prod_f64;
    k->prod_f32 = prod_f32;
    k->powers_f64 = powers_f64;
    k->powers_f32 = powers_f32;
    k->weighted_m2 = weighted_m2;
    k->prod_split = prod_split;
    k->exact = exact;
}
