/* Elementwise functions: what waits for memory, elementary functions, and operands that lie across. */

#include "elementwise.h"
#include "machine.h"

int main(int argc, char **argv)
{
    struct case_list list = {0};
    if (!bench_parse(argc, argv))
        return 2;
    bandwidth_cases(&list);
    strided_cases(&list);
    elementary_cases(&list);
    const struct bench_program program = {
        .name = "bench_elementwise", .peer_script = "arrays.py", .cases = list.cases, .ncases = list.n};
    int code = bench_main(argc, argv, &program);
    inputs_free();
    machine_close();
    case_list_free(&list);
    return code;
}
