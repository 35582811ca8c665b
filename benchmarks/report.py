"""Write the measured tables at the end of README.md from results.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cgcnn.files.writing import replacing

HERE = Path(__file__).resolve().parent
MARK = "<!-- measured: written by report.py -->"
TITLES = {"perovskites": "15,000 perovskites", "materials_project": "36,476 Materials Project crystals"}


def write(results: dict[str, Any], readme: Path = HERE / "README.md") -> None:
    """Write the tables after the mark in README.md, where they replace the old ones.

    Args:
        results: The contents of results.json.
        readme: The file to write to.

    Raises:
        ValueError: The file does not have the mark.
    """
    text = readme.read_text()
    if MARK not in text:
        raise ValueError(f"{readme}: has no line {MARK!r} to write the tables after; put it back")
    with replacing(readme) as temporary:
        temporary.write_text(text.split(MARK)[0] + MARK + "\n\n" + tables(results))


def tables(results: dict[str, Any]) -> str:
    """Return the tables of the measured times in Markdown."""
    machine = results["machine"]
    lines = [
        "## Measured",
        "",
        f"{results['began']}, {machine['processor']}, {machine['threads']} threads, torch {machine['torch']}.",
        "",
    ]
    for name, title in TITLES.items():
        measured = results[name]
        peak, floor = measured["peaks"], measured["floor"]
        epoch = sorted(measured["epochs"]["cgcnn"][str(measured["n_epoch"])])
        median = epoch[len(epoch) // 2]
        lines += [
            f"### {title}",
            "",
            f"Best product {peak['gflop_per_s']:.0f} GFLOP/s, best copy {peak['gb_per_s']:.0f} GB/s. An epoch takes "
            f"{median:.2f} s; its floors are {floor['arithmetic_s']:.2f} s (arithmetic; it takes "
            f"{median / floor['arithmetic_s']:.1f} times as long) and {floor['memory_s']:.2f} s (memory; "
            f"{median / floor['memory_s']:.1f} times). The others take longer by these factors: "
            + "; ".join(f"{peer} {ratio:.1f}" for peer, ratio in results[f"speedup_epoch_{name}"].items())
            + ".",
            "",
            "| step, one batch of 256 | ms | arithmetic floor, ms | memory floor, ms | times the higher floor |",
            "|---|---|---|---|---|",
        ]
        for step in measured["steps"]:
            row = f"| {step['step']} | {1e3 * step['seconds']:.3f} |"
            if "operations" in step:
                arithmetic = 1e3 * step["operations"] / peak["gflop_per_s"] / 1e9
                memory = 1e3 * step["bytes"] / peak["gb_per_s"] / 1e9
                row += f" {arithmetic:.3f} | {memory:.3f} | {1e3 * step['seconds'] / max(arithmetic, memory):.1f} |"
            else:
                row += " | | |"
            lines.append(row)
        whole = sum(part["seconds"] for part in measured["parts"])
        lines += ["", "| part of a step of a training | ms | share |", "|---|---|---|"]
        for part in sorted(measured["parts"], key=lambda part: -part["seconds"]):
            lines.append(f"| {part['part']} | {1e3 * part['seconds']:.2f} | {part['seconds'] / whole:.0%} |")
        lines += [f"| the whole step | {1e3 * whole:.2f} | |", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    write(json.loads((HERE / "results.json").read_text()))
