"""Two runs of a program, point by point: what they share, and what each did where they differ.

A traceback is compared by its frames (file, line, function) and its last line, everything else on stderr as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from faasify.report.words import counted

FRAME = re.compile(r'^[ |+]*File "([^"]*)", line (\d+), in (.+)$', re.MULTILINE)
TRACEBACK = "Traceback (most recent call last):\n"
SHOWN = 160  # characters of what differs


@dataclass(frozen=True)
class Outcome:
    """What one run left behind; `exit_code` None: it was stopped at the time limit."""

    stdout: bytes
    stderr: bytes
    exit_code: int | None
    files: Mapping[str, str]  # written: path -> hash of the contents; deleted: path -> ""
    seconds: float


@dataclass(frozen=True)
class Point:
    """One behaviour that the runs share, or what each did."""

    name: str
    agrees: bool
    original: str = ""
    rewritten: str = ""


@dataclass(frozen=True)
class Comparison:
    """The verdict on one run, with what the report says about where the calls went."""

    args: tuple[str, ...]
    points: tuple[Point, ...]
    original_s: float
    rewritten_s: float
    functions_remote: tuple[str, ...]
    calls_remote: int
    fallbacks: tuple[str, ...]
    prepare_s: float = 0.0  # analysing and rewriting, which a second run does not need
    refused: str = ""  # why faasify would not run the program

    @property
    def agrees(self) -> bool:
        return not self.refused and all(point.agrees for point in self.points)


@dataclass(frozen=True)
class Errors:
    """stderr, taken apart: the last traceback, if there is one, and everything before it.

    >>> take_apart('hm\\nTraceback (most recent call last):\\n  File "a.py", line 1, in <module>\\nKeyError: 3\\n')
    Errors(text='hm\\n', frames=(('a.py', '1', '<module>'),), exception='KeyError: 3')
    """

    text: str
    frames: tuple[tuple[str, ...], ...]
    exception: str


def take_apart(stderr: str) -> Errors:
    text, traceback, end = stderr.rpartition(TRACEBACK)
    if not traceback:
        return Errors(stderr, (), "")
    lines = end.splitlines()
    start = next((at for at, line in enumerate(lines) if line and not line.startswith(" ")), 0)  # 0: a group, all of it
    return Errors(text, tuple(FRAME.findall(end)), "\n".join(lines[start:]))


def compare(
    args: tuple[str, ...], original: Outcome, rewritten: Outcome, report: Mapping[str, Any], *, prepare_s: float = 0.0
) -> Comparison:
    """Point by point; a program that faasify refused agrees in nothing, and says why."""
    units: Mapping[str, Any] = report.get("units", {})
    return Comparison(
        args=args,
        points=tuple(points(original, rewritten)),
        original_s=original.seconds,
        rewritten_s=rewritten.seconds,
        functions_remote=tuple(report.get("functions_remote", ())),
        calls_remote=sum(unit["calls_remote"] for unit in units.values()),
        fallbacks=tuple(fallbacks(units)),
        prepare_s=prepare_s,
        refused="" if report else refusal(rewritten),
    )


def points(original: Outcome, rewritten: Outcome) -> Iterator[Point]:
    here, there = (take_apart(outcome.stderr.decode("utf-8", "surrogateescape")) for outcome in (original, rewritten))
    yield text_point("stdout", original.stdout.decode("utf-8", "surrogateescape"), rewritten.stdout.decode("utf-8", "surrogateescape"))
    yield text_point("stderr", here.text, there.text)
    yield text_point("exit code", exit_text(original.exit_code), exit_text(rewritten.exit_code))
    if here.exception or there.exception:
        yield text_point("exception", here.exception, there.exception)
        yield text_point("frames", frames_text(here), frames_text(there))
    yield text_point("files written", files_text(original.files), files_text(rewritten.files))


def text_point(name: str, original: str, rewritten: str) -> Point:
    if original == rewritten:
        return Point(name, True)
    start = next((at for at, (a, b) in enumerate(zip(original, rewritten, strict=False)) if a != b), min(len(original), len(rewritten)))
    start = original.rfind("\n", 0, start) + 1  # from the start of the line that differs
    return Point(name, False, excerpt(original, start), excerpt(rewritten, start))


def excerpt(text: str, start: int) -> str:
    part = text[start : start + SHOWN]
    return repr(part) + (" ..." if start + SHOWN < len(text) else "")


def exit_text(code: int | None) -> str:
    return "stopped at the time limit" if code is None else str(code)


def frames_text(errors: Errors) -> str:
    return "\n".join(f"{file}:{line} in {function}" for file, line, function in errors.frames)


def files_text(files: Mapping[str, str]) -> str:
    return "\n".join(f"{path} {digest[:12] or 'deleted'}" for path, digest in sorted(files.items()))


def fallbacks(units: Mapping[str, Any]) -> Iterator[str]:
    for name, unit in units.items():
        for fallback in unit.get("fallbacks", ()):
            where = f" at {fallback['path']}" if fallback.get("path") else ""
            yield f"{name}: {fallback['reason']}{where} ({fallback['count']}x)"


def refusal(rewritten: Outcome) -> str:
    last = (rewritten.stderr.decode("utf-8", "replace").strip().splitlines() or [""])[-1]
    return last.removeprefix("faasify: ") if rewritten.exit_code == 2 and last.startswith("faasify: ") else ""


def as_json(comparison: Comparison) -> dict[str, Any]:
    """What `verify --json` prints, a document a run."""
    return asdict(comparison) | {"agrees": comparison.agrees}


def as_text(comparison: Comparison) -> Iterator[str]:
    """What `verify` prints, line by line."""
    if comparison.args:
        yield f"arguments: {' '.join(comparison.args)}"
    if comparison.refused:
        yield f"  refused        {comparison.refused}"
        return
    for point in comparison.points:
        yield f"  {point.name:<14} {'same' if point.agrees else 'DIFFERENT'}"
        if not point.agrees:
            yield f"    original   {point.original}"
            yield f"    rewritten  {point.rewritten}"
    names = comparison.functions_remote
    yield f"  moved          {counted(len(names), 'function')}, {counted(comparison.calls_remote, 'call')}: {', '.join(names) or '-'}"
    for line in comparison.fallbacks:
        yield f"  ran here       {line}"
    yield f"  time           original {comparison.original_s:.2f} s, rewritten {comparison.rewritten_s:.2f} s"
    yield f"  prepared       in {comparison.prepare_s:.2f} s, once for this source"
