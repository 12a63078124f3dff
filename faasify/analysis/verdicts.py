"""From effects to verdicts: travels, guarded, or stays, each with its reasons.

certain effect that cannot be carried   ->  stays
anything that is not known              ->  guarded: the guard decides while it runs
else                                    ->  travels
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from faasify.analysis import onlookers
from faasify.analysis.codes import CODES
from faasify.analysis.loaded import Place
from faasify.analysis.opening import UNKNOWN, taken_apart
from faasify.analysis.propagate import Reached, Whole
from faasify.analysis.vocabulary import KINDS, Kind
from faasify.model.callgraph import Definition
from faasify.model.effects import Reason, VerdictKind
from faasify.model.program import Program

_INTERPRETER_CALLS = frozenset(
    ["__del__", "__init_subclass__", "__set_name__", "__class_getitem__", "__getattribute__", "__getattr__", "__setattr__", "__delattr__"]
    + ["__getstate__", "__setstate__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__", "__hash__"]
    + ["__instancecheck__", "__subclasscheck__", "__mro_entries__", "__prepare__", "__copy__", "__deepcopy__"]
)
_SILENT = frozenset(["sleep", "exit"])  # carried effects that nobody sees


@dataclass(frozen=True)
class Judge:
    """What is the same for all functions of one program."""

    program: Program
    files: dict[str, str]  # definition name -> file
    metaclasses: frozenset[str]
    suspending: frozenset[str]  # definitions whose calls may be left and entered again before their end
    allow: frozenset[str]
    loaded: Mapping[str, Place]  # of loaded.py

    def verdict(self, definition: Definition, whole: Whole, mutates: Sequence[str] = ()) -> tuple[VerdictKind, tuple[Reason, ...]]:
        """`mutates`: what it changes in place."""
        stays = [*self._shape(definition), *self._interrupted(definition, whole, mutates), *self._certain(whole)]
        if stays:
            return "stays", tuple(stays)
        guarded = tuple(self._doubts(whole))
        return ("guarded", guarded) if guarded else ("travels", ())

    def _shape(self, definition: Definition) -> Iterator[Reason]:
        """What the function is, whatever it does."""
        here = (definition.file, definition.line)
        if traced := self._seen(onlookers.TRACES, definition.module):
            yield Reason("TRACED", "the program traces or profiles calls", *traced)
        if loaded := self._looked(definition.module):
            yield Reason("LOADED", "the program looks at all that is loaded in its process", *loaded)
        if "<locals>" in definition.qualname and (read := self._seen(onlookers.CODE, definition.module)):
            what = "the program reads the code of functions, and this one's stub would stand in another's"
            yield Reason("CODE_READ", what, *read)
        if definition.kind == "async_generator":
            yield Reason("GENERATOR", "contains yield", *here)
            yield Reason("ASYNC", "is defined by async def", *here)
        name = definition.qualname.rpartition(".")[2]
        if definition.is_method and definition.parent in self.metaclasses:
            yield Reason("METACLASS", f"is a method of the metaclass {definition.parent}", *here)
        elif definition.is_method and name in _INTERPRETER_CALLS:
            yield Reason("SPECIAL_METHOD", f"{name} is called by the interpreter itself", *here)

    def _interrupted(self, definition: Definition, whole: Whole, mutates: Sequence[str]) -> Iterator[Reason]:
        """Between its values, or while it waits, a function that does more than compute would have to be seen doing it."""
        if definition.name not in self.suspending:
            return
        code, what = ("GENERATOR", "contains yield") if definition.kind == "generator" else ("ASYNC", "is defined by async def")
        if looks := self._looks_into_generators:
            yield Reason(code, f"{what}, and the program looks into generators, or has some of another type", *looks)
        if changes := [*sorted(whole.writes), *mutates]:
            yield Reason(code, f"{what}, and changes {changes[0]}", definition.file, definition.line)
        for reached in whole.effects:
            kind = KINDS[reached.doing.kind]
            if kind.fate == "carried" and reached.certain and kind.name not in _SILENT:
                yield _reason(code, f"{what}, and {kind.meaning}", reached)
                return

    @cached_property
    def _looks_into_generators(self) -> tuple[str, int] | None:
        """Where the program would see that another generator stands for one."""
        return onlookers.place(self.program, onlookers.GENERATORS)

    def _seen(self, names: onlookers.Names, module: str) -> tuple[str, int] | None:
        """Where the program looks at how its functions are run. In a folder, of which nothing is run, a module is a program of its own."""
        among = module if self.program.main is None else None
        if (names, among) not in self._places:
            self._places[names, among] = onlookers.place(self.program, names, among)
        return self._places[names, among]

    def _looked(self, module: str) -> Place | None:
        return next(iter(self.loaded.values()), None) if self.program.main is not None else self.loaded.get(module)

    @cached_property
    def _places(self) -> dict[tuple[onlookers.Names, str | None], tuple[str, int] | None]:
        return {}

    def _certain(self, whole: Whole) -> Iterator[Reason]:
        seen = set[str]()
        for reached in whole.effects:
            kind = KINDS[reached.doing.kind]
            if kind.fate == "stays" and reached.certain and kind.name not in self.allow and kind.name not in seen:
                seen.add(kind.name)
                yield _reason(kind.code, _meaning(kind, reached), reached)
        if any(reached.doing.kind == "stdin" for reached in whole.effects):
            carried = {r.doing.kind: r for r in reversed(whole.effects)}
            if (clock := carried.get("clock") or carried.get("entropy")) is not None:
                yield _reason("CLOCK_AND_STDIN", CODES["CLOCK_AND_STDIN"].title, clock)

    def _doubts(self, whole: Whole) -> Iterator[Reason]:
        seen = set[str]()
        for reached in whole.effects:
            kind = KINDS[reached.doing.kind]
            if kind.name in self.allow or kind.fate == "carried":
                continue
            code = kind.code if kind.fate == "guarded" else "UNCERTAIN_EFFECT"
            if code not in seen:
                seen.add(code)
                meaning = _meaning(kind, reached)
                yield _reason(code, meaning if code != "UNCERTAIN_EFFECT" else f"perhaps {meaning}", reached)


def _reason(code: str, meaning: str, reached: Reached) -> Reason:
    what = _what(reached)
    through = f", through {' -> '.join(reached.via)}" if reached.call else ""
    return Reason(code, f"{meaning}: {what}{through}", reached.source, reached.doing.line, meaning, what, reached.steps)


def _meaning(kind: Kind, reached: Reached) -> str:
    """What is done, told as closely as it is known: of a file that is opened, whether it is read or written."""
    mode = taken_apart(reached.doing.detail)[1] if kind.name == "files" else None
    if mode is not None:
        return "writes a file" if set(mode) & set("wax+") else "reads a file"
    return kind.meaning


def _what(reached: Reached) -> str:
    """`open "data.txt", "w"`; without the arguments that nobody knows: `open "w"`."""
    known = reached.doing.detail.removeprefix(f"{UNKNOWN}, ")
    return f"{reached.doing.what} {known}" if known else reached.doing.what
