/* Axes by number or by name. */

#include "io/format.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *dimension(const struct io_input *in, int d)
{
    return in->file && in->file->format->dimension ? in->file->format->dimension(in->file, in->part, d) : "";
}

/* "time, lat, lon" */
static const char *all_names(const struct io_input *in, char text[160])
{
    size_t at = 0;
    text[0] = '\0';
    for (int d = 0; d < in->info.ndim && at < 160; d++)
        at += (size_t)snprintf(text + at, 160 - at, "%s%s", d ? ", " : "", dimension(in, d));
    return text;
}

sheaf_status io_axis(const struct io_input *in, const char *text, int *axis, sheaf_error *error)
{
    char shown[IO_SHOWN], names[160];
    const int ndim = in->info.ndim;
    char *end;
    errno = 0;
    const long number = strtol(text, &end, 10);
    if (*text && !*end && !errno) {
        *axis = (int)(number < 0 ? number + ndim : number);
        if (number >= -ndim && number < ndim)
            return SHEAF_OK;
        if (ndim == 0)
            return sheaf_error_set(error, SHEAF_INVALID, "%s: is one number, and has no axis to cut it along",
                                   io_shown(in->path, shown));
        return sheaf_error_set(error, SHEAF_INVALID, "%s: has %d dimensions, and no axis %ld: give one of %d to %d",
                               io_shown(in->path, shown), ndim, number, -ndim, ndim - 1);
    }
    for (*axis = 0; *axis < ndim; ++*axis)
        if (*dimension(in, *axis) && strcmp(dimension(in, *axis), text) == 0)
            return SHEAF_OK;
    if (ndim == 0 || !*dimension(in, 0))
        return sheaf_error_set(error, SHEAF_INVALID, "%s: its dimensions have no names, so no '%.60s': give a number",
                               io_shown(in->path, shown), text);
    return sheaf_error_set(error, SHEAF_INVALID, "%s: has no dimension '%.60s': its dimensions are %s",
                           io_shown(in->path, shown), text, all_names(in, names));
}
