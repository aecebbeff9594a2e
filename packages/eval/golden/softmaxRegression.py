"""Writes softmax_regression.json: what scikit-learn's LogisticRegression makes of a small problem with correlated features."""
import json
import pathlib

import numpy
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

BANK, TEST, DIM, CLASSES = 240, 1000, 6, 4
PENALTIES = [1e-3, 1e-2, 1e-1]


def tensor(values, **dtype):
    values = numpy.asarray(values)
    return {"shape": list(values.shape), "data": values.ravel().tolist(), **dtype}


random = numpy.random.RandomState(0)
labels = random.randint(CLASSES, size=BANK + TEST)
centres = random.randn(CLASSES, DIM)
features = centres[labels] + random.randn(BANK + TEST, DIM) @ random.randn(DIM, DIM) * 0.6 + 3
features = numpy.round(features, 3)

scaler = StandardScaler().fit(features[:BANK])
bank, test = scaler.transform(features[:BANK]), scaler.transform(features[BANK:])
losses, accuracies, weights = [], [], []
for l2 in PENALTIES:
    model = LogisticRegression(C=1 / (l2 * BANK), tol=1e-10, max_iter=10_000).fit(bank, labels[:BANK])
    scores = model.decision_function(bank)
    log_sums = numpy.log(numpy.exp(scores).sum(axis=1))
    cross_entropy = (log_sums - scores[numpy.arange(BANK), labels[:BANK]]).mean()
    losses.append(cross_entropy + l2 / 2 * (model.coef_**2).sum())
    accuracies.append(model.score(test, labels[BANK:]))
    weights.append(model.coef_.round(6))

pathlib.Path(__file__).with_name("softmax_regression.json").write_text(json.dumps({
    "name": "softmax_regression",
    "source": {
        "repo": "scikit-learn/scikit-learn",
        "version": sklearn.__version__,
        "function": "LogisticRegression(C=1/(l2*bank), tol=1e-10) on StandardScaler features, fitted to the first rows",
    },
    "params": {"bank": BANK, "classes": CLASSES, "l2": PENALTIES},
    "inputs": {"features": tensor(features), "labels": tensor(labels, dtype="int")},
    "outputs": {"loss_per_l2": tensor(losses), "accuracy_per_l2": tensor(accuracies), "weights_per_l2": tensor(weights)},
    "grads": {},
    "tolerance": {"float32": {"outputs_rtol_of_max": 1e-3}},
}))
