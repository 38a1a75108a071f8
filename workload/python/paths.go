// SPDX-License-Identifier: MIT

package python

import "strings"

// aliases are names that libraries give to what has another name, too.
var aliases = [...][2]string{
	{"multiprocess", "multiprocessing"},
	{"billiard", "multiprocessing"},
	{"torch.multiprocessing", "multiprocessing"},
	{"pathos.helpers.mp", "multiprocessing"},
	{"multiprocessing.context", "multiprocessing"},
	{"multiprocessing.process", "multiprocessing"},
	{"multiprocessing.pool.Pool", "multiprocessing.Pool"},
	{"multiprocessing.pool.ThreadPool", "multiprocessing.dummy.Pool"},
	{"concurrent.futures.process", "concurrent.futures"},
	{"concurrent.futures.thread", "concurrent.futures"},
	{"loky.process_executor", "loky"},
	{"loky.reusable_executor", "loky"},
	{"joblib.externals.loky", "loky"},
	{"sklearn.externals.joblib", "joblib"},
	{"sklearn.utils.parallel", "joblib"},
	{"joblib.parallel", "joblib"},
	{"pathos.pools", "pathos"},
	{"pathos.multiprocessing", "pathos"},
	{"pathos.parallel", "pathos"},
	{"dask.distributed", "distributed"},
	{"distributed.deploy.local", "distributed"},
	{"distributed.client", "distributed"},
	{"tensorflow.keras", "keras"},
	{"pymc3", "pymc"},
	{"torch.utils.data.dataloader", "torch.utils.data"},
	{"scipy.optimize.differentialevolution", "scipy.optimize"},
	{"bilby.core.sampler", "bilby"},
	{"bilby.sampler", "bilby"},
	{"schwimmbad.multiprocessing", "schwimmbad"},
	{"schwimmbad.mpi", "schwimmbad"},
	{"stable_baselines3.common.vec_env.subproc_vec_env", "stable_baselines3.common.vec_env"},
	{"stable_baselines3.common.cmd_util", "stable_baselines3.common.env_util"},
	{"stable_baselines.common.vec_env.subproc_vec_env", "stable_baselines.common.vec_env"},
	{"baselines.common.vec_env.subproc_vec_env", "baselines.common.vec_env"},
	{"gymnasium.vector.async_vector_env", "gymnasium.vector"},
	{"tensorflow.app.run", "absl.app.run"},
	{"tensorflow.compat.v1.app.run", "absl.app.run"},
	{"tensorflow.app.flags", "absl.flags"},
	{"tensorflow.flags", "absl.flags"},
	{"tensorflow.compat.v1.flags", "absl.flags"},
	{"tensorflow.compat.v1.app.flags", "absl.flags"},
	{"gflags", "absl.flags"},
	{"rich_click", "click"},
	{"cloup", "click"},
	{"asyncclick", "click"},
	{"click.core", "click"},
	{"click.decorators", "click"},
	{"click.types", "click"},
	{"gym.vector.async_vector_env", "gym.vector"},
	{"gymnasium.envs.registration", "gymnasium"},
	{"tianshou.env.venvs", "tianshou.env"},
	{"neat.parallel", "neat"},
	{"nipype.pipeline.engine.workflows", "nipype"},
	{"nipype.pipeline.engine", "nipype"},
	{"gensim.models.ldamulticore", "gensim.models"},
	{"gensim.models.ensemblelda", "gensim.models"},
	{"gensim.models.coherencemodel", "gensim.models"},
	{"pymoo.core.problem.StarmapParallelization", "pymoo.parallelization.StarmapParallelization"},
	{"parsl.executors.high_throughput.executor", "parsl"},
	{"parsl.executors", "parsl"},
	{"lightning.pytorch.trainer", "lightning"},
	{"lightning.pytorch", "lightning"},
	{"pytorch_lightning", "lightning"},
	{"submitit.local.local", "submitit"},
	{"nautilus.sampler", "nautilus"},
	{"cmdstanpy.model", "cmdstanpy"},
	{"transformers.training_args", "transformers"},
	{"posixpath", "os.path"},
	{"builtins", ""},
	{"__builtin__", ""},
}

// canonical returns one name for things that have several.
func canonical(path string) string {
	if root, _, _ := strings.Cut(path, "."); !hasAlias(root) {
		return path
	}
	for range 3 { // an alias of an alias
		old := path
		for _, alias := range aliases {
			if tail, ok := strings.CutPrefix(path, alias[0]); ok && (tail == "" || tail[0] == '.') {
				path = alias[1] + tail
				if alias[1] == "" {
					path = strings.TrimPrefix(tail, ".")
				}
				break
			}
		}
		if path == old {
			break
		}
	}
	return path
}

// hasAlias reports whether a root begins an alias: most paths have another one.
func hasAlias(root string) bool {
	switch root {
	case "multiprocess", "billiard", "torch", "pathos", "multiprocessing", "concurrent", "loky", "joblib", "sklearn", "dask",
		"distributed", "tensorflow", "pymc3", "scipy", "bilby", "schwimmbad", "stable_baselines3", "stable_baselines", "baselines",
		"gymnasium", "gym", "tianshou", "neat", "nipype", "gensim", "pymoo", "parsl", "lightning", "pytorch_lightning", "submitit",
		"nautilus", "cmdstanpy", "transformers", "posixpath", "builtins", "__builtin__", "gflags", "rich_click", "cloup", "asyncclick",
		"click":
		return true
	}
	return false
}

// isOpaque reports whether the texts of a root package are not followed: it is part of
// Python, its calls are in the tables, or it is a large library that starts no workers
// by itself.
func isOpaque(root string) bool {
	return isStandardLibrary(root) || isListedLibrary(root) || isLargeLibrary(root)
}

// isStandardLibrary reports whether a root is in sys.stdlib_module_names of Python 3.8
// to 3.14, the parts of which that programs import, or in Python 2's library.
func isStandardLibrary(root string) bool {
	switch root {
	case "__future__", "__main__", "_thread", "abc", "argparse", "array", "ast", "asyncio", "atexit", "base64", "bdb", "binascii", "bisect",
		"builtins", "bz2", "calendar", "cgi", "cgitb", "cmath", "cmd", "code", "codecs", "codeop", "collections", "colorsys", "compileall",
		"concurrent", "configparser", "contextlib", "contextvars", "copy", "copyreg", "cProfile", "crypt", "csv", "ctypes", "curses",
		"dataclasses", "datetime", "dbm", "decimal", "difflib", "dis", "distutils", "doctest", "email", "encodings", "ensurepip", "enum", "errno",
		"faulthandler", "fcntl", "filecmp", "fileinput", "fnmatch", "formatter", "fractions", "ftplib", "functools", "gc", "getopt", "getpass",
		"gettext", "glob", "graphlib", "grp", "gzip", "hashlib", "heapq", "hmac", "html", "http", "idlelib", "imaplib", "imghdr", "imp",
		"importlib", "inspect", "io", "ipaddress", "itertools", "json", "keyword", "lib2to3", "linecache", "locale", "logging", "lzma", "mailbox",
		"marshal", "math", "mimetypes", "mmap", "modulefinder", "multiprocessing", "netrc", "numbers", "operator", "optparse", "os", "parser",
		"pathlib", "pdb", "pickle", "pickletools", "pipes", "pkgutil", "platform", "plistlib", "poplib", "posix", "posixpath", "pprint",
		"profile", "pstats", "pty", "pwd", "py_compile", "pyclbr", "pydoc", "queue", "quopri", "random", "re", "readline", "reprlib", "resource",
		"rlcompleter", "runpy", "sched", "secrets", "select", "selectors", "shelve", "shlex", "shutil", "signal", "site", "smtplib", "sndhdr",
		"socket", "socketserver", "sqlite3", "ssl", "stat", "statistics", "string", "stringprep", "struct", "subprocess", "symtable", "sys",
		"sysconfig", "syslog", "tabnanny", "tarfile", "tempfile", "termios", "textwrap", "threading", "time", "timeit", "tkinter", "token",
		"tokenize", "tomllib", "trace", "traceback", "tracemalloc", "tty", "turtle", "types", "typing", "unicodedata", "unittest", "urllib",
		"uuid", "venv", "warnings", "wave", "weakref", "webbrowser", "winreg", "wsgiref", "xml", "xmlrpc", "zipapp", "zipfile", "zipimport",
		"zlib", "zoneinfo", "cPickle", "ConfigParser", "commands", "cStringIO", "StringIO", "Queue", "thread", "urllib2", "urlparse",
		"__builtin__":
		return true
	}
	return false
}

// isListedLibrary reports whether calls of a library are in the tables.
func isListedLibrary(root string) bool {
	switch root {
	case "multiprocess", "billiard", "joblib", "loky", "pathos", "mpire", "pebble", "aiomultiprocess", "aioprocessing", "tqdm", "p_tqdm",
		"pqdm", "pandarallel", "parmap", "sharedmem", "schwimmbad", "emcee", "dynesty", "pycbc", "bilby", "pymc", "pymc3", "scipy", "ray", "dask",
		"distributed", "dask_mpi", "dask_cuda", "ipyparallel", "torch", "torch_geometric", "monai", "keras", "tensorflow", "datasets", "spacy",
		"mpi4py", "petsc4py", "slepc4py", "dolfin", "dolfinx", "firedrake", "mpi4jax", "gpaw", "horovod", "espressomd", "mpi4py_fft", "mpipool",
		"pypar", "pyMPI", "boost", "Scientific", "yt", "h5py", "sklearn", "stable_baselines3", "gymnasium", "gym", "neat", "gensim", "nipype", "stable_baselines", "baselines", "sb3_contrib", "tianshou", "parsl", "submitit", "luigi", "nautilus", "cmdstanpy", "pymoo", "vllm", "ultralytics", "swifter", "modin",
		"transformers", "lightning", "pytorch_lightning", "click", "typer", "fire", "absl", "docopt", "tyro", "simple_parsing", "hydra",
		"omegaconf", "tap", "attr", "attrs", "pydantic", "six", "threadpoolctl", "accelerate":
		return true
	}
	return false
}

// isLargeLibrary reports whether a library is large and starts no workers by itself.
func isLargeLibrary(root string) bool {
	switch root {
	case "numpy", "pandas", "matplotlib", "seaborn", "plotly", "bokeh", "sympy", "networkx", "jax", "jaxlib", "flax", "optax", "haiku",
		"torchvision", "torchaudio", "torchtext", "numba", "cupy", "xarray", "netCDF4", "zarr", "PIL", "cv2", "skimage", "imageio", "astropy",
		"Bio", "pysam", "requests", "yaml", "toml", "ruamel", "jinja2", "lxml", "bs4", "sqlalchemy", "django", "flask", "fastapi", "boto3",
		"botocore", "google", "azure", "pytest", "setuptools", "pkg_resources", "pip", "wheel", "packaging", "cython", "Cython", "pyarrow",
		"polars", "h5netcdf", "rdkit", "ase", "openmm", "mdtraj", "MDAnalysis", "nltk", "tokenizers", "huggingface_hub", "safetensors", "wandb",
		"tensorboard", "tensorboardX", "mlflow", "rich", "colorama", "termcolor", "psutil", "cffi", "pyopencl", "pycuda", "triton", "deepspeed",
		"apex", "dgl", "ipykernel", "IPython", "jupyter", "nbformat", "notebook", "traitlets", "tornado", "aiohttp", "websockets", "dateutil",
		"pytz", "certifi", "urllib3", "charset_normalizer", "idna", "cryptography", "paramiko", "statsmodels", "xgboost", "lightgbm", "catboost",
		"optuna", "shapely", "geopandas", "rasterio", "fiona", "pyproj", "cartopy", "healpy", "einops", "timm":
		return true
	}
	return false
}
