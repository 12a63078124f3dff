"""Code by name: every code object of the program has a key that caller and unit compute alike.

A key is `<module>:<qualname>@<line>:<column>-<column>` of the first instruction of the body that has a source position, so two
lambdas on one line differ (DECISIONS C2). Caller and unit compile the same lines (slices keep them where they were), hence the
same keys; a key that the table lacks names nothing.

    table = CodeTable(); table.add("app", compile(source, "app.py", "exec"))
    table.key_of(f.__code__)            "app:f@3:4-12"
    table.code_of("app:f@3:4-12")       the code object
"""

from __future__ import annotations

import opcode
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from types import CodeType

from faasify.runtime.unit import hash_methods

_PROLOGUE = frozenset(
    opcode.opmap[name]
    for name in ("CACHE", "RESUME", "COPY_FREE_VARS", "MAKE_CELL", "RETURN_GENERATOR", "POP_TOP", "EXTENDED_ARG")
    if name in opcode.opmap
)
_GLOBAL_OPS = {opcode.opmap[n]: 1 for n in ("LOAD_GLOBAL",)} | {
    opcode.opmap[n]: 0
    for n in ("STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME", "STORE_NAME", "DELETE_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
    if n in opcode.opmap
}
_RETURN_CONST = opcode.opmap.get("RETURN_CONST")
_EXTENDED_ARG = opcode.opmap["EXTENDED_ARG"]


def nested(code: CodeType) -> Iterator[CodeType]:
    """The code objects directly inside `code`, in order."""
    return (c for c in code.co_consts if isinstance(c, CodeType))


def walk(code: CodeType) -> Iterator[CodeType]:
    """`code` and everything inside it, outermost first."""
    todo = [code]
    while todo:
        code = todo.pop()
        yield code
        todo.extend(reversed(list(nested(code))))


def first_position(code: CodeType) -> str:
    """`line:column-column` of the first positioned instruction after the prologue; the first line where there is none."""
    ops = code.co_code
    for i, (line, _, col, end) in enumerate(code.co_positions()):
        if ops[2 * i] not in _PROLOGUE and line is not None and col is not None:
            at = f"{line}:{col}-{end}"
            if ops[2 * i] == _RETURN_CONST and col == end:  # 3.12 does not tell where the constant of a `lambda: 1` is
                at += f"={code.co_consts[ops[2 * i + 1]]!r}"
            return at
    return f"{code.co_firstlineno}:"


def global_names(code: CodeType) -> frozenset[str]:
    """Names that `code`, or code inside it, looks up as globals (class bodies inside functions included)."""
    names: set[str] = set()
    for c in walk(code):
        extended, ops, table = 0, c.co_code, c.co_names
        for i in range(0, len(ops), 2):
            op, arg = ops[i], ops[i + 1] | extended
            if op == _EXTENDED_ARG:
                extended = arg << 8
                continue
            extended = 0
            shift = _GLOBAL_OPS.get(op)
            if shift is not None:
                names.add(table[arg >> shift])
    return frozenset(names)


_MATCH = opcode.opmap["CHECK_EXC_MATCH"]
_PATTERN = opcode.opmap["MATCH_CLASS"]
_FIELD = re.compile(r"\.(\w+)")
CATCHES_INTERRUPT = "except KeyboardInterrupt"
KEYWORDS = frozenset({"stacklevel", "eval_str"})


def names_in(code: CodeType) -> set[str]:
    """Global, attribute and import names in this code object alone. Those of a class pattern, `case object(v=n)`, are a constant, and
    `getattr(f, "__globals__")` names one, too."""
    names = set(code.co_names)
    names.update(const for const in code.co_consts if type(const) is str and const[:2] == "__" == const[-2:])
    if _PATTERN in code.co_code[::2]:
        names.update(name for const in code.co_consts if type(const) is tuple for name in const if type(name) is str)
    return names


def fields(code: CodeType) -> Iterator[str]:
    """Attributes that the format strings in this code object look up: "v" of "{0.v}"."""
    for const in code.co_consts:
        if type(const) is str and ("{" in const or "}" in const):
            yield from _FIELD.findall(const)


def all_names(code: CodeType) -> frozenset[str]:
    """Every global, attribute and import name in `code` and code inside it; and CATCHES_INTERRUPT where that is caught, those of
    KEYWORDS that stand in calls."""
    names = {name for c in walk(code) for name in names_in(c)}
    names.update(KEYWORDS.intersection(k for c in walk(code) for const in c.co_consts if type(const) is tuple for k in const))
    if any("KeyboardInterrupt" in c.co_names and _MATCH in c.co_code[::2] for c in walk(code)):
        names.add(CATCHES_INTERRUPT)
    return frozenset(names)


_FUNCTION = 1  # CO_OPTIMIZED, which the body of a class has not


def asks_for_hash(code: CodeType) -> bool:
    """Whether a function, other than a `__hash__` that keeps none, names that of an object: `object.__hash__(x)` is where x lies.
    `hash(x)` is seen to."""
    return any(
        "__hash__" in names_in(c) and c.co_flags & _FUNCTION and (c.co_name != "__hash__" or hash_methods.keeps(c)) for c in walk(code)
    )


_DUNDER = re.compile(r"__(%s|\{\w*\})__")


def spells_hash(codes: Iterable[CodeType]) -> bool:
    """Whether a constant of the program is the text `__hash__`, alone or in a path, or it may put that together: f"__{op}__" where there is
    an "hash"."""
    alone = composed = False
    for code in codes:
        texts = set(_texts(code.co_consts))
        if any("__hash__" in text.split(".") for text in texts):
            return True
        alone |= "hash" in texts
        composed |= ("__" in texts and _BUILDS in code.co_code[::2]) or any(map(_DUNDER.search, texts))
    return alone and composed


_BUILDS = opcode.opmap["BUILD_STRING"]


def _texts(consts: Iterable[object]) -> Iterator[str]:
    for const in consts:
        if type(const) is str:
            yield const
        elif type(const) is tuple or type(const) is frozenset:
            yield from _texts(const)


_ATTRIBUTES = {
    opcode.opmap[n]: 1 if n == "LOAD_ATTR" and sys.version_info >= (3, 12) else 0 for n in ("LOAD_ATTR", "LOAD_METHOD") if n in opcode.opmap
}
_MADE = frozenset(opcode.opmap[n] for n in ("MAKE_FUNCTION", "SET_FUNCTION_ATTRIBUTE") if n in opcode.opmap)
_CACHE = opcode.opmap["CACHE"]
# What is told of a function's code and is no part of its body.
_ABOUT = frozenset(
    f"co_{name}" for name in ("name", "qualname", "filename", "firstlineno", "argcount", "kwonlyargcount", "posonlyargcount", "flags")
)


def hands_out_code(code: CodeType) -> bool:
    """Whether this code object alone may take the code of a function for more than to look at its name, place and signature."""
    if "__code__" not in names_in(code):
        return False
    if "__code__" not in code.co_names:
        return True
    extended, before, steps = 0, 0, list[tuple[int, int, str]]()  # what ran before, op, the attribute it reads
    for op, arg in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        extended = (arg | extended) << 8 if op == _EXTENDED_ARG else extended
        if op in (_EXTENDED_ARG, _CACHE):
            continue
        name = code.co_names[(arg | extended) >> _ATTRIBUTES[op]] if op in _ATTRIBUTES else ""
        steps.append((before, op, name))
        extended, before = 0, op
    following = [*(name for _, _, name in steps[1:]), ""]
    return any(
        name == "__code__" and before not in _MADE and after not in _ABOUT
        for (before, _, name), after in zip(steps, following, strict=True)
    )


_DELETES = opcode.opmap["DELETE_SUBSCR"]
DELETING = frozenset({"pop", "popitem", "clear", "delitem", "__delitem__"})


def deletes(code: CodeType) -> bool:
    """Whether `code`, or code inside it, may delete keys of a dict, as far as it names that itself."""
    return any(_DELETES in c.co_code[::2] or not DELETING.isdisjoint(c.co_names) for c in walk(code))


def pops(code: CodeType) -> bool:
    """Whether `code`, or code inside it, may call a method `pop`, as far as it names that itself."""
    return any("pop" in c.co_names or "pop" in c.co_consts for c in walk(code))


_GENERATOR, _COROUTINE = 0x20 | 0x200, 0x80  # CO_GENERATOR, CO_ASYNC_GENERATOR; CO_COROUTINE
_HANDLES = opcode.opmap["PUSH_EXC_INFO"]


def ends_late(code: CodeType) -> bool:
    """Whether something is done, or told, when a generator or coroutine of this code is let go of before its end."""
    return bool(code.co_flags & _COROUTINE) or bool(code.co_flags & _GENERATOR and _HANDLES in code.co_code[::2])


class StandsFor:
    """A constant by which a code object tells that it stands for another, `code`."""

    code: CodeType


def stands_for(code: CodeType) -> CodeType | None:
    """The code object that a trampoline stands for; None for any other code."""
    return next((c.code for c in code.co_consts if isinstance(c, StandsFor)), None)


class CodeTable:
    """Keys of the program's code objects; two different code objects under one key name neither."""

    def __init__(self) -> None:
        self._codes: dict[str, CodeType] = {}
        self._keys: dict[int, str] = {}
        self._keep: list[CodeType] = []
        self._pending: list[tuple[str, CodeType, CodeType]] = []
        self._ambiguous: set[str] = set()
        self._plain: dict[str, CodeType] = {}
        self._names: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self._fields = 0, frozenset[str]()
        self._deleting: dict[str, bool] = {}
        self._popping: dict[str, bool] = {}
        self._hashing: dict[str, bool] = {}
        self._late: dict[str, bool] = {}

    def add(self, module: str, code: CodeType, keyed_by: CodeType | None = None) -> None:
        """Register a module's code. `keyed_by`: the same code without instrumentation, from which keys are computed."""
        self._pending.append((module, code, keyed_by or code))

    def _settle(self) -> None:
        while self._pending:
            module, code, keyed_by = self._pending.pop(0)
            for c, original in zip(walk(code), walk(keyed_by), strict=True):
                key = f"{module}:{original.co_qualname}@{first_position(original)}"
                known = self._codes.get(key)
                if known is not None and known != c:
                    self._ambiguous.add(key)
                self._codes.setdefault(key, c)
                self._plain.setdefault(key, original)
                self._keys[id(c)] = key
                self._keep.append(c)

    def key_of(self, code: CodeType) -> str | None:
        """The key of a code object of the program, or of the one that it stands for (a trampoline)."""
        self._settle()
        key = self._keys.get(id(code))
        if key is None:
            original = stands_for(code)
            key = self._keys.get(id(original)) if original is not None else None
        return None if key in self._ambiguous else key

    def as_written(self, code: CodeType) -> CodeType:
        """The code without instrumentation, of a trampoline the code that it stands for."""
        key = self.key_of(code)
        return self._plain[key] if key is not None else stands_for(code) or code

    def code_of(self, key: str) -> CodeType | None:
        self._settle()
        return None if key in self._ambiguous else self._codes.get(key)

    def plain_of(self, key: str) -> CodeType:
        """The code under `key`, without instrumentation."""
        return self._plain[key]

    def names_of(self, key: str) -> tuple[frozenset[str], frozenset[str]]:
        """(global names, all names) of the code under `key`."""
        found = self._names.get(key)
        if found is None:
            code = self._plain[key]
            found = self._names[key] = (global_names(code), all_names(code))
        return found

    def deletes(self, key: str) -> bool:
        """As the function `deletes`."""
        return self._about(self._deleting, key, deletes)

    def pops(self, key: str) -> bool:
        """As the function `pops`."""
        return self._about(self._popping, key, pops)

    def asks_for_hash(self, key: str) -> bool:
        """As the function `asks_for_hash`."""
        return self._about(self._hashing, key, asks_for_hash)

    def may_end_late(self, key: str) -> bool:
        """Whether code under `key` or inside it `ends_late`."""
        return self._about(self._late, key, lambda code: any(map(ends_late, walk(code))))

    def _about(self, known: dict[str, bool], key: str, look: Callable[[CodeType], bool]) -> bool:
        if key not in known:
            known[key] = look(self._plain[key])
        return known[key]

    def every_code(self) -> list[CodeType]:
        """Every code object added so far, without instrumentation."""
        self._settle()
        return list(self._plain.values())

    def every_name(self) -> frozenset[str]:
        """Every name in every module added so far."""
        self._settle()
        return frozenset(name for code in self._plain.values() for name in names_in(code))

    def every_field(self) -> frozenset[str]:
        """Every attribute that a format string of the program may look up, wherever it is handed to."""
        self._settle()
        if self._fields[0] != len(self._plain):
            self._fields = len(self._plain), frozenset(name for code in self._plain.values() for name in fields(code))
        return self._fields[1]

    def keys(self) -> frozenset[str]:
        self._settle()
        return frozenset(self._codes) - self._ambiguous
