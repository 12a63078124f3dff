"""What a run can be held to, given several runs of the original: that which all of these have in common.

    held_code(["0", "1"], "139")                                        Held("139"): no original had it
    held_files([{"t1": "x y"}, {"t2": "x y"}], {"t3": "x y"})           Held({"t1": "x y"}, apart=("t1", "t3"))

`lines` and `states` are the same for what was printed and for what is left in the modules.

Ids of threads and processes, addresses, clocks, names of temporary files: no list of these would be complete, but none is the same in
every run of the original. Such a place is given back as the first original has it and named in `apart`; the rest stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Generic, TypeVar

Told = TypeVar("Told")
Lines = Mapping[str, str]  # what is told of a run, by name


@dataclass(frozen=True)
class Held(Generic[Told]):
    """The rewritten run as far as it can be compared; `whole`: nothing of it can."""

    told: Told
    apart: tuple[str, ...] = ()
    whole: bool = False


def held_code(originals: Sequence[str], rewritten: str, paused: Sequence[str] = ()) -> Held[str]:
    """An exit code is none that it was by chance: only one that a run of the original had."""
    return Held(originals[0], whole=True) if rewritten in originals else Held(rewritten)


def held_files(originals: Sequence[Lines], rewritten: Lines, paused: Sequence[Lines] = ()) -> Held[Lines]:
    """File by file. Those that each run gives a name of its own go by what is in them, and by where they lie and how their names end."""
    common = in_all(originals)
    own = [{name: run[name] for name in run if name not in common} for run in originals]
    theirs = {name: text for name, text in rewritten.items() if name not in common}
    has_theirs = (
        len(theirs) in set(map(len, own))
        and _has_what_all_have([Counter(run.values()) for run in own], Counter(theirs.values()))
        and _has_what_all_have([Counter(map(_kind_of_name, run)) for run in own], Counter(map(_kind_of_name, theirs)))
    )
    told = {name: text for name, text in rewritten.items() if name in common}
    apart = []
    for name in told:
        seen = [run[name] for run in originals]
        orders = [run[name] for run in paused if _in_any_order(run.get(name, "")) == _in_any_order(seen[0])]
        if len({*seen, *orders}) > 1 and _may_be_in_file(seen, orders, told[name]):
            apart += [name] if told[name] != seen[0] else []
            told[name] = seen[0]
    if has_theirs:
        apart += sorted({*own[0], *theirs} - {name for name in theirs if own[0].get(name) == theirs[name]})
    told |= own[0] if has_theirs else theirs
    return Held(told, tuple(apart), whole=set(originals[0]) <= loose_names(originals) and len({*map(_contents, originals)}) > 1)


def _may_be_in_file(seen: Sequence[str], orders: Sequence[str], told: str) -> bool:
    if len({_in_any_order(text) for text in seen}) == 1:
        return told in seen or _in_any_order(told) == _in_any_order(seen[0])
    return told in seen or _kind_of_file(told) in map(_kind_of_file, seen)


def _contents(run: Lines) -> tuple[str, ...]:
    return tuple(sorted(run.values()))


def _in_any_order(contents: str) -> str:
    """Of the two hashes of a file the one that does not tell in which order its lines are."""
    return contents.rpartition(" ")[2]


def _kind_of_file(contents: str) -> str:
    return "link" if contents.startswith("-> ") else "file" if contents else "deleted"


def _kind_of_name(path: str) -> tuple[int, str]:
    return path.count("/"), PurePosixPath(path).suffix


def _has_what_all_have(originals: Sequence[Counter[Any]], rewritten: Counter[Any]) -> bool:
    """Where all runs have the same, the same."""
    shared = originals[0]
    for other in originals[1:]:
        shared = shared & other
    if all(other == shared for other in originals):
        return rewritten == shared
    return rewritten & shared == shared


def in_all(originals: Sequence[Lines]) -> set[str]:
    return set.intersection(*map(set, originals))


def loose_names(originals: Sequence[Lines]) -> set[str]:
    """The names under which not all runs have the same."""
    return {name for run in originals for name in run if any(other.get(name) != run[name] for other in originals)}
