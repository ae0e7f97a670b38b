#ifndef SHEAF_LANG_LEX_H
#define SHEAF_LANG_LEX_H

#include "lang/ast.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_NUMBER,
    TOKEN_STRING,  /* the span is what stands between the quotes */
    TOKEN_OPERATOR /* and brackets, commas … */
};

struct token {
    enum token_kind kind;
    struct span span;
    struct weak number;
};

/* The token at or behind `at`; blanks and comments are passed over. */
sheaf_status lex(const struct tree *tree, int at, struct token *token, sheaf_error *error);

#endif
