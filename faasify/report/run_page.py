"""What `run --report` wrote, as a page and as a trace.

    python -I -m faasify.report.run_page REPORT.json OUT.html       a page: figures, the timeline of calls on workers, every unit
    python -I -m faasify.report.run_page REPORT.json OUT.trace.json the timeline for chrome://tracing and ui.perfetto.dev

A program that ends calls it so, in a process of its own: templates have no place in the user's process. The trace's format is the
"Trace Event Format": complete events ("ph": "X") with times in microseconds, a thread for each worker.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from faasify.report.pages import page
from faasify.report.terminal import printable

TRACE = ".trace.json"
_SIZES = ("B", "kB", "MB", "GB")


def html(report: Mapping[str, Any]) -> str:
    """The whole page, for the document that `--report FILE.json` has."""
    units: Mapping[str, Any] = report["units"]
    timeline = report["timeline"]
    return page(
        "run",
        title=printable(report["program"]),
        cards=_cards(report),
        units=[_unit(name, units[name]) for name in sorted(units, key=lambda name: -units[name]["seconds_remote"])],
        functions=[printable(name) for name in report["functions_remote"]],
        data={"attempts": timeline["attempts"]},
        left_out=timeline["left_out"],
    )


def _cards(report: Mapping[str, Any]) -> dict[str, str]:
    def total(name: str) -> int:
        return sum(unit[name] for unit in report["units"].values())

    fallbacks = sum(fallback["count"] for unit in report["units"].values() for fallback in unit["fallbacks"])
    return {
        "seconds": f"{report['wall_s']:.2f}",
        "calls there": f"{total('calls_remote'):,}",
        "calls here": f"{total('calls_here'):,}",
        "sent": size(total("bytes_sent")),
        "received": size(total("bytes_received")),
        "workers": str(len({attempt["worker"] for attempt in report["timeline"]["attempts"]})),
        "retries": f"{total('retries'):,}",
        "calls that could not go": f"{fallbacks:,}",
    }


def _unit(name: str, unit: Mapping[str, Any]) -> dict[str, Any]:
    calls = unit["calls_remote"]
    return {
        "name": printable(name),
        "remote": f"{calls:,}",
        "here": f"{unit['calls_here']:,}",
        "seconds": f"{unit['seconds_remote']:.3f}",
        "each": f"{1e3 * unit['seconds_remote'] / calls:.2f} ms" if calls else "-",
        "sent": size(unit["bytes_sent"]),
        "received": size(unit["bytes_received"]),
        "retries": f"{unit['retries']:,}",
        "placement": printable(unit["placement"]),
        "fallbacks": [{**f, "reason": printable(f["reason"]), "path": printable(f["path"])} for f in unit["fallbacks"]],
    }


def size(count: float) -> str:
    """
    >>> size(0), size(999), size(1_234_567)
    ('0 B', '999 B', '1.2 MB')
    """
    for unit in _SIZES[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} {_SIZES[-1]}"


def trace(report: Mapping[str, Any]) -> dict[str, Any]:
    """The timeline as trace events."""
    attempts = report["timeline"]["attempts"]
    workers = list(dict.fromkeys(attempt["worker"] for attempt in attempts))
    names = [
        {"ph": "M", "name": "thread_name", "pid": 1, "tid": worker, "args": {"name": f"worker {number}"}}
        for number, worker in enumerate(workers, 1)
    ]
    program = {"ph": "M", "name": "process_name", "pid": 1, "args": {"name": report["program"]}}
    events = [
        {
            "ph": "X",
            "name": attempt["unit"],
            "cat": "call",
            "pid": 1,
            "tid": attempt["worker"],
            "ts": 1e6 * attempt["start_s"],
            "dur": 1e6 * (attempt["end_s"] - attempt["start_s"]),
            "args": {name: attempt[name] for name in ("outcome", "bytes_sent", "bytes_received")},
        }
        for attempt in attempts
    ]
    return {"traceEvents": [program, *names, *events], "displayTimeUnit": "ms"}


def main(source: str, out: str) -> None:
    report = json.loads(Path(source).read_text(encoding="utf-8"))
    text = json.dumps(trace(report)) if out.endswith(TRACE) else html(report)
    Path(out).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
