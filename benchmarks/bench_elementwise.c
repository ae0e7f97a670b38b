/* Elementwise functions: what waits for memory, elementary functions, and operands that lie across. */

#include "elementwise.h"

int main(int argc, char **argv)
{
    struct case_list list = {0};
    if (!bench_parse(argc, argv))
        return 2;
    bandwidth_cases(&list);
    strided_cases(&list);
    elementary_cases(&list);
    return call_main(argc, argv, "bench_elementwise", "arrays.py", &list);
}
