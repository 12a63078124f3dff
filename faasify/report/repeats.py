"""What a run can be held to, given several runs of the original: that which all of these have in common.

    held_lines(["a\\ntook 1 s\\n", "a\\ntook 2 s\\n"], "b\\ntook 3 s\\n")    Held("b\\ntook 1 s\\n", apart=("line 2",))
    held_state([{"app.t": "T {id: 7, n: 1}"}, {"app.t": "T {id: 8, n: 1}"}], {"app.t": "T {id: 9, n: 2}"})
                                                                      Held({"app.t": "T {id: 7, n: 2}"}, apart=("app.t (id)",))

Ids of threads and processes, addresses, clocks, names of temporary files: no list of these would be complete, but none is the same in
every run of the original. Such a place is given back as the first original has it and named in `apart`; the rest stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Told = TypeVar("Told")
Lines = Mapping[str, str]  # what is told of a run, by name

_NAME = r"(?:[A-Za-z_]\w*|'[^']*'|-?\d+): "  # of an attribute; and the key of an item, where it is plain
_PART = re.compile(rf"(, |(?<=\{{))(?={_NAME})")  # what stands between these; before the first one are the class and what is held
_LABEL = re.compile(_NAME)
_STEP = re.compile(r"[.\[(]| key ")  # from an object to what is in it, in a path of `runtime.caller.final_state`


@dataclass(frozen=True)
class Held(Generic[Told]):
    """The rewritten run as far as it can be compared; `whole`: nothing of it can."""

    told: Told
    apart: tuple[str, ...] = ()
    whole: bool = False


def held_lines(originals: Sequence[str], rewritten: str) -> Held[str]:
    """Line by line, unless lines were in another order, or more, in a run of the original."""
    if len(set(originals)) == 1:
        return Held(rewritten)
    runs, lines = [text.splitlines(True) for text in originals], rewritten.splitlines(True)
    if len(set(map(len, runs))) > 1:
        return Held(originals[0], whole=True)
    loose = {at for at, found in enumerate(zip(*runs, strict=True)) if len(set(found)) > 1}
    places = {(run[at], at) for run in runs for at in loose}
    if len(loose) == len(runs[0]) or len(places) > len({line for line, _ in places}):
        return Held(originals[0], whole=True)
    if len(lines) == len(runs[0]):
        lines = [runs[0][at] if at in loose else line for at, line in enumerate(lines)]
    return Held("".join(lines), tuple(f"line {at + 1}" for at in sorted(loose)))


def held_files(originals: Sequence[Lines], rewritten: Lines) -> Held[Lines]:
    """File by file. Files that each run gives a name of its own are as many as those of the original."""
    common = _common(originals)
    own = len(set(rewritten) - common)
    as_many = any(own == len(set(run) - common) for run in originals)
    return _held(originals, rewritten, lambda name: as_many and name not in common)


def held_state(originals: Sequence[Lines], rewritten: Lines) -> Held[Lines]:
    """Object by object, attribute by attribute. What only some runs have counts as part of what differs and holds it."""
    loose = _loose(originals)
    in_some = loose - _common(originals)
    numbered = any(name.startswith("object ") for name in loose)  # told by a number: of these a run has more than another

    def excused(name: str) -> bool:
        return (
            name in in_some
            or (numbered and name.startswith("object "))
            or any(name[: step.start()] in loose for step in _STEP.finditer(name))
        )

    return _held(originals, rewritten, excused)


def _held(originals: Sequence[Lines], rewritten: Lines, excused: Callable[[str], bool]) -> Held[Lines]:
    """`excused`: whether a run may have, or not have, what another has."""
    first, loose = originals[0], _loose(originals)
    told, apart = dict(rewritten), []
    for name in {**first, **rewritten}:
        if first.get(name) == rewritten.get(name):
            continue
        runs = [run.get(name) for run in (*originals, rewritten)]
        found = [text for text in runs if text is not None]
        kept: str | None
        if name in loose and len(found) == len(runs):
            kept, parts = _held_parts(found[:-1], found[-1])
        elif len(found) < len(runs) and excused(name):
            kept, parts = first.get(name), []
        else:
            continue
        if kept is None:
            del told[name]
        else:
            told[name] = kept
        if kept != rewritten.get(name):
            apart.append(f"{name} ({', '.join(parts)})" if parts else name)
    return Held(told, tuple(apart), whole=set(first) <= loose)


def _common(originals: Sequence[Lines]) -> set[str]:
    return set.intersection(*map(set, originals))


def _loose(originals: Sequence[Lines]) -> set[str]:
    """The names under which not all runs have the same."""
    return {name for run in originals for name in run if any(other.get(name) != run[name] for other in originals)}


def _held_parts(originals: Sequence[str], rewritten: str) -> tuple[str, list[str]]:
    """One object, and the names of the parts that differ; none: it cannot be taken apart.

    >>> _held_parts(["T {id: 7, n: 1}", "T {id: 8, n: 1}"], "T {id: 9, n: 2}")
    ('T {id: 7, n: 2}', ['id'])
    """
    runs, (parts, between) = [_taken_apart(text)[0] for text in originals], _taken_apart(rewritten)
    labels = [_label(part) for part in runs[0]]
    if len(labels) == 1 or any([_label(part) for part in run] != labels for run in runs):
        return originals[0], []
    if [_label(part) for part in parts] != labels:  # all runs of the original have the same ones, this one has others
        return rewritten, []
    loose = {at for at, values in enumerate(zip(*runs, strict=True)) if len(set(values)) > 1}
    told = [runs[0][at] if at in loose else part for at, part in enumerate(parts)]
    joined = "".join(text for pair in zip(told, [*between, ""], strict=True) for text in pair)
    return joined, [labels[at] for at in sorted(loose)]


def _taken_apart(text: str) -> tuple[list[str], list[str]]:
    """The parts, and what stands between them."""
    found = _PART.split(text)
    return found[::2], found[1::2]


def _label(part: str) -> str:
    found = _LABEL.match(part)
    return found[0].removesuffix(": ") if found else "what it is or holds"
