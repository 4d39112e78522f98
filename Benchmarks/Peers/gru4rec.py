#!/usr/bin/env python3
"""Trains a small GRU4Rec in PyTorch on a folder of events (see events.py), and recommends the next items to the test
users of a split; prints one JSON object.

    gru4rec.py folder --epochs 16
"""

import argparse
import math

import numpy
import torch

import events
import measuring
import scoring


def histories_of(folder):
    """The users' items, from the oldest to the newest, and the shape of the folder."""
    columns, shape = events.load(folder)
    ends = numpy.cumsum(numpy.bincount(columns["users"], minlength=shape["users"]))[:-1]
    return [items.tolist() for items in numpy.split(columns["items"], ends)], shape


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
    pairs = sum(len(history) - 1 for history in histories)
    lanes = min(max(pairs // (arguments.updates * arguments.steps), 4), 64)
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


def recommend(network, inputs, known, excludes_met):
    """The best items after each history."""
    lists = []
    with torch.no_grad():
        for history in inputs:
            output, _ = network(torch.tensor(history[-512:])[:, None], None)
            scores = network.scores(output[-1], torch.arange(len(known)))[0]
            scores[~known] = -math.inf
            if excludes_met:
                scores[torch.tensor(history)] = -math.inf
            lists.append(scores.topk(scoring.LENGTH).indices.tolist())
    return lists


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--dimension", type=int, default=43)
    parser.add_argument("--steps", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--negatives", type=int, default=512)
    parser.add_argument("--rate", type=float, default=0.2)
    parser.add_argument("--updates", type=int, default=250, help="how many windows an epoch has, about")
    parser.add_argument("--dropout", type=float, default=0.25)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--threads", type=int, help="not more than one is used: products so small are slower on two")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    histories, shape = histories_of(arguments.folder)
    known = torch.zeros(shape["items"], dtype=torch.bool)
    known[[item for history in histories for item in history]] = True
    runs, network = measuring.measured(arguments.repeat, lambda: train(histories, shape["items"], arguments))
    lists = recommend(network, events.inputs_of(arguments.folder), known, shape["excludes_met"])
    measuring.tell(runs, lists=lists)


if __name__ == "__main__":
    main()
