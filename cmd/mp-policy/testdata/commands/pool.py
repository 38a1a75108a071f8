import multiprocessing

if __name__ == "__main__":
    with multiprocessing.Pool() as pool:
        print(sum(pool.map(abs, range(100))))
