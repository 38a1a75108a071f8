// SPDX-License-Identifier: MIT

package python

import "strings"

// learningRow returns the row of a call of a library of machine learning. Sources:
// torch/utils/data/_utils/worker.py, which sets the threads of a worker to one;
// transformers/training_args.py; gensim/models/ldamulticore.py (a plain pool);
// gensim/models/coherencemodel.py (its processes count words);
// pytorch_lightning/strategies/launchers/subprocess_script.py;
// ultralytics/cfg/default.yaml (8 workers of a DataLoader); vllm's documentation,
// "Python Multiprocessing" (an engine process, and a worker for each GPU).
func learningRow(path string) row {
	switch path {
	case "torch.utils.data.DataLoader":
		return loader("num_workers", 5)
	case "transformers.TrainingArguments", "transformers.Seq2SeqTrainingArguments":
		return loader("dataloader_num_workers", -1)
	case "gensim.models.LdaMulticore":
		return own("workers", 3)
	case "gensim.models.EnsembleLda":
		return row{effect: effectPool, count: "ensemble_workers", at: -1, need: true, check: unlessOne("ensemble_workers", -1)}
	case "gensim.models.CoherenceModel":
		return row{effect: effectWorkers, count: "processes", at: -1, check: unless("coherence", "u_mass")}
	case "ultralytics.YOLO.train", "ultralytics.YOLO.val", "ultralytics.RTDETR.train":
		return row{effect: effectWorkers, count: "workers", at: -1, one: true}
	case "lightning.Trainer":
		return row{effect: effectWorkers, check: severalDevices}
	case "vllm.LLM":
		return row{effect: effectWorkers}
	}
	return row{}
}

// severalDevices is a check: Lightning starts an interpreter for each device but the
// first. How many GPUs a node has is not known.
func severalDevices(c *call) truth {
	result := no
	for _, name := range [...]string{"devices", "gpus", "num_nodes"} {
		switch n := c.arg(-1, name).(type) {
		case nil, none:
		case int64:
			if n > 1 {
				return yes
			}
			if n < 0 {
				result = unsure
			}
		case *list:
			if len(n.items) > 1 {
				return yes
			}
		case string:
			if n == "auto" || n == "-1" || strings.Contains(n, ",") {
				result = unsure
			}
		default:
			result = unsure
		}
	}
	return result
}

// familyRow returns the row of a library whose classes all take the same argument.
// Sources: scikit-learn's glossary, "n_jobs"; torch_geometric.loader and monai.data,
// which hand num_workers to PyTorch's DataLoader.
func familyRow(path string) row {
	root, rest, _ := strings.Cut(path, ".")
	_, last, _ := cutLast(rest)
	switch {
	case root == "sklearn" && last != "" && !jobsAreThreads(last):
		return row{effect: effectWorkers, count: "n_jobs", at: -1, need: true}
	case (root == "torch_geometric" || root == "monai") && strings.HasSuffix(last, "Loader"):
		return loader("num_workers", -1)
	}
	return row{}
}

// jobsAreThreads reports whether the jobs of a class or function of scikit-learn are
// threads whatever their number. Sources: the calls of Parallel with prefer="threads",
// require="sharedmem" or backend="threading" in sklearn/ensemble/_forest.py,
// sklearn/ensemble/_iforest.py, sklearn/neighbors/_base.py and what builds on it,
// sklearn/linear_model/_coordinate_descent.py,
// sklearn/linear_model/_stochastic_gradient.py and sklearn/metrics/pairwise.py.
func jobsAreThreads(name string) bool {
	switch name {
	case "RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor", "RandomTreesEmbedding", "IsolationForest",
		"KNeighborsClassifier", "KNeighborsRegressor", "RadiusNeighborsClassifier", "RadiusNeighborsRegressor", "NearestNeighbors",
		"KNeighborsTransformer", "RadiusNeighborsTransformer", "LocalOutlierFactor", "kneighbors_graph", "radius_neighbors_graph", "DBSCAN", "dbscan",
		"OPTICS", "Isomap", "TSNE", "SpectralClustering", "SpectralEmbedding", "LabelPropagation", "LabelSpreading", "LassoCV", "ElasticNetCV",
		"MultiTaskLassoCV", "MultiTaskElasticNetCV", "SGDClassifier", "Perceptron", "PassiveAggressiveClassifier", "pairwise_distances",
		"pairwise_distances_chunked", "pairwise_kernels":
		return true
	}
	return false
}
