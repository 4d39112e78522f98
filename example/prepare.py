#!/usr/bin/env python3
"""Turn the MovieLens "small" data set into the three folders that Millrace imports.

    python3 example/prepare.py PATH/TO/ml-latest-small

reads movies.csv, ratings.csv and README.txt of that directory and writes, beside this file,

    Interactions/interactions.csv   USER_ID,ITEM_ID,EVENT_TYPE,EVENT_VALUE,TIMESTAMP   an event a rating
    Items/items.csv                 ITEM_ID,TITLE,GENRES,YEAR                          a row a film
    Users/users.csv                 USER_ID,ACTIVITY,FAVOURITE_GENRE                   a row a user
    MOVIELENS-LICENSE.txt           the terms of the data, whole

The same input gives the same bytes. Only Python's standard library is used.

Fields follow the format of Amazon Personalize: UTF-8, comma, a header row, values with a comma or a quote in double
quotes, a quote inside quotes written \\", several values of one field joined by |, an empty field for null.
"""

import collections
import csv
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
NO_GENRES = "(no genres listed)"

# "Toy Story (1995)", "Big Bang Theory, The (2007-)", "Death Note (2006–2007)": the year in which it began.
YEAR = re.compile(r"\((\d{4})(?:[-\u2013]\d{0,4})?\)\s*$")

# Every user of the set has rated 20 films or more; these bounds split them into about a third each.
ACTIVITY = [(43, "occasional"), (116, "regular"), (sys.maxsize, "avid")]

# Ratings from this many stars count as liking a film.
LIKED = 4.0


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def write(name, header, lines):
    path = HERE / name
    path.parent.mkdir(exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(header) + "\n")
        for line in lines:
            file.write(",".join(map(quoted, line)) + "\n")
            count += 1
    print(f"{name}: {count} rows")


def quoted(value):
    if not any(character in value for character in ',"\\\n\r'):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def genres_of(movie):
    return [] if movie["genres"] == NO_GENRES else movie["genres"].split("|")


def year_of(movie):
    match = YEAR.search(movie["title"])
    return match.group(1) if match else ""


def interactions(ratings):
    for rating in ratings:
        yield rating["userId"], rating["movieId"], "rating", rating["rating"], rating["timestamp"]


def items(movies):
    for movie in movies:
        yield movie["movieId"], movie["title"].strip(), "|".join(genres_of(movie)), year_of(movie)


def users(ratings, genres_by_movie):
    counts = collections.Counter()
    liked = collections.defaultdict(collections.Counter)
    for rating in ratings:
        counts[rating["userId"]] += 1
        if float(rating["rating"]) >= LIKED:
            liked[rating["userId"]].update(genres_by_movie[rating["movieId"]])
    for user in sorted(counts, key=int):
        activity = next(name for bound, name in ACTIVITY if counts[user] < bound)
        yield user, activity, favourite(liked[user])


def favourite(genres):
    """The genre most often liked; of equals the first by name; empty when nothing was liked."""
    return min(genres, key=lambda genre: (-genres[genre], genre), default="")


def main(arguments):
    if len(arguments) != 1:
        sys.exit("usage: prepare.py PATH/TO/ml-latest-small")
    source = pathlib.Path(arguments[0])
    missing = [name for name in ("movies.csv", "ratings.csv", "README.txt") if not (source / name).is_file()]
    if missing:
        sys.exit(f"{source} has no {' and no '.join(missing)}: give the directory of the unpacked ml-latest-small.zip")
    movies = list(rows(source / "movies.csv"))
    ratings = list(rows(source / "ratings.csv"))
    genres_by_movie = {movie["movieId"]: genres_of(movie) for movie in movies}

    write(
        "Interactions/interactions.csv",
        ["USER_ID", "ITEM_ID", "EVENT_TYPE", "EVENT_VALUE", "TIMESTAMP"],
        interactions(ratings),
    )
    write("Items/items.csv", ["ITEM_ID", "TITLE", "GENRES", "YEAR"], items(movies))
    write("Users/users.csv", ["USER_ID", "ACTIVITY", "FAVOURITE_GENRE"], users(ratings, genres_by_movie))
    (HERE / "MOVIELENS-LICENSE.txt").write_bytes((source / "README.txt").read_bytes())


if __name__ == "__main__":
    main(sys.argv[1:])
