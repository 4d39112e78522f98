"""What is compared: a row for each piece of work that both sides do."""

import json
import pathlib
import statistics
import sys
import tempfile
from dataclasses import asdict

import annoy_index
import events
import scoring
import synthetic
import vectors
from quality import SCRIPT, Quality
from sides import Sides, WorkFailed
from table import Row, load, machine, table

# Kinds of vectors to index: as many columns as words of a catalogue have, and as factors of items have.
VECTORS = ("low-rank", "factors")
QUERIES = 1000
# Users, items and interactions of MovieLens 1M, on a synthetic set of which strong generalisation is measured.
STRONG = (6_040, 3_706, 1_000_000)


def run(options):
    """Prints the table; returns what the shell is told."""
    try:
        data = read(options)
        with tempfile.TemporaryDirectory(prefix="millrace-peers-") as scratch:
            report = compare(data, pathlib.Path(scratch), options)
    except (events.BadData, WorkFailed, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(report, indent=2) + "\n")
    return 0


def read(options):
    if not options.synthetic:
        return events.read(options.data)
    users, items, count = options.synthetic
    return events.ordered(*synthetic.rated("powerlaw", users, items, count, 1), users, items)


def compare(data, scratch, options):
    before = load()
    sides = Sides(options.program, options.threads, options.rounds)
    quality = Quality(data, scratch, sides, options.splits)
    rows = list(Comparison(data, scratch, sides, quality).rows(options.without))
    name = pathlib.Path(options.data).resolve().name if options.data else "synthetic data"
    about = (
        f"On {name}, {len(data.users):,} interactions of {data.user_count:,} users and {data.known_items:,} items; "
        f"{options.threads} threads a side, medians of {options.rounds} rounds, {options.splits} splits with "
        f"{quality.tested} test users. {machine()}. Load before {before}, after {load()}."
    )
    print(table(rows), about, sep="\n\n")
    figures = {"quality": quality.measures, "choices": quality.choices}
    return {"rows": [asdict(row) for row in rows], "about": about, **figures}


class Comparison:
    def __init__(self, data, scratch, sides, quality):
        self.data = data
        self.scratch = scratch
        self.sides = sides
        self.quality = quality
        self.whole = events.write(scratch / "whole", data, excludes_met=data.excludes_met)

    def rows(self, without):
        yield from self.factorization()
        yield from self.similarity()
        yield from self.best()
        if "svd" not in without and self.data.values is not None:
            yield from self.ratings()
        if "annoy" not in without:
            for kind in VECTORS:
                yield from self.index(kind)
        yield from self.strong()
        if "gru4rec" not in without:
            yield self.sequences()

    def row(self, what, outcomes, kind="runs", **rest):
        """A row of the times of both sides."""
        return Row(
            what,
            seconds=[side.seconds(kind) for side in outcomes],
            processor_seconds=[side.processor_seconds(kind) for side in outcomes],
            peaks=[side.peak_bytes for side in outcomes],
            **rest,
        )

    def judged(self, what, outcomes, peer, our, **rest):
        """A row of times, with how good the models are."""
        quality, coverage = self.quality.pair(peer, our), self.quality.pair(peer, our, "coverage")
        return self.row(what, outcomes, quality=quality, coverage=coverage, **rest)

    def fits(self, peer, our, count=3):
        print(f"fitting {peer}", file=sys.stderr, flush=True)
        return self.sides.both((SCRIPT, "fit", peer, self.whole), ("fit", our, self.whole), count)

    def factorization(self):
        yield self.judged("ALS, 64 factors, 15 iterations", self.fits("als", "als"), "peer als", "our als", aim=3)
        outcomes = self.sides.both((SCRIPT, "answer", "als", self.whole), ("answer", self.whole))
        yield self.row("top 10 for all users, by ALS", outcomes, aim=3)
        yield self.judged("BPR, 64 factors; ours: ALS", self.fits("bpr", "als", 1), "peer BPR", "our als")

    def similarity(self):
        what = "item–item, {}, 200 neighbours"
        yield self.judged(what.format("cosine"), self.fits("cosine", "cosine"), "peer cosine", "our cosine", aim=2)
        yield self.judged(what.format("BM25"), self.fits("bm25", "bm25"), "peer item–item", "our bm25", aim=2)
        if "EASE" in self.quality.families:
            yield self.judged("EASE; the peer: numpy", self.fits("ease", "ease", 1), "peer EASE", "our ease")

    def best(self):
        quality = self.quality
        yield Row(
            "the best of these, tuned; ours: AutoML",
            seconds=[statistics.median(run["seconds"] for run in runs) for runs in quality.runs.values()],
            processor_seconds=[
                statistics.median(run["processor_seconds"] for run in runs) for runs in quality.runs.values()
            ],
            peaks=[statistics.median(peaks) for peaks in quality.peaks.values()],
            quality=quality.pair("peer best", "our best"),
            coverage=quality.pair("peer best", "our best", "coverage"),
        )
        pair = quality.pair("peer best", "our best", "ndcg_at_25")
        yield Row("the same", measure="NDCG@25", quality=pair)

    def ratings(self):
        print("predicting ratings", file=sys.stderr, flush=True)
        learnt, asked = events.rated_split(self.data, 0)
        folder = events.write(self.scratch / "rated", learnt, asked=asked)
        script = "surprise_svd.py"
        outcomes = self.sides.both((script, "fit", folder), ("rate", folder))
        errors = [scoring.deviation(side.last["predictions"], asked.values.tolist()) for side in outcomes]
        yield self.row("SVD, 100 factors, 20 epochs", outcomes, measure="RMSE", quality=errors, aim=10)
        outcomes = self.sides.both((script, "search", self.whole), ("search", self.whole), 1)
        errors = [side.last["rmse"] for side in outcomes]
        yield self.row("SVD, grid of 8 settings, 3-fold", outcomes, measure="RMSE", quality=errors, aim=10)

    def index(self, kind):
        """Annoy looks for no more than what finds as much as we do."""
        print(f"indexing {kind} vectors", file=sys.stderr, flush=True)
        file = self.scratch / kind
        count, columns = vectors.write(kind, file, QUERIES, 0)
        place = (file, columns, QUERIES)
        rows, queries = annoy_index.load(*place)
        truth = annoy_index.nearest(rows, queries)
        found = self.sides.ours("index", *place)["lists"]
        wanted = scoring.recall(found, truth)
        search_k = self.sides.peer("annoy_index.py", *place, "--recall", wanted)["search_k"]
        peer = ("annoy_index.py", *place, "--search-k", search_k)
        outcomes = self.sides.both(peer, ("index", *place), 1)
        recalls = [scoring.recall(side.last["lists"], truth) for side in outcomes]
        what = f"{count:,} {kind} vectors × {columns}"
        yield self.row(f"index of {what}", outcomes, aim=3)
        what = f"{QUERIES:,} queries of it, one thread"
        yield self.row(what, outcomes, "queries", measure="recall@10", quality=recalls, aim=2)

    def strong(self):
        """The papers' models on the split they are judged by; the peers are plain numpy, so their times say little."""
        print("strong generalisation", file=sys.stderr, flush=True)
        users, items, count = STRONG
        data = events.ordered(*synthetic.rated("powerlaw", users, items, count, 1), users, items)
        split = events.strong(data, 0)
        folder = events.write(self.scratch / "strong", split.training, split, length=100)
        for name, model in (("iALS", "als"), ("EASE", "ease")):
            outcomes = self.sides.both(("plain_models.py", model, folder), ("fit", f"plain-{model}", folder), 1)
            figures = [scoring.strong(side.last["lists"], split.relevant) for side in outcomes]
            what = f"{name}, strong generalisation; the peer: numpy"
            quality = [figure["ndcg_at_100"] for figure in figures]
            yield self.row(what, outcomes, measure="NDCG@100", quality=quality)
            for measure, title in (("recall_at_20", "Recall@20"), ("recall_at_50", "Recall@50")):
                yield Row("the same", measure=title, quality=[figure[measure] for figure in figures])

    def sequences(self):
        print("fitting GRU4Rec", file=sys.stderr, flush=True)
        split = events.leave_last_out(self.data)
        folder = events.write(self.scratch / "last", split.training, split, excludes_met=self.data.excludes_met)
        outcomes = self.sides.both(("gru4rec.py", folder), ("fit", "gru", folder), 1)
        figures = [
            scoring.quality(side.last["lists"], split.relevant, self.data.known_items) for side in outcomes
        ]
        quality, coverage = [[figure[name] for figure in figures] for name in ("ndcg_at_10", "coverage")]
        return self.row("GRU, 43 units, 16 epochs; last event", outcomes, quality=quality, coverage=coverage)
