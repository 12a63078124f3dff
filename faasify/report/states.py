"""What a run leaves in its modules, held to what several runs of the original leave there.

    held_state([{"app.t": "T {id: 7, n: 1}"}, {"app.t": "T {id: 8, n: 1}"}], {"app.t": "T {id: 9, n: 2}"})
                                                                      Held({"app.t": "T {id: 7, n: 2}"}, apart=("app.t (id)",))

Object by object, and part by part of one: an address in one part of it says nothing about what is in another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set

from faasify.report.places import is_open, is_rearranged, may_hold
from faasify.report.repeats import Held, Lines, in_all, loose_names

_NAME = r"(?:[A-Za-z_]\w*|'[^']*'|-?\d+): "  # of an attribute; and the key of an item, where it is plain
_PART = re.compile(rf"(, |(?<=\{{))(?={_NAME})")  # what stands between these; before the first one are the class and what is held
_LABEL = re.compile(_NAME)
_STEP = re.compile(r"[.\[(]| key ")  # from an object to what is in it, in a path of `runtime.caller.final_state`


def held_state(originals: Sequence[Lines], rewritten: Lines, paused: Sequence[Lines] = ()) -> Held[Lines]:
    """`paused`: runs of the original that show in which order things may be, and nothing else."""
    originals, rewritten = _under_one_name(originals, rewritten)
    first, told, moved = originals[0], dict(rewritten), _moved(originals, rewritten, paused)
    for name in moved:
        told.pop(name, None)
        if name in first:
            told[name] = first[name]
    apart = [f"{name} (its place)" for name in sorted(moved)]
    may_be_missing = _MayBeMissing(originals)
    for name in {**first, **told}:
        seen = [run[name] for run in originals if name in run]
        if first.get(name) == told.get(name):
            continue
        if name not in told or name not in first or len(seen) < len(originals):
            if not may_be_missing(name):
                continue
            told.pop(name, None)
            if name in first:
                told[name] = first[name]
            apart.append(name)
            continue
        kept, parts = _held_parts(seen, told[name], [run[name] for run in paused if name in run])
        if kept != told[name]:
            apart.append(f"{name} ({', '.join(parts)})" if parts else name)
        told[name] = kept
    in_order = {name: told[name] for name in {**rewritten, **told} if name in told}
    return Held(in_order, tuple(apart), whole=set(first) <= loose_names(originals))


class _MayBeMissing:
    """Whether a run may have, or not have, what another has: what not all have, and what is in something that holds more in some runs."""

    def __init__(self, originals: Sequence[Lines]) -> None:
        self._in_some = {name for run in originals for name in run} - in_all(originals)
        loose = loose_names(originals)
        self._numbered = any(name.startswith("object ") for name in loose)  # told by a number: of these a run has more than another
        self._open = self._in_some | {name for name in loose - self._in_some if is_open([run[name] for run in originals])}

    def __call__(self, name: str) -> bool:
        return (
            name in self._in_some
            or (self._numbered and name.startswith("object "))
            or any(prefix in self._open for prefix in _around(name))
        )


def _around(name: str) -> Iterator[str]:
    """
    >>> list(_around("app.t.rows[0]"))
    ['app', 'app.t', 'app.t.rows']
    """
    return (name[: step.start()] for step in _STEP.finditer(name))


def _under_one_name(originals: Sequence[Lines], rewritten: Lines) -> tuple[Sequence[Lines], Lines]:
    """What each run has under names of its own, under those of the first: all tell it in one order, and have as much of it.

    {"app.d[7].n": "1"}, {"app.d[8].n": "1"}  ->  {"app.d[7].n": "1"}, {"app.d[7].n": "1"}
    """
    common, runs = in_all(originals), (*originals, rewritten)
    own = [[name for name in run if name not in common] for run in runs]
    alike = len({tuple(len([*_around(name)]) for name in names) for names in own}) == 1
    if not own[0] or not alike or any(set(own[0]) & set(names) for names in own[1:-1]):
        return originals, rewritten
    renamed = []
    for run, names in zip(runs, own, strict=True):
        new = dict(zip(names, own[0], strict=True))
        renamed.append({new.get(name, name): _with_names(text, new) for name, text in run.items()})
    return renamed[:-1], renamed[-1]


def _with_names(text: str, new: Mapping[str, str]) -> str:
    """A text with other names where it refers to an object.

    >>> _with_names("list [&app.d[7], 1]", {"app.d[7]": "app.d[8]"})
    'list [&app.d[8], 1]'
    """
    head, *rest = text.split("&")
    for at, chunk in enumerate(rest):
        ends = (end for end in range(len(chunk), 0, -1) if end == len(chunk) or chunk[end] in ",]})")
        found = next((end for end in ends if chunk[:end] in new), 0)
        rest[at] = new[chunk[:found]] + chunk[found:] if found else chunk
    return "&".join([head, *rest])


def _moved(originals: Sequence[Lines], rewritten: Lines, paused: Sequence[Lines]) -> set[str]:
    """Objects of the rewritten run that stand in each other's place, as those of a paused run do: threads put them there."""
    for run in paused:
        there = _elsewhere(originals, run)
        holders = {holder for name in there for holder in [*_around(name)][-1:] if holder in originals[0]}
        here = {name for name in _elsewhere(originals, rewritten) if name in there or not holders.isdisjoint(_around(name))}
        if here and _are_rearranged(originals, run, there) and _are_rearranged(originals, rewritten, here | there):
            return here
    return set()


def _elsewhere(originals: Sequence[Lines], run: Lines) -> set[str]:
    """The names under which a run has what no original may have there."""
    common = in_all(originals)
    return {
        name
        for name in common | set(run)
        if name not in run or name not in common or not may_hold([other[name] for other in originals], run[name])
    }


def _are_rearranged(originals: Sequence[Lines], run: Lines, names: Set[str]) -> bool:
    nameless = [dict.fromkeys(lines, "") for lines in (*originals, run)]
    seen = [
        [_with_names(other[name], new) for other, new in zip(originals, nameless, strict=False)]
        for name in names
        if all(name in other for other in originals)
    ]
    return is_rearranged(seen, [_with_names(run[name], nameless[-1]) for name in names if name in run])


def _held_parts(originals: Sequence[str], rewritten: str, paused: Sequence[str] = ()) -> tuple[str, list[str]]:
    """One object, and the names of the parts that differ; none: it cannot be taken apart.

    >>> _held_parts(["T {id: 7, n: 1}", "T {id: 8, n: 1}"], "T {id: 9, n: 2}")
    ('T {id: 7, n: 2}', ['id'])
    """
    runs, (parts, between) = [_taken_apart(text)[0] for text in originals], _taken_apart(rewritten)
    labels = [_label(part) for part in runs[0]]
    if len(labels) == 1 or any([_label(part) for part in run] != labels for run in runs):
        return (originals[0] if may_hold(originals, rewritten, paused) else rewritten), []
    if [_label(part) for part in parts] != labels:  # all runs of the original have the same ones, this one has others
        return rewritten, []
    orders = [found for found in (_taken_apart(text)[0] for text in paused) if [_label(part) for part in found] == labels]
    told, apart = list(parts), []
    for at, (part, *seen) in enumerate(zip(parts, *runs, strict=True)):
        if len({*seen, part}) > 1 and may_hold(seen, part, [run[at] for run in orders]):
            told[at] = seen[0]
            apart.append(labels[at])
    joined = "".join(text for pair in zip(told, [*between, ""], strict=True) for text in pair)
    return joined, apart


def _taken_apart(text: str) -> tuple[list[str], list[str]]:
    """The parts, and what stands between them."""
    found = _PART.split(text)
    return found[::2], found[1::2]


def _label(part: str) -> str:
    found = _LABEL.match(part)
    return found[0].removesuffix(": ") if found else "what it is or holds"
