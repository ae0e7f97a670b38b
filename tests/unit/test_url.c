/* URLs as text: what may be shown of them, what items are called after them, and whom they address. */

#include "io/http.h"
#include "io/url.h"
#include "test_map.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

START_TEST(secrets_are_not_shown)
{
    static const struct {
        const char *url, *shown;
        bool secret;
    } cases[] = {
        {"http://h/a.npy", "http://h/a.npy", false},
        {"http://h:81/a.npy?token=1", "http://h:81/a.npy", true},
        {"https://me:pw@h/a/b.npz?x=@y#part", "https://h/a/b.npz", true},
        {"http://me@h", "http://h", true},
        {"http://h?x", "http://h", true},
        {"http://a@b@h/x", "http://h/x", true},
        {"http://h/a@b?c@d", "http://h/a@b", true},
        {"HTTP://h/x#p?q", "HTTP://h/x", false},
    };
    char text[64];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        ck_assert_uint_eq(url_show(cases[k].url, text, sizeof text), strlen(cases[k].shown));
        ck_assert_str_eq(text, cases[k].shown);
        ck_assert_int_eq(url_has_secrets(cases[k].url), cases[k].secret);
        ck_assert(url_is(cases[k].url));
    }
    url_show("http://host/path", text, 8);
    ck_assert_str_eq(text, "http://");
    ck_assert(!url_is("ftp://h/x") && !url_is("http:/x") && !url_is("x.npy") && !url_is("file:///etc/passwd"));
    ck_assert_uint_eq(url_origin("http://H:80/a"), url_origin("HTTP://u:p@h/b?c"));
    ck_assert_uint_ne(url_origin("http://h/"), url_origin("https://h/"));
    ck_assert_uint_ne(url_origin("http://h/"), url_origin("http://h:81/"));
    ck_assert_uint_eq(url_origin("https://h/"), url_origin("https://h:443"));
    ck_assert_str_eq(url_part("http://h/a.npz?q#x/y"), "x/y");
    ck_assert_ptr_null(url_part("http://h/a.npz#"));
}
END_TEST

/* Addresses of IANA's registries of special ones, and neighbours of their blocks. */
START_TEST(private_addresses_are_known)
{
    static const char *const private[] = {"127.0.0.1",
                                          "127.255.255.255",
                                          "10.0.0.1",
                                          "10.255.255.255",
                                          "172.16.0.1",
                                          "172.31.255.255",
                                          "192.168.0.1",
                                          "169.254.169.254",
                                          "100.64.0.1",
                                          "100.127.255.255",
                                          "0.0.0.0",
                                          "0.1.2.3",
                                          "224.0.0.1",
                                          "255.255.255.255",
                                          "192.0.0.8",
                                          "198.18.0.1",
                                          "198.19.255.255",
                                          "192.0.2.1",
                                          "203.0.113.9",
                                          "198.51.100.7",
                                          "240.0.0.1",
                                          "::1",
                                          "::",
                                          "fe80::1",
                                          "febf::1",
                                          "fc00::1",
                                          "fdff::1",
                                          "ff02::1",
                                          "::ffff:127.0.0.1",
                                          "::ffff:10.1.2.3",
                                          "64:ff9b::127.0.0.1",
                                          "64:ff9b:1::1",
                                          "2002:7f00:0001::",
                                          "2002:0a00:0001::1",
                                          "2001:db8::1",
                                          "2001::1",
                                          "fec0::1",
                                          "100::1",
                                          "5f00::1",
                                          "::127.0.0.1"};
    static const char *const public[] = {"8.8.8.8",         "9.255.255.255",    "11.0.0.0",       "172.15.255.255",
                                         "172.32.0.0",      "192.167.255.255",  "192.169.0.0",    "169.253.0.1",
                                         "100.63.255.255",  "100.128.0.0",      "198.17.255.255", "198.20.0.0",
                                         "223.255.255.255", "2606:4700::1111",  "2a00:1450::1",   "64:ff9b::8.8.8.8",
                                         "::ffff:8.8.8.8",  "2002:0808:0808::1"};
    struct sockaddr_storage address;
    for (size_t k = 0; k < sizeof private / sizeof *private; k++) {
        address_parse(private[k], &address);
        ck_assert_int_ne(address.ss_family, AF_UNSPEC);
        ck_assert_msg(!address_is_public((const struct sockaddr *)&address), "%s", private[k]);
    }
    for (size_t k = 0; k < sizeof public / sizeof *public; k++) {
        address_parse(public[k], &address);
        ck_assert_msg(address_is_public((const struct sockaddr *)&address), "%s", public[k]);
    }
    address_parse("localhost", &address);
    ck_assert_int_eq(address.ss_family, AF_UNSPEC);
    ck_assert(!address_is_public((const struct sockaddr *)&address));
}
END_TEST

START_TEST(items_are_called_without_secrets)
{
    const char *const urls[] = {
        "http://me:pw@h/d/get.npy?id=1", "http://h/d/get.npy?id=2", "x.npy", "http://h/d/get.npy",
        "http://h/d/z.npz?k#a",          "http://h/d/z.npz#b"};
    static const char *const names[] = {"http://h/d/get.npy",   "http://h/d/get.npy?2", "x.npy",
                                        "http://h/d/get.npy?3", "http://h/d/z.npz#a",   "http://h/d/z.npz#b"};
    static const char *const stems[] = {"get", "get.2", "x", "get.3", "z.a", "z.b"};
    char unnamed[SHEAF_NAME_MAX], path[SHEAF_PATH_MAX];
    sheaf_batch *batch = NULL;
    ck_ok(sheaf_batch_from_files(urls, 6, &batch, error));
    for (size_t i = 0; i < 6; i++) {
        ck_assert_str_eq(sheaf_batch_name(batch, i, unnamed), names[i]);
        ck_ok(sheaf_batch_path(batch, i, "{stem}", path, error));
        ck_assert_str_eq(path, stems[i]);
    }
    ck_ok(sheaf_batch_path(batch, 0, "out/{dir}/{name}", path, error));
    ck_assert_str_eq(path, "out/h/d/get.npy");
    sheaf_batch_free(batch);
    /* No URL chooses a directory outside. */
    const char *const climbs = "http://h/../../../etc/passwd";
    ck_ok(sheaf_batch_from_files(&climbs, 1, &batch, error));
    ck_ok(sheaf_batch_path(batch, 0, "out/{dir}/{stem}.npy", path, error));
    ck_assert_str_eq(path, "out/h/__/__/__/etc/passwd.npy");
    sheaf_batch_free(batch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("url");
    TCase *t = tcase_create("url");
    tcase_add_test(t, secrets_are_not_shown);
    tcase_add_test(t, private_addresses_are_known);
    tcase_add_test(t, items_are_called_without_secrets);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
