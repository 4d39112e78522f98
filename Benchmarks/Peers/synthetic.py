#!/usr/bin/env python3
"""Writes seeded synthetic interactions as CSV: user, item, timestamp, rating.

Every user has a few tastes, every item belongs to one, and popularity within a taste falls by a power law. Kinds:
`powerlaw` has few and broad tastes, `clustered` many and sharp ones; in `drifting` items come and go with time, and
people turn from taste to taste. Pairs of user and item are made once only, but for `repeating`.
"""

import argparse
import sys

import numpy

KINDS = {
    #             tastes, per user, share of own taste, exponent, life of an item, repeats
    "powerlaw": (12, 4, 0.7, 1.0, None, False),
    "clustered": (150, 3, 0.9, 0.7, None, False),
    "drifting": (40, 3, 0.8, 0.8, 0.15, False),
    "repeating": (40, 3, 0.9, 0.9, None, True),
}


def lengths(count, users, random):
    """How many events each user has: a log-normal, scaled to the count, five at least."""
    weights = random.lognormal(0, 1.1, users)
    return numpy.maximum(5, (weights / weights.sum() * count).astype(numpy.int64))


def draw(kind, users, items, count, seed):
    tastes, per_user, own, exponent, life, repeats = KINDS[kind]
    random = numpy.random.default_rng(seed)
    sizes = lengths(count, users, random)
    taste_of_item = random.integers(0, tastes, items)
    members = [numpy.flatnonzero(taste_of_item == taste) for taste in range(tastes)]
    members = [m if len(m) else numpy.arange(items) for m in members]
    everything = random.permutation(items)
    birth = random.random(items)
    user = numpy.repeat(numpy.arange(users), sizes)
    start = numpy.repeat(random.random(users) * 0.8, sizes)
    position = numpy.arange(len(user)) - numpy.repeat(numpy.cumsum(sizes) - sizes, sizes)
    share = position / numpy.repeat(sizes, sizes)
    time = start + share * 0.2
    chosen = random.integers(0, tastes, (users, per_user))
    # A taste lasts for a while; in drifting data people go through theirs one after another.
    turn = (share * per_user).astype(int) if life else random.integers(0, per_user, len(user))
    taste = chosen[user, numpy.minimum(turn, per_user - 1)]
    item = numpy.empty(len(user), numpy.int64)
    is_own = random.random(len(user)) < own
    for each in range(tastes):
        where = numpy.flatnonzero(is_own & (taste == each))
        item[where] = members[each][rank(len(members[each]), exponent, len(where), random)]
    where = numpy.flatnonzero(~is_own)
    item[where] = everything[rank(items, exponent, len(where), random)]
    if life:
        alive = numpy.abs(time - birth[item]) < life
        user, item, time = user[alive], item[alive], time[alive]
    if not repeats:
        _, first = numpy.unique(user * items + item, return_index=True)
        first.sort()
        user, item, time = user[first], item[first], time[first]
    seconds = (1_500_000_000 + time * 86_400 * 365).astype(numpy.int64)
    return user, item, seconds


def rated(kind, users, items, count, seed):
    """Events with ratings from ½ to 5, which follow what users and items are like, and chance."""
    user, item, seconds = draw(kind, users, items, count, seed)
    random = numpy.random.default_rng(seed + 1)
    rating = 3.5 + random.normal(0, 0.5, users)[user] + random.normal(0, 0.5, items)[item]
    rating += (random.normal(0, 0.3, (users, 4))[user] * random.normal(0, 0.6, (items, 4))[item]).sum(1)
    rating = (2 * (rating + random.normal(0, 0.7, len(user)))).round() / 2
    return user, item, seconds, rating.clip(0.5, 5)


def rank(count, exponent, size, random):
    """Ranks below a count whose frequency falls by a power law."""
    weights = numpy.arange(1, count + 1, dtype=float) ** -exponent
    return numpy.searchsorted(numpy.cumsum(weights) / weights.sum(), random.random(size)).clip(0, count - 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--users", type=int, default=6_040)
    parser.add_argument("--items", type=int, default=3_706)
    parser.add_argument("--count", type=int, default=1_000_000, help="events before doubles are taken out")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    columns = rated(options.kind, options.users, options.items, options.count, options.seed)
    print("user,item,timestamp,rating")
    numpy.savetxt(sys.stdout, numpy.column_stack(columns), fmt="%d,%d,%d,%g")


if __name__ == "__main__":
    main()
