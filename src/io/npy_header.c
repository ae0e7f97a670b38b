/* The .npy header: magic, version, length, and a Python dictionary literal with the keys descr, fortran_order and
 * shape. Nothing here allocates; every byte is taken to be hostile. */

#include "base/checked.h"
#include "io/io.h"
#include <string.h>

/* No honest header is near this; a longer one would only make the reader allocate. */
enum {
    HEADER_MAX = 1 << 20,
    MAGIC_LENGTH = 6
};

struct scan {
    const unsigned char *start, *at, *end;
    const char *shown; /* the path in messages */
    sheaf_error *error;
};

struct word {
    const char *text;
    size_t n;
};

static bool word_is(struct word w, const char *text)
{
    return w.n == strlen(text) && memcmp(w.text, text, w.n) == 0;
}

/* A word of the header as messages show it: short and printable. */
static const char *word_shown(struct word w, char text[48])
{
    size_t n = w.n < 40 ? w.n : 40;
    for (size_t i = 0; i < n; i++)
        text[i] = (char)(w.text[i] >= 32 && w.text[i] < 127 ? w.text[i] : '?');
    strcpy(text + n, w.n > n ? "..." : "");
    return text;
}

static sheaf_status bad(const struct scan *s, const char *what)
{
    return sheaf_error_set(s->error, SHEAF_FORMAT, "%s: damaged .npy header: %s at byte %zu", s->shown, what,
                           (size_t)(s->at - s->start));
}

static bool is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next character that is not white space; 0 at the end. */
static unsigned char peek(struct scan *s)
{
    while (s->at < s->end && is_space(*s->at))
        s->at++;
    return s->at < s->end ? *s->at : 0;
}

static bool take(struct scan *s, unsigned char c)
{
    if (peek(s) != c)
        return false;
    s->at++;
    return true;
}

/* A string literal, its escapes left as they are: no key or dtype that is read has any. */
static sheaf_status scan_string(struct scan *s, struct word *out)
{
    unsigned char quote = peek(s);
    if ((quote == 'u' || quote == 'U') && s->end - s->at > 1) /* Python 2's unicode literal */
        quote = *++s->at;
    if (quote != '\'' && quote != '"')
        return bad(s, "a string was expected");
    const unsigned char *first = ++s->at;
    while (s->at < s->end && *s->at != quote) {
        if (*s->at == '\n' || *s->at == '\0')
            return bad(s, "a string has no end");
        s->at += *s->at == '\\' && s->end - s->at > 1 ? 2 : 1;
    }
    if (s->at >= s->end)
        return bad(s, "a string has no end");
    *out = (struct word){(const char *)first, (size_t)(s->at - first)};
    s->at++;
    return SHEAF_OK;
}

static sheaf_status scan_bool(struct scan *s, bool *out)
{
    static const char yes[] = "True", no[] = "False";
    peek(s);
    size_t left = (size_t)(s->end - s->at);
    if (left >= 4 && memcmp(s->at, yes, 4) == 0) {
        *out = true;
        s->at += 4;
    } else if (left >= 5 && memcmp(s->at, no, 5) == 0) {
        *out = false;
        s->at += 5;
    } else {
        return bad(s, "fortran_order is neither True nor False");
    }
    return SHEAF_OK;
}

/* One dimension: digits, perhaps a sign, perhaps the L of Python 2's long integers. */
static sheaf_status scan_dimension(struct scan *s, int64_t *out)
{
    unsigned char c = peek(s);
    bool negative = c == '-';
    if (c == '-' || c == '+')
        s->at++;
    if (s->at >= s->end || *s->at < '0' || *s->at > '9')
        return bad(s, "the shape holds something that is no integer");
    int64_t value = 0;
    for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *s->at - '0', &value))
            return bad(s, "a dimension does not fit in 64 bits");
    if (negative && value != 0)
        return bad(s, "a dimension is negative");
    if (s->at < s->end && (*s->at == 'L' || *s->at == 'l'))
        s->at++;
    *out = value;
    return SHEAF_OK;
}

static sheaf_status scan_shape(struct scan *s, sheaf_file_info *info)
{
    if (!take(s, '('))
        return bad(s, "the shape is no tuple");
    size_t ndim = 0;
    while (!take(s, ')')) {
        int64_t dimension = 0;
        sheaf_status status = scan_dimension(s, &dimension);
        if (status)
            return status;
        if (ndim < SHEAF_MAX_NDIM)
            info->shape[ndim] = dimension;
        ndim++;
        if (peek(s) != ')' && !take(s, ','))
            return bad(s, "the shape has no end");
    }
    if (ndim > SHEAF_MAX_NDIM)
        return sheaf_error_set(s->error, SHEAF_UNSUPPORTED,
                               "%s: the array has %zu dimensions, more than the %d of this version; reshape it before "
                               "saving",
                               s->shown, ndim, SHEAF_MAX_NDIM);
    info->ndim = (int)ndim;
    return SHEAF_OK;
}

/* The dtype of a code without byte order ("f8", "d") or of NumPy's name ("float64"); SHEAF_DTYPE_COUNT if none. */
static sheaf_dtype dtype_of(struct word w)
{
    static const struct {
        char code[4];
        sheaf_dtype dtype;
    } codes[] = {
        {"f8", SHEAF_F64},  {"f4", SHEAF_F32}, {"i8", SHEAF_I64}, {"i4", SHEAF_I32},   {"i2", SHEAF_I16},
        {"i1", SHEAF_I8},   {"u8", SHEAF_U64}, {"u4", SHEAF_U32}, {"u2", SHEAF_U16},   {"u1", SHEAF_U8},
        {"b1", SHEAF_BOOL}, {"f2", SHEAF_F16}, {"c8", SHEAF_C64}, {"c16", SHEAF_C128}, {"d", SHEAF_F64},
        {"f", SHEAF_F32},   {"e", SHEAF_F16},  {"?", SHEAF_BOOL}, {"F", SHEAF_C64},    {"D", SHEAF_C128},
        {"b", SHEAF_I8},    {"B", SHEAF_U8},   {"h", SHEAF_I16},  {"H", SHEAF_U16},    {"i", SHEAF_I32},
        {"I", SHEAF_U32},   {"l", SHEAF_I64},  {"L", SHEAF_U64},  {"q", SHEAF_I64},    {"Q", SHEAF_U64},
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (word_is(w, codes[i].code))
            return codes[i].dtype;
    for (int d = 0; d < SHEAF_DTYPE_COUNT; d++)
        if (word_is(w, sheaf_dtype_name((sheaf_dtype)d)))
            return (sheaf_dtype)d;
    return SHEAF_DTYPE_COUNT;
}

sheaf_dtype npy_dtype(const char *code, size_t n)
{
    return dtype_of((struct word){code, n});
}

/* What a dtype that is not read is, and what to do; NULL for a code that is none of NumPy's. */
static const char *refusal(struct word w)
{
    static const char *const wide[] = {"f16", "f12", "f10", "g", "c32", "c24", "c20", "G"};
    if (!w.n)
        return NULL;
    switch (w.text[0]) {
    case 'O':
        return "object arrays (pickles) are never read: save it with a numeric dtype, as x.astype('float64')";
    case 'S':
    case 'a':
        return "byte strings are not read: save numbers, as x.astype('float64')";
    case 'U':
    case 'T':
        return "strings are not read: save numbers, as x.astype('float64')";
    case 'V':
        return "raw void data are not read: save it with a numeric dtype, as x.view('uint8')";
    case 'M':
        return "dates (datetime64) are not read: save them as numbers, as x.astype('int64')";
    case 'm':
        return "time differences (timedelta64) are not read: save them as numbers, as x.astype('int64')";
    default:
        break;
    }
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (word_is(w, wide[i]))
            return i < 4 ? "long double is not read, for it differs between machines: save x.astype('float64')"
                         : "complex long double is not read, for it differs between machines: save "
                           "x.astype('complex128')";
    return memchr(w.text, ',', w.n) ? "structured arrays are not read: save each field by itself, as x['name']" : NULL;
}

static bool host_is_big(void)
{
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}

static sheaf_status scan_descr(struct scan *s, sheaf_file_info *info)
{
    unsigned char c = peek(s);
    if (c == '[' || c == '(' || c == '{')
        return sheaf_error_set(s->error, SHEAF_UNSUPPORTED,
                               "%s: structured arrays are not read: save each field by itself, as x['name']", s->shown);
    struct word descr, code;
    sheaf_status status = scan_string(s, &descr);
    if (status)
        return status;
    char order = '=', text[48];
    code = descr;
    if (code.n && strchr("<>=|", code.text[0]) && code.text[0]) {
        order = code.text[0];
        code.text++;
        code.n--;
    }
    info->dtype = dtype_of(code);
    if (info->dtype == SHEAF_DTYPE_COUNT) {
        const char *why = refusal(code);
        if (why)
            return sheaf_error_set(s->error, SHEAF_UNSUPPORTED, "%s: dtype '%s': %s", s->shown, word_shown(descr, text),
                                   why);
        return sheaf_error_set(s->error, SHEAF_FORMAT, "%s: damaged .npy header: '%s' is no dtype of NumPy's", s->shown,
                               word_shown(descr, text));
    }
    info->big_endian =
        sheaf_dtype_size(info->dtype) > 1 && (order == '>' || ((order == '=' || order == '|') && host_is_big()));
    return SHEAF_OK;
}

static sheaf_status scan_dictionary(struct scan *s, sheaf_file_info *info)
{
    enum {
        DESCR = 1,
        ORDER = 2,
        SHAPE = 4,
        ALL = 7
    };
    int seen = 0;
    if (!take(s, '{'))
        return bad(s, "no dictionary");
    while (!take(s, '}')) {
        struct word key;
        char text[48];
        sheaf_status status = scan_string(s, &key);
        if (status)
            return status;
        int bit = word_is(key, "descr")           ? DESCR
                  : word_is(key, "fortran_order") ? ORDER
                  : word_is(key, "shape")         ? SHAPE
                                                  : 0;
        if (!bit || (seen & bit))
            return sheaf_error_set(s->error, SHEAF_FORMAT, "%s: damaged .npy header: %s key '%s'", s->shown,
                                   bit ? "repeated" : "unknown", word_shown(key, text));
        seen |= bit;
        if (!take(s, ':'))
            return bad(s, "a colon was expected");
        status = bit == DESCR   ? scan_descr(s, info)
                 : bit == ORDER ? scan_bool(s, &info->fortran_order)
                                : scan_shape(s, info);
        if (status)
            return status;
        if (peek(s) != '}' && !take(s, ','))
            return bad(s, "a comma or the closing brace was expected");
    }
    if (seen != ALL)
        return sheaf_error_set(s->error, SHEAF_FORMAT, "%s: damaged .npy header: it does not say '%s'", s->shown,
                               !(seen & DESCR)   ? "descr"
                               : !(seen & ORDER) ? "fortran_order"
                                                 : "shape");
    while (s->at < s->end && (is_space(*s->at) || *s->at == '\0'))
        s->at++;
    return s->at == s->end ? SHEAF_OK : bad(s, "something follows the dictionary");
}

/* Bytes of data that dtype and shape make. Zero dimensions are left out of the overflow check's product, so that the
 * strides of an empty array are safe too. */
static sheaf_status data_size(const struct scan *s, sheaf_file_info *info)
{
    size_t bytes = sheaf_dtype_size(info->dtype), whole;
    bool empty = false;
    for (int i = 0; i < info->ndim; i++) {
        empty |= info->shape[i] == 0;
        if (info->shape[i] != 0 && !size_mul(bytes, (size_t)info->shape[i], &bytes))
            goto too_big;
    }
    if (!size_add(bytes, (size_t)info->data_offset, &whole) || whole > PTRDIFF_MAX / 2)
        goto too_big;
    info->data_bytes = empty ? 0 : bytes;
    return SHEAF_OK;
too_big:
    return sheaf_error_set(s->error, SHEAF_FORMAT,
                           "%s: damaged .npy header: it declares more data than any file can hold", s->shown);
}

static sheaf_status short_of(size_t needed, size_t *need, const struct scan *s)
{
    *need = needed;
    return sheaf_error_set(s->error, SHEAF_FORMAT, "%s: the .npy header needs %zu bytes", s->shown, needed);
}

sheaf_status npy_parse(const unsigned char *bytes, size_t n, sheaf_file_info *info, size_t *need, const char *path,
                       sheaf_error *error)
{
    char text[IO_SHOWN];
    struct scan s = {bytes, bytes, bytes, io_shown(path, text), error};
    *need = 0;
    memset(info, 0, sizeof *info);
    if (n && memcmp(bytes, "\x93NUMPY", n < MAGIC_LENGTH ? n : MAGIC_LENGTH) != 0)
        return io_not_known(bytes, n, path, error);
    if (n < MAGIC_LENGTH + 4)
        return short_of(MAGIC_LENGTH + 4, need, &s);
    int major = bytes[6], minor = bytes[7];
    if (major < 1 || major > 3 || minor != 0)
        return sheaf_error_set(error, SHEAF_UNSUPPORTED, "%s: .npy version %d.%d; this version reads 1.0, 2.0 and 3.0",
                               s.shown, major, minor);
    size_t prefix = major == 1 ? 10 : 12;
    if (n < prefix)
        return short_of(prefix, need, &s);
    size_t length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (major > 1)
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (length > HEADER_MAX)
        return sheaf_error_set(error, SHEAF_FORMAT,
                               "%s: the .npy header says it is %zu bytes long; the most that is read is %d", s.shown,
                               length, HEADER_MAX);
    if (n - prefix < length)
        return short_of(prefix + length, need, &s);
    s.at += prefix;
    s.end += prefix + length;
    memcpy(info->format, "npy 1.0", sizeof "npy 1.0");
    info->format[4] = (char)('0' + major);
    info->data_offset = prefix + length;
    sheaf_status status = scan_dictionary(&s, info);
    return status ? status : data_size(&s, info);
}
