#include <sheaf/status.h>
#include <stdarg.h>
#include <stdio.h>

const char *sheaf_status_name(sheaf_status status)
{
    static const char *const names[] = {
#define X(name, text) #name,
        SHEAF_STATUS_LIST(X)
#undef X
    };
    size_t i = (size_t)status;
    return i < sizeof names / sizeof *names ? names[i] : "?";
}

sheaf_status sheaf_error_set(sheaf_error *error, sheaf_status status, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        error->status = status;
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return status;
}
