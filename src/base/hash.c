#include "base/hash.h"

static const uint64_t P1 = 0x9E3779B185EBCA87u, P2 = 0xC2B2AE3D27D4EB4Fu, P3 = 0x165667B19E3779F9u,
                      P4 = 0x85EBCA77C2B2AE63u, P5 = 0x27D4EB2F165667C5u;

static uint64_t turn(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static uint64_t mix(uint64_t lane, uint64_t input)
{
    return turn(lane + input * P2, 31) * P1;
}

static uint64_t merge(uint64_t h, uint64_t lane)
{
    return (h ^ mix(0, lane)) * P1 + P4;
}

/* Four lanes over stripes of 32 bytes; *at moves behind the last. */
static uint64_t stripes(const unsigned char **at, const unsigned char *end, uint64_t seed)
{
    uint64_t lanes[4] = {seed + P1 + P2, seed + P2, seed, seed - P1};
    for (; end - *at >= 32; *at += 32)
        for (int k = 0; k < 4; k++)
            lanes[k] = mix(lanes[k], load_u64(*at + 8 * k));
    uint64_t h = turn(lanes[0], 1) + turn(lanes[1], 7) + turn(lanes[2], 12) + turn(lanes[3], 18);
    for (int k = 0; k < 4; k++)
        h = merge(h, lanes[k]);
    return h;
}

uint64_t hash_bytes(const void *data, size_t n, uint64_t seed)
{
    const unsigned char *at = data, *end = at + n;
    uint64_t h = (n >= 32 ? stripes(&at, end, seed) : seed + P5) + n;
    for (; end - at >= 8; at += 8)
        h = turn(h ^ mix(0, load_u64(at)), 27) * P1 + P4;
    if (end - at >= 4) {
        h = turn(h ^ load_u32(at) * P1, 23) * P2 + P3;
        at += 4;
    }
    for (; at < end; at++)
        h = turn(h ^ *at * P5, 11) * P1;
    h = (h ^ h >> 33) * P2;
    h = (h ^ h >> 29) * P3;
    return h ^ h >> 32;
}
