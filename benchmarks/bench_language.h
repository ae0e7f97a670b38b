#ifndef BENCH_LANGUAGE_H
#define BENCH_LANGUAGE_H

/* The rooms of bench_language. */

#include "call.h"

/* language_plain.c: the programs in plain C, as struct call's `plain`. */
double plain_bell(const sheaf_view *inputs, const sheaf_view *outputs);
double plain_compare(const sheaf_view *inputs, const sheaf_view *outputs);
double plain_black_scholes(const sheaf_view *inputs, const sheaf_view *outputs);
double plain_standardise(const sheaf_view *inputs, const sheaf_view *outputs);
double plain_summary(const sheaf_view *inputs, const sheaf_view *outputs);

void add_costs(struct case_list *list); /* language_cost.c */
void add_own(struct case_list *list);   /* language_own.c */

#endif
