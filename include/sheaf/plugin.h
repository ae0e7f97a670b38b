#ifndef SHEAF_PLUGIN_H
#define SHEAF_PLUGIN_H

/* For C files whose functions `sheaf map FILE.c` runs, and shared objects made of them; not for programs, and so not
 * part of sheaf.h. docs/own-c.md has examples. A function has one of three prototypes, and one line offers it:
 *
 *   double f(const double *x, size_t n)              SHEAF_SCALAR(f);    the n elements of an array to a number
 *   void f(const double *x, double *y, size_t n)     SHEAF_ARRAY(f);     to an array of the same shape
 *   sheaf_callback f                                 SHEAF_FUNCTION(f, "low", "high");    to outputs of these names
 *
 * The first two also with float instead of double. Elements come in C order, whatever the shape; other dtypes are
 * converted. A sheaf_callback (func.h) gets the view as it is, and NULL for its user. Functions are called from several
 * threads at once. A file that offers nothing offers the function that is named as the file. */

#include <sheaf/func.h>

/* Goes up whenever what a plugin and its loader share changes: the structs below, and those of sheaf/func.h. */
#define SHEAF_PLUGIN_ABI 1

enum {
    SHEAF_PLUGIN_SCALAR = 1,
    SHEAF_PLUGIN_ARRAY,
    SHEAF_PLUGIN_FUNCTION
};

typedef struct sheaf_plugin_entry {
    const char *name;
    int kind;
    sheaf_dtype dtype; /* of the elements; SHEAF_DTYPE_COUNT for a SHEAF_PLUGIN_FUNCTION */
    void (*function)(void);
    const char *outputs[SHEAF_MAX_OUTPUTS + 1]; /* ended by NULL; none: one that is called as the function */
} sheaf_plugin_entry;

/* What a shared object exports as sheaf_plugin_table. abi stays the first member for ever. */
typedef struct sheaf_plugin_entries {
    int abi;
    const sheaf_plugin_entry *const *begin, *const *end;
} sheaf_plugin_entries;

#define SHEAF_SCALAR(f)                                                                             \
    _Static_assert(SHEAF_KIND_(f) == SHEAF_PLUGIN_SCALAR,                                           \
                   #f " is not double " #f "(const double *x, size_t n), nor the same with float"); \
    SHEAF_OFFER_(f, NULL)
#define SHEAF_ARRAY(f)                                                                                       \
    _Static_assert(SHEAF_KIND_(f) == SHEAF_PLUGIN_ARRAY,                                                     \
                   #f " is not void " #f "(const double *x, double *y, size_t n), nor the same with float"); \
    SHEAF_OFFER_(f, NULL)
#define SHEAF_FUNCTION(f, ...)                                                                                       \
    _Static_assert(SHEAF_KIND_(f) == SHEAF_PLUGIN_FUNCTION,                                                          \
                   #f " is not sheaf_status " #f "(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, " \
                      "void *user, sheaf_error *error)");                                                            \
    SHEAF_OFFER_(f, __VA_ARGS__)
/* Whichever of the three it is. */
#define SHEAF_OFFER(f)                                                                                           \
    _Static_assert(SHEAF_KIND_(f) != 0, #f " has none of the prototypes that sheaf maps, the first of which is " \
                                           "double " #f "(const double *x, size_t n); see docs/own-c.md");       \
    SHEAF_OFFER_(f, NULL)

/* ---- how: a pointer in a section of its own, which the linker tells the ends of ---- */

#define SHEAF_KIND_(f) \
    _Generic(&(f),                                                     \
        double (*)(const double *, size_t): SHEAF_PLUGIN_SCALAR,       \
        float (*)(const float *, size_t): SHEAF_PLUGIN_SCALAR,         \
        void (*)(const double *, double *, size_t): SHEAF_PLUGIN_ARRAY, \
        void (*)(const float *, float *, size_t): SHEAF_PLUGIN_ARRAY,  \
        sheaf_callback *: SHEAF_PLUGIN_FUNCTION,                       \
        default: 0)
#define SHEAF_DTYPE_(f)                                              \
    _Generic(&(f), double (*)(const double *, size_t)                \
             : SHEAF_F64, void (*)(const double *, double *, size_t) \
             : SHEAF_F64, float (*)(const float *, size_t)           \
             : SHEAF_F32, void (*)(const float *, float *, size_t)   \
             : SHEAF_F32, default                                    \
             : SHEAF_DTYPE_COUNT)
#define SHEAF_OFFER_(f, ...)                                                                                 \
    static const sheaf_plugin_entry sheaf_entry_of_##f = {                                                   \
        #f, SHEAF_KIND_(f), SHEAF_DTYPE_(f), (void (*)(void))(f), {__VA_ARGS__}};                            \
    static const sheaf_plugin_entry *const sheaf_offers_##f __attribute__((used, section("sheaf_plugin"))) = \
        &sheaf_entry_of_##f

#ifndef SHEAF_PLUGIN_LOADER /* the loader itself has no table */
#ifdef __cplusplus
extern "C" {
#endif
extern const sheaf_plugin_entry *const __start_sheaf_plugin[] __attribute__((weak, visibility("hidden")));
extern const sheaf_plugin_entry *const __stop_sheaf_plugin[] __attribute__((weak, visibility("hidden")));
extern const sheaf_plugin_entries sheaf_plugin_table __attribute__((weak, visibility("default")));
const sheaf_plugin_entries sheaf_plugin_table = {SHEAF_PLUGIN_ABI, __start_sheaf_plugin, __stop_sheaf_plugin};
#ifdef __cplusplus
}
#endif
#endif

#endif
