#ifndef SHEAF_BASE_HASH_H
#define SHEAF_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* XXH64 of n bytes (Yann Collet's xxHash; its specification is in doc/xxhash_spec.md of that project). */
uint64_t hash_bytes(const void *data, size_t n, uint64_t seed);

/* Numbers in files, little-endian whatever the machine. */
static inline uint32_t load_u32(const unsigned char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap32(value) : value;
}

static inline uint64_t load_u64(const unsigned char *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(value) : value;
}

static inline void store_u32(unsigned char *at, uint32_t value)
{
    value = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap32(value) : value;
    memcpy(at, &value, sizeof value);
}

static inline void store_u64(unsigned char *at, uint64_t value)
{
    value = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(value) : value;
    memcpy(at, &value, sizeof value);
}

#endif
