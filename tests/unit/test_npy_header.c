/* The .npy header parser against a table of good and bad headers. What is good was decided by NumPy. */

#include "base/alloc.h"
#include "io/io.h"
#include "support.h"
#include <stdio.h>
#include <string.h>

#define F8 "'descr': '<f8', 'fortran_order': False, 'shape': "

static const struct good {
    const char *text;
    int version;
    sheaf_dtype dtype;
    int fortran, big;
    int ndim;
    int64_t shape[16];
} good[] = {
    /* as NumPy writes it, then as its older versions and other programs do */
    {"{" F8 "(3, 4), }      \n", 1, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{" F8 "(3, 4), }", 2, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{" F8 "(3, 4), }", 3, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{" F8 "(3, 4)}", 1, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{" F8 "(3,)}", 1, SHEAF_F64, 0, 0, 1, {3}},
    {"{" F8 "(3)}", 1, SHEAF_F64, 0, 0, 1, {3}},
    {"{" F8 "()}", 1, SHEAF_F64, 0, 0, 0, {0}},
    {"{" F8 "( )}", 1, SHEAF_F64, 0, 0, 0, {0}},
    {"{" F8 "(0,)}", 1, SHEAF_F64, 0, 0, 1, {0}},
    {"{" F8 "(5, 0, 7)}", 1, SHEAF_F64, 0, 0, 3, {5, 0, 7}},
    {"{" F8 "(5L, 6L)}", 1, SHEAF_F64, 0, 0, 2, {5, 6}},
    {"{" F8 "(5L,)}", 1, SHEAF_F64, 0, 0, 1, {5}},
    {"{" F8 "(3,4,)}", 1, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{" F8 "(  3 ,\t4  , )  ,  }", 1, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{'descr':'<f8','fortran_order':False,'shape':(3,4)}", 1, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{\"descr\": \"<f8\", \"fortran_order\": False, \"shape\": (3, 4)}", 1, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{\"descr\": '<f8', 'fortran_order': False, \"shape\": (3, 4)}", 1, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{u'descr': u'<f8', u'fortran_order': False, u'shape': (3, 4)}", 1, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{'shape': (3, 4), 'fortran_order': False, 'descr': '<f8'}", 1, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{'fortran_order': True, 'descr': '<f8', 'shape': (3, 4)}", 1, SHEAF_F64, 1, 0, 2, {3, 4}},
    {"  {" F8 "(3, 4)}", 1, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{\n" F8 "\n(3,\n4)\n}\n", 1, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{" F8 "(3, 4)}\t\t\t\r\n", 1, SHEAF_F64, 0, 0, 2, {3, 4}},
    {"{" F8 "(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2)}",
     1,
     SHEAF_F64,
     0,
     0,
     16,
     {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2}},
    {"{" F8 "(0, 288230376151711744)}", 1, SHEAF_F64, 0, 0, 2, {0, 288230376151711744}},
    {"{'descr': '|b1', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_BOOL, 0, 0, 1, {3}},
    {"{'descr': '>b1', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_BOOL, 0, 0, 1, {3}},
    {"{'descr': '?', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_BOOL, 0, 0, 1, {3}},
    {"{'descr': '<i1', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_I8, 0, 0, 1, {3}},
    {"{'descr': '>u1', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_U8, 0, 0, 1, {3}},
    {"{'descr': '>i2', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_I16, 0, 1, 1, {3}},
    {"{'descr': '=i4', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_I32, 0, 0, 1, {3}},
    {"{'descr': '>i8', 'fortran_order': True, 'shape': (3,)}", 1, SHEAF_I64, 1, 1, 1, {3}},
    {"{'descr': '<u2', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_U16, 0, 0, 1, {3}},
    {"{'descr': '>u4', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_U32, 0, 1, 1, {3}},
    {"{'descr': '<u8', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_U64, 0, 0, 1, {3}},
    {"{'descr': '>f2', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_F16, 0, 1, 1, {3}},
    {"{'descr': '|f8', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_F64, 0, 0, 1, {3}},
    {"{'descr': 'f4', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_F32, 0, 0, 1, {3}},
    {"{'descr': '>c8', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_C64, 0, 1, 1, {3}},
    {"{'descr': '<c16', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_C128, 0, 0, 1, {3}},
    {"{'descr': 'float64', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_F64, 0, 0, 1, {3}},
    {"{'descr': 'uint8', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_U8, 0, 0, 1, {3}},
    {"{'descr': '>d', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_F64, 0, 1, 1, {3}},
    {"{'descr': 'l', 'fortran_order': False, 'shape': (3,)}", 1, SHEAF_I64, 0, 0, 1, {3}},
};

/* part is what the message must hold: the reason, in words. */
static const struct wrong {
    const char *text;
    sheaf_status status;
    const char *part;
} wrong[] = {
    {"", SHEAF_FORMAT, "no dictionary"},
    {"{", SHEAF_FORMAT, "a string was expected"},
    {"{}", SHEAF_FORMAT, "does not say 'descr'"},
    {"[]", SHEAF_FORMAT, "no dictionary"},
    {"{'descr': '<f8', 'fortran_order': False}", SHEAF_FORMAT, "does not say 'shape'"},
    {"{'descr': '<f8', 'shape': (3,)}", SHEAF_FORMAT, "does not say 'fortran_order'"},
    {"{'fortran_order': False, 'shape': (3,)}", SHEAF_FORMAT, "does not say 'descr'"},
    {"{" F8 "(3,), 'shape': (3,)}", SHEAF_FORMAT, "repeated key 'shape'"},
    {"{'descr': '<f8', " F8 "(3,)}", SHEAF_FORMAT, "repeated key 'descr'"},
    {"{" F8 "(3,), 'extra': 1}", SHEAF_FORMAT, "unknown key 'extra'"},
    {"{" F8 "(3,), 'x\x01\x02\xff\x1b[2J': 1}", SHEAF_FORMAT, "unknown key 'x????[2J'"},
    {"{'Descr': '<f8'}", SHEAF_FORMAT, "unknown key 'Descr'"},
    {"{" F8 "(3,)} x", SHEAF_FORMAT, "something follows"},
    {"{" F8 "(3,)", SHEAF_FORMAT, "closing brace"},
    {"{" F8 "(3,) 'x'}", SHEAF_FORMAT, "closing brace"},
    {"{" F8 "(3", SHEAF_FORMAT, "shape has no end"},
    {"{" F8 "(3 4)}", SHEAF_FORMAT, "shape has no end"},
    {"{" F8 "(,)}", SHEAF_FORMAT, "no integer"},
    {"{" F8 "(3,,4)}", SHEAF_FORMAT, "no integer"},
    {"{" F8 "(3.0,)}", SHEAF_FORMAT, "shape has no end"},
    {"{" F8 "(x,)}", SHEAF_FORMAT, "no integer"},
    {"{" F8 "[3, 4]}", SHEAF_FORMAT, "no tuple"},
    {"{" F8 "3}", SHEAF_FORMAT, "no tuple"},
    {"{" F8 "None}", SHEAF_FORMAT, "no tuple"},
    {"{" F8 "(-1,)}", SHEAF_FORMAT, "negative"},
    {"{" F8 "(3, -9223372036854775807)}", SHEAF_FORMAT, "negative"},
    {"{" F8 "(9223372036854775808,)}", SHEAF_FORMAT, "64 bits"},
    {"{" F8 "(99999999999999999999999999999,)}", SHEAF_FORMAT, "64 bits"},
    {"{" F8 "(9223372036854775807,)}", SHEAF_FORMAT, "more data than any file"},
    {"{" F8 "(4294967296, 4294967296)}", SHEAF_FORMAT, "more data than any file"},
    {"{" F8 "(4294967296, 536870912)}", SHEAF_FORMAT, "more data than any file"},
    {"{" F8 "(4294967296, 0, 4294967296)}", SHEAF_FORMAT, "more data than any file"},
    {"{" F8 "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)}", SHEAF_UNSUPPORTED, "17 dimensions"},
    {"{'descr': '<f8', 'fortran_order': 0, 'shape': (3,)}", SHEAF_FORMAT, "neither True nor False"},
    {"{'descr': '<f8', 'fortran_order': false, 'shape': (3,)}", SHEAF_FORMAT, "neither True nor False"},
    {"{'descr': '<f8', 'fortran_order': 'True', 'shape': (3,)}", SHEAF_FORMAT, "neither True nor False"},
    {"{'descr' '<f8', 'fortran_order': False, 'shape': (3,)}", SHEAF_FORMAT, "colon"},
    {"{'descr: <f8}", SHEAF_FORMAT, "string has no end"},
    {"{'descr': '<f8\n'}", SHEAF_FORMAT, "string has no end"},
    {"{'descr': '<f8\\", SHEAF_FORMAT, "string has no end"},
    {"{'descr': None, 'fortran_order': False, 'shape': (3,)}", SHEAF_FORMAT, "a string was expected"},
    {"{'descr': '', 'fortran_order': False, 'shape': (3,)}", SHEAF_FORMAT, "no dtype"},
    {"{'descr': '<', 'fortran_order': False, 'shape': (3,)}", SHEAF_FORMAT, "no dtype"},
    {"{'descr': '<f3', 'fortran_order': False, 'shape': (3,)}", SHEAF_FORMAT, "'<f3' is no dtype"},
    {"{'descr': '<b2', 'fortran_order': False, 'shape': (3,)}", SHEAF_FORMAT, "no dtype"},
    {"{'descr': '<<f8', 'fortran_order': False, 'shape': (3,)}", SHEAF_FORMAT, "no dtype"},
    {"{'descr': '<f88', 'fortran_order': False, 'shape': (3,)}", SHEAF_FORMAT, "no dtype"},
    {"{'descr': '<c4', 'fortran_order': False, 'shape': (3,)}", SHEAF_FORMAT, "no dtype"},
    {"{'descr': '|O', 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED,
     "object arrays (pickles) are never read"},
    {"{'descr': 'O', 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "save it with a numeric dtype"},
    {"{'descr': '|S5', 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "byte strings"},
    {"{'descr': '|a5', 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "byte strings"},
    {"{'descr': '<U12', 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "'<U12': strings"},
    {"{'descr': '|V8', 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "void"},
    {"{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "dates (datetime64)"},
    {"{'descr': '<m8[D]', 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "timedelta64"},
    {"{'descr': '<f16', 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "long double"},
    {"{'descr': '<f12', 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "long double"},
    {"{'descr': '<c32', 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "complex128"},
    {"{'descr': [('a', '<f8'), ('b', '<i4')], 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "structured"},
    {"{'descr': ('<f8', (3,)), 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "structured"},
    {"{'descr': 'i4,f8', 'fortran_order': False, 'shape': (3,)}", SHEAF_UNSUPPORTED, "structured"},
};

/* Magic, version, length and text into bytes; returns the file's length. */
static size_t compose(unsigned char bytes[2048], int version, const char *text, size_t n)
{
    size_t prefix = version == 1 ? 10 : 12;
    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = (unsigned char)version;
    bytes[7] = 0;
    for (size_t i = 8; i < prefix; i++)
        bytes[i] = (unsigned char)(n >> (8 * (i - 8)));
    memcpy(bytes + prefix, text, n);
    return prefix + n;
}

START_TEST(reads_good)
{
    const struct good *g = &good[_i];
    unsigned char bytes[2048];
    size_t n = compose(bytes, g->version, g->text, strlen(g->text)), need, size = sheaf_dtype_size(g->dtype);
    sheaf_file_info info;
    sheaf_error problem = {SHEAF_OK, ""};
    sheaf_status status = npy_parse(bytes, n, &info, &need, "a.npy", &problem);
    ck_assert_msg(status == SHEAF_OK, "%s: %s", g->text, problem.message);
    ck_assert_str_eq(problem.message, "");
    ck_assert_uint_eq(need, 0);
    char format[8];
    snprintf(format, sizeof format, "npy %d.0", g->version);
    ck_assert_str_eq(info.format, format);
    ck_assert_int_eq(info.dtype, g->dtype);
    ck_assert_int_eq(info.fortran_order, g->fortran);
    ck_assert_int_eq(info.big_endian, g->big);
    ck_assert_int_eq(info.ndim, g->ndim);
    ck_assert_uint_eq(info.data_offset, n);
    for (int d = 0; d < g->ndim; d++) {
        ck_assert_int_eq(info.shape[d], g->shape[d]);
        size *= (size_t)g->shape[d];
    }
    ck_assert_uint_eq(info.data_bytes, size);
    /* nothing less than the whole header will do, and what is asked for is never more */
    for (size_t m = 0; m < n; m++) {
        ck_assert_int_eq(npy_parse(bytes, m, &info, &need, "a.npy", NULL), SHEAF_FORMAT);
        ck_assert_uint_gt(need, m);
        ck_assert_uint_le(need, n);
    }
}
END_TEST

START_TEST(refuses_wrong)
{
    const struct wrong *w = &wrong[_i];
    for (int version = 1; version <= 3; version++) {
        unsigned char bytes[2048];
        size_t n = compose(bytes, version, w->text, strlen(w->text)), need;
        sheaf_file_info info;
        sheaf_error problem = {SHEAF_OK, ""};
        sheaf_status status = npy_parse(bytes, n, &info, &need, "a.npy", &problem);
        ck_assert_msg(status == w->status, "%s: %s %s", w->text, sheaf_status_name(status), problem.message);
        ck_assert_int_eq(problem.status, status);
        ck_assert_msg(strstr(problem.message, w->part) != NULL, "%s: no \"%s\" in: %s", w->text, w->part,
                      problem.message);
        ck_assert_msg(strncmp(problem.message, "a.npy: ", 7) == 0, "%s", problem.message);
        ck_assert_uint_eq(need, 0);
    }
}
END_TEST

START_TEST(padding)
{
    char text[512];
    static const char dictionary[] = "{" F8 "(3, 4)}";
    sheaf_file_info info;
    size_t need;
    for (size_t pad = 0; pad < 100; pad++) {
        for (int kind = 0; kind < 4; kind++) {
            unsigned char bytes[2048];
            size_t n = sizeof dictionary - 1;
            memcpy(text, dictionary, n);
            memset(text + n, " \0\t\n"[kind], pad);
            n = compose(bytes, 1, text, n + pad);
            ck_ok(npy_parse(bytes, n, &info, &need, "a.npy", error));
            ck_assert_uint_eq(info.data_offset, n);
            ck_assert_uint_eq(info.data_bytes, 96);
        }
    }
}
END_TEST

START_TEST(utf8_version_3)
{
    unsigned char bytes[2048];
    static const char text[] = "{'descr': [('\xc3\xbc\xe2\x82\xac', '<f8')], 'fortran_order': False, 'shape': (3,)}";
    sheaf_file_info info;
    size_t need, n = compose(bytes, 3, text, sizeof text - 1);
    ck_assert_int_eq(npy_parse(bytes, n, &info, &need, "a.npy", NULL), SHEAF_UNSUPPORTED);
}
END_TEST

static sheaf_status parse_start(const char *bytes, size_t n, size_t *need, sheaf_error *error)
{
    sheaf_file_info info;
    return npy_parse((const unsigned char *)bytes, n, &info, need, "a.npy", error);
}

START_TEST(versions_and_lengths)
{
    sheaf_error problem;
    size_t need;
    ck_assert_int_eq(parse_start("\x93NUMPY\4\0\0\0\0\0", 12, &need, &problem), SHEAF_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(problem.message, "version 4.0"));
    ck_assert_int_eq(parse_start("\x93NUMPY\1\1\0\0\0\0", 12, &need, &problem), SHEAF_UNSUPPORTED);
    ck_assert_int_eq(parse_start("\x93NUMPY\0\0\0\0\0\0", 12, &need, &problem), SHEAF_UNSUPPORTED);
    ck_assert_int_eq(parse_start("\x93NUMPY\2\0\377\377\377\377", 12, &need, &problem), SHEAF_FORMAT);
    ck_assert_ptr_nonnull(strstr(problem.message, "4294967295 bytes long; the most that is read is 1048576"));
    ck_assert_uint_eq(need, 0);
    ck_assert_int_eq(parse_start("\x93NUMPY\2\0\0\0\20\0", 12, &need, &problem), SHEAF_FORMAT);
    ck_assert_uint_eq(need, 12 + 1048576);
    ck_assert_int_eq(parse_start("\x93NUMPY\2\0\1\0\20\0", 12, &need, &problem), SHEAF_FORMAT);
    ck_assert_uint_eq(need, 0);
    ck_assert_int_eq(parse_start("\x93NUMPY\1\0\377\377", 10, &need, &problem), SHEAF_FORMAT);
    ck_assert_uint_eq(need, 10 + 65535);
}
END_TEST

static const struct foreign {
    const char *bytes;
    size_t n;
    const char *part;
} foreign[] = {
    {"PK\3\4\24\0\0\0", 8, "zip archive (.npz)"},
    {"\x89HDF\r\n\x1a\n", 8, "HDF5"},
    {"CDF\2\0\0\0\0", 8, "netCDF"},
    {"\x1f\x8b\10\0\0\0", 6, "gzip"},
    {"\200\4\225\0\0\0", 6, "pickle"},
    {"time,value\n1,2\n", 15, "text (CSV?)"},
    {"\xef\xbb\xbftime,value\n", 14, "text (CSV?)"},
    {"%%MatrixMarket matrix", 20, "Matrix Market"},
    {"\0\0\0\0\0\0\360\77", 8, "it starts with bytes 00 00 00 00"},
    {"\x93NUMPX\1\0", 8, "it starts with bytes 93 4e 55 4d"},
    {"x", 1, "text"},
    {"\1", 1, "it starts with bytes 01 00 00 00"},
};

START_TEST(foreign_files)
{
    sheaf_error problem;
    size_t need;
    ck_assert_int_eq(parse_start(foreign[_i].bytes, foreign[_i].n, &need, &problem), SHEAF_FORMAT);
    ck_assert_msg(strstr(problem.message, foreign[_i].part) != NULL, "%s", problem.message);
    ck_assert_uint_eq(need, 0);
}
END_TEST

/* Every byte of a header set to every value: no crash, no allocation, and what passes is coherent. */
START_TEST(flips)
{
    static const char text[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 14), }   \n";
    unsigned char bytes[2048];
    size_t need, n = compose(bytes, _i, text, sizeof text - 1), passed = 0;
    mem_fail_at(0, 0);
    for (size_t at = 0; at < n; at++) {
        unsigned char was = bytes[at];
        for (int value = 0; value < 256; value++) {
            sheaf_file_info info;
            sheaf_error problem = {SHEAF_OK, ""};
            bytes[at] = (unsigned char)value;
            if (npy_parse(bytes, n, &info, &need, "a.npy", &problem)) {
                ck_assert_uint_gt(strlen(problem.message), 10);
                continue;
            }
            passed++;
            ck_assert_int_le(info.ndim, SHEAF_MAX_NDIM);
            ck_assert_uint_le(info.data_offset, n);
            uint64_t size = sheaf_dtype_size(info.dtype);
            for (int d = 0; d < info.ndim; d++)
                size *= (uint64_t)info.shape[d];
            ck_assert_uint_eq(info.data_bytes, size);
        }
        bytes[at] = was;
    }
    ck_assert_uint_gt(passed, n);
    ck_assert_int_eq(mem_calls(), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("npy_header");
    TCase *tests = tcase_create("npy_header");
    tcase_add_loop_test(tests, reads_good, 0, sizeof good / sizeof *good);
    tcase_add_loop_test(tests, refuses_wrong, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(tests, padding);
    tcase_add_test(tests, utf8_version_3);
    tcase_add_test(tests, versions_and_lengths);
    tcase_add_loop_test(tests, foreign_files, 0, sizeof foreign / sizeof *foreign);
    tcase_add_loop_test(tests, flips, 1, 4);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
