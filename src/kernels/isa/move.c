/* Moving elements: transposing panels, and stores that go past the caches. */

#include "level.h"
#include <string.h>
#if SHEAF_LEVEL > 0
#include <immintrin.h>
#endif

/* Runs to fetch ahead: they lie too far apart for the processor to guess. */
#define AHEAD 16
#define LINE 64                                      /* bytes of a cache line */
#define LOOSE __attribute__((aligned(1), may_alias)) /* elements wherever they lie */
#define PASTE(a, b) a##b
#define JOIN(a, b) PASTE(a, b)

/* A panel is `count` lines of dst, each of n elements: dst line r, element i is element r of the run that begins at
 * src + i * stride. */
#if SHEAF_LEVEL > 0
#define SIZE 1
#define LOW unpacklo_epi8
#define HIGH unpackhi_epi8
#endif
#define T uint8_t
#define NAME transpose_1
#include "move_body.inc"
#if SHEAF_LEVEL > 0
#define SIZE 2
#define LOW unpacklo_epi16
#define HIGH unpackhi_epi16
#endif
#define T uint16_t
#define NAME transpose_2
#include "move_body.inc"
#if SHEAF_LEVEL > 0
#define SIZE 4
#define LOW unpacklo_epi32
#define HIGH unpackhi_epi32
#endif
#define T uint32_t
#define NAME transpose_4
#include "move_body.inc"
#if SHEAF_LEVEL > 0
#define SIZE 8
#define LOW unpacklo_epi64
#define HIGH unpackhi_epi64
#endif
#define T uint64_t
#define NAME transpose_8
#include "move_body.inc"
struct __attribute__((packed, may_alias)) pair {
    uint64_t part[2];
};
#undef LOOSE
#define LOOSE
#if SHEAF_LEVEL > 0
#define SIZE 16
#define LOW unpacklo_epi64 /* squares of one element: not used */
#define HIGH unpackhi_epi64
#endif
#define T struct pair
#define NAME transpose_16
#include "move_body.inc"

#if SHEAF_LEVEL == 0
static void stream(size_t bytes, const void *from, void *to)
{
    memcpy(to, from, bytes);
}
static void stream_end(void)
{
}
#else
/* Whole cache lines only; what is left of one at either end is written as usual. */
static void stream(size_t bytes, const void *from, void *to)
{
    const char *s = from;
    char *d = to;
    size_t i = -(uintptr_t)d % 64;
    i = i < bytes ? i : bytes;
    if (i > 0)
        memcpy(d, s, i);
    for (; i + 64 <= bytes; i += 64) {
        const __m256i *source = (const __m256i *)(const void *)(s + i);
        __m256i *line = (__m256i *)(void *)(d + i), a = _mm256_loadu_si256(source), b = _mm256_loadu_si256(source + 1);
        _mm256_stream_si256(line, a);
        _mm256_stream_si256(line + 1, b);
    }
    if (i < bytes)
        memcpy(d + i, s + i, bytes - i);
}
static void stream_end(void)
{
    _mm_sfence();
}
#endif

void LEVEL(fill_move)(struct kernels *k)
{
    k->turn[0] = transpose_1;
    k->turn[1] = transpose_2;
    k->turn[2] = transpose_4;
    k->turn[3] = transpose_8;
    k->turn[4] = transpose_16;
    k->stream = stream;
    k->stream_end = stream_end;
}
