#ifndef SHEAF_CLI_SUMMARY_H
#define SHEAF_CLI_SUMMARY_H

/* What `sheaf info` says of an array's values: a callback to be mapped, three outputs of doubles. */

#include <sheaf/func.h>

enum {
    SUMMARY_COUNT, /* values that are not NaN; mean, std, min, max are theirs */
    SUMMARY_MEAN,
    SUMMARY_MEAN_IMAG,
    SUMMARY_STD,
    SUMMARY_MIN,
    SUMMARY_MAX,
    SUMMARY_NAN,
    SUMMARY_INFINITE,
    SUMMARY_LOW, /* least and greatest finite value: the histogram's ends */
    SUMMARY_HIGH,
    SUMMARY_FIELDS
};
enum {
    SUMMARY_BINS = 32,
    SUMMARY_LINE = 64 /* means along the only dimension, NaN where there is none */
};

sheaf_callback summary_callback;

#endif
