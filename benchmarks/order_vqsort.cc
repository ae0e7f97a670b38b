extern "C" {
#include "order_vqsort.h"
}
#include <hwy/contrib/sort/vqsort.h>

namespace
{
template <typename T> void sort(size_t n, void *x)
{
    hwy::Sorter()(static_cast<T *>(x), n, hwy::SortAscending());
}
} // namespace

extern "C" bool order_has_vqsort(void)
{
    return true;
}

extern "C" void order_vqsort(sheaf_dtype dtype, size_t n, void *x)
{
    switch (dtype) {
    case SHEAF_F64:
        return sort<double>(n, x);
    case SHEAF_F32:
        return sort<float>(n, x);
    case SHEAF_I64:
        return sort<int64_t>(n, x);
    default:
        return sort<int32_t>(n, x);
    }
}
