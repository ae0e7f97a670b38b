/* Any function of the catalogue on files, with options: what against_numpy.sh compares.
 *
 *   sheaf_call OUT NAME [OPTION=VALUE...] [INPUT.npy...]      writes OUT.npy; OUT.0.npy, OUT.1.npy… of several outputs
 */

#include "../support/options.h"
#include <sheaf/sheaf.h>
#include <stdio.h>

#define MOST 64

static sheaf_error error;
static sheaf_array *loaded[MOST];
static sheaf_view views[MOST];
static int nloaded;

static const sheaf_view *load_view(const char *path)
{
    if (nloaded == MOST)
        exit(2);
    if (sheaf_file_load(path, &loaded[nloaded], &error) != SHEAF_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    views[nloaded] = sheaf_array_view(loaded[nloaded]);
    return &views[nloaded++];
}

static void free_all(int n, sheaf_array **arrays)
{
    for (int i = 0; i < n; i++)
        sheaf_array_free(arrays[i]);
}

static int save(const char *out, int nout, sheaf_array *const *arrays)
{
    char path[4096];
    for (int k = 0; k < nout; k++) {
        const sheaf_view view = sheaf_array_view(arrays[k]);
        if (nout == 1)
            snprintf(path, sizeof path, "%s.npy", out);
        else
            snprintf(path, sizeof path, "%s.%d.npy", out, k);
        if (sheaf_file_save(path, &view, false, &error) != SHEAF_OK) {
            fprintf(stderr, "%s\n", error.message);
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    const sheaf_function_info *info = argc > 2 ? sheaf_catalogue_find(argv[2]) : NULL;
    const sheaf_view *inputs[MOST];
    sheaf_array *arrays[SHEAF_MAX_OUTPUTS];
    static sheaf_options options; /* reaches the words that option_set keeps */
    int n = 0;
    if (!info) {
        fprintf(stderr, "usage: sheaf_call OUT NAME [OPTION=VALUE...] [INPUT.npy...]\n");
        return 2;
    }
    sheaf_options_init(&options);
    for (int i = 3; i < argc && n < MOST; i++)
        if (!option_set(&options, argv[i], load_view))
            inputs[n++] = load_view(argv[i]);
    if (sheaf_function_call(info, n, inputs, &options, arrays, &error) != SHEAF_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    const int status = save(argv[1], info->nout, arrays);
    free_all(info->nout, arrays);
    free_all(nloaded, loaded);
    return status;
}
