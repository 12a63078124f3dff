"""Runs programs and writes down their calls in the names of `analyze --format pycg`: `witness.py OUT FOLDER...`, each with a `main.py`.

    def f(x): return g(x)          {"FOLDER": [["main", "main.f"], ["main.f", "main.g"], ["main.f", "<builtin>.len"]]}
    def g(x): return len(x)
    f("")

Two sources of truth. Every function of the program that is entered is called by the nearest frame of the program below it, whatever
lies between (`functools.reduce` in C, `contextlib` in Python). And every call that stands in the source is seen with the object that is
called, so that builtins, library functions and generators, which are not entered when they are called, are known too.
Nothing but the standard library.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import json
import os
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FrameType

COMPREHENSIONS = frozenset(["<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"])
OPTIMIZED, RESUMABLE = 0x1, 0x20 | 0x80 | 0x200
Decorated = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
WITNESS = "_witness_of_calls"
TYPES = {"str": "PyStr", "list": "PyList", "dict": "PyDict", "tuple": "PyTuple", "set": "PySet", "int": "PyNum", "float": "PyNum"}


class Calls(ast.NodeTransformer):
    """`f(x)` -> `witness(f)(x)`; `@f` -> `@witness(f)`, but for what only makes a method another kind of attribute"""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        return ast.copy_location(ast.Call(_watched(node.func), node.args, node.keywords), node)

    def visit_FunctionDef(self, node: Decorated) -> Decorated:
        self.generic_visit(node)
        node.decorator_list = [d if isinstance(d, ast.Call) or _is_descriptor(d) else _watched(d) for d in node.decorator_list]
        return node

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef


def _watched(node: ast.expr) -> ast.Call:
    return ast.copy_location(ast.Call(ast.Name(WITNESS, ast.Load()), [node], []), node)


def _is_descriptor(node: ast.expr) -> bool:
    return ast.unparse(node).rpartition(".")[2] in ("staticmethod", "classmethod", "property", "setter", "getter", "deleter")


class Witness:
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.names: dict[int, str] = {}  # by id: two modules may have equal code
        self.alive: list[CodeType] = []
        self.edges: dict[tuple[str, str], None] = {}
        self.resumed: dict[tuple[str, str], None] = {}

    # -- names

    def compile(self, text: str, path: str, module: str) -> CodeType:
        tree = ast.fix_missing_locations(Calls().visit(ast.parse(text)))
        code = compile(tree, path, "exec", dont_inherit=True)
        self._name(code, module)
        return code

    def _name(self, code: CodeType, name: str) -> None:
        self.names[id(code)] = name
        self.alive.append(code)
        lambdas = 0
        for inner, own in self._inside(code):
            if not own:
                self.names[id(inner)] = name
            elif inner.co_name == "<lambda>":
                lambdas += 1
                self._name(inner, f"{name}.<lambda{lambdas}>")
            else:
                self._name(inner, f"{name}.{inner.co_name}")

    def _inside(self, code: CodeType) -> Iterator[tuple[CodeType, bool]]:
        """The code objects of the functions and classes directly in this one; those of comprehensions are looked through."""
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                own = constant.co_name not in COMPREHENSIONS and not constant.co_name.startswith("<generic parameters")
                yield constant, own
                if not own:
                    yield from self._inside(constant)

    def around(self, frame: FrameType | None) -> str | None:
        """The name of the nearest frame of the program."""
        while frame is not None and id(frame.f_code) not in self.names:
            frame = frame.f_back
        return self.names[id(frame.f_code)] if frame is not None else None

    # -- what is seen

    def entered(self, frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if event != "call" or id(code) not in self.names or not code.co_flags & OPTIMIZED or code.co_name in COMPREHENSIONS:
            return
        caller = self.around(frame.f_back)
        if caller is not None:
            kept = self.resumed if code.co_flags & RESUMABLE else self.edges
            kept[caller, self.names[id(code)]] = None

    def called(self, value: object) -> object:
        caller, callee = self.around(sys._getframe(1)), self.name_of(value)
        if caller is not None and callee is not None:
            self.edges[caller, callee] = None
        return value

    def name_of(self, value: object) -> str | None:
        """None for what shows itself when it is entered: classes of the program, instances that can be called."""
        match value:
            case types.FunctionType():
                return self.names.get(id(value.__code__)) or self.of_library(value)
            case types.MethodType():
                return self.name_of(value.__func__)
            case types.BuiltinFunctionType():
                owner = value.__self__
                if owner is None or isinstance(owner, types.ModuleType):
                    return _library(value.__module__ or "builtins", value.__name__)
                return _member(owner if isinstance(owner, type) else type(owner), value.__name__)
            case types.MethodWrapperType(__name__="__init__", __objclass__=owner) if owner is object:
                return None  # where `super().__init__()` ends: no graph has it
            case types.MethodDescriptorType() | types.WrapperDescriptorType() | types.MethodWrapperType():
                return _member(value.__objclass__, value.__name__)
            case type():
                module = sys.modules.get(value.__module__)
                return None if module is None or self.owns(module) else _library(value.__module__, value.__qualname__)
        return None

    def of_library(self, function: types.FunctionType) -> str | None:
        """What a library puts in place of a function (`contextlib.contextmanager`) takes its module and name on."""
        module = sys.modules.get(function.__module__)
        taken = module is None or self.owns(module) or function.__code__.co_qualname != function.__qualname__
        return None if taken else _library(function.__module__, function.__qualname__)

    def owns(self, module: types.ModuleType) -> bool:
        places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", ())]
        return any(place.startswith(self.folder + os.sep) for place in places)

    def result(self) -> list[tuple[str, str]]:
        """A generator is called where it is made; where that is not seen (`__iter__`), by who resumes it first."""
        callees = {callee for _, callee in self.edges}
        return [*self.edges, *(edge for edge in self.resumed if edge[1] not in callees)]


def _member(owner: type, name: str) -> str:
    native = [cls for cls in owner.__mro__ if name in cls.__dict__ and not isinstance(cls.__dict__[name], types.FunctionType)]
    defining = native[0] if native else owner
    return _library(defining.__module__, f"{defining.__qualname__}.{name}")


def _library(module: str, qualname: str) -> str:
    if module != "builtins":
        return f"{module}.{qualname}"
    kind, _, method = qualname.partition(".")
    return f"<**{TYPES[kind]}**>.{method}" if method and kind in TYPES else f"<builtin>.{qualname}"


class Importer(importlib.abc.MetaPathFinder):
    """Loads the program's modules with their calls watched."""

    def __init__(self, witness: Witness) -> None:
        self.witness = witness

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is None or not (spec.origin or "").startswith(self.witness.folder + os.sep):
            return None if spec is None or spec.origin is not None else spec
        spec.loader = Loader(self.witness, fullname, spec.origin or "")
        return spec


class Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, witness: Witness, fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self.witness = witness

    def get_code(self, fullname: str) -> CodeType:
        return self.witness.compile(self.get_data(self.path).decode(), self.path, fullname)


def run(folder: str) -> list[tuple[str, str]]:
    """The edges of one program, run as a script in this process."""
    folder = os.path.realpath(folder)
    witness = Witness(folder)
    importer = Importer(witness)
    before = set(sys.modules)
    path = os.path.join(folder, "main.py")
    main = types.ModuleType("__main__")
    main.__file__ = path
    with open(path) as file:
        code = witness.compile(file.read(), path, "main")
    setattr(sys.modules["builtins"], WITNESS, witness.called)
    sys.meta_path.insert(0, importer)
    sys.path.insert(0, folder)
    kept, sys.modules["__main__"] = sys.modules["__main__"], main
    try:
        _quietly(lambda: exec(code, main.__dict__), witness)
    finally:
        sys.modules["__main__"] = kept
        sys.path.remove(folder)
        sys.meta_path.remove(importer)
        for name in set(sys.modules) - before:
            if witness.owns(sys.modules[name]):
                del sys.modules[name]
        sys.path_importer_cache.clear()
    return witness.result()


def _quietly(program: Callable[[], None], witness: Witness) -> None:
    stdout = sys.stdout
    with open(os.devnull, "w") as sys.stdout:
        sys.setprofile(witness.entered)
        try:
            program()
        finally:
            sys.setprofile(None)
            sys.stdout = stdout


def main() -> None:
    out, *folders = sys.argv[1:]
    found: dict[str, list[tuple[str, str]] | str] = {}
    for folder in folders:
        try:
            found[folder] = run(folder)
        except BaseException as error:  # the message in place of the edges
            found[folder] = f"{type(error).__name__}: {error}"
    with open(out, "w") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main()
