"""The table, and what the figures depend on."""

import os
import pathlib
import platform
from dataclasses import asdict, dataclass
from importlib import metadata

LIBRARIES = ("implicit", "numpy", "scipy", "scikit-surprise", "annoy", "torch")
HEADINGS = ["What", "peer, s", "ours, s", "ratio", "aim", "peer, MB", "ours, MB"]
HEADINGS += ["quality, peer", "ours", "coverage, peer", "ours"]


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
    def ratio(self):
        return self.seconds[0] / self.seconds[1]

    @property
    def cells(self):
        return [
            self.what,
            *pair(self.seconds, digits),
            f"{digits(self.ratio)}×" if self.seconds else "–",
            f"≥ {self.aim:g}×, {'met' if self.ratio >= self.aim else 'missed'}" if self.aim else "–",
            *pair(self.peaks, lambda value: f"{value / 1e6:.0f}"),
            *pair(self.quality, lambda value: f"{self.measure} {value:.3f}"),
            *pair(self.coverage, lambda value: f"{value:.3f}"),
        ]


def pair(values, text):
    return [text(value) for value in values] or ["–", "–"]


def digits(value):
    """With three digits that count."""
    places = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3 if value >= 0.1 else 4
    return f"{value:.{places}f}"


def table(rows):
    lines = [HEADINGS, ["---"] * len(HEADINGS), *(row.cells for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def processor_line(rows):
    """Where others keep the processors busy, the times they were ours say more."""
    ratios = [
        f"{row.what} {digits(row.processor_seconds[0] / row.processor_seconds[1])}×"
        for row in rows
        if row.processor_seconds and row.processor_seconds[1] > 0
    ]
    return f"Ratios of processor time: {'; '.join(ratios)}."


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
