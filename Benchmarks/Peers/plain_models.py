#!/usr/bin/env python3
"""iALS and EASE as their papers write them down, in plain numpy; trains on a folder of events (see events.py) and
recommends to its test users; prints one JSON object. They are there to compare figures with, not times.
"""

import argparse
import json
import pathlib

import numpy
import scipy.sparse

import events
import measuring

# Those of millrace's defaults: factors, iterations, weight of what was not observed, regularisation and its exponent.
FACTORS, ITERATIONS, UNOBSERVED, REGULARIZATION, EXPONENT = 64, 15, 0.4, 0.05, 0.5
EASE_REGULARIZATION = 300


def matrix(users, items, shape):
    met = scipy.sparse.csr_matrix((numpy.ones(len(users)), (users, items)), shape)
    met.data[:] = 1
    return met


def ease(met, asked):
    """Steck: Embarrassingly shallow autoencoders for sparse data, 2019."""
    gram = (met.T @ met).toarray()
    gram[numpy.diag_indices_from(gram)] += EASE_REGULARIZATION
    inverse = numpy.linalg.inv(gram)
    weights = -inverse / numpy.diag(inverse)
    numpy.fill_diagonal(weights, 0)
    return asked @ weights


def solved(fixed, met):
    """The rows of one side, the other fixed."""
    gram = UNOBSERVED * fixed.T @ fixed
    rows = numpy.zeros((met.shape[0], FACTORS))
    for row in range(met.shape[0]):
        own = fixed[met.indices[met.indptr[row] : met.indptr[row + 1]]]
        if len(own):
            held = REGULARIZATION * (len(own) + UNOBSERVED * len(fixed)) ** EXPONENT
            rows[row] = numpy.linalg.solve(gram + own.T @ own + held * numpy.eye(FACTORS), own.sum(0))
    return rows


def als(met, asked):
    """Rendle, Krichene, Zhang, Koren: Revisiting the performance of iALS on item recommendation benchmarks, 2022."""
    items = numpy.random.default_rng(0).normal(0, 0.1 / FACTORS**0.5, (met.shape[1], FACTORS))
    for _ in range(ITERATIONS):
        users = solved(items, met)
        items = solved(users, met.T.tocsr())
    return solved(items, asked) @ items.T


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=["als", "ease"])
    parser.add_argument("folder")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    columns, shape = events.load(options.folder)
    met = matrix(columns["users"], columns["items"], (shape["users"], shape["items"]))
    inputs = json.loads((pathlib.Path(options.folder) / "inputs.json").read_text())
    rows = numpy.repeat(numpy.arange(len(inputs)), [len(items) for items in inputs])
    asked = matrix(rows, numpy.concatenate(inputs), (len(inputs), shape["items"]))
    work = {"als": als, "ease": ease}[options.model]
    runs, scores = measuring.measured(options.repeat, lambda: numpy.asarray(work(met, asked)))
    scores[asked.nonzero()] = -numpy.inf
    best = numpy.argsort(-scores, axis=1, kind="stable")[:, : shape["list_length"]]
    measuring.tell(runs, lists=best.tolist())


if __name__ == "__main__":
    main()
