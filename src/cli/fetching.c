#include "args.h"
#include "inputs.h"

static bool count(const char *option, const char *text, int *out)
{
    long n;
    if (!args_count(option, text, 1, &n))
        return false;
    if (n > 1000)
        return complain(REFUSED, "%s takes a number up to 1000, not '%s'", option, text), false;
    *out = (int)n;
    return true;
}

bool fetching_option(struct fetching *f, int id, const char *value, bool *bad)
{
    *bad = false;
    switch (id) {
    case FETCHING_CONNECTIONS:
        *bad = !count("--connections", value, &f->http.connections);
        break;
    case FETCHING_PER_HOST:
        *bad = !count("--per-host", value, &f->http.per_host);
        break;
    case FETCHING_HEADER:
        paths_add(&f->headers, value);
        break;
    case FETCHING_NETRC:
        f->http.netrc = true;
        break;
    case FETCHING_MOST:
        *bad = !args_size("--max-download", value, &f->http.most);
        break;
    case FETCHING_CACHE:
        f->cache = value;
        break;
    default:
        return false;
    }
    return !*bad;
}

const sheaf_http *fetching_http(struct fetching *f)
{
    sheaf_http http;
    sheaf_http_init(&http);
    f->http.struct_size = http.struct_size;
    f->http.headers = (const char *const *)f->headers.at;
    f->http.nheaders = f->headers.n;
    f->http.cache = f->cache;
    return &f->http;
}

void fetching_free(struct fetching *f)
{
    paths_free(&f->headers);
}
