"""Interactions: read from files, split into what models learn from and what they are judged by, written for both sides.

A folder of events has a file a column (`users`, `items`: 32-bit codes from 0; `times`: 64-bit seconds; `values`: 32-bit
ratings, if there are any) and `shape.json`. A split has the `inputs.json` of its test users too, from the oldest to the
newest item, and `relevant.json`, which models do not read.
"""

import csv
import json
import pathlib
from dataclasses import dataclass, replace

import numpy

NAMES = {
    "users": ("userid", "user"),
    "items": ("itemid", "movieid", "item"),
    "times": ("timestamp",),
    "values": ("rating", "eventvalue"),
}
TYPES = {"users": "<u4", "items": "<u4", "times": "<i8", "values": "<f4"}
# From this share of repeated pairs of user and item on, people are taken to come back to the same items.
REPEATS = 0.1
# The fewest users, and items, that are worth a comparison.
LEAST = 100


class BadData(Exception):
    """Place, fact and remedy, for whoever pointed at the data."""


@dataclass
class Events:
    """Columns in the order of users, times and items."""

    users: numpy.ndarray
    items: numpy.ndarray
    times: numpy.ndarray
    values: numpy.ndarray | None
    user_count: int
    item_count: int

    def where(self, chosen):
        values = None if self.values is None else self.values[chosen]
        return replace(
            self, users=self.users[chosen], items=self.items[chosen], times=self.times[chosen], values=values
        )

    @property
    def excludes_met(self):
        pairs = self.users.astype(numpy.int64) * self.item_count + self.items
        return 1 - len(numpy.unique(pairs)) / len(pairs) < REPEATS

    @property
    def known_items(self):
        return len(numpy.unique(self.items))


@dataclass
class Split:
    training: Events
    inputs: list
    relevant: list


def ordered(users, items, times, values, user_count, item_count):
    """Events in order, none twice."""
    order = numpy.lexsort((items, times, users))
    events = Events(users, items, times, values, user_count, item_count).where(order)
    same = [column[1:] == column[:-1] for column in (events.users, events.times, events.items)]
    return events.where(numpy.concatenate(([True], ~numpy.logical_and.reduce(same))))


def read(path):
    """The events of a CSV file, of a folder's `ratings.csv`, or of the files in its `Interactions`."""
    rows = {name: [] for name in NAMES}
    codes = {"users": {}, "items": {}}
    for file in files(pathlib.Path(path)):
        read_file(file, rows, codes)
    for name, count in codes.items():
        if len(count) < LEAST:
            raise BadData(f'"{path}" has {len(count)} {name}; both sides need {LEAST} or more to be told apart')
    columns = {name: numpy.array(rows[name], TYPES[name]) for name in NAMES}
    columns["values"] = columns["values"] if len(columns["values"]) == len(columns["users"]) else None
    return ordered(*columns.values(), len(codes["users"]), len(codes["items"]))


def files(path):
    if path.is_file():
        return [path]
    found = [path / "ratings.csv"] if (path / "ratings.csv").is_file() else sorted(path.glob("Interactions/*.csv"))
    if not found:
        remedy = "give a CSV file, or a folder with ratings.csv (as MovieLens has it) or Interactions/*.csv"
        raise BadData(f'"{path}" has no interactions; {remedy}')
    return found


def read_file(file, rows, codes):
    with open(file, encoding="utf-8-sig", newline="") as lines:
        table = csv.reader(lines)
        places = columns_of(file, next(table, []))
        for row in table:
            try:
                for name in ("users", "items"):
                    rows[name].append(codes[name].setdefault(row[places[name]], len(codes[name])))
                rows["times"].append(int(row[places["times"]]))
                if places["values"] is not None and row[places["values"]]:
                    rows["values"].append(float(row[places["values"]]))
            except (IndexError, ValueError) as error:
                where = f'"{file}", line {table.line_num}'
                raise BadData(f'{where}: "{",".join(row)}" is no event: {error}; mend the row') from None


def columns_of(file, header):
    names = [name.lower().replace("_", "") for name in header]
    places = {
        column: next((names.index(known) for known in accepted if known in names), None)
        for column, accepted in NAMES.items()
    }
    missing = [column for column in ("users", "items", "times") if places[column] is None]
    if missing:
        wanted = ", ".join("/".join(NAMES[column]) for column in missing)
        raise BadData(f'"{file}" has the columns {", ".join(header)}; {wanted} must be among them')
    return places


def from_newest(events):
    """For each event how many of its user's are newer, and how many he has."""
    counts = numpy.bincount(events.users, minlength=events.user_count)
    ends = numpy.cumsum(counts)[events.users]
    return ends - 1 - numpy.arange(len(events.users)), counts[events.users]


def personalize(events, seed):
    """A tenth of the users is kept out of training; the newest tenth of their events is to be predicted."""
    counts = numpy.bincount(events.users, minlength=events.user_count)
    chosen = (counts >= 2) & (numpy.random.default_rng(seed).random(events.user_count) < 0.1)
    tested = chosen[events.users]
    newer, own = from_newest(events)
    return split(events, ~tested, tested & (newer < numpy.maximum(1, own // 10)), numpy.flatnonzero(chosen))


def leave_last_out(events):
    """The newest event of each user with three or more is to be predicted."""
    newer, own = from_newest(events)
    withheld = (own >= 3) & (newer == 0)
    return split(events, ~withheld, withheld, numpy.unique(events.users[withheld]))


def strong(events, seed):
    """A tenth of the users is kept out of training; a random fifth of their events is to be predicted."""
    counts = numpy.bincount(events.users, minlength=events.user_count)
    random = numpy.random.default_rng(seed)
    chosen = (counts >= 2) & (random.random(events.user_count) < 0.1)
    order = numpy.lexsort((random.random(len(events.users)), events.users))
    place = numpy.empty(len(order), numpy.int64)
    place[order] = numpy.arange(len(order)) - (numpy.cumsum(counts) - counts)[events.users]
    tested = chosen[events.users]
    withheld = tested & (place < numpy.maximum(1, counts // 5)[events.users])
    return split(events, ~tested, withheld, numpy.flatnonzero(chosen))


def split(events, trained, withheld, test_users):
    if not len(test_users):
        raise BadData(f"no user of {events.user_count} is a test user; give data of users who have two events or more")
    ends = numpy.cumsum(numpy.bincount(events.users, minlength=events.user_count))
    inputs, relevant = [], []
    for user in test_users:
        own = slice(ends[user - 1] if user else 0, ends[user])
        inputs.append(events.items[own][~withheld[own]].tolist())
        relevant.append(sorted(set(events.items[own][withheld[own]].tolist())))
    return Split(events.where(trained), inputs, relevant)


def rated_split(events, seed):
    """Ratings to learn from, and a random quarter to predict."""
    asked = numpy.random.default_rng(seed).random(len(events.users)) < 0.25
    return events.where(~asked), events.where(asked)


def write(folder, events, split=None, asked=None, excludes_met=True, length=25):
    """Writes a folder of events, with what is asked of those who learn from it."""
    folder.mkdir(parents=True)
    for name in NAMES:
        if getattr(events, name) is not None:
            getattr(events, name).astype(TYPES[name]).tofile(folder / name)
    shape = {
        "users": events.user_count,
        "items": events.item_count,
        "events": len(events.users),
        "asked": 0 if asked is None else len(asked.users),
        "excludes_met": bool(excludes_met),
        "list_length": length,
    }
    (folder / "shape.json").write_text(json.dumps(shape))
    if split:
        (folder / "inputs.json").write_text(json.dumps(split.inputs))
        (folder / "relevant.json").write_text(json.dumps(split.relevant))
    if asked is not None:
        asked.users.astype("<u4").tofile(folder / "asked-users")
        asked.items.astype("<u4").tofile(folder / "asked-items")
    return folder


def load(folder):
    """The columns of a folder, and its shape."""
    folder = pathlib.Path(folder)
    present = [name for name in NAMES if (folder / name).is_file()]
    return {name: numpy.fromfile(folder / name, TYPES[name]) for name in present}, shape_of(folder)


def shape_of(folder):
    return json.loads((pathlib.Path(folder) / "shape.json").read_text())


def inputs_of(folder):
    """The histories of the test users; none where the folder is no split."""
    file = pathlib.Path(folder) / "inputs.json"
    return json.loads(file.read_text()) if file.is_file() else []
