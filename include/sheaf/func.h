#ifndef SHEAF_FUNC_H
#define SHEAF_FUNC_H

/* What to compute: a function of the catalogue, or one's own in C. Immutable once made; any number of threads
 * may run one function at once. */

#include <sheaf/options.h>

/* ---- the catalogue ---- */

#define SHEAF_MANY (-1) /* any number of inputs, at least one */

typedef struct sheaf_function_info {
    const char *name;
    const char *aliases; /* space separated, may be "" */
    const char *group;   /* "elementwise", "reduction", "scan", "difference", "order", "transform", "linear algebra" */
    int nin;             /* inputs; SHEAF_MANY: one or more */
    const char *arguments; /* space separated names of the inputs; "" stands for x, y, z */
    int nout;
    const char *outputs; /* space separated output names when nout > 1, else "" */
    const char *options; /* space separated: what it takes of sheaf_options, besides threads and into */
    const char *shapes;  /* of inputs and outputs, where they are not those of its whole group, else "" */
    const char *dtypes;  /* the input dtypes it takes, space separated NumPy kinds */
    const char *help;    /* one line */
    const char *formula;
    const char *nan_rule;
    const char *accuracy; /* "exact", "1 ULP", … */
    const char *bits;     /* "portable" or "host" (docs/architecture.md) */
    const char *example;
} sheaf_function_info;

/* The catalogue in alphabetical order: number of functions, and one by position (NULL past the end) or by name
 * or alias (NULL when unknown). The structs live as long as the program. */
SHEAF_API size_t sheaf_catalogue_size(void);
SHEAF_API const sheaf_function_info *sheaf_catalogue_at(size_t i);
SHEAF_API const sheaf_function_info *sheaf_catalogue_find(const char *name);
/* The catalogue's name nearest to a misspelt one, NULL when none is near. */
SHEAF_API const char *sheaf_catalogue_suggest(const char *name);

/* Call a function of the catalogue by its entry: what sheaf_NAME does, for callers that learn the name at run time.
 * inputs points to nin views, as many as the entry says, out to nout arrays (each to be freed by the caller; NULL with
 * options->into). Errors: as sheaf_NAME; INVALID when info is no entry of the catalogue or nin is not its number. */
#define SHEAF_MAX_INPUTS 3 /* of functions that do not take any number */
SHEAF_API sheaf_status sheaf_function_call(const sheaf_function_info *info, int nin, const sheaf_view *const *inputs,
                                           const sheaf_options *options, sheaf_array **out, sheaf_error *error);

/* Takes n bytes of text; false stops what writes them. */
typedef bool sheaf_write_fn(const char *text, size_t n, void *user);

/* ---- functions to map ---- */

typedef struct sheaf_func sheaf_func;

/* The catalogue function of this name or alias, with the given options (NULL: defaults; `into` and `threads`
 * are not used). Errors: UNKNOWN, with the nearest name. */
SHEAF_API sheaf_status sheaf_func_named(const char *name, const sheaf_options *options, sheaf_func **out,
                                        sheaf_error *error);

/* A program of the function language (docs/language.md), such as "sqrt(x**2 + 1)" or "mean(x), std(x)". names: of the
 * arrays it works on, at most 16, in the order in which an item or sheaf_func_eval gives them; 0 of them means "x". A
 * bare name such as "mean" means mean(x). Each statement's outputs become outputs, named by their text or as the
 * program says. Errors: INVALID or UNKNOWN, with the place in the text. */
SHEAF_API sheaf_status sheaf_func_parse(const char *text, int nnames, const char *const *names, sheaf_func **out,
                                        sheaf_error *error);
/* The same; the program may also call, by their names, functions of sheaf_func_from_file that have one of the first two
 * prototypes of sheaf/plugin.h. Errors: INVALID when another function is among them. */
SHEAF_API sheaf_status sheaf_func_parse_using(const char *text, int nnames, const char *const *names, int nuses,
                                              const sheaf_func *const *uses, sheaf_func **out, sheaf_error *error);
/* The arrays that a program takes of an item, k = 0, 1, …, in the order in which items and sheaf_func_eval give them:
 * their names and, of x['part'], the part, else NULL. A name whose parts are asked for stands for as many arrays, each
 * called as the text has it in sheaf_func_bind ("x['part']"). False: there are no more, or func is no program. */
SHEAF_API bool sheaf_func_input(const sheaf_func *func, int k, const char **name, const char **part);
/* From now on this name is this array in every call, which items then do not give; func becomes one of its owners.
 * Before the function is used. Errors: UNKNOWN when func is no program with such a name. */
SHEAF_API sheaf_status sheaf_func_bind(sheaf_func *func, const char *name, sheaf_array *array, sheaf_error *error);
/* Compute func, of the catalogue or a program, on n arrays: out gets as many arrays as it has outputs, each to be freed
 * by the caller. Of the options only threads counts. Thread-safe; what it takes to lay out the work is done once for
 * each combination of dtypes and shapes, and kept. Errors: DTYPE, SHAPE, INVALID, with the place in the text;
 * NO_MEMORY. */
SHEAF_API sheaf_status sheaf_func_eval(const sheaf_func *func, int n, const sheaf_view *const *inputs,
                                       const sheaf_options *options, sheaf_array **out, sheaf_error *error);
/* Tell how a program runs on arrays of these dtypes and shapes (data may be NULL): its steps, what each reads, computes
 * in one pass and writes, and the scratch memory between them. Nothing is written for other functions. */
typedef bool sheaf_write_fn(const char *text, size_t n, void *user); /* false to stop */
SHEAF_API sheaf_status sheaf_func_explain(const sheaf_func *func, int n, const sheaf_view *const *inputs,
                                          sheaf_write_fn *write, void *user, sheaf_error *error);

/* What a callback is told of the item it works on. Valid during the call only. */
typedef struct sheaf_item {
    size_t index;             /* position in the batch */
    const char *name;         /* path or given name; never NULL */
    int ninputs;              /* arrays of this item */
    const sheaf_view *inputs; /* inputs[0] is the callback's x */
} sheaf_item;

/* Where a callback puts its results. */
typedef struct sheaf_output sheaf_output;

/* One's own function: compute from x, put results to out, return SHEAF_OK or an error with a message. It is
 * called from several threads at once, so `user` must be safe to share. */
typedef sheaf_status sheaf_callback(const sheaf_view *x, const sheaf_item *item, sheaf_output *out, void *user,
                                    sheaf_error *error);

/* A function that calls back. names are the outputs' names (copied), nout of them (0..SHEAF_MAX_OUTPUTS); every
 * item must produce exactly nout outputs. `user` must outlive the function. */
SHEAF_API sheaf_status sheaf_func_callback(sheaf_callback *callback, void *user, int nout, const char *const *names,
                                           sheaf_func **out, sheaf_error *error);
/* Say of a callback that each of its outputs has the shape of its first input, element by element: a netCDF output then
 * keeps that one's dimensions. Nothing for other functions, whose dimensions are known. */
SHEAF_API void sheaf_func_set_elementwise(sheaf_func *func, bool elementwise);
#define SHEAF_MAX_OUTPUTS 16

/* How a source file is compiled. */
typedef struct sheaf_compile_options {
    size_t struct_size;
    const char *cache; /* directory of compiled files; NULL: $XDG_CACHE_HOME/sheaf or ~/.cache/sheaf, or none where
                          that cannot be written */
    sheaf_write_fn *messages; /* is given what the compiler has to say, also its warnings; NULL: the beginning of its
                                 errors stands in the error message */
    void *messages_user;
} sheaf_compile_options;

SHEAF_API void sheaf_compile_options_init(sheaf_compile_options *options);

/* A function of a C file: "FILE.c", compiled by the system's compiler unless it is in the cache already, or "FILE.so";
 * each with ":NAME" behind it when the file has several. sheaf/plugin.h has the prototypes. Maps run the code in worker
 * processes (sheaf_map_options.isolate); sheaf_func_eval runs it within this one. Where the shared object calls
 * functions of libsheaf, the program exports them (-rdynamic) or uses the shared library. options NULL: the defaults.
 * Errors: IO (no such file), INVALID (does not compile), UNKNOWN (no function of this name, or several and no name),
 * FORMAT (not a shared object for sheaf), UNSUPPORTED (no compiler; compiled for another version). */
SHEAF_API sheaf_status sheaf_func_from_file(const char *path, const sheaf_compile_options *options, sheaf_func **out,
                                            sheaf_error *error);

SHEAF_API void sheaf_func_free(sheaf_func *func);
/* Number of outputs and their names ("mean", "stats.min"). */
SHEAF_API int sheaf_func_nout(const sheaf_func *func);
SHEAF_API const char *sheaf_func_output_name(const sheaf_func *func, int k);

/* Inside a callback: the next output is a C-ordered array of this dtype and shape. Its memory (the result's
 * final place, not initialised) is described in *view, to be filled before returning. */
SHEAF_API sheaf_status sheaf_output_array(sheaf_output *out, sheaf_dtype dtype, int ndim, const int64_t *shape,
                                          sheaf_view *view, sheaf_error *error);
/* Inside a callback: the next output is this number. */
SHEAF_API sheaf_status sheaf_output_f64(sheaf_output *out, double value, sheaf_error *error);

#endif
