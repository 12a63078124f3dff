"""Two runs of a program, point by point: same, different (with a diff), or not compared (with the reason).

A traceback is compared by its frames (file, line, function) and its last line, everything else on stderr as text. What the original
itself does differently from run to run (a clock, a process id) cannot be compared; the rest of such a point is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import unified_diff
from itertools import islice
from typing import Any, Literal, TypeVar

from faasify.report.lines import held_exception, held_lines
from faasify.report.repeats import Held, held_code, held_files
from faasify.report.states import held_state
from faasify.report.words import counted

FRAME = re.compile(r'^[ |+]*File "([^"]*)", line (\d+), in (.+)$', re.MULTILINE)
TRACEBACK = "Traceback (most recent call last):\n"
SHOWN = 160  # characters of a line of a diff
DIFF_LINES = 40
NAMED = 5  # places that are not compared, by name
WINDOW = 200  # lines from the first difference on that are searched for what goes with what

GLOBALS = "final globals"

Told = TypeVar("Told")
Hold = Callable[[Sequence[Told], Told, Sequence[Told]], Held[Told]]
Verdict = Literal["same", "different", "not compared"]


@dataclass(frozen=True)
class State:
    """What a run left in the modules of the program: {"app.xs": "list [1, 2]"}; or why that is not known."""

    lines: Mapping[str, str]
    why_not: str = ""


@dataclass(frozen=True)
class Outcome:
    """What one run left behind; `exit_code` None: it was stopped at the time limit."""

    stdout: bytes
    stderr: bytes
    exit_code: int | None
    files: Mapping[str, str]  # written: path -> hash of the contents, and of its lines in any order; deleted: path -> ""
    seconds: float
    state: State = State({}, "not asked for")
    paused: bool = False  # its threads were made to wait: it shows in which order things may come, and nothing else


@dataclass(frozen=True)
class Point:
    """One behaviour. `diff` has lines that begin with "-" (original), "+" (rewritten) or a space; `why` it was not compared.

    `apart`: places of it that were not compared, while the others were.
    """

    name: str
    verdict: Verdict
    diff: tuple[str, ...] = ()
    why: str = ""
    apart: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        return self.verdict != "different"


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
    bytes_sent: int = 0
    bytes_received: int = 0

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
    args: tuple[str, ...],
    original: Outcome,
    rewritten: Outcome,
    report: Mapping[str, Any],
    *,
    again: Sequence[Outcome] = (),
    prepare_s: float = 0.0,
) -> Comparison:
    """Point by point; a program that faasify refused agrees in nothing, and says why. `again`: further runs of the original, observed."""
    units: Mapping[str, Any] = report.get("units", {})
    return Comparison(
        args=args,
        points=tuple(points((original, *again), rewritten)),
        original_s=original.seconds,
        rewritten_s=rewritten.seconds,
        functions_remote=tuple(report.get("functions_remote", ())),
        calls_remote=sum(unit["calls_remote"] for unit in units.values()),
        fallbacks=tuple(fallbacks(units)),
        prepare_s=prepare_s,
        refused="" if report else refusal(rewritten),
        bytes_sent=sum(unit.get("bytes_sent", 0) for unit in units.values()),
        bytes_received=sum(unit.get("bytes_received", 0) for unit in units.values()),
    )


def points(runs: Sequence[Outcome], rewritten: Outcome) -> Iterator[Point]:
    originals, paused = [run for run in runs if not run.paused], [run for run in runs if run.paused]

    def point(name: str, told: Callable[[Outcome], Told], hold: Hold[Told], diff: Callable[[Told, Told], Iterator[str]]) -> Point:
        return held_point(name, [*map(told, originals)], told(rewritten), [*map(told, paused)], hold, diff)

    yield point("stdout", lambda run: text_of(run.stdout), held_lines, text_diff)
    yield point("stderr", lambda run: errors_of(run).text, held_lines, text_diff)
    yield point("exit code", lambda run: exit_text(run.exit_code), held_code, text_diff)
    if errors_of(originals[0]).exception or errors_of(rewritten).exception:
        yield point("exception", lambda run: errors_of(run).exception, held_exception, text_diff)
        yield point("frames", lambda run: frames_text(errors_of(run)), held_lines, text_diff)
    yield point("files written", lambda run: run.files, held_files, files_diff)
    if len(originals) > 1:
        yield state_point([run.state for run in originals[1:]], rewritten.state, [run.state for run in paused])


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def errors_of(run: Outcome) -> Errors:
    return take_apart(text_of(run.stderr))


def state_point(originals: Sequence[State], rewritten: State, paused: Sequence[State]) -> Point:
    if why := next((state.why_not for state in (*originals, rewritten) if state.why_not), ""):
        return Point(GLOBALS, "not compared", why=why)
    orders = [state.lines for state in paused if not state.why_not]
    return held_point(GLOBALS, [state.lines for state in originals], rewritten.lines, orders, held_state, state_diff)


def held_point(
    name: str,
    originals: Sequence[Told],
    rewritten: Told,
    paused: Sequence[Told],
    hold: Hold[Told],
    diff: Callable[[Told, Told], Iterator[str]],
) -> Point:
    """Compared with the first run of the original, in all that is the same in the others, too."""
    if rewritten == originals[0]:
        return Point(name, "same")
    held = hold(originals, rewritten, paused)
    if held.told != originals[0]:
        return Point(name, "different", tuple(diff(originals[0], held.told)), apart=held.apart)
    if held.whole:
        return Point(name, "not compared", why="two runs of the original differ as well")
    return Point(name, "same", why=f"apart from {named(held.apart)}, where two runs of the original differ as well", apart=held.apart)


def named(places: Sequence[str]) -> str:
    """
    >>> named(["line 3", "line 7"])
    'line 3 and line 7'
    """
    shown = [*places[:NAMED], f"{len(places) - NAMED} more"] if len(places) > NAMED else list(places)
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def text_diff(original: str, rewritten: str) -> Iterator[str]:
    return differences(original.splitlines(True), rewritten.splitlines(True))


def files_diff(original: Mapping[str, str], rewritten: Mapping[str, str]) -> Iterator[str]:
    return text_diff(files_text(original), files_text(rewritten))


def state_diff(original: Mapping[str, str], rewritten: Mapping[str, str]) -> Iterator[str]:
    names = [name for name in {**original, **rewritten} if original.get(name) != rewritten.get(name)]
    sides = (("-", original), ("+", rewritten))
    yield from limited([shortened(f"{sign}{name} = {lines[name]}") for name in names for sign, lines in sides if name in lines])


def differences(original: list[str], rewritten: list[str]) -> Iterator[str]:
    """A diff that begins at the first line that differs; a missing end of the last line shows as well."""
    start = next((at for at, (a, b) in enumerate(zip(original, rewritten, strict=False)) if a != b), min(len(original), len(rewritten)))
    start = max(0, start - 2)
    ours, theirs = (lines[start : start + WINDOW] for lines in (original, rewritten))
    yield f"@@ line {start + 1}"
    body = islice(unified_diff(ours, theirs, n=2), 2, None)
    yield from limited([shortened(marked(line)) for line in body if not line.startswith("@@")])


def marked(line: str) -> str:
    return line[0] + (line[1:-1] if line.endswith("\n") else line[1:] + "  (no end of line)")


def shortened(line: str) -> str:
    line = line.encode("utf-8", "backslashreplace").decode()
    return line if len(line) <= SHOWN else line[:SHOWN] + "..."


def limited(lines: list[str]) -> list[str]:
    return lines if len(lines) <= DIFF_LINES else [*lines[:DIFF_LINES], f"@@ and {len(lines) - DIFF_LINES} more lines"]


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
    points = [asdict(point) | {"agrees": point.agrees} for point in comparison.points]
    return asdict(comparison) | {"points": points, "agrees": comparison.agrees}


def as_text(comparison: Comparison) -> Iterator[str]:
    """What `verify` prints, line by line."""
    if comparison.args:
        yield f"arguments: {' '.join(comparison.args)}"
    if comparison.refused:
        yield f"  refused        {comparison.refused}"
        return
    for point in comparison.points:
        verdict = "DIFFERENT" if not point.agrees else point.verdict
        yield f"  {point.name:<14} {verdict}{f': {point.why}' if point.why else ''}"
        yield from (f"    {line}" for line in point.diff)
    names = comparison.functions_remote
    yield f"  moved          {counted(len(names), 'function')}, {counted(comparison.calls_remote, 'call')}: {', '.join(names) or '-'}"
    for line in comparison.fallbacks:
        yield f"  ran here       {line}"
    if comparison.calls_remote:
        yield f"  bytes          {comparison.bytes_sent:,} sent, {comparison.bytes_received:,} received"
    yield f"  time           original {comparison.original_s:.2f} s, rewritten {comparison.rewritten_s:.2f} s"
    yield f"  prepared       in {comparison.prepare_s:.2f} s, once for this source"
