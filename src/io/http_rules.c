/* What answers mean, and how long to wait. */

#include "base/hash.h"
#include "io/http.h"
#include <string.h>

const char *http_meaning(long code)
{
    static const struct {
        long code;
        const char *text;
    } known[] = {{400, " (Bad Request)"},
                 {401, " (Unauthorized; --header or --netrc gives what it asks for)"},
                 {403, " (Forbidden)"},
                 {404, " (Not Found)"},
                 {407, " (Proxy Authentication Required)"},
                 {408, " (Request Timeout)"},
                 {410, " (Gone)"},
                 {416, " (Range Not Satisfiable)"},
                 {429, " (Too Many Requests)"},
                 {500, " (Internal Server Error)"},
                 {502, " (Bad Gateway)"},
                 {503, " (Service Unavailable)"},
                 {504, " (Gateway Timeout)"}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (known[k].code == code)
            return known[k].text;
    return "";
}

bool http_may_pass(long code)
{
    return code == 408 || code == 425 || code == 429 || (code >= 500 && code != 501 && code != 505);
}

double http_backoff(const char *url, double first, int attempt)
{
    double seconds = first;
    for (int k = 1; k < attempt && seconds < 3600; k++)
        seconds *= 2;
    /* All that failed at once should not come back at once. */
    return seconds * (0.75 + 0.5 * (double)(hash_bytes(url, strlen(url), (uint64_t)attempt) % 1024) / 1024);
}

/* No device has this number. */
struct io_identity http_identity(const struct http_version *version, uint64_t size)
{
    const uint64_t tag = hash_bytes(version->etag, strlen(version->etag), 0);
    if (!*version->etag && !*version->modified)
        return (struct io_identity){0};
    return (struct io_identity){
        .device = IO_URL_DEVICE, .inode = hash_bytes(version->modified, strlen(version->modified), tag), .size = size};
}
