"""How good the recommendations of both sides are, on splits of the data by the protocol of Amazon Personalize.

The peers' settings are those that are best on a split of what is trained on; ours are the defaults, but for what AutoML
chooses, which sees as little of the test users.
"""

import json
import statistics
import sys

import events
import scoring

SCRIPT = "implicit_models.py"
FAMILIES = {"ALS": ("als",), "item–item": ("cosine", "tfidf", "bm25"), "BPR": ("bpr",), "EASE": ("ease",)}
# A dense matrix of more items does not fit beside its inverse.
EASE_LIMIT = 16_000
# What the seeds of the splits of training data are greater by.
VALIDATION = 1000


def best(trials):
    return max(trials, key=lambda trial: trial["value"])


class Quality:
    def __init__(self, data, scratch, sides, splits):
        self.data = data
        self.scratch = scratch
        self.sides = sides
        self.families = {name: FAMILIES[name] for name in FAMILIES if name != "EASE" or data.item_count <= EASE_LIMIT}
        self.measures = {}
        self.runs = {"peer": [], "our": []}
        self.peaks = {"peer": [], "our": []}
        self.choices = []
        self.tested = 0
        for seed in range(splits):
            print(f"quality on split {seed + 1} of {splits}", file=sys.stderr, flush=True)
            self.judge(seed)

    def mean(self, label, measure):
        return statistics.fmean(figures[measure] for figures in self.measures[label])

    def pair(self, peer, our, measure="ndcg_at_10"):
        return self.mean(peer, measure), self.mean(our, measure)

    def judge(self, seed):
        split = events.personalize(self.data, seed)
        inner = events.personalize(split.training, seed + VALIDATION)
        folder = self.write(f"split-{seed}", split)
        self.tested += len(split.inputs)
        self.tune(folder, self.write(f"validation-{seed}", inner), split)
        self.keep("peer cosine", split, self.sides.peer(SCRIPT, "fit", "cosine", folder))
        for model in ["als", "cosine", "bm25"] + ["ease"] * ("EASE" in self.families):
            self.keep(f"our {model}", split, self.sides.ours("fit", model, folder))
        automatic = self.sides.ours("fit", "automl", folder)
        self.keep("our best", split, automatic)
        self.spent("our", [automatic])
        self.choices.append(f"ours {automatic['settings']}")

    def tune(self, folder, validation, split):
        """Trains each family of the peers with its best settings, and notes the best of them all."""
        models = [model for models in self.families.values() for model in models]
        search = self.sides.peer(SCRIPT, "tune", ",".join(models), validation)
        chosen = {
            name: best([trial for trial in search["trials"] if trial["model"] in models])
            for name, models in self.families.items()
        }
        reports = {name: self.fitted(trial, folder) for name, trial in chosen.items()}
        for name, report in reports.items():
            self.keep(f"peer {name}", split, report)
        first = max(chosen, key=lambda name: chosen[name]["value"])
        self.keep("peer best", split, reports[first])
        self.spent("peer", [search, reports[first]])
        self.choices.append(f"peer {chosen[first]['model']} {json.dumps(chosen[first]['settings'])}")
        fixed = [trial for trial in search["trials"] if trial["settings"].get("factors") == 64]
        self.keep("peer als", split, self.fitted(best([t for t in fixed if t["model"] == "als"]), folder))

    def fitted(self, trial, folder):
        return self.sides.peer(SCRIPT, "fit", trial["model"], folder, "--settings", json.dumps(trial["settings"]))

    def spent(self, side, reports):
        """Notes what a whole search has cost."""
        runs = [run for report in reports for run in report["runs"]]
        self.runs[side].append({name: sum(run[name] for run in runs) for name in runs[0]})
        self.peaks[side].append(max(report["peak_bytes"] for report in reports))

    def keep(self, label, split, report):
        figures = scoring.quality(report["lists"], split.relevant, self.data.known_items)
        self.measures.setdefault(label, []).append(figures)

    def write(self, name, split):
        return events.write(self.scratch / name, split.training, split, excludes_met=self.data.excludes_met)
