#!/usr/bin/env python3
"""Trains the models of `implicit`, and EASE in numpy, on a folder of events (see events.py); prints one JSON object.

    implicit_models.py fit als folder --repeat 3      trains, and recommends items to the test users of a split
    implicit_models.py answer als folder              recommends ten items to every user
    implicit_models.py tune als,bm25,ease folder      trains each model of GRID, and measures all on the split

Items that people have met are left out where the folder's shape says so. BPR cannot recommend to who was not trained
on, so the histories of test users are added to what it learns from.
"""

import argparse
import json
import pathlib
import warnings

import numpy
import scipy.sparse
from scipy.linalg import lapack
from threadpoolctl import threadpool_limits

import events
import measuring
import scoring

SETTINGS = {
    "als": {"factors": 64, "iterations": 15},
    "bpr": {"factors": 64},
    "cosine": {"K": 200},
    "bm25": {"K": 200},
    "ease": {"regularization": 100},
}
GRID = {
    "als": [
        {"factors": factors, "alpha": alpha, "regularization": regularization}
        for factors in (16, 32, 64, 128)
        for alpha in (1, 10)
        for regularization in (0.01, 1, 10)
    ],
    "bpr": [
        {"factors": factors, "learning_rate": rate, "regularization": regularization}
        for factors in (32, 64)
        for rate in (0.01, 0.05)
        for regularization in (0.01, 0.05)
    ],
    "cosine": [{"K": count} for count in (20, 50, 200, 500)],
    "tfidf": [{"K": count} for count in (20, 50, 200, 500)],
    "bm25": [{"K": count, "K1": k1, "B": b} for count in (20, 200) for k1 in (1.2, 100) for b in (0.2, 0.75)],
    "ease": [{"regularization": regularization} for regularization in (30, 100, 300, 1000)],
}


class Ease:
    """Steck: "Embarrassingly shallow autoencoders for sparse data", 2019."""

    def __init__(self, regularization):
        self.regularization = regularization

    def fit(self, users, show_progress):
        gram = (users.T @ users).toarray()
        gram[numpy.diag_indices_from(gram)] += self.regularization
        # A third of the work of `numpy.linalg.inv`, and of its memory.
        factor, _ = lapack.spotrf(gram.T, overwrite_a=True)
        inverse, _ = lapack.spotri(factor, overwrite_c=True)
        inverse += numpy.triu(inverse, 1).T
        inverse /= -numpy.diag(inverse)
        numpy.fill_diagonal(inverse, 0)
        self.weights = inverse

    def recommend(self, _, histories, N, filter_already_liked_items):
        scores = histories @ self.weights
        if filter_already_liked_items:
            scores[histories.nonzero()] = -numpy.inf
        best = numpy.argpartition(-scores, N, axis=1)[:, :N]
        order = numpy.argsort(-numpy.take_along_axis(scores, best, axis=1), axis=1)
        return numpy.take_along_axis(best, order, axis=1), None


def model(name, settings, threads):
    from implicit import als, bpr, nearest_neighbours

    if name == "ease":
        return Ease(**settings)
    kinds = {
        "als": als.AlternatingLeastSquares,
        "bpr": bpr.BayesianPersonalizedRanking,
        "cosine": nearest_neighbours.CosineRecommender,
        "tfidf": nearest_neighbours.TFIDFRecommender,
        "bm25": nearest_neighbours.BM25Recommender,
    }
    seed = {"random_state": 1} if name in ("als", "bpr") else {}
    return kinds[name](num_threads=threads, **seed, **settings)


def limited(name, threads):
    """As `implicit` advises, its own threads do the work, not those of the library beneath."""
    return threadpool_limits(threads if name == "ease" else 1, "blas")


def rows(histories, item_count):
    """A matrix with a row a history."""
    users = numpy.repeat(numpy.arange(len(histories)), [len(history) for history in histories])
    return counted(users, numpy.concatenate([numpy.array(each, int) for each in histories]), len(histories), item_count)


def counted(users, items, user_count, item_count):
    """How often each user has met each item."""
    ones = numpy.ones(len(users), numpy.float32)
    return scipy.sparse.coo_matrix((ones, (users, items)), (user_count, item_count)).tocsr()


def training(folder):
    columns, shape = events.load(folder)
    return counted(columns["users"], columns["items"], shape["users"], shape["items"])


class Work:
    """The events of a folder, and its questions."""

    def __init__(self, folder):
        self.shape = events.shape_of(folder)
        self.events = training(folder)
        inputs = events.inputs_of(folder)
        self.histories = rows(inputs, self.shape["items"]) if inputs else None

    def fitted(self, name, settings, threads):
        found = model(name, settings, threads)
        learnt = self.events
        if name == "bpr" and self.histories is not None:
            learnt = scipy.sparse.vstack((self.events, self.histories)).tocsr()
        found.fit(learnt, show_progress=False)
        return found

    def lists(self, name, found):
        first = self.events.shape[0] if name == "bpr" else 0
        users = numpy.arange(self.histories.shape[0]) + first
        again = {"recalculate_user": True} if name == "als" else {}
        options = {"N": scoring.LENGTH, "filter_already_liked_items": self.shape["excludes_met"], **again}
        return found.recommend(users, self.histories, **options)[0].tolist()


def fit(options):
    work = Work(options.folder)
    settings = SETTINGS.get(options.models, {}) | options.settings
    with limited(options.models, options.threads):
        runs, found = measuring.measured(
            options.repeat, lambda: work.fitted(options.models, settings, options.threads)
        )
        lists = None if work.histories is None else work.lists(options.models, found)
    measuring.tell(runs, lists=lists)


def answer(options):
    work = Work(options.folder)
    everyone = numpy.arange(work.events.shape[0])

    def recommend():
        for first in range(0, len(everyone), 1000):
            part = everyone[first : first + 1000]
            found.recommend(part, work.events[part], N=10, filter_already_liked_items=True)

    with limited(options.models, options.threads):
        found = work.fitted(options.models, SETTINGS[options.models], options.threads)
        runs, _ = measuring.measured(options.repeat, recommend)
    measuring.tell(runs)


def tune(options):
    work = Work(options.folder)
    relevant = json.loads((pathlib.Path(options.folder) / "relevant.json").read_text())
    trials = []

    def search():
        for name in options.models.split(","):
            for settings in GRID[name]:
                with limited(name, options.threads):
                    lists = work.lists(name, work.fitted(name, settings, options.threads))
                measures = scoring.quality(lists, relevant, work.shape["items"])
                trials.append({"model": name, "settings": settings, "value": measures["ndcg_at_25"]})

    runs, _ = measuring.measured(1, search)
    measuring.tell(runs, trials=trials)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=["fit", "answer", "tune"])
    parser.add_argument("models", help="als, bpr, cosine, tfidf, bm25, ease")
    parser.add_argument("folder")
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON, in place of those of SETTINGS")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    {"fit": fit, "answer": answer, "tune": tune}[options.work](options)


if __name__ == "__main__":
    main()
