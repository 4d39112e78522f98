#!/usr/bin/env python3
"""Times Annoy on a file of vectors (see vectors.py): building, queries and recall@10; prints one JSON object.

Needs annoy and numpy.
"""

import argparse
import json
import resource
import time

import numpy
from annoy import AnnoyIndex


def load(path, columns, queries):
    rows = numpy.fromfile(path, dtype="<f4").reshape(-1, columns)
    return rows[:-queries], rows[-queries:]


def nearest(rows, queries, count):
    rows = rows / numpy.linalg.norm(rows, axis=1, keepdims=True)
    scores = queries @ rows.T
    return numpy.argsort(-scores, axis=1, kind="stable")[:, :count]


def build(rows, trees, jobs):
    index = AnnoyIndex(rows.shape[1], "angular")
    index.set_seed(1)
    start = time.perf_counter()
    for number, row in enumerate(rows):
        index.add_item(number, row)
    added = time.perf_counter()
    processor = time.process_time()
    index.build(trees, n_jobs=jobs)
    times = {
        "add_seconds": added - start,
        "build_seconds": time.perf_counter() - added,
        "build_processor_seconds": time.process_time() - processor,
    }
    return index, times


def ask(index, queries, truth, search_k):
    start, processor = time.perf_counter(), time.process_time()
    found = [index.get_nns_by_vector(query, 10, search_k=search_k) for query in queries]
    seconds, processor_seconds = time.perf_counter() - start, time.process_time() - processor
    hits = sum(len(set(mine) & set(theirs)) for mine, theirs in zip(found, truth.tolist()))
    return {
        "search_k": search_k,
        "recall_at_10": round(hits / truth.size, 4),
        "queries_per_second": round(len(queries) / seconds, 1),
        "queries_per_processor_second": round(len(queries) / processor_seconds, 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vectors", help="raw 32-bit floats")
    parser.add_argument("columns", type=int)
    parser.add_argument("--queries", type=int, default=1000, help="rows at the end that are queries")
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--search-k", type=int, nargs="*", default=[-1, 2000, 4000, 10_000, 20_000])
    options = parser.parse_args()
    rows, queries = load(options.vectors, options.columns, options.queries)
    index, times = build(rows, options.trees, options.jobs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    truth = nearest(rows, queries, 10)
    result = {
        "peer": "annoy 1.17.3",
        "rows": len(rows),
        "columns": options.columns,
        **times,
        "build_peak_megabytes": peak,
        "queries": [ask(index, queries, truth, search_k) for search_k in options.search_k],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
