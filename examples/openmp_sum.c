/* SPDX-License-Identifier: MIT */
/*
 * openmp_sum.c - sums up with the threads of OpenMP
 *
 *	cc -O2 -fopenmp openmp_sum.c -lm -o openmp_sum
 *	srun -n 1 -c 32 ./openmp_sum [PIECES]
 *
 * A program that must stay as it is: it is no Python, so it keeps its threads.
 * Prints seconds (wall time of the work), pieces and switches (involuntary context
 * switches, see getrusage(2)) as one JSON object.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <omp.h>

#define TERMS 20000000L

static double piece(int n)
{
	double sum = 0;
	long i;

#pragma omp parallel for reduction(+ : sum)
	for (i = 1; i <= TERMS; i++)
		sum += sqrt((double)i + n) / (double)i;
	return sum;
}

int main(int argc, char **argv)
{
	const int pieces = argc > 1 ? atoi(argv[1]) : 20;
	struct rusage used;
	double start, seconds, sum = piece(0);
	int n;

	start = omp_get_wtime();
	for (n = 0; n < pieces; n++)
		sum += piece(n);
	seconds = omp_get_wtime() - start;
	getrusage(RUSAGE_SELF, &used);
	printf("{\"seconds\": %.3f, \"pieces\": %d, \"switches\": %ld, \"sum\": %.6g}\n",
	       seconds, pieces, used.ru_nivcsw, sum);
	return 0;
}
