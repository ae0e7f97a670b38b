/* Names, numbers, strings, operators. */

#include "lang/lex.h"
#include <ctype.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int skip(const struct tree *tree, int at)
{
    while (at < (int)tree->length) {
        if (tree->text[at] == '#')
            while (at < (int)tree->length && tree->text[at] != '\n')
                at++;
        else if (is_space(tree->text[at]))
            at++;
        else
            break;
    }
    return at;
}

/* The digits of [from, to) without their underscores, in a buffer of the caller's; whether they fit. */
#define LONGEST_NUMBER 200
static bool digits(const struct tree *tree, int from, int to, char text[LONGEST_NUMBER])
{
    int n = 0;
    for (int i = from; i < to; i++) {
        if (tree->text[i] == '_')
            continue;
        if (n == LONGEST_NUMBER - 1)
            return false;
        text[n++] = tree->text[i];
    }
    text[n] = '\0';
    return n > 0;
}

static sheaf_status bad_number(const struct tree *tree, int at, int end, sheaf_error *error, const char *why)
{
    return tree_refuse(tree, (struct span){at, end - at}, SHEAF_INVALID, error, "\"%.*s\": %s",
                       end - at < 60 ? end - at : 60, tree->text + at, why);
}

static int digit_value(char c)
{
    return is_digit(c) ? c - '0' : is_letter(c) && c != '_' ? (c | 32) - 'a' + 10 : 99;
}

static sheaf_status lex_integer(const struct tree *tree, int at, int end, int base, struct token *token,
                                sheaf_error *error)
{
    const wide_int most = (wide_int)1 << 96;
    const int from = base == 10 ? at : at + 2;
    wide_int value = 0;
    bool any = false;
    for (int i = from; i < end; i++) {
        if (tree->text[i] == '_')
            continue;
        if (digit_value(tree->text[i]) >= base)
            return bad_number(tree, at, end, error, "is no number");
        value = value * base + digit_value(tree->text[i]);
        any = true;
        if (value > most)
            return bad_number(tree, at, end, error, "is too large an integer; write a float such as 1e30");
    }
    if (!any || (base == 10 && end - at > 1 && tree->text[at] == '0' && value > 0))
        return bad_number(tree, at, end, error, any ? "integers do not begin with 0" : "is no number");
    token->number = (struct weak){.kind = WEAK_INT, .integer = value};
    return SHEAF_OK;
}

/* The decimal point is a point, whatever the program's locale. */
static double to_double(const char *text, char **end)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    double value = c ? strtod_l(text, end, c) : strtod(text, end);
    if (c)
        freelocale(c);
    return value;
}

/* How far the number at `at` reaches; *is_float: it has a point or an exponent. */
static int number_end(const struct tree *tree, int at, bool *is_float)
{
    const char *s = tree->text;
    const int n = (int)tree->length;
    int i = at;
    *is_float = false;
    if (s[i] == '0' && i + 1 < n && strchr("xXoObB", s[i + 1])) {
        for (i += 2; i < n && (isalnum((unsigned char)s[i]) || s[i] == '_');)
            i++;
        return i;
    }
    while (i < n && (is_digit(s[i]) || s[i] == '_'))
        i++;
    if (i < n && s[i] == '.' &&
        !(i + 1 < n && is_letter(s[i + 1]) && s[i + 1] != 'e' && s[i + 1] != 'E' && s[i + 1] != 'j')) {
        *is_float = true;
        for (i++; i < n && (is_digit(s[i]) || s[i] == '_');)
            i++;
    }
    if (i < n && (s[i] == 'e' || s[i] == 'E')) {
        int k = i + 1;
        if (k < n && (s[k] == '+' || s[k] == '-'))
            k++;
        if (k < n && is_digit(s[k])) {
            *is_float = true;
            for (i = k; i < n && (is_digit(s[i]) || s[i] == '_');)
                i++;
        }
    }
    return i;
}

static sheaf_status lex_number(const struct tree *tree, int at, struct token *token, sheaf_error *error)
{
    const char *s = tree->text;
    bool is_float;
    int end = number_end(tree, at, &is_float);
    const bool imaginary = end < (int)tree->length && (s[end] == 'j' || s[end] == 'J');
    const char second = end - at > 1 ? (char)(s[at + 1] | 32) : '0';
    const int base = s[at] != '0' ? 10 : second == 'x' ? 16 : second == 'o' ? 8 : second == 'b' ? 2 : 10;
    int stop = end + imaginary;
    while (stop < (int)tree->length && (isalnum((unsigned char)s[stop]) || s[stop] == '_'))
        stop++;
    token->kind = TOKEN_NUMBER;
    token->span = (struct span){at, stop - at};
    if (stop > end + imaginary || s[end - 1] == '_')
        return bad_number(tree, at, stop, error, "is no number");
    if (!is_float && !imaginary)
        return lex_integer(tree, at, end, base, token, error);
    char text[LONGEST_NUMBER], *rest;
    if (!digits(tree, at, end, text))
        return bad_number(tree, at, end, error, "has too many digits");
    const double value = to_double(text, &rest);
    if (*rest || base != 10)
        return bad_number(tree, at, end, error, "is no number");
    token->number =
        imaginary ? (struct weak){.kind = WEAK_COMPLEX, .im = value} : (struct weak){.kind = WEAK_FLOAT, .re = value};
    return SHEAF_OK;
}

static sheaf_status lex_string(const struct tree *tree, int at, struct token *token, sheaf_error *error)
{
    const char *s = tree->text, quote = s[at];
    int end = at + 1;
    while (end < (int)tree->length && s[end] != quote && s[end] != '\n' && s[end] != '\\')
        end++;
    token->kind = TOKEN_STRING;
    token->span = (struct span){at + 1, end - at - 1};
    if (end == (int)tree->length || s[end] == '\n')
        return tree_refuse(tree, (struct span){at, 1}, SHEAF_INVALID, error, "the string that begins here has no end");
    if (s[end] == '\\')
        return tree_refuse(tree, (struct span){end, 1}, SHEAF_INVALID, error, "strings have no backslashes here");
    return SHEAF_OK;
}

static sheaf_status lex_operator(const struct tree *tree, int at, struct token *token, sheaf_error *error)
{
    static const char *const longer[] = {"...", "**=", "//=", "<<=", ">>=", "**", "//", "<<", ">>", "<=", ">=",
                                         "==",  "!=",  "&&",  "||",  "+=",  "-=", "*=", "/=", ":=", "<>"};
    const char c = tree->text[at];
    token->kind = TOKEN_OPERATOR;
    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++) {
        if (longer[i][0] != c)
            continue;
        const size_t n = strlen(longer[i]);
        if (tree->length - (size_t)at >= n && memcmp(tree->text + at, longer[i], n) == 0) {
            token->span = (struct span){at, (int)n};
            return SHEAF_OK;
        }
    }
    token->span = (struct span){at, 1};
    if (c && strchr("+-*/%@&^|~<>()[],;:.=!", c))
        return SHEAF_OK;
    int n = 1;
    while (at + n < (int)tree->length && ((unsigned char)tree->text[at + n] & 0xc0) == 0x80)
        n++;
    if (c >= 0 && (c < 32 || c == 127))
        return tree_refuse(tree, token->span, SHEAF_INVALID, error, "a byte of value %d does not belong into a program",
                           c);
    return tree_refuse(tree, token->span, SHEAF_INVALID, error, "\"%.*s\" has no meaning here%s", n, tree->text + at,
                       c == '{' || c == '}' ? "; brackets are ( ) and [ ]"
                       : c == '$'           ? "; a program has no $"
                                            : "");
}

sheaf_status lex(const struct tree *tree, int at, struct token *token, sheaf_error *error)
{
    const char *s = tree->text;
    at = skip(tree, at);
    if (at >= (int)tree->length) {
        *token = (struct token){.kind = TOKEN_END, .span = {(int)tree->length, 0}};
        return SHEAF_OK;
    }
    if (is_letter(s[at])) {
        int end = at;
        while (end < (int)tree->length && (isalnum((unsigned char)s[end]) || s[end] == '_'))
            end++;
        token->kind = TOKEN_NAME;
        token->span = (struct span){at, end - at};
        return SHEAF_OK;
    }
    if (is_digit(s[at]) || (s[at] == '.' && at + 1 < (int)tree->length && is_digit(s[at + 1])))
        return lex_number(tree, at, token, error);
    if (s[at] == '\'' || s[at] == '"')
        return lex_string(tree, at, token, error);
    return lex_operator(tree, at, token, error);
}
