#!/usr/bin/env python3
"""Times scikit-surprise's SVD, one fit and a grid search, on a file of ratings; prints one JSON object.

The file is CSV with a header and the columns user, item, rating. Needs scikit-surprise, numpy and pandas.
"""

import argparse
import json
import resource
import statistics
import time

import numpy
import pandas
import surprise
from surprise import SVD, Dataset, Reader, accuracy
from surprise.model_selection import GridSearchCV, KFold, train_test_split

GRID = {"n_epochs": [10, 20], "lr_all": [0.002, 0.005], "reg_all": [0.4, 0.6]}


def load(path):
    table = pandas.read_csv(path)
    names = list(table.columns[:3])
    scale = (table[names[2]].min(), table[names[2]].max())
    return Dataset.load_from_df(table[names], Reader(rating_scale=scale))


def timed(work):
    start, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - processor


def fits(data, runs):
    train = data.build_full_trainset()
    times = [timed(lambda: SVD(random_state=run).fit(train)) for run in range(runs)]
    return [statistics.median(values) for values in zip(*times)]


def holdout(data, runs):
    errors = []
    for run in range(runs):
        train, test = train_test_split(data, test_size=0.25, random_state=run)
        predictions = SVD(random_state=run).fit(train).test(test)
        errors.append((accuracy.rmse(predictions, verbose=False), accuracy.mae(predictions, verbose=False)))
    return [statistics.mean(values) for values in zip(*errors)]


def grid(data, jobs, folds):
    split = KFold(n_splits=folds, random_state=0)
    search = GridSearchCV(SVD, GRID, measures=["rmse", "mae"], cv=split, n_jobs=jobs)
    seconds, _ = timed(lambda: search.fit(data))  # its processes' own time is not in ours
    points = search.cv_results
    return {
        "seconds": seconds,
        "jobs": jobs,
        "rmse": [round(float(value), 4) for value in points["mean_test_rmse"]],
        "mae": [round(float(value), 4) for value in points["mean_test_mae"]],
        "points": points["params"],
        "best": search.best_params["rmse"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ratings", help="CSV with a header: user, item, rating")
    parser.add_argument("--runs", type=int, default=3, help="fits to take the median of")
    parser.add_argument("--jobs", type=int, default=2, help="processes of the grid search")
    parser.add_argument("--no-grid", action="store_true", help="only the single fits")
    options = parser.parse_args()
    numpy.random.seed(0)
    data = load(options.ratings)
    seconds, processor_seconds = fits(data, options.runs)
    result = {
        "peer": f"scikit-surprise {surprise.__version__}",
        "ratings": len(data.raw_ratings),
        "fit_seconds": seconds,
        "fit_processor_seconds": processor_seconds,
        "holdout_rmse_mae": [round(value, 4) for value in holdout(data, options.runs)],
    }
    if not options.no_grid:
        result["grid"] = grid(data, options.jobs, 3)
    result["peak_megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(result))


if __name__ == "__main__":
    main()
