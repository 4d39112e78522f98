#!/usr/bin/env python3
"""Builds an index of Annoy on a file of vectors (see vectors.py), and asks it on one thread; prints one JSON object.

Without --search-k it looks for the least that finds a wanted share of the ten nearest, in steps of a fifth.
"""

import argparse
import pathlib

import numpy
from annoy import AnnoyIndex

import measuring
import scoring


def load(path, columns, queries):
    """The rows to index, and those that are queries."""
    vectors = numpy.fromfile(path, "<f4").reshape(-1, columns)
    return vectors[:-queries], vectors[-queries:]


def nearest(rows, queries):
    """The ten nearest of each query, by comparing it with all."""
    rows = rows / numpy.linalg.norm(rows, axis=1, keepdims=True)
    return numpy.argsort(-(queries @ rows.T), axis=1, kind="stable")[:, :10].tolist()


def build(rows, options):
    index = AnnoyIndex(rows.shape[1], "angular")
    index.set_seed(1)
    for number, row in enumerate(rows):
        index.add_item(number, row.tolist())  # which it takes faster than arrays
    index.build(options.trees, n_jobs=options.threads)
    return index


def ask(index, queries, search_k):
    return [index.get_nns_by_vector(query, 10, search_k=search_k) for query in queries]


def least_search_k(index, queries, truth, options):
    search_k = 100
    while scoring.recall(ask(index, queries, search_k), truth) < options.recall and search_k < 1_000_000:
        search_k = search_k * 6 // 5
    return search_k


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vectors", type=pathlib.Path, help="32-bit numbers, a row a vector, those of the queries last")
    parser.add_argument("columns", type=int)
    parser.add_argument("queries", type=int)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--search-k", type=int)
    parser.add_argument("--recall", type=float, default=0.95)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    rows, asked_for = load(options.vectors, options.columns, options.queries)
    runs, index = measuring.measured(options.repeat, lambda: build(rows, options))
    peak = measuring.peak_bytes()
    queries = asked_for.tolist()
    search_k = options.search_k or least_search_k(index, queries, nearest(rows, asked_for), options)
    asked, found = measuring.measured(options.repeat, lambda: ask(index, queries, search_k))
    measuring.tell(runs, queries=asked, lists=found, search_k=search_k, peak_bytes=peak)


if __name__ == "__main__":
    main()
