#ifndef SHEAF_CONFIG_H
#define SHEAF_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHEAF_VERSION_MAJOR 0
#define SHEAF_VERSION_MINOR 2
#define SHEAF_VERSION_PATCH 0
#define SHEAF_VERSION "0.2.0"

/* Version of the numbers: results with the same numerics version are the same bits (docs/architecture.md). */
#define SHEAF_NUMERICS_VERSION 2

#ifdef __cplusplus
#define SHEAF_API extern "C" __attribute__((visibility("default")))
#else
#define SHEAF_API __attribute__((visibility("default")))
#endif
#define SHEAF_PRINTF(text, first) __attribute__((format(printf, text, first)))

#endif
