"""What a peer's program tells of its work: one JSON object, of the same form as that of `millrace-peers`."""

import json
import os
import pathlib
import time


def measured(count, work):
    """Does some work as often as asked; how long each repetition took, and what the last one made."""
    runs = []
    for _ in range(count):
        start, busy = time.perf_counter(), processor_seconds()
        result = work()
        runs.append({"seconds": time.perf_counter() - start, "processor_seconds": processor_seconds() - busy})
    return runs, result


def processor_seconds():
    """The time of this process and of those it has started."""
    ticks = 0
    for child in children("self"):
        fields = (pathlib.Path("/proc") / child / "stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def children(process):
    files = (pathlib.Path("/proc") / process / "task").glob("*/children")
    return " ".join(file.read_text() for file in files).split()


def peak_bytes(process="self"):
    """The most memory a process and those it has started have had, each at its own time."""
    text = (pathlib.Path("/proc") / process / "status").read_text()
    status = dict(line.split(":", 1) for line in text.splitlines())
    own = int(status["VmHWM"].split()[0]) * 1024 if "VmHWM" in status else 0
    return own + sum(peak_bytes(child) for child in children(process))


def tell(runs, **figures):
    print(json.dumps({"runs": runs, "peak_bytes": peak_bytes(), **figures}))
