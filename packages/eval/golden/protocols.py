"""Writes protocols.json: what scikit-learn and SciPy make of small features, by which kNN, clustering, retrieval and correlation are checked."""
import json
import pathlib

import numpy
import scipy
import sklearn
from scipy.optimize import linear_sum_assignment
from scipy.stats import pearsonr, spearmanr
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, average_precision_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize

BANK, TEST, DIM, CLASSES = 300, 120, 6, 5
NEIGHBOURS, TEMPERATURE = 20, 0.07


def tensor(values, **dtype):
    values = numpy.asarray(values)
    return {"shape": list(values.shape), "data": values.ravel().tolist(), **dtype}


random = numpy.random.RandomState(0)
labels = random.randint(CLASSES, size=BANK + TEST)
centres = random.randn(CLASSES, DIM)
features = numpy.round(1.2 * centres[labels] + random.randn(BANK + TEST, DIM), 3)
bank, test = features[:BANK], features[BANK:]
bank_labels, test_labels = labels[:BANK], labels[BANK:]

knn = KNeighborsClassifier(
    NEIGHBOURS, metric="cosine", algorithm="brute", weights=lambda distances: numpy.exp((1 - distances) / TEMPERATURE)
).fit(bank, bank_labels)
neighbours = knn.kneighbors(test, return_distance=False)
similarities = normalize(test) @ normalize(bank).T
precisions = [
    average_precision_score(bank_labels == label, row) for label, row in zip(test_labels, similarities)
]
clusters = KMeans(CLASSES, n_init=50, random_state=0, tol=0, algorithm="lloyd").fit(bank)
table = contingency_matrix(clusters.labels_, bank_labels)
matched = table[linear_sum_assignment(-table)].sum() / BANK
left, right = normalize(bank[:TEST]), normalize(test)
cosines = (left * right).sum(axis=1)
scores = numpy.round(5 * (cosines + 1) / 2 + random.randn(TEST))  # whole numbers: with ties

pathlib.Path(__file__).with_name("protocols.json").write_text(json.dumps({
    "name": "protocols",
    "source": {
        "repo": "scikit-learn/scikit-learn",
        "version": f"scikit-learn {sklearn.__version__}, SciPy {scipy.__version__}",
        "function": "KNeighborsClassifier, average_precision_score, KMeans, normalized_mutual_info_score, "
        "adjusted_rand_score, linear_sum_assignment, spearmanr, pearsonr",
    },
    "params": {"bank": BANK, "classes": CLASSES, "k": NEIGHBOURS, "temperature": TEMPERATURE},
    "inputs": {
        "features": tensor(features),
        "labels": tensor(labels, dtype="int"),
        "clusters": tensor(clusters.labels_, dtype="int"),
        "scores": tensor(scores),
    },
    "outputs": {
        "knn_neighbours": tensor(neighbours, dtype="int"),
        "knn_predictions": tensor(knn.predict(test), dtype="int"),
        "mean_average_precision": tensor(numpy.mean(precisions)),
        "inertia": tensor(clusters.inertia_),
        "normalised_mutual_information": tensor(normalized_mutual_info_score(bank_labels, clusters.labels_)),
        "adjusted_rand_index": tensor(adjusted_rand_score(bank_labels, clusters.labels_)),
        "clustering_accuracy": tensor(matched),
        "spearman": tensor(spearmanr(cosines, scores)[0]),
        "pearson": tensor(pearsonr(cosines, scores)[0]),
    },
    "grads": {},
    "tolerance": {"float32": {"outputs_rtol_of_max": 1e-5}},
}))
