#!/usr/bin/env python3
"""How long `implicit` takes to recommend to all users of a file of interactions; prints one JSON object.

    recommend_all.py interactions.csv --count 25 --repeat 3

The file has a heading with USER_ID and ITEM_ID. Items that a user has met are left out. As `implicit` advises, its own
threads do the work, not those of the library beneath. Only the recommendations are measured: the model is fitted before.
"""

import argparse
import csv
import warnings

import numpy
import scipy.sparse
from implicit import als
from threadpoolctl import threadpool_limits

import measuring

PART = 1000


def matrix(path):
    with open(path, newline="") as file:
        pairs = [(row["USER_ID"], row["ITEM_ID"]) for row in csv.DictReader(file)]
    users, items = (numpy.unique(column, return_inverse=True)[1] for column in zip(*pairs))
    return scipy.sparse.coo_matrix((numpy.ones(len(pairs), numpy.float32), (users, items))).tocsr()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("interactions")
    parser.add_argument("--count", type=int, default=25, help="items a user (25)")
    parser.add_argument("--repeat", type=int, default=3, help="how often (3)")
    parser.add_argument("--threads", type=int, default=2, help="of implicit (2)")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    events = matrix(options.interactions)
    everyone = numpy.arange(events.shape[0])

    def recommend():
        for first in range(0, len(everyone), PART):
            part = everyone[first : first + PART]
            model.recommend(part, events[part], N=options.count, filter_already_liked_items=True)

    with threadpool_limits(1, "blas"):
        # How good the model is does not matter here, nor how long it is fitted.
        model = als.AlternatingLeastSquares(factors=64, iterations=2, num_threads=options.threads, random_state=1)
        model.fit(events, show_progress=False)
        runs, _ = measuring.measured(options.repeat, recommend)
    measuring.tell(runs, users=len(everyone))


if __name__ == "__main__":
    main()
