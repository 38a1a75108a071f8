/* SPDX-License-Identifier: MIT */
/*
 * mpich.c - runs an mpi4py that was compiled for Open MPI on MPICH
 *
 * Debian compiles mpi4py for Open MPI alone. This is built as libmpi.so.40, has
 * what a small mpi4py program calls, and passes it on to MPICH. In Open MPI's
 * binary interface a handle is the address of an object, in MPICH's a number
 * (mpi.h of both). Whatever is missing here is in a file that the test writes: it
 * ends the program and says what it was.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int PMPI_Initialized(int *flag);
int PMPI_Finalized(int *flag);
int PMPI_Init_thread(int *argc, char ***argv, int required, int *provided);
int PMPI_Finalize(void);
int PMPI_Get_version(int *version, int *subversion);
int PMPI_Get_library_version(char *version, int *size);
int PMPI_Comm_rank(int comm, int *rank);
int PMPI_Comm_size(int comm, int *size);
int PMPI_Comm_test_inter(int comm, int *flag);
int PMPI_Comm_set_errhandler(int comm, int handler);
int PMPI_Type_get_extent(int type, intptr_t *lower, intptr_t *extent);
int PMPI_Type_get_extent_x(int type, int64_t *lower, int64_t *extent);
int PMPI_Allreduce(const void *from, void *to, int count, int type, int op,
		   int comm);

extern char ompi_mpi_comm_world[], ompi_mpi_comm_self[];
extern char ompi_mpi_errors_return[], ompi_mpi_errors_are_fatal[];
extern char ompi_mpi_int[], ompi_mpi_op_sum[];

static const struct {
	const void *openmpi;
	int mpich;
} handles[] = {
	{ ompi_mpi_comm_world, 0x44000000 },
	{ ompi_mpi_comm_self, 0x44000001 },
	{ ompi_mpi_errors_are_fatal, 0x54000000 },
	{ ompi_mpi_errors_return, 0x54000001 },
	{ ompi_mpi_int, 0x4c000405 },
	{ ompi_mpi_op_sum, 0x58000003 },
};

void missing(const char *what)
{
	fprintf(stderr, "mpich.c: %s is missing\n", what);
	abort();
}

static int mpich(const void *handle)
{
	size_t i;

	for (i = 0; i < sizeof(handles) / sizeof(handles[0]); i++)
		if (handles[i].openmpi == handle)
			return handles[i].mpich;
	missing("a handle");
	return 0;
}

int MPI_Initialized(int *flag)
{
	return PMPI_Initialized(flag);
}

int MPI_Finalized(int *flag)
{
	return PMPI_Finalized(flag);
}

int MPI_Init_thread(int *argc, char ***argv, int required, int *provided)
{
	return PMPI_Init_thread(argc, argv, required, provided);
}

int MPI_Finalize(void)
{
	return PMPI_Finalize();
}

int MPI_Comm_rank(const void *comm, int *rank)
{
	return PMPI_Comm_rank(mpich(comm), rank);
}

int MPI_Comm_size(const void *comm, int *size)
{
	return PMPI_Comm_size(mpich(comm), size);
}

int MPI_Comm_test_inter(const void *comm, int *flag)
{
	return PMPI_Comm_test_inter(mpich(comm), flag);
}

int MPI_Comm_set_errhandler(const void *comm, const void *handler)
{
	return PMPI_Comm_set_errhandler(mpich(comm), mpich(handler));
}

int MPI_Type_get_extent(const void *type, intptr_t *lower, intptr_t *extent)
{
	return PMPI_Type_get_extent(mpich(type), lower, extent);
}

int MPI_Type_get_extent_x(const void *type, int64_t *lower, int64_t *extent)
{
	return PMPI_Type_get_extent_x(mpich(type), lower, extent);
}

int MPI_Allreduce(const void *from, void *to, int count, const void *type,
		  const void *op, const void *comm)
{
	return PMPI_Allreduce(from, to, count, mpich(type), mpich(op),
			      mpich(comm));
}

int MPI_Get_version(int *version, int *subversion)
{
	return PMPI_Get_version(version, subversion);
}

/* MPICH's text may have 8192 bytes, Open MPI's 256. */
int MPI_Get_library_version(char *version, int *size)
{
	char text[8192];
	int rc = PMPI_Get_library_version(text, size);

	*size = snprintf(version, 256, "%.255s", text);
	return rc;
}
