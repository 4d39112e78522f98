"""The table, and what the figures depend on."""

import os
import pathlib
import platform
from dataclasses import dataclass
from importlib import metadata

LIBRARIES = ("implicit", "numpy", "scipy", "scikit-surprise", "annoy", "torch")
HEADINGS = ["What", "peer, s", "ours, s", "ratio", "of CPU time", "aim", "peer, MB", "ours, MB"]
HEADINGS += ["quality", "peer", "ours", "coverage, peer", "ours"]


@dataclass
class Row:
    """One comparison; what makes no sense for it stays away."""

    what: str
    seconds: tuple = ()
    processor_seconds: tuple = ()
    peaks: tuple = ()
    measure: str = "NDCG@10"
    quality: tuple = ()
    coverage: tuple = ()
    aim: float | None = None

    @property
    def is_met(self):
        return self.seconds[0] >= self.aim * self.seconds[1]

    @property
    def cells(self):
        return [
            self.what,
            *pair(self.seconds, digits),
            ratio(self.seconds),
            ratio(self.processor_seconds),
            f"≥ {self.aim:g}×, {'met' if self.is_met else 'missed'}" if self.aim else "–",
            *pair(self.peaks, lambda value: f"{value / 1e6:.0f}"),
            self.measure if self.quality else "–",
            *pair(self.quality, lambda value: f"{value:.3f}"),
            *pair(self.coverage, lambda value: f"{value:.3f}"),
        ]


def pair(values, text):
    return [text(value) for value in values] or ["–", "–"]


def ratio(values):
    return f"{digits(values[0] / max(values[1], 1e-9))}×" if values else "–"


def digits(value):
    """With three digits that count."""
    places = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3 if value >= 0.1 else 4
    return f"{value:.{places}f}"


def table(rows):
    lines = [HEADINGS, ["---"] * len(HEADINGS), *(row.cells for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def load():
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def machine():
    """The processor, the system and the versions."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{models[0] if models else platform.machine()}, {os.cpu_count()} processors, {memory:.0f} GiB; {system()}; "
        f"Python {platform.python_version()}, {', '.join(versions())}"
    )


def system():
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}"
    except OSError:
        return platform.platform()


def versions():
    for name in LIBRARIES:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue
