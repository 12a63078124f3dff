"""What a suspended generator holds in variables that it will not read again, as its instructions say.

    def rows(n):
        for i in range(n):
            row = [i]
            yield row

`row` is assigned before it is read again: `holds(rows(3))`, at its first yield, is {id(row): 1, id(i): 1}. With `row.append(0)` behind the
yield it would be read, and what its consumer has done to the list by then would be seen.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable
from types import CodeType, GeneratorType
from typing import Any

_ENDS = frozenset({"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"})
_JUMPS = frozenset({"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"})
_READS_ALL = frozenset({"locals", "vars", "dir", "eval", "exec", "_getframe", "currentframe", "stack"})


def holds(body: GeneratorType[Any, Any, Any]) -> Counter[int]:
    """How often such variables of a generator, and of those that it iterates over, refer to an object, by `id`."""
    found: Counter[int] = Counter()
    todo, seen = [body], set()
    while todo:
        generator = todo.pop()
        if id(generator) in seen:  # a variable and the loop that goes over it refer to the same one
            continue
        seen.add(id(generator))
        frame = generator.gi_frame
        if frame is None:
            continue
        names = unread(generator.gi_code, frame.f_lasti)
        if names:
            values = frame.f_locals
            found.update(id(values[name]) for name in names.intersection(values))
            if type(values) is dict:
                values.clear()  # up to 3.12 it would hold them as well
        todo.extend(part for part in gc.get_referents(generator) if type(part) is GeneratorType and id(part) not in seen)
    return found


_known: dict[int, tuple[CodeType, dict[int, frozenset[str]]]] = {}  # by `id`: code has a hash only if its constants do


def unread(code: CodeType, at: int) -> frozenset[str]:
    """The variables, of those no closure has, that are not read behind the instruction at an offset before they are assigned."""
    if id(code) not in _known:
        _known[id(code)] = code, _unread_everywhere(code) if _READS_ALL.isdisjoint(code.co_names) else {}
    return _known[id(code)][1].get(at, frozenset())


def _unread_everywhere(code: CodeType) -> dict[int, frozenset[str]]:
    import dis  # takes longer than most programs need it

    bytecode: Any = dis.Bytecode(code)
    steps = list(bytecode)
    place = {step.offset: i for i, step in enumerate(steps)}
    jumps = {*dis.hasjrel, *dis.hasjabs}
    effects = [_reads_and_writes(step.opname, step.argval) for step in steps]
    follow: list[list[int]] = []
    catch: list[list[int]] = []
    for i, step in enumerate(steps):
        goes_on = step.opname not in _ENDS and step.opname not in _JUMPS and i + 1 < len(steps)
        follow.append([i + 1] * goes_on + ([place[step.argval]] if step.opcode in jumps else []))
        catch.append([place[e.target] for e in bytecode.exception_entries if e.start <= step.offset <= e.end])
    live: list[frozenset[str]] = [frozenset()] * len(steps)  # before each step

    def behind(i: int) -> tuple[frozenset[str], frozenset[str]]:
        return _union(live[k] for k in follow[i]), _union(live[k] for k in catch[i])

    changed = True
    while changed:
        changed = False
        for i in reversed(range(len(steps))):
            (reads, writes), (after, caught) = effects[i], behind(i)
            before = reads | (after - writes) | caught
            changed |= before != live[i]
            live[i] = before
    candidates = frozenset(code.co_varnames) - frozenset(code.co_cellvars)
    return {step.offset: candidates - _union(behind(i)) for i, step in enumerate(steps)}


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _reads_and_writes(name: str, argument: Any) -> tuple[frozenset[str], frozenset[str]]:
    """`STORE_FAST_LOAD_FAST`, of 3.13, has two variables, in the order of its name: it reads what it has not written just before."""
    kinds = [word for word in name.split("_") if word in ("LOAD", "STORE", "DELETE")] if "FAST" in name else []
    names = argument if isinstance(argument, tuple) else (argument,) * len(kinds)
    writes = frozenset(n for kind, n in zip(kinds, names, strict=True) if kind != "LOAD")
    return frozenset(n for kind, n in zip(kinds, names, strict=True) if kind == "LOAD") - writes, writes
