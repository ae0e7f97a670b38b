/* One's own C: compiled, kept, loaded, refused. Expected values are closed forms of small integers. */

#include "plugin/plugin.h"
#include "support.h"

#include <dirent.h>
#include <math.h>
#include <pthread.h>
#include <sheaf/map.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *directory, *cache;

static void setup(void)
{
    directory = scratch_new();
    cache = strdup(path_in(directory, "cache"));
    setenv("HOME", directory, 1);
    unsetenv("XDG_CACHE_HOME");
    unsetenv("CC");
}

static void teardown(void)
{
    free(cache);
    scratch_remove(directory);
}

static const char *source(const char *name, const char *text)
{
    const char *path = path_in(directory, name);
    file_write(path, text, strlen(text));
    return path;
}

/* Files in a folder, none when there is no folder. */
static int count_files(const char *path)
{
    int n = 0;
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    if (dir)
        closedir(dir);
    return n;
}

static sheaf_status open_file(const char *path, const char *symbol, plugin **p, sheaf_error *error)
{
    sheaf_compile_options options;
    sheaf_compile_options_init(&options);
    options.cache = cache;
    return plugin_open(path, symbol, &options, p, error);
}

/* The call fails so, and its message has the words. */
static void refused(const char *path, const char *symbol, sheaf_status expected, const char *words)
{
    sheaf_error error = {SHEAF_OK, ""};
    plugin *p;
    sheaf_status status = open_file(path, symbol, &p, &error);
    ck_assert_msg(status == expected, "%s: %s", sheaf_status_name(status), error.message);
    ck_assert_ptr_null(p);
    ck_assert_msg(strstr(error.message, words) != NULL, "\"%s\" lacks \"%s\"", error.message, words);
}

/* A function of a file, mapped over one view. */
static void map_one(const char *path, const sheaf_view *x, sheaf_results **results)
{
    sheaf_compile_options options;
    sheaf_func *func;
    sheaf_batch *batch;
    sheaf_compile_options_init(&options);
    options.cache = cache;
    ck_ok(sheaf_func_from_file(path, &options, &func, error));
    ck_ok(sheaf_batch_from_views(x, 1, &batch, error));
    ck_ok(sheaf_map(func, batch, NULL, results, error));
    sheaf_batch_free(batch);
    sheaf_func_free(func);
}

static sheaf_view value_of(sheaf_results *results, int k)
{
    sheaf_view view = {0};
    ck_ok(sheaf_results_view(results, 0, k, &view, error));
    return view;
}

/* sum of i * x[i]: depends on the order of the elements */
static const char weighed[] = "#include <stddef.h>\n"
                              "double weighed(const double *x, size_t n)\n"
                              "{ double s = 0; for (size_t i = 0; i < n; i++) s += (double)i * x[i]; return s; }\n";

START_TEST(scalar_of_any_dtype_and_layout)
{
    int16_t values[6] = {1, 4, 2, 5, 3, 6}; /* transposed: 1 2 3 4 5 6 row by row */
    sheaf_view x, t;
    sheaf_results *results;
    ck_ok(sheaf_view_init(&x, values, SHEAF_I16, 2, (const int64_t[]){3, 2}, error));
    ck_ok(sheaf_view_transpose(&x, NULL, &t, error));
    map_one(source("weighed.c", weighed), &t, &results);
    ck_assert_uint_eq(sheaf_results_failed(results), 0);
    sheaf_view y = value_of(results, 0);
    ck_assert_int_eq(y.dtype, SHEAF_F64);
    ck_assert_int_eq(y.ndim, 0);
    ck_assert_double_eq(*(double *)y.data, 0 * 1 + 1 * 2 + 2 * 3 + 3 * 4 + 4 * 5 + 5 * 6);
    sheaf_results_free(results);
}
END_TEST

START_TEST(scalar_of_misaligned_and_empty_input)
{
    unsigned char bytes[4 * sizeof(double) + 1];
    const double values[4] = {3, 5, 7, 11};
    sheaf_results *results;
    memcpy(bytes + 1, values, sizeof values);
    sheaf_view x = sheaf_view_f64(values, 4);
    x.data = bytes + 1;
    map_one(source("weighed.c", weighed), &x, &results);
    ck_assert_double_eq(*(double *)value_of(results, 0).data, 5 + 2 * 7 + 3 * 11);
    sheaf_results_free(results);
    x = sheaf_view_f64(values, 0);
    map_one(path_in(directory, "weighed.c"), &x, &results);
    ck_assert_double_eq(*(double *)value_of(results, 0).data, 0);
    sheaf_results_free(results);
}
END_TEST

START_TEST(array_of_floats)
{
    double values[6] = {0, 1, 2, 3, 4, 5};
    sheaf_view x;
    sheaf_results *results;
    ck_ok(sheaf_view_init(&x, values, SHEAF_F64, 2, (const int64_t[]){2, 3}, error));
    map_one(source("halved.c", "#include <stddef.h>\n"
                               "void halved(const float *restrict x, float *restrict y, size_t n)\n"
                               "{ for (size_t i = 0; i < n; i++) y[i] = x[i] / 2; }\n"),
            &x, &results);
    sheaf_view y = value_of(results, 0);
    ck_assert_int_eq(y.dtype, SHEAF_F32);
    ck_assert_int_eq(y.ndim, 2);
    ck_assert_int_eq(y.shape[0], 2);
    ck_assert_int_eq(y.shape[1], 3);
    for (int i = 0; i < 6; i++)
        ck_assert_float_eq(((float *)y.data)[i], (float)i / 2);
    sheaf_results_free(results);
}
END_TEST

START_TEST(function_with_outputs)
{
    double values[5] = {3, -1, 4, -1, 5};
    sheaf_view x = sheaf_view_f64(values, 5);
    sheaf_results *results;
    sheaf_func *func;
    const char *path =
        source("range.c", "#include <sheaf/plugin.h>\n"
                          "static sheaf_status range(const sheaf_view *x, const sheaf_item *item, sheaf_output *out,\n"
                          "                          void *user, sheaf_error *error)\n"
                          "{\n"
                          "    const double *v = x->data;\n"
                          "    double low = v[0], high = v[0];\n"
                          "    if (user || item->index || x->dtype != SHEAF_F64)\n"
                          "        return sheaf_error_set(error, SHEAF_CALLBACK, \"not what was expected\");\n"
                          "    for (int64_t i = 1; i < sheaf_view_size(x); i++) {\n"
                          "        low = v[i] < low ? v[i] : low;\n"
                          "        high = v[i] > high ? v[i] : high;\n"
                          "    }\n"
                          "    sheaf_status status = sheaf_output_f64(out, low, error);\n"
                          "    return status ? status : sheaf_output_f64(out, high, error);\n"
                          "}\n"
                          "SHEAF_FUNCTION(range, \"low\", \"high\");\n");
    map_one(path, &x, &results);
    ck_assert_uint_eq(sheaf_results_failed(results), 0);
    ck_assert_double_eq(*(double *)value_of(results, 0).data, -1);
    ck_assert_double_eq(*(double *)value_of(results, 1).data, 5);
    sheaf_results_free(results);
    ck_ok(sheaf_func_from_file(path, NULL, &func, error));
    ck_assert_int_eq(sheaf_func_nout(func), 2);
    ck_assert_str_eq(sheaf_func_output_name(func, 0), "low");
    ck_assert_str_eq(sheaf_func_output_name(func, 1), "high");
    sheaf_func_free(func);
    ck_assert_int_eq(count_files(path_in(directory, ".cache/sheaf")), 1);
}
END_TEST

START_TEST(complex_is_refused)
{
    float values[4] = {1, 2, 3, 4};
    const char *message;
    sheaf_view x;
    sheaf_results *results;
    ck_ok(sheaf_view_init(&x, values, SHEAF_C64, 1, (const int64_t[]){2}, error));
    map_one(source("weighed.c", weighed), &x, &results);
    ck_assert_int_eq(sheaf_results_status(results, 0, &message), SHEAF_DTYPE);
    ck_assert_ptr_nonnull(strstr(message, "weighed takes float64, not complex64"));
    sheaf_results_free(results);
}
END_TEST

/* ---- which function ---- */

static const char two[] = "#include <sheaf/plugin.h>\n"
                          "double first(const double *x, size_t n) { return n ? x[0] : 0; }\n"
                          "double last(const double *x, size_t n) { return n ? x[n - 1] : 0; }\n"
                          "double hidden(const double *x, size_t n) { (void)x; return (double)n; }\n"
                          "SHEAF_SCALAR(last);\n"
                          "SHEAF_SCALAR(first);\n";

static double call(const char *path, const char *symbol, const double *x, size_t n)
{
    plugin *p;
    double y;
    ck_ok(open_file(path, symbol, &p, error));
    if (symbol)
        ck_assert_str_eq(plugin_info(p)->name, symbol);
    plugin_call(p, x, n, &y);
    plugin_close(p);
    return y;
}

START_TEST(one_of_several)
{
    const double x[3] = {2, 3, 5};
    const char *path = source("two.c", two);
    sheaf_func *func;
    ck_assert_double_eq(call(path, "first", x, 3), 2);
    ck_assert_double_eq(call(path, "last", x, 3), 5);
    ck_assert_double_eq(call(path, "hidden", x, 3), 3);
    refused(path, NULL, SHEAF_UNKNOWN, "offers several functions: first, last;");
    refused(path, "nosuch", SHEAF_UNKNOWN, "has no function nosuch");
    refused(path, "3", SHEAF_UNKNOWN, "not the name of a C function");
    char text[2048];
    snprintf(text, sizeof text, "%s:last", path);
    ck_ok(sheaf_func_from_file(text, NULL, &func, error));
    ck_assert_str_eq(sheaf_func_output_name(func, 0), "last");
    sheaf_func_free(func);
}
END_TEST

START_TEST(the_file_names_the_function)
{
    const double x[3] = {2, 3, 5};
    ck_assert_double_eq(call(source("weighed.c", weighed), NULL, x, 3), 13);
    ck_assert_double_eq(call(source("my-sum.c", weighed), "weighed", x, 3), 13);
    refused(path_in(directory, "my-sum.c"), NULL, SHEAF_UNKNOWN, "'my-sum' cannot be the name");
    refused(source("other.c", weighed), NULL, SHEAF_UNKNOWN, "has no function other");
}
END_TEST

START_TEST(what_does_not_compile)
{
    refused(path_in(directory, "none.c"), NULL, SHEAF_IO, "No such file");
    refused(directory, NULL, SHEAF_IO, "is a directory");
    refused(source("bad.c", "double bad(const double *x, unsigned long n) { return nothing; }\n"), NULL, SHEAF_INVALID,
            "nothing");
    refused(source("wrong.c", "double wrong(double x) { return x; }\n"), NULL, SHEAF_INVALID, "prototypes");
    refused(source("kind.c", "#include <sheaf/plugin.h>\ndouble kind(double x) { return x; }\nSHEAF_SCALAR(kind);\n"),
            NULL, SHEAF_INVALID, "kind is not double kind(const double *x, size_t n)");
    refused(source("lost.c", "#include \"nowhere.h\"\n"), NULL, SHEAF_INVALID, "nowhere.h");
    ck_assert_int_eq(count_files(cache), 0);
}
END_TEST

static bool keep(const char *text, size_t n, void *user)
{
    char *kept = user;
    strncat(kept, text, n < 2000 ? n : 2000);
    return true;
}

START_TEST(messages_go_where_they_are_wanted)
{
    char kept[4096] = "";
    sheaf_error error = {SHEAF_OK, ""};
    sheaf_func *func;
    sheaf_compile_options options;
    sheaf_compile_options_init(&options);
    options.cache = cache;
    options.messages = keep;
    options.messages_user = kept;
    const char *path =
        source("warned.c", "double warned(const double *x, unsigned long n) { int unused; return n; }\n");
    ck_assert_int_eq(sheaf_func_from_file(path, &options, &func, &error), SHEAF_OK);
    sheaf_func_free(func);
    ck_assert_ptr_nonnull(strstr(kept, "unused"));
    kept[0] = '\0';
    path = source("bad.c", "double bad(const double *x, unsigned long n) { return nothing; }\n");
    ck_assert_int_eq(sheaf_func_from_file(path, &options, &func, &error), SHEAF_INVALID);
    ck_assert_ptr_null(func);
    ck_assert_ptr_nonnull(strstr(kept, "nothing"));
    ck_assert_ptr_nonnull(strstr(error.message, "does not compile"));
}
END_TEST

/* ---- shared objects ---- */

/* Compile text to NAME.so as a user would, with his own command. */
static const char *object(const char *name, const char *text)
{
    char command[4096];
    const char *path = path_in(directory, name);
    snprintf(command, sizeof command, "%s.c", path);
    file_write(command, text, strlen(text));
    snprintf(command, sizeof command, "cc -shared -fPIC -I%s/include %s.c -o %s", SHEAF_SOURCE, path, path);
    ck_assert_int_eq(system(command), 0);
    return path;
}

START_TEST(shared_objects)
{
    const double x[3] = {2, 3, 5};
    const char *path = object("two.so", two);
    ck_assert_double_eq(call(path, "last", x, 3), 5);
    refused(path, NULL, SHEAF_UNKNOWN, "first, last");
    refused(path, "hidden", SHEAF_UNKNOWN, "offers no function hidden, but first, last");
    refused(path_in(directory, "none.so"), NULL, SHEAF_IO, "No such file");
    refused(source("text.so", "no object"), NULL, SHEAF_FORMAT, "cannot be loaded");
    refused(object("plain.so", weighed), NULL, SHEAF_FORMAT, "has no functions for sheaf");
    refused(object("idle.so", "#include <sheaf/plugin.h>\n"), NULL, SHEAF_UNKNOWN, "offers no function");
    refused(object("lost.so", "#include <sheaf/plugin.h>\nvoid nowhere(void); void f(void) { nowhere(); }\n"), NULL,
            SHEAF_FORMAT, "nowhere");
    ck_assert_int_eq(count_files(cache), 0);
}
END_TEST

START_TEST(another_version_is_refused)
{
    refused(object("old.so", "const struct { int abi; } sheaf_plugin_table = {99};\n"), NULL, SHEAF_UNSUPPORTED,
            "version 99 of the plugin interface, and this is version 1: compile it again");
}
END_TEST

/* ---- the cache ---- */

START_TEST(compiled_once)
{
    const double x[3] = {2, 3, 5};
    char text[2048];
    struct stat before, after;
    const char *path = source("named.c", "#include \"scale.h\"\n#include <stddef.h>\n"
                                         "double named(const double *x, size_t n) { return n ? SCALE * x[0] : 0; }\n");
    source("scale.h", "#define SCALE 10\n");
    ck_assert_double_eq(call(path, NULL, x, 3), 20);
    ck_assert_int_eq(count_files(cache), 1);
    DIR *dir = opendir(cache);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.')
            snprintf(text, sizeof text, "%s/%s", cache, e->d_name);
    closedir(dir);
    ck_assert_int_eq(stat(text, &before), 0);
    ck_assert_double_eq(call(path, NULL, x, 3), 20);
    ck_assert_int_eq(stat(text, &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    /* damaged: made anew */
    file_write(text, "cut", 3);
    ck_assert_double_eq(call(path, NULL, x, 3), 20);
    ck_assert_int_eq(count_files(cache), 1);
    /* what it includes counts */
    source("scale.h", "#define SCALE 100\n");
    ck_assert_double_eq(call(path, NULL, x, 3), 200);
    ck_assert_int_eq(count_files(cache), 2);
    source("scale.h", "#define SCALE 10\n");
    ck_assert_double_eq(call(path, NULL, x, 3), 20);
    ck_assert_int_eq(count_files(cache), 2);
}
END_TEST

START_TEST(without_a_cache)
{
    const double x[3] = {2, 3, 5};
    plugin *p;
    double y;
    const char *path = source("weighed.c", weighed);
    char *temporary = strdup(path_in(directory, "temporary"));
    ck_assert_int_eq(mkdir(temporary, 0700), 0);
    setenv("HOME", "/proc/nowhere", 1);
    setenv("TMPDIR", temporary, 1);
    ck_ok(plugin_open(path, NULL, NULL, &p, error));
    plugin_call(p, x, 3, &y);
    ck_assert_double_eq(y, 13);
    plugin_close(p);
    ck_assert_int_eq(count_files(temporary), 0);
    free(temporary);
    free(cache);
    cache = strdup("/proc/nowhere");
    refused(path, NULL, SHEAF_IO, "the cache /proc/nowhere");
}
END_TEST

struct opening {
    const char *path;
    double y;
};

static void *open_one(void *argument)
{
    const double x[3] = {2, 3, 5};
    struct opening *o = argument;
    o->y = call(o->path, NULL, x, 3);
    return NULL;
}

START_TEST(many_at_once)
{
    enum {
        THREADS = 6
    };
    pthread_t threads[THREADS];
    struct opening openings[THREADS];
    const char *path = source("weighed.c", weighed);
    for (int i = 0; i < THREADS; i++) {
        openings[i].path = path;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, open_one, &openings[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_double_eq(openings[i].y, 13);
    }
    ck_assert_int_eq(count_files(cache), 1);
}
END_TEST

START_TEST(without_a_compiler)
{
    const char *path = source("weighed.c", weighed);
    setenv("CC", "nosuchcompiler -O1", 1);
    refused(path, NULL, SHEAF_UNSUPPORTED, "\"nosuchcompiler\", which is not there");
    unsetenv("CC");
    setenv("PATH", directory, 1);
    refused(path, NULL, SHEAF_UNSUPPORTED, "no C compiler");
    source("cc", "#!/nowhere\n");
    ck_assert_int_eq(chmod(path_in(directory, "cc"), 0755), 0);
    refused(path, NULL, SHEAF_IO, "cannot be run");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plugin");
    TCase *tests = tcase_create("plugin");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, scalar_of_any_dtype_and_layout);
    tcase_add_test(tests, scalar_of_misaligned_and_empty_input);
    tcase_add_test(tests, array_of_floats);
    tcase_add_test(tests, function_with_outputs);
    tcase_add_test(tests, complex_is_refused);
    tcase_add_test(tests, one_of_several);
    tcase_add_test(tests, the_file_names_the_function);
    tcase_add_test(tests, what_does_not_compile);
    tcase_add_test(tests, messages_go_where_they_are_wanted);
    tcase_add_test(tests, shared_objects);
    tcase_add_test(tests, another_version_is_refused);
    tcase_add_test(tests, compiled_once);
    tcase_add_test(tests, without_a_cache);
    tcase_add_test(tests, many_at_once);
    tcase_add_test(tests, without_a_compiler);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
