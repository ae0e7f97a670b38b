#ifndef SHEAF_IO_URL_H
#define SHEAF_IO_URL_H

/* URLs as text: what may be shown of them, and whom they address. No network here. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;
struct sockaddr_storage;

/* Whether this input is fetched: it begins with http:// or https://. */
bool url_is(const char *path);
bool url_is_secure(const char *url);
/* Its length without the fragment, #PART. */
size_t url_length(const char *url);
/* The part that its fragment names, or NULL. */
const char *url_part(const char *url);
/* What may be shown of it: no user, no password, no query, no fragment. Returns the length, and writes at most size
 * bytes, NUL included. */
size_t url_show(const char *url, char *text, size_t size);
/* Whether it has what url_show leaves out of it, but for the fragment. */
bool url_has_secrets(const char *url);
/* A number for scheme, host and port: what is sent to one is not sent to another. */
uint64_t url_origin(const char *url);

/* Whether an address is one of the public internet: not of this machine, a private network, a link, and none that is
 * reserved, whatever notation it hides behind (IPv4 within IPv6). */
bool address_is_public(const struct sockaddr *address);
/* An address written as text; of no family when it is none. */
void address_parse(const char *text, struct sockaddr_storage *address);
/* What transfers ask: address_is_public, unless a test has put something else here. */
extern bool (*address_judge)(const struct sockaddr *address);

#endif
