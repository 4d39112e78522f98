"""Runs pieces of work on both sides, each in a process of its own, one side after the other."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
# Turns that take longer, in seconds, are taken once.
LONG = 60


class WorkFailed(Exception):
    """A program that did not do its work, and what it said."""


class Outcome:
    """What one side tells of its work over all rounds."""

    def __init__(self, reports):
        self.last = reports[-1]
        self.peak_bytes = statistics.median(report["peak_bytes"] for report in reports)
        self.reports = reports

    def seconds(self, kind="runs"):
        return self.median("seconds", kind)

    def processor_seconds(self, kind="runs"):
        return self.median("processor_seconds", kind)

    def median(self, name, kind):
        return statistics.median(run[name] for report in self.reports for run in report[kind])


class Sides:
    def __init__(self, program, threads, rounds):
        self.program = program
        self.threads = threads
        self.rounds = rounds

    def peer(self, script, *arguments):
        return self.run([sys.executable, HERE / script, *arguments])

    def ours(self, *arguments):
        return self.run([self.program, *arguments])

    def both(self, peer, ours, count=3):
        """Takes turns: `peer` and `ours` are what to run, each of which does its work `count` times."""
        reports = []
        start = time.monotonic()
        while len(reports) < self.rounds and (not reports or time.monotonic() - start < LONG):
            reports.append((self.peer(*peer, "--repeat", count), self.ours(*ours, "--repeat", count)))
        return [Outcome(side) for side in zip(*reports)]

    def run(self, command):
        command = [str(word) for word in [*command, "--threads", self.threads]]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True)
        if done.returncode != 0:
            raise WorkFailed(f"{' '.join(command)} failed ({done.returncode}):\n{done.stderr.strip()}")
        return json.loads(done.stdout.splitlines()[-1])

    def environment(self):
        """As many threads for every library; what is fast on this processor is theirs to find out."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        return kept | {name: str(self.threads) for name in names}
