"""What a program left in its modules, as text that two runs can be compared by.

    describe({"app": module})    {"app.xs": "list [1, 2]", "app.ys": "&app.xs", "app.bank": "app.Bank {owner: 'Ann', rows: &app.bank.rows}",
                                  "app.bank.rows": "list [3]"}

Every object that can change has a line of its own, named by the path on which it is met first, breadth first; elsewhere it is `&path`, so
that lost or new aliases show. No code of the program runs: attributes are read past its `__getattribute__`, and `__repr__` is asked only of
types of the standard library. A set whose order follows addresses is told in an order of what its elements hold.

Also a script, so that an original is observed by an interpreter that has no faasify (a run of its own: it has a few more frames):

    python -P final_state.py OUT.json app.py ARGS...        or  OUT.json -m package ARGS...
    python -P final_state.py --uneven OUT.json app.py       with threads that get on as no machine would promise that they do not
"""

from __future__ import annotations

import atexit
import builtins
import functools
import os
import sys
from collections import OrderedDict, defaultdict, deque
from itertools import islice
from json import JSONEncoder
from os.path import join, realpath  # kept, whatever the program puts in their place
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType
from typing import Any
from weakref import ReferenceType

_encoded, _open = JSONEncoder().encode, open  # kept as well
MAX_OBJECTS = 200_000  # beyond, the state is not compared
MAX_TEXT = 2_000  # characters of one plain value; a longer one is told by its length and hash
PAUSES_S = 1.0
_MODULE_OWN = frozenset(
    {"__builtins__", "__cached__", "__doc__", "__file__", "__loader__", "__name__", "__package__", "__path__", "__spec__"}
)
_CLASS_OWN = frozenset(
    {"__abstractmethods__", "__dict__", "__doc__", "__firstlineno__", "__module__", "__qualname__", "__static_attributes__", "__weakref__"}
    | {"_abc_impl"}
)
_PLAIN = (type(None), bool, int, float, complex, str, bytes, range, type(...), type(NotImplemented))
_SEQUENCES: dict[type, Any] = {list: list.__iter__, tuple: tuple.__iter__, deque: deque.__iter__}
_MAPPINGS: dict[type, Any] = {OrderedDict: OrderedDict.items, dict: dict.items}
_SETS: dict[type, Any] = {set: set.__iter__, frozenset: frozenset.__iter__}
_SKETCHED = (2, 8)  # an element of a set, for its place there: so many levels of it, so many parts of each
_BY_ADDRESS = (type(None), MethodType, BuiltinFunctionType, ReferenceType)  # besides what has the hash of `object`
_NESTED = 30  # tuples in tuples that are told where they stand
_ENDLESS = 120  # characters of a path, from which on a number stands for it


class TooLarge(ValueError):
    """There is more state than is worth comparing."""


def describe(modules: dict[str, ModuleType]) -> dict[str, str]:
    """The lines, by path. Raises TooLarge."""
    return _Describer(modules).lines


class _Describer:
    def __init__(self, modules: dict[str, ModuleType]) -> None:
        self.lines: dict[str, str] = {}
        self._modules = {id(module): name for name, module in modules.items()}
        self._own = frozenset(module.__name__ for module in modules.values()) | {"__main__"}
        self._paths: dict[int, str] = {}
        self._todo: list[tuple[str, Any]] = []
        self._keep: list[Any] = []  # makes sure that no id is given twice
        for name, module in modules.items():
            for key, value in sorted(vars(module).items()):
                if key == "__warningregistry__" and type(value) is dict:  # "version": how often filters changed, also for a while
                    value = {k: v for k, v in value.items() if k != "version"}
                    self._keep.append(value)
                if key not in _MODULE_OWN:
                    self.lines[f"{name}.{key}"] = self._told(f"{name}.{key}", value)
        for path, value in self._todo:  # grows meanwhile
            self.lines[path] = self._parts(path, value)

    def _told(self, path: str, value: Any) -> str:
        """A value where it stands: a plain one itself, another by its path, the whole object where that is its own."""
        text = self._simple(value)
        if text is not None:
            return text
        if type(value) in (tuple, frozenset) and path.count("(") < _NESTED:  # their identity is not promised (C5)
            told = [self._told(f"{path}({i})", v) for i, v in enumerate(value if type(value) is tuple else self._ordered(value))]
            return f"({', '.join(told)})" if type(value) is tuple else f"frozenset {{{', '.join(sorted(told))}}}"
        known = self._paths.get(id(value))
        if known is not None:
            return f"&{known}"
        if len(self._todo) >= MAX_OBJECTS:
            raise TooLarge(f"more than {MAX_OBJECTS:,} objects")
        place = path if len(path) < _ENDLESS else f"object {len(self._todo)}"
        self._paths[id(value)] = place
        self._keep.append(value)
        self._todo.append((place, value))
        return f"&{place}"

    def _simple(self, value: Any) -> str | None:
        """The text of what has no parts that change; None for anything else."""
        kind = type(value)
        if kind in _PLAIN:
            return _shortened(repr(value) if kind is not int or value.bit_length() < 10_000 else hex(value))
        if kind is ModuleType:
            return f"module {self._modules.get(id(value), value.__name__)}"
        if _is(value, BuiltinFunctionType):
            return f"builtin {value.__qualname__}"
        if _is(value, type) and not self._is_own(value):
            return f"class {value.__module__}.{value.__qualname__}"
        if _is(value, FunctionType) and value.__module__ not in self._own:
            return f"function {value.__module__}.{value.__qualname__}"
        if not self._is_own(kind) and not self._has_parts(value):
            return _by_repr(value)
        return None

    def _is_own(self, cls: type) -> bool:
        return type.__getattribute__(cls, "__module__") in self._own

    def _has_parts(self, value: Any) -> bool:
        return _is(value, (*_SEQUENCES, *_MAPPINGS, *_SETS, FunctionType, MethodType, CellType, BaseException)) or bool(_space(value))

    def _parts(self, path: str, value: Any) -> str:
        """One object, its parts told where they stand."""
        if _is(value, type):
            space = {k: v for k, v in type.__getattribute__(value, "__dict__").items() if k not in _CLASS_OWN}
            if space.get("__annotations__") == {}:  # made by the first look at it
                del space["__annotations__"]
            return f"class {self._type(value)} {self._attributes(path, space)}"
        if _is(value, FunctionType):
            return f"function {value.__qualname__}{self._function(path, value)}"
        if _is(value, MethodType):
            return f"method {value.__func__.__qualname__} of {self._told(f'{path}.__self__', value.__self__)}"
        if _is(value, CellType):
            return f"cell {self._cell(path, value)}"
        text = self._type(type(value))
        for base, items in _MAPPINGS.items():
            if _is(value, base):
                text += " {" + ", ".join(self._item(path, i, k, v) for i, (k, v) in enumerate(items(value))) + "}"
                break
        for base, elements in (_SEQUENCES | _SETS).items():
            if _is(value, base):
                told = [self._told(f"{path}[{i}]", v) for i, v in enumerate(self._ordered(value) if base in _SETS else elements(value))]
                text += f" [{', '.join(sorted(told) if base in _SETS and all(t[:1] != '&' for t in told) else told)}]"
                break
        if _is(value, defaultdict):
            text += f" default {self._told(f'{path}.default_factory', value.default_factory)}"
        if _is(value, BaseException):
            text += f" {self._told(f'{path}.args', value.args)}"
        space = _space(value)
        return f"{text} {self._attributes(path, space)}" if space else text

    def _ordered(self, value: Any) -> list[Any]:
        """The elements of a set. Where their order follows addresses, which no two runs share: by what is known or can be seen of each."""
        elements = list(_elements(value))
        return sorted(elements, key=self._sketch) if any(map(_is_by_address, elements)) else elements

    def _sketch(self, value: Any, depth: int = _SKETCHED[0]) -> str:
        known = self._paths.get(id(value))
        if known is not None:
            return f"&{known}"
        text = self._simple(value)
        if text is not None:
            return text
        text = self._type(value if _is(value, type) else type(value))
        if _is(value, FunctionType):
            text += f" {value.__qualname__}"
        if not depth or _is(value, type):
            return text
        parts: list[Any] = []
        within = list(_elements(value)) if _is(value, tuple(_SETS)) else []
        for base, items in (_SEQUENCES | _MAPPINGS).items():
            if _is(value, base):
                parts += islice(items(value), _SKETCHED[1])
        parts += [part for named in islice(_space(value).items(), _SKETCHED[1]) for part in named]
        told = [self._sketch(part, depth - 1) for part in parts]
        told += sorted(self._sketch(part, depth - 1) for part in within) if len(within) <= _SKETCHED[1] else [str(len(within))]
        return f"{text} {', '.join(told)}"

    def _type(self, cls: type) -> str:
        module, name = type.__getattribute__(cls, "__module__"), type.__getattribute__(cls, "__qualname__")
        return name if module == "builtins" else f"{module}.{name}"

    def _item(self, path: str, number: int, key: Any, value: Any) -> str:
        told = self._told(f"{path} key {number}", key)
        return f"{told}: {self._told(f'{path}[{told}]', value)}"

    def _attributes(self, path: str, space: dict[str, Any]) -> str:
        return "{" + ", ".join(f"{k}: {self._told(f'{path}.{k}', v)}" for k, v in space.items()) + "}"

    def _function(self, path: str, fn: FunctionType) -> str:
        attributes = fn.__dict__
        if fn.__code__.co_filename == functools.__file__:  # singledispatch's: what it has looked up so far is its own
            attributes = {k: v for k, v in attributes.items() if k != "_clear_cache"}
        state: dict[str, Any] = {"defaults": fn.__defaults__, "kwdefaults": fn.__kwdefaults__, "attributes": attributes or None}
        state |= dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=False))
        told = {k: v for k, v in state.items() if v is not None}
        return f" {self._attributes(path, told)}" if told else ""

    def _cell(self, path: str, cell: CellType) -> str:
        try:
            return self._told(f"{path}.contents", cell.cell_contents)
        except ValueError:
            return "empty"


def _elements(value: Any) -> Any:
    return set.__iter__(value) if _is(value, set) else frozenset.__iter__(value)


def _is_by_address(value: Any) -> bool:
    """Whether the hash of an element of a set follows its place in memory, or that of something in it."""
    todo = [value]
    for each in todo:  # grows meanwhile
        if _is(each, (tuple, frozenset)):
            todo += tuple.__iter__(each) if _is(each, tuple) else frozenset.__iter__(each)
            continue
        mro = type.__getattribute__(type(each), "__mro__")
        if _is(each, _BY_ADDRESS) or next(cls for cls in mro if "__hash__" in type.__getattribute__(cls, "__dict__")) is object:
            return True
    return False


def _is(value: Any, kinds: Any) -> bool:
    """As isinstance, without asking for a `__class__` of the program's."""
    return issubclass(type(value), kinds)


def _space(value: Any) -> dict[str, Any]:
    """Attributes and slots of an object, without asking it."""
    found: dict[str, Any] = {}
    for cls in reversed(type.__getattribute__(type(value), "__mro__")):
        if cls.__flags__ & 1 << 9:  # a heap type: made by a class statement
            for name, member in list(type.__getattribute__(cls, "__dict__").items()):
                if type(member).__name__ == "member_descriptor" and not name.endswith("offset__"):  # for C code: where something lies
                    try:
                        found[name] = member.__get__(value)
                    except AttributeError:
                        pass
    try:
        found.update(object.__getattribute__(value, "__dict__"))
    except (AttributeError, TypeError):
        pass
    if type.__getattribute__(type(value), "__module__") == "logging":
        found.pop("_cache", None)  # a logger's, of levels that it was asked for
    return found


def _by_repr(value: Any) -> str:
    """Values of the standard library's types; those that say no more than where they lie are told by their type."""
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if kind.__module__.partition(".")[0] not in sys.stdlib_module_names:
        return f"a {name}"
    if kind.__name__ == "Random":
        return f"{name} {hash(value.getstate())}"
    text = repr(value)
    return f"a {name}" if " at 0x" in text or " @ 0x" in text else _shortened(text)


def _shortened(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return text
    import hashlib

    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[:80]}... ({len(text):,} characters, sha256 {digest[:16]})"


def program_modules(root: str) -> dict[str, ModuleType]:
    """The main module and the loaded modules whose files lie below `root`, by name. (The main one has lost its `__file__` by now.)"""
    below = join(realpath(root), "")
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if type(module) is ModuleType and (name == "__main__" or (type(file) is str and realpath(file).startswith(below))):
            found[name] = module
    return dict(sorted(found.items()))


def write(path: str, root: str) -> None:
    """Write {"state": {path: text}} or {"why_not": text}."""
    try:
        told: dict[str, Any] = {"state": describe(program_modules(root))}
    except TooLarge as error:
        told = {"why_not": str(error)}
    with _open(path, "w", encoding="utf-8", errors="surrogatepass") as f:
        f.write(_encoded(told))


def _let_threads_wait() -> None:
    """Each thread but the first waits here and there for up to 4 ms, PAUSES_S in all: what their order was owed to luck shows."""
    import threading
    from time import sleep

    left = PAUSES_S

    def wait(frame: Any, event: str, arg: Any) -> None:
        nonlocal left
        length = (os.urandom(1)[0] - 128) / 32_000  # not of `random`, of which the program may have set the seed
        if event == "call" and length > 0 and left > 0:
            left -= length
            sleep(length)

    threading.setprofile(wait)


def _observe(out: str, words: list[str]) -> None:
    """Run a program as `python` does, and write what it left when everything else is over."""
    import runpy

    main = sys.modules["__main__"] = ModuleType("__main__")
    vars(main).update(__builtins__=builtins, __annotations__={})  # as the interpreter makes it
    run: Any = runpy
    if words[0] == "-m":
        root = os.getcwd()
        sys.argv[:], sys.path[:0] = words[1:], [root]
        atexit.register(write, out, root)
        run._run_module_as_main(words[1], alter_argv=True)
    elif os.path.isdir(words[0]):
        root = os.path.abspath(words[0])
        sys.argv[:], sys.path[:0] = words, [words[0]]
        atexit.register(write, out, root)
        run._run_module_as_main("__main__", alter_argv=False)
    else:
        file = os.path.abspath(words[0])
        sys.argv[:], sys.path[:0] = words, [os.path.dirname(file)]
        vars(main)["__file__"] = words[0] if os.path.isabs(words[0]) else file
        atexit.register(write, out, os.path.dirname(file))
        with _open(file, "rb") as f:
            code = compile(f.read(), file, "exec", dont_inherit=True)
        exec(code, vars(main))


if __name__ == "__main__":
    if sys.argv[1] == "--uneven":
        del sys.argv[1]
        _let_threads_wait()
    _observe(sys.argv[1], sys.argv[2:])
