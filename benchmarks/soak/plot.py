"""python -m benchmarks.soak.plot SAMPLES.json PLOT.svg: memory, files and lag over time.

Runs in the environment that has matplotlib: .tools/bench/bin/python, after `make bench-peers`.
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "everwarm"  # the same samples make the same file

import matplotlib.pyplot as plt  # noqa: E402 - the backend has to be chosen first


def main(samples_file: Path, plot_file: Path) -> None:
    """Draw."""
    samples: list[dict[str, Any]] = json.loads(samples_file.read_text())
    minutes = [sample["at_s"] / 60 for sample in samples]
    figure, axes = plt.subplots(3, 1, sharex=True, figsize=(9, 7))
    lines = (
        (axes[0], "MiB of memory", (("server_mib", "server"), ("workers_mib", "functions"))),
        (axes[1], "MiB of files", (("files_mib", "data directory"),)),
        (axes[2], "seconds", (("lag_s", "age of the oldest record not done"),)),
    )
    for axis, unit, shown in lines:
        for name, label in shown:
            axis.plot(minutes, [sample[name] for sample in samples], label=label, linewidth=1)
        axis.set_ylabel(unit)
        axis.set_ylim(bottom=0)
        axis.legend(loc="lower right", frameon=False)
        axis.grid(alpha=0.3)
    axes[2].set_ylim(top=max(5, max(sample["lag_s"] for sample in samples) * 1.2))
    axes[2].set_xlabel("minutes")
    figure.tight_layout()
    figure.savefig(plot_file, metadata={"Date": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
