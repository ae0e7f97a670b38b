/* Any bytes as a program: parsed, and what parses is typed and run on small arrays. */

#include "evaluate.h"
#include <string.h>

const struct fuzz_seed fuzz_seeds[] = {
    SEED("y = x - mean(x, axis=0); sum(y * y), lo=quantile(x, [0.05, 0.5])"),
    SEED("x[0, ::-1][x[0] > 2].size + where(s > 1, i, 0x1f)[..., newaxis]"),
    SEED("np.concat([x, s], axis=1).T @ x[:, [0, 1]].astype(float32)[0]"),
    SEED("-x**-2 // 3 % 1.5e1 << (i & 3) | ~i ^ 1_000"),
    SEED("stats(x).mean, histogram(i, bins=5)[1], unique_counts(i).counts # why"),
    SEED("moving_mean(x, 2, axis=-1), pad(s, ((1, 0), (0, 1)), mode='wrap'), full((2, 2), 1j)"),
};
const char *const fuzz_words[] = {"(",        ")",
                                  "[",        "]",
                                  ",",        ":",
                                  "x",        "i",
                                  "s",        "**",
                                  "//",       "@",
                                  "mean(",    "x.T",
                                  "0",        "-1",
                                  "1e309",    "99999999999999999999",
                                  "'",        "axis=",
                                  "...",      "None",
                                  "=",        ";",
                                  "index",    "[x > 1]",
                                  "np.",      "sort(",
                                  "arange(",  "#",
                                  "\n",       "\xe6\xb8\xa9",
                                  "1j",       "True",
                                  "zeros((",  "x.shape",
                                  "weights=", "dtype=int8",
                                  "take(",    "[[1, 2], [0, 1]]"};
const size_t fuzz_nseeds = sizeof fuzz_seeds / sizeof *fuzz_seeds, fuzz_nwords = sizeof fuzz_words / sizeof *fuzz_words;

static const double doubles[] = {1, -2, 3, 0, 5.5, 1e300};
static const float floats[] = {1, 2, -3, 4, 0, 6};
static const int32_t integers[] = {1, 2, 3, -4, 5, 6};

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static const char *const names[] = {"x", "s", "i"};
    const int64_t shape[] = {2, 3};
    sheaf_view in[3];
    char *text = malloc(n + 1);
    require(text);
    memcpy(text, bytes, n);
    text[n] = '\0';
    sheaf_view_init(&in[0], (void *)(uintptr_t)doubles, SHEAF_F64, 2, shape, NULL);
    sheaf_view_init(&in[1], (void *)(uintptr_t)floats, SHEAF_F32, 2, shape, NULL);
    sheaf_view_init(&in[2], (void *)(uintptr_t)integers, SHEAF_I32, 2, shape, NULL);
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_func *f = NULL;
    sheaf_status status = sheaf_func_parse(text, 3, names, &f, &error);
    require((status == SHEAF_OK) == (error.message[0] == '\0') && (status == SHEAF_OK) == (f != NULL));
    sheaf_func_free(f);
    evaluate_all_ways(text, 3, names, in);
    free(text);
    return 0;
}
