"""Code that may look at the program's globals by a name that no code of it mentions (C1): such code is sent all of them.

globals()["x"]                            by itself
pickle.loads(data)                        a library that looks classes and functions up
typing.get_type_hints(f)                  a library that evaluates the text of annotations
@dataclass class P: n: "ClassVar[int]"    the same, while it makes a class
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any

# Any global, classes that nothing refers to, or the modules themselves.
DYNAMIC = frozenset(
    {"globals", "vars", "locals", "eval", "exec", "dir", "modules", "__globals__", "__import__", "import_module", "__builtins__"}
    | {"attrgetter", "get_type_hints", "get_annotations", "eval_str", "dataclass", "make_dataclass"}
)
# Any attribute of a module that the code has got hold of.
COMPUTED = frozenset({"getattr", "hasattr", "__dict__", "getmembers", "getattr_static", "__getattribute__", "attrgetter", "methodcaller"})
# Libraries that look the program's names up.
LIBRARIES = (
    *("pickle:", "_pickle:", "shelve:", "copyreg:", "multiprocessing", "unittest", "doctest:", "pkgutil:", "pydoc:", "timeit:"),
    *("runpy:", "code:", "logging.config:", "typing:get_type_hints", "inspect:get_annotations"),
    *("dataclasses:dataclass", "dataclasses:make_dataclass"),
)
# Look up what a format string says.
FORMATS = frozenset({"format", "format_map", "Formatter", "vformat"})
SINGLEDISPATCH = frozenset({"functools:singledispatch", "functools:singledispatchmethod"})  # `register` reads the annotations


def named_by(node: list[Any]) -> list[str]:
    """What code that has the value of a node can do by it, as the name that code without it would need: `look = getattr; look(m, n)`."""
    tag = node[0]
    if tag == "ref":
        return [node[1].rpartition(":")[2].rpartition(".")[2]]
    if tag in ("bm", "bd"):
        return [node[2]]
    if tag == "R" and node[1] == "operator.attrgetter":
        return [name for part in node[2] if type(part) is str for name in part.split(".")]
    return []


NAMING = frozenset({"ref", "bm", "bd", "R"})  # tags for which that is something


def looks_up_by_text(names: Set[str], refs: Iterable[str], mentioned: Set[str]) -> bool:
    """Whether code that uses these names and library objects may; `mentioned`: library objects in the program's source."""
    if names & DYNAMIC or ("register" in names and SINGLEDISPATCH & mentioned):
        return True
    return any(ref.startswith(LIBRARIES) for ref in refs)
