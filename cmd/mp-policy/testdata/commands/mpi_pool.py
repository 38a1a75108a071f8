from concurrent.futures import ProcessPoolExecutor

from mpi4py import MPI

if __name__ == "__main__":
    with ProcessPoolExecutor() as pool:
        print(MPI.COMM_WORLD.rank, sum(pool.map(abs, range(100))))
