"""Seeded vectors, rows then queries, as 32-bit numbers.

Kinds: low-rank (32 strong directions and noise), factors (64 columns with a falling spectrum, as factors of alternating
least squares have).
"""

import numpy

SHAPES = {"low-rank": (20_000, 1128), "factors": (40_981, 64)}


def make(kind, count, columns, random):
    if kind == "low-rank":
        basis = random.standard_normal((32, columns))
        return random.standard_normal((count, 32)) @ basis + random.standard_normal((count, columns))
    scales = 1 / numpy.sqrt(1 + numpy.arange(columns))
    return random.standard_normal((count, columns)) * scales + 0.3 * scales[0]


def write(kind, path, queries, seed):
    """Writes vectors into a file; how many there are beside the queries, and of how many columns."""
    count, columns = SHAPES[kind]
    make(kind, count + queries, columns, numpy.random.default_rng(seed)).astype("<f4").tofile(path)
    return count, columns
