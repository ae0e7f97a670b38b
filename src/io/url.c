#include "io/url.h"

#include "base/hash.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

bool url_is(const char *path)
{
    return strncasecmp(path, "http://", 7) == 0 || strncasecmp(path, "https://", 8) == 0;
}

bool url_is_secure(const char *url)
{
    return strncasecmp(url, "https:", 6) == 0;
}

size_t url_length(const char *url)
{
    return strcspn(url, "#");
}

const char *url_part(const char *url)
{
    const char *mark = strchr(url, '#');
    return mark && mark[1] ? mark + 1 : NULL;
}

/* Where scheme, user, host and path of a URL are. */
struct pieces {
    const char *host;         /* behind the user, */
    size_t scheme, user;      /* lengths: "https://", "me:secret@", */
    size_t authority, public; /* of host and port; of these and the path */
};

static struct pieces cut(const char *url)
{
    struct pieces p = {.scheme = (size_t)(strstr(url, "://") - url) + 3};
    const char *start = url + p.scheme;
    const size_t n = strcspn(start, "/?#\\");
    for (size_t i = 0; i < n; i++)
        if (start[i] == '@')
            p.user = i + 1;
    p.host = start + p.user;
    p.authority = n - p.user;
    p.public = p.authority + strcspn(p.host + p.authority, "?#");
    return p;
}

size_t url_show(const char *url, char *text, size_t size)
{
    const struct pieces p = cut(url);
    const char *const from[] = {url, p.host};
    const size_t n[] = {p.scheme, p.public};
    size_t at = 0;
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < n[k]; i++, at++)
            if (at + 1 < size)
                text[at] = from[k][i];
    if (size)
        text[at < size ? at : size - 1] = '\0';
    return at;
}

bool url_has_secrets(const char *url)
{
    const struct pieces p = cut(url);
    return p.user || p.host[p.public] == '?';
}

uint64_t url_origin(const char *url)
{
    char text[300];
    const struct pieces p = cut(url);
    const bool secure = url_is_secure(url);
    size_t n = 0;
    for (size_t i = 0; i < p.authority && n < sizeof text - 8; i++)
        text[n++] = p.host[i] >= 'A' && p.host[i] <= 'Z' ? (char)(p.host[i] + 32) : p.host[i];
    /* A port that goes without saying is none. */
    const char *standard = secure ? ":443" : ":80";
    const size_t m = strlen(standard);
    if (n > m && memcmp(text + n - m, standard, m) == 0)
        n -= m;
    return hash_bytes(text, n, secure);
}

/* ---- addresses ---- */

struct block {
    unsigned char bytes[16];
    int bits;
};

static bool within(const unsigned char *address, const struct block *blocks, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const int whole = blocks[k].bits / 8, rest = blocks[k].bits % 8;
        if (memcmp(address, blocks[k].bytes, (size_t)whole) == 0 &&
            (rest == 0 || ((address[whole] ^ blocks[k].bytes[whole]) >> (8 - rest)) == 0))
            return true;
    }
    return false;
}

/* IANA's special-purpose registry (RFC 6890 and its successors), multicast and what is reserved. */
static bool public4(const unsigned char *a)
{
    static const struct block blocks[] = {
        {{0}, 8},
        {{10}, 8},
        {{100, 64}, 10},
        {{127}, 8},
        {{169, 254}, 16},
        {{172, 16}, 12},
        {{192, 0, 0}, 24},
        {{192, 0, 2}, 24},
        {{192, 88, 99}, 24},
        {{192, 168}, 16},
        {{198, 18}, 15},
        {{198, 51, 100}, 24},
        {{203, 0, 113}, 24},
        {{224}, 4},
        {{240}, 4},
    };
    return !within(a, blocks, sizeof blocks / sizeof *blocks);
}

static bool public6(const unsigned char *a)
{
    static const struct block mapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96},
                              translated = {{0, 0x64, 0xff, 0x9b}, 96}, tunnelled = {{0x20, 0x02}, 16},
                              global = {{0x20}, 3};
    static const struct block blocks[] = {{{0x20, 0x01, 0x00}, 23}, {{0x20, 0x01, 0x0d, 0xb8}, 32}, {{0x3f, 0xff}, 20}};
    if (within(a, &mapped, 1) || within(a, &translated, 1))
        return public4(a + 12);
    if (within(a, &tunnelled, 1))
        return public4(a + 2);
    return within(a, &global, 1) && !within(a, blocks, sizeof blocks / sizeof *blocks);
}

void address_parse(const char *text, struct sockaddr_storage *address)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)address;
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
        address->ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
        address->ss_family = AF_INET6;
}

bool (*address_judge)(const struct sockaddr *address) = address_is_public;

bool address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return public4((const unsigned char *)&((const struct sockaddr_in *)(const void *)address)->sin_addr);
    if (address->sa_family == AF_INET6)
        return public6((const unsigned char *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
    return false;
}
