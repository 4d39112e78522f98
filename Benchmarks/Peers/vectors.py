#!/usr/bin/env python3
"""Writes seeded vectors of one kind, rows then queries, as raw little-endian 32-bit floats. Needs numpy.

Kinds: low-rank (32 strong directions and noise), clustered (200 centres), random (no structure: the hard case),
factors (64 columns with a falling spectrum, as factors of alternating least squares have).
"""

import argparse

import numpy

SHAPES = {"low-rank": (20_000, 1128), "clustered": (20_000, 1128), "random": (20_000, 1128), "factors": (40_981, 64)}


def make(kind, count, columns, random):
    if kind == "low-rank":
        basis = random.standard_normal((32, columns))
        return random.standard_normal((count, 32)) @ basis + random.standard_normal((count, columns))
    if kind == "clustered":
        centres = random.standard_normal((200, columns))
        return centres[random.integers(0, 200, count)] + 0.5 * random.standard_normal((count, columns))
    if kind == "random":
        return random.standard_normal((count, columns))
    scales = 1 / numpy.sqrt(1 + numpy.arange(columns))
    return random.standard_normal((count, columns)) * scales + 0.3 * scales[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(SHAPES))
    parser.add_argument("output", help="the file to write")
    parser.add_argument("--queries", type=int, default=1000, help="rows after the last that are queries")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    count, columns = SHAPES[options.kind]
    rows = make(options.kind, count + options.queries, columns, numpy.random.default_rng(options.seed))
    rows.astype("<f4").tofile(options.output)
    print(f"{count} {columns} {options.queries}")


if __name__ == "__main__":
    main()
