"""Code that may look at the program's globals by a name that no code of it mentions (C1): such code is sent all of them.

globals()["x"]                            by itself
pickle.loads(data)                        a library that looks classes and functions up
typing.get_type_hints(f)                  a library that evaluates the text of annotations
@dataclass class P: n: "ClassVar[int]"    the same, while it makes a class
"""

from __future__ import annotations

from collections.abc import Iterable, Set

# Any global, classes that nothing refers to, or the modules themselves.
DYNAMIC = frozenset(
    {"globals", "vars", "locals", "eval", "exec", "dir", "modules", "__globals__", "__import__", "import_module", "__builtins__"}
    | {"attrgetter", "get_type_hints", "get_annotations", "eval_str", "dataclass", "make_dataclass"}
)
# Any attribute of a module that the code has got hold of.
COMPUTED = frozenset({"getattr", "hasattr", "__dict__", "getmembers", "attrgetter", "methodcaller"})
# Libraries that look the program's names up.
LIBRARIES = (
    *("pickle:", "_pickle:", "shelve:", "copyreg:", "multiprocessing", "unittest", "doctest:", "pkgutil:", "pydoc:", "timeit:"),
    *("runpy:", "code:", "logging.config:", "typing:get_type_hints", "inspect:get_annotations"),
    *("dataclasses:dataclass", "dataclasses:make_dataclass"),
)
SINGLEDISPATCH = frozenset({"functools:singledispatch", "functools:singledispatchmethod"})  # `register` reads the annotations


def looks_up_by_text(names: Set[str], refs: Iterable[str], mentioned: Set[str]) -> bool:
    """Whether code that uses these names and library objects may; `mentioned`: library objects in the program's source."""
    if names & DYNAMIC or ("register" in names and SINGLEDISPATCH & mentioned):
        return True
    return any(ref.startswith(LIBRARIES) for ref in refs)
