#!/usr/bin/env python3
"""Trains a small GRU4Rec in PyTorch on a file of ratings and measures how well it tells each user's last event.

The file is a CSV with a header whose columns are user, item, anything, seconds since 1970 (as in MovieLens). The last
event of each user with three events or more is held out; items he has met before are left out of the answers unless a
tenth of all events repeat an earlier one. Prints one JSON object: seconds, peak memory in megabytes, recall@10,
ndcg@10, mrr@25.

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python gru4rec.py ratings.csv --epochs 16
"""

import argparse
import csv
import json
import math
import resource
import time

import numpy
import torch


def read(path):
    """The users' events as item codes, from the oldest to the newest, and the number of items."""
    users, items = {}, {}
    with open(path, newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            item = items.setdefault(row[1], len(items))
            users.setdefault(row[0], set()).add((int(float(row[3])), item))
    return [[item for _, item in sorted(events)] for events in users.values()], len(items)


class Network(torch.nn.Module):
    """Items go in and come out by the same vectors, whose last number is the item's bias."""

    def __init__(self, items, arguments):
        super().__init__()
        self.rows = torch.nn.Embedding(items, arguments.dimension + 1, sparse=True)
        torch.nn.init.normal_(self.rows.weight, std=0.5 / math.sqrt(arguments.dimension))
        torch.nn.init.zeros_(self.rows.weight[:, -1])
        self.unit = torch.nn.GRU(arguments.dimension, arguments.dimension)
        self.input_dropout = torch.nn.Dropout(arguments.dropout)
        self.output_dropout = torch.nn.Dropout(arguments.dropout)

    def forward(self, items, state):
        """The outputs of each step, and the last state."""
        outputs, state = self.unit(self.input_dropout(self.rows(items)[..., :-1]), state)
        return self.output_dropout(outputs), state.detach()

    def scores(self, outputs, items):
        """The scores of items for outputs, a row an output."""
        rows = self.rows(items)
        return outputs @ rows[:, :-1].T + rows[:, -1]


def windows(histories, lanes, steps, random):
    """Mini-batches of sequences side by side: inputs, targets, whether there is a target, whether they begin."""
    longest = 8 * steps
    parts = []
    for history in histories:
        for start in range(0, len(history) - 1, longest - 1):
            parts.append(history[start : start + longest])
    random.shuffle(parts)
    groups = []
    for start in range(0, len(parts), 8 * lanes):
        # Sequences of like length go together, so that little is padded.
        pool = sorted(parts[start : start + 8 * lanes], key=len)
        groups += [pool[first : first + lanes] for first in range(0, len(pool), lanes)]
    random.shuffle(groups)
    for group in groups:
        length = max(len(part) for part in group) - 1
        events = numpy.zeros((length + 1, lanes), numpy.int64)
        present = numpy.zeros((length, lanes), bool)
        for lane, part in enumerate(group):
            events[: len(part), lane] = part
            present[: len(part) - 1, lane] = True
        for start in range(0, length, steps):
            end = min(start + steps, length)
            arrays = events[start:end], events[start + 1 : end + 1], present[start:end]
            yield [torch.from_numpy(array) for array in arrays] + [start == 0]


def loss_of(network, outputs, targets, present, negatives, expected):
    """The cross-entropy of the targets against sampled items, corrected for how they were sampled."""
    outputs, targets = outputs[present], targets[present]
    rows = network.rows(targets)
    own = (outputs * rows[:, :-1]).sum(1) + rows[:, -1] - expected[targets]
    others = network.scores(outputs, negatives) - expected[negatives]
    others = others.masked_fill(negatives[None, :] == targets[:, None], -1e30)
    return (torch.logsumexp(torch.cat([own[:, None], others], 1), 1) - own).mean()


def train(histories, items, arguments):
    """Trains the network with Adagrad and a learning rate that falls to a tenth."""
    random = numpy.random.default_rng(arguments.seed)
    counts = numpy.bincount([item for history in histories for item in history], minlength=items)
    chances = counts**0.75
    chances = chances / chances.sum()
    expected = torch.from_numpy(numpy.log(numpy.maximum(chances * arguments.negatives, 1e-30))).float()
    network = Network(items, arguments)
    optimizer = torch.optim.Adagrad(
        [{"params": network.rows.parameters()}, {"params": network.unit.parameters(), "share": 0.2}],
        lr=arguments.rate,
    )
    events = sum(len(history) - 1 for history in histories)
    lanes = min(max(events // (arguments.updates * arguments.steps), 4), 64)
    for epoch in range(arguments.epochs):
        for group in optimizer.param_groups:
            group["lr"] = group.get("share", 1) * arguments.rate * (1 - 0.9 * epoch / arguments.epochs)
        for inputs, targets, present, begins in windows(histories, lanes, arguments.steps, random):
            if begins:
                state = torch.zeros(1, lanes, arguments.dimension)
            outputs, state = network(inputs, state)
            negatives = torch.from_numpy(random.choice(items, arguments.negatives, p=chances))
            loss = loss_of(network, outputs, targets, present, negatives, expected)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    return network.eval()


def measure(network, tests, known, excludes):
    """Recall and gain at 10 and the reciprocal rank at 25, means over the tests."""
    recall, gain, reciprocal = 0.0, 0.0, 0.0
    with torch.no_grad():
        for history, target in tests:
            items = torch.tensor(history[-512:])[:, None]
            output, _ = network(items, None)
            scores = network.scores(output[-1], torch.arange(len(known)))[0]
            scores[~known] = -math.inf
            if excludes:
                scores[torch.tensor(history)] = -math.inf
            if scores[target] == -math.inf:
                continue
            rank = int((scores > scores[target]).sum()) + 1
            recall += rank <= 10
            gain += 1 / math.log2(1 + rank) if rank <= 10 else 0
            reciprocal += 1 / rank if rank <= 25 else 0
    return {name: value / len(tests) for name, value in [("recall@10", recall), ("ndcg@10", gain), ("mrr@25", reciprocal)]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ratings")
    parser.add_argument("--dimension", type=int, default=43)
    parser.add_argument("--steps", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--negatives", type=int, default=512)
    parser.add_argument("--rate", type=float, default=0.2)
    parser.add_argument("--updates", type=int, default=250, help="how many windows an epoch has, about")
    parser.add_argument("--dropout", type=float, default=0.25)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    users, items = read(arguments.ratings)
    histories = [user[:-1] if len(user) >= 3 else user for user in users]
    tests = [(user[:-1], user[-1]) for user in users if len(user) >= 3]
    events = sum(len(user) for user in users)
    excludes = 1 - sum(len(set(user)) for user in users) / events < 0.1
    known = torch.zeros(items, dtype=torch.bool)
    known[[item for history in histories for item in history]] = True
    start, processor = time.monotonic(), time.process_time()
    network = train(histories, items, arguments)
    report = {
        "algorithm": "GRU4Rec, PyTorch " + torch.__version__,
        "events": events,
        "users": len(users),
        "items": items,
        "threads": arguments.threads,
        "fit_seconds": time.monotonic() - start,
        "fit_processor_seconds": time.process_time() - processor,
    }
    start = time.monotonic()
    report |= measure(network, tests, known, excludes)
    report["recommendations_per_second"] = len(tests) / (time.monotonic() - start)
    report["peak_megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(report))


if __name__ == "__main__":
    main()
