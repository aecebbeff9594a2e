"""A contender of eval.mjs in PyTorch or scikit-learn: for each line of input, runs its row once and prints seconds and accuracy."""
import json
import os
import sys
import time

row, library, folder = sys.argv[1:4]
bank_count, test_count, dim, classes = map(int, sys.argv[4:])
threads = len(os.sched_getaffinity(0))

import numpy

bank = numpy.fromfile(f"{folder}/{row}-bank.f32", numpy.float32).reshape(bank_count, dim)
test = numpy.fromfile(f"{folder}/{row}-test.f32", numpy.float32).reshape(test_count, dim)
bank_labels, test_labels = numpy.arange(bank_count) % classes, numpy.arange(test_count) % classes
K, TEMPERATURE, AT_ONCE = 20, 0.07, 1024


def torch_knn():
    """lightly's knn_predict, some queries at a time."""
    features = torch.nn.functional.normalize(torch.from_numpy(bank)).t().contiguous()
    queries = torch.nn.functional.normalize(torch.from_numpy(test))
    labels = torch.from_numpy(bank_labels)
    hits = 0
    for start in range(0, test_count, AT_ONCE):
        similarity, rows = torch.mm(queries[start : start + AT_ONCE], features).topk(K, dim=-1)
        votes = torch.zeros(len(rows), classes).scatter_add_(1, labels[rows], (similarity / TEMPERATURE).exp())
        hits += (votes.argmax(dim=1) == torch.from_numpy(test_labels[start : start + AT_ONCE])).sum().item()
    return hits / test_count


def sklearn_knn():
    """Euclidean distance between rows of length 1 orders as the cosine does, and is scikit-learn's fastest way."""
    model = KNeighborsClassifier(
        K, algorithm="brute", n_jobs=threads, weights=lambda distances: numpy.exp((1 - distances**2 / 2) / TEMPERATURE)
    )
    return model.fit(normalize(bank), bank_labels).score(normalize(test), test_labels)


def sklearn_probe():
    scaler = StandardScaler().fit(bank)
    model = LogisticRegression(C=1 / (1e-3 * bank_count), max_iter=1000)
    return model.fit(scaler.transform(bank), bank_labels).score(scaler.transform(test), test_labels)


if library == "torch":
    import torch

    torch.set_num_threads(threads)
    run = torch_knn
else:
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.preprocessing import StandardScaler, normalize

    run = {"knn": sklearn_knn, "probe": sklearn_probe}[row]

for _ in sys.stdin:
    start = time.perf_counter()
    accuracy = run()
    print(json.dumps({"seconds": time.perf_counter() - start, "accuracy": accuracy}), flush=True)
