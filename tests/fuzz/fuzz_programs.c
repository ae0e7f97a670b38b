/* Bytes that choose a well-typed program: arithmetic, conditions, casts, and reductions that broadcast back, over
 * arrays of many dtypes whose rows are longer than a block. Fused and function by function it must give the same bits.
 */

#include "evaluate.h"
#include <math.h>
#include <string.h>

const struct fuzz_seed fuzz_seeds[] = {
    SEED("0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ!$%&/()=?+*#-_.:,;<>"),
    SEED("\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\27\30\31\32\33\34\35\36\37\40\41\42\43\44\45\46"
         "\47"),
    SEED("zyxwvutsrqponmlkjihgfedcba9876543210ZYXWVUTSRQPONMLKJIHGFEDCBAaabbccddeeffgghhiijjkkllmmnnoo"),
};
const char *const fuzz_words[] = {"a", "\1\2\3", "\377", "Zz", "0000", "\20\40\60\100", "q!q!", "7"};
const size_t fuzz_nseeds = sizeof fuzz_seeds / sizeof *fuzz_seeds, fuzz_nwords = sizeof fuzz_words / sizeof *fuzz_words;

enum {
    ROWS = 2,
    COLUMNS = 40000, /* a team shares these; of the smaller ones a row is two blocks */
    FEWER = 4500,
    INPUTS = 8
};

static const char *const names[INPUTS] = {"x", "r", "k", "s", "i", "u", "m", "z"};
static sheaf_view large[INPUTS], small[INPUTS];

static void make_inputs(void)
{
    static double x[ROWS * COLUMNS], r[COLUMNS], k[ROWS];
    static float s[ROWS * COLUMNS], z[2 * ROWS * COLUMNS];
    static int32_t i[ROWS * COLUMNS];
    static uint8_t u[COLUMNS], m[ROWS * COLUMNS];
    uint64_t state = 7;
    for (int n = 0; n < ROWS * COLUMNS; n++) {
        x[n] = random_unit(&state) * 8 - 4;
        s[n] = (float)(random_unit(&state) * 8 - 4);
        i[n] = (int32_t)(random_u64(&state) % 200) - 100;
        m[n] = random_u64(&state) % 2;
        z[2 * n] = s[n];
        z[2 * n + 1] = (float)random_unit(&state);
        r[n % COLUMNS] = random_unit(&state);
        u[n % COLUMNS] = (uint8_t)random_u64(&state);
    }
    x[5] = NAN;
    x[FEWER + 4100] = x[COLUMNS + 39000] = INFINITY;
    x[77] = -0.0;
    k[0] = 0.5;
    k[1] = -3;
    void *const data[INPUTS] = {x, r, k, s, i, u, m, z};
    static const sheaf_dtype dtypes[INPUTS] = {SHEAF_F64, SHEAF_F64, SHEAF_F64,  SHEAF_F32,
                                               SHEAF_I32, SHEAF_U8,  SHEAF_BOOL, SHEAF_C64};
    for (int n = 0; n < INPUTS; n++) {
        const bool row = n == 1 || n == 5, column = n == 2;
        const int64_t whole[] = {ROWS, column ? 1 : COLUMNS}, fewer[] = {ROWS, column ? 1 : FEWER};
        sheaf_view_init(&large[n], data[n], dtypes[n], 2 - row, whole + row, NULL);
        sheaf_view_init(&small[n], data[n], dtypes[n], 2 - row, fewer + row, NULL);
    }
}

struct text {
    const unsigned char *bytes;
    size_t n, at;
    char *to;
    size_t length, room;
};

static unsigned choose(struct text *t, unsigned below)
{
    return t->n ? t->bytes[t->at++ % t->n] * 7u % below : 0;
}

static void add(struct text *t, const char *word)
{
    const size_t n = strlen(word);
    if (t->length + n < t->room) {
        memcpy(t->to + t->length, word, n + 1);
        t->length += n;
    }
}

#define PICK(t, list) list[choose(t, sizeof list / sizeof *list)]

static void condition(struct text *t, int depth);

/* Of any numeric dtype but complex. */
static void number(struct text *t, int depth)
{
    static const char *const leaves[] = {"x", "r",    "k",          "s",       "i", "u",
                                         "2", "0.25", "x[:, ::-1]", "r[::-1]", "m", "s[0]"};
    static const char *const infix[] = {" + ", " - ", " * ", " / ", " + ", " * "};
    static const char *const unary[] = {"abs(",     "sqrt(",  "exp(",   "-(",      "tanh(", "floor(",
                                        "float32(", "int16(", "log1p(", "square(", "sign(", "float64("};
    static const char *const binary[] = {"minimum(", "maximum(", "hypot(", "fmod(", "atan2("};
    static const char *const reductions[] = {"mean(", "std(", "max(", "sum(",   "nanmean(",
                                             "prod(", "rms(", "var(", "argmin("};
    static const char *const axes[] = {")", ", axis=-1, keepdims=True)", ", axis=0)", ", axis=1, keepdims=True)", ")"};
    switch (depth > 0 ? choose(t, 9) : 0) {
    case 0:
        add(t, PICK(t, leaves));
        return;
    case 1:
    case 2:
    case 3:
        add(t, "(");
        number(t, depth - 1);
        add(t, PICK(t, infix));
        number(t, depth - 1);
        break;
    case 4:
    case 5:
        add(t, PICK(t, unary));
        number(t, depth - 1);
        break;
    case 6:
        add(t, PICK(t, binary));
        number(t, depth - 1);
        add(t, ", ");
        number(t, depth - 1);
        break;
    case 7:
        add(t, PICK(t, reductions));
        add(t, "x * 0 + ");
        number(t, depth - 1);
        add(t, PICK(t, axes));
        return;
    default:
        add(t, "where(");
        condition(t, depth - 1);
        add(t, ", ");
        number(t, depth - 1);
        add(t, ", ");
        number(t, depth - 1);
    }
    add(t, ")");
}

static void condition(struct text *t, int depth)
{
    static const char *const compared[] = {" < ", " >= ", " == ", " != "};
    static const char *const joined[] = {" & ", " | ", " ^ "};
    if (depth <= 0 || choose(t, 5) == 0) {
        add(t, "m");
        return;
    }
    add(t, "(");
    if (choose(t, 3)) {
        number(t, depth - 1);
        add(t, PICK(t, compared));
        number(t, depth - 1);
    } else {
        condition(t, depth - 1);
        add(t, PICK(t, joined));
        condition(t, depth - 1);
    }
    add(t, ")");
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static const char *const outputs[] = {"q",        "sum(q)", "min(q), max(q), mean(q)", "q + p, any(p)",
                                          "stats(q)", "z * q",  "p * z, std(q, axis=-1)",  "cumsum(q)"};
    static size_t all, computed;
    char *text = malloc(8192);
    struct text t = {bytes, n, 0, text, 0, 8192};
    require(text);
    if (!large[0].data)
        make_inputs();
    text[0] = '\0';
    add(&t, "q = ");
    number(&t, 5);
    add(&t, "; p = ");
    number(&t, 3);
    add(&t, "; ");
    add(&t, PICK(&t, outputs));
    computed += evaluate_all_ways(text, INPUTS, names, choose(&t, 8) ? small : large);
    require(++all < 100 || computed > all / 2);
    free(text);
    return 0;
}
