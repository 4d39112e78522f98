#!/usr/bin/env python3
"""Trains the SVD of scikit-surprise on a folder of ratings (see events.py); prints one JSON object.

    surprise_svd.py fit folder --repeat 3     trains, and predicts the ratings that are asked for
    surprise_svd.py search folder             searches GRID by three-fold cross-validation
"""

import argparse
import pathlib
import tempfile

import numpy
from surprise import SVD, Dataset, Reader
from surprise.model_selection import GridSearchCV, KFold

import events
import measuring

GRID = {"n_epochs": [10, 20], "lr_all": [0.002, 0.005], "reg_all": [0.4, 0.6]}


def ratings(folder):
    """The library takes ratings from a text file."""
    columns, _ = events.load(folder)
    scale = (float(columns["values"].min()), float(columns["values"].max()))
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch) / "ratings"
        numpy.savetxt(path, numpy.column_stack([columns["users"], columns["items"], columns["values"]]), "%d,%d,%g")
        return Dataset.load_from_file(path, Reader(line_format="user item rating", sep=",", rating_scale=scale))


def fit(options):
    learnt = ratings(options.folder).build_full_trainset()
    runs, model = measuring.measured(options.repeat, lambda: SVD(random_state=1).fit(learnt))
    asked = [numpy.fromfile(pathlib.Path(options.folder) / name, "<u4") for name in ("asked-users", "asked-items")]
    predictions = [model.predict(str(user), str(item)).est for user, item in zip(*asked)]
    measuring.tell(runs, predictions=predictions)


def search(options):
    data = ratings(options.folder)
    numpy.random.seed(0)

    def find():
        split = KFold(n_splits=3, random_state=0)
        found = GridSearchCV(SVD, GRID, measures=["rmse", "mae"], cv=split, n_jobs=options.threads)
        found.fit(data)
        return found

    runs, found = measuring.measured(options.repeat, find)
    best = found.best_index["rmse"]
    measuring.tell(runs, rmse=found.best_score["rmse"], mae=float(found.cv_results["mean_test_mae"][best]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=["fit", "search"])
    parser.add_argument("folder")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2, help="processes of the search; one descent has no threads")
    options = parser.parse_args()
    {"fit": fit, "search": search}[options.work](options)


if __name__ == "__main__":
    main()
