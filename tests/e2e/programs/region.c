/* SPDX-License-Identifier: MIT */
/* region.c - a parallel region for Python programs, built with -fopenmp */

/* Runs a parallel region and returns how many threads were in it. */
int region(void)
{
	int threads = 0;

#pragma omp parallel reduction(+ : threads)
	threads += 1;
	return threads;
}
