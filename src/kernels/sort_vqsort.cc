// Highway's vectorised quicksort. The Sorter of Highway 1.0 holds nothing on the heap, so one per call costs nothing.

extern "C" {
#include "kernels/sort.h"
}
#include <hwy/contrib/sort/vqsort.h>

namespace
{
template <typename T> void sort(size_t n, void *x)
{
    hwy::Sorter()(static_cast<T *>(x), n, hwy::SortAscending());
}
} // namespace

extern "C" void sort_vqsort(enum kdtype dtype, size_t n, void *x)
{
    switch (dtype) {
    case K_I16:
        return sort<int16_t>(n, x);
    case K_I32:
        return sort<int32_t>(n, x);
    case K_I64:
        return sort<int64_t>(n, x);
    case K_U16:
        return sort<uint16_t>(n, x);
    case K_U32:
        return sort<uint32_t>(n, x);
    case K_U64:
        return sort<uint64_t>(n, x);
    default:
        return;
    }
}
