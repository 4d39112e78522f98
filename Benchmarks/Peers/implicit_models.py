#!/usr/bin/env python3
"""Times the models of `implicit`, and EASE in numpy, on interactions, and measures them on a split; prints JSON.

    implicit_models.py --interactions events.csv --models als,cosine --repeat 3
    implicit_models.py --split folder --models als,bm25,ease --settings '{"als": {"alpha": 5}}'

Interactions are rows of user, item and, if there is one, a weight in a column of that name; all numbers count from 0.
A split is a folder with `training.csv` of the same form and `tests.json`: a list of objects with the `input` of a test
user, from the oldest to the newest, and what was `relevant`. Each model runs in a process of its own, so that its peak
of memory is its own; figures are medians. Met items are left out of what is recommended, unless `--keep-met`.
"""

import argparse
import json
import math
import multiprocessing
import os
import pathlib
import resource
import statistics
import time
import warnings


def matrix(path, shape=None):
    import numpy
    import scipy.sparse

    with open(path) as file:
        names = file.readline().strip().split(",")
    table = numpy.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
    users, items = table[:, names.index("user")].astype(int), table[:, names.index("item")].astype(int)
    weights = table[:, names.index("weight")] if "weight" in names else numpy.ones(len(users))
    found = scipy.sparse.csr_matrix((weights.astype(numpy.float32), (users, items)), shape=shape)
    found.sum_duplicates()
    return found


class Ease:
    """Steck: "Embarrassingly shallow autoencoders for sparse data", 2019."""

    def __init__(self, regularization=200.0):
        self.regularization = regularization

    def fit(self, users, show_progress=False):
        import numpy

        gram = (users.T @ users).toarray()
        gram[numpy.diag_indices_from(gram)] += self.regularization
        inverse = numpy.linalg.inv(gram)
        self.weights = inverse / -numpy.diag(inverse)
        numpy.fill_diagonal(self.weights, 0)

    def recommend(self, _, histories, N, filter_already_liked_items):
        import numpy

        found = []
        for start in range(0, histories.shape[0], 1000):
            part = histories[start : start + 1000]
            scores = part @ self.weights
            if filter_already_liked_items:
                scores[part.nonzero()] = -numpy.inf
            best = numpy.argpartition(-scores, N, axis=1)[:, :N]
            order = numpy.argsort(-numpy.take_along_axis(scores, best, axis=1), axis=1)
            found.append(numpy.take_along_axis(best, order, axis=1))
        return numpy.concatenate(found), None


def model(name, options, settings):
    from implicit import als, bpr, nearest_neighbours

    threads = {"num_threads": options.threads}
    factors = {"factors": options.factors, "random_state": 1}
    if name == "als":
        return als.AlternatingLeastSquares(**{**factors, **threads, "iterations": options.iterations, **settings})
    if name == "als-exact":
        own = {**factors, **threads, "iterations": options.iterations, "use_cg": False, **settings}
        return als.AlternatingLeastSquares(**own)
    if name == "bpr":
        return bpr.BayesianPersonalizedRanking(**{**factors, **threads, **settings})
    if name == "ease":
        return Ease(**settings)
    kinds = {
        "cosine": nearest_neighbours.CosineRecommender,
        "bm25": nearest_neighbours.BM25Recommender,
        "tfidf": nearest_neighbours.TFIDFRecommender,
        "count": nearest_neighbours.ItemItemRecommender,
    }
    return kinds[name](**{"K": options.neighbours, **threads, **settings})


def discounted(hits):
    return sum(1 / math.log(1 + rank) for rank, hit in enumerate(hits, 1) if hit)


def metrics(lists, tests, item_count):
    gains = {10: [], 25: []}
    for recommended, test in zip(lists, tests):
        relevant = set(test["relevant"])
        for cutoff, values in gains.items():
            hits = [item in relevant for item in recommended[:cutoff]]
            values.append(discounted(hits) / discounted([True] * min(cutoff, len(relevant))))
    distinct = {int(item) for each in lists for item in each[:25]}
    return {
        "ndcg_at_10": statistics.fmean(gains[10]),
        "ndcg_at_25": statistics.fmean(gains[25]),
        "coverage": len(distinct) / item_count,
    }


def measure(name, options, settings):
    """Trains on a split and measures on its tests; users of the test who must have a row are added to the training."""
    import numpy
    import scipy.sparse

    folder = pathlib.Path(options.split)
    tests = json.loads((folder / "tests.json").read_text())
    shape = json.loads((folder / "shape.json").read_text())
    training = matrix(folder / "training.csv", (shape["users"], shape["items"]))
    rows = numpy.repeat(numpy.arange(len(tests)), [len(test["input"]) for test in tests])
    items = numpy.concatenate([test["input"] for test in tests]).astype(int)
    ones = numpy.ones(len(rows), numpy.float32)
    histories = scipy.sparse.csr_matrix((ones, (rows, items)), (len(tests), shape["items"]))
    histories.sum_duplicates()
    own = model(name, options, settings)
    arguments = {"N": 25, "filter_already_liked_items": not options.keep_met}
    if name == "bpr":
        own.fit(scipy.sparse.vstack((training, histories)).tocsr(), show_progress=False)
        users = numpy.arange(len(tests)) + training.shape[0]
        found, _ = own.recommend(users, histories, **arguments)
    else:
        own.fit(training, show_progress=False)
        again = {"recalculate_user": True} if name.startswith("als") else {}
        found, _ = own.recommend(numpy.arange(len(tests)), histories, **arguments, **again)
    return metrics([[int(item) for item in row] for row in found], tests, shape["known_items"])


def clock(name, options, settings):
    """Trains on all interactions and recommends ten items to all users, as often as asked."""
    import numpy

    interactions = matrix(options.interactions)
    fits, answers, processor = [], [], {"fit": [], "recommend": []}
    for _ in range(options.repeat):
        own = model(name, options, settings)
        start, busy = time.perf_counter(), time.process_time()
        own.fit(interactions, show_progress=False)
        fits.append(time.perf_counter() - start)
        processor["fit"].append(time.process_time() - busy)
        start, busy = time.perf_counter(), time.process_time()
        everyone = numpy.arange(interactions.shape[0])
        for first in range(0, len(everyone), 1000):
            part = everyone[first : first + 1000]
            own.recommend(part, interactions[part], N=10, filter_already_liked_items=True)
        answers.append(time.perf_counter() - start)
        processor["recommend"].append(time.process_time() - busy)
    return {
        "fit_seconds": statistics.median(fits),
        "fit_processor_seconds": statistics.median(processor["fit"]),
        "recommend_seconds": statistics.median(answers),
        "recommend_processor_seconds": statistics.median(processor["recommend"]),
        "users_per_second": interactions.shape[0] / statistics.median(answers),
    }


def run(name, options, settings, results):
    os.environ.update(OPENBLAS_NUM_THREADS="1")
    warnings.simplefilter("ignore")
    figures = {"model": name, "settings": settings}
    if options.interactions:
        figures |= clock(name, options, settings)
    if options.split:
        figures |= measure(name, options, settings)
    figures["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    results.put(figures)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--interactions", help="CSV to time the models on")
    parser.add_argument("--split", help="folder of a split to measure the models on")
    parser.add_argument("--models", default="als,cosine,bm25,ease")
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON: settings by model, or a list to try")
    parser.add_argument("--factors", type=int, default=64)
    parser.add_argument("--iterations", type=int, default=15)
    parser.add_argument("--neighbours", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--keep-met", action="store_true")
    options = parser.parse_args()
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)
    context = multiprocessing.get_context("spawn")
    for name in options.models.split(","):
        tried = options.settings.get(name, {})
        for settings in tried if isinstance(tried, list) else [tried]:
            results = context.Queue()
            process = context.Process(target=run, args=(name, options, settings, results))
            process.start()
            process.join()
            if process.exitcode == 0:
                print(json.dumps(results.get()), flush=True)
            else:
                print(json.dumps({"model": name, "settings": settings, "error": process.exitcode}), flush=True)


if __name__ == "__main__":
    main()
