"""Closed code: what it can reach is what it was given. No object of the library that has a state, no module, no frame.

After a call of such code the unit need not compare what belongs to the library and to the process, before it the caller need not. Names,
instructions and nodes decide, each by a list of what is known to be harmless: what is not listed is not closed.

    facts([code]).closed        def f(xs): return sum(x.size for x in xs)         True
                                def f(p): return getattr(p, name)                 False: any attribute, by a computed name
"""

from __future__ import annotations

import builtins
import opcode
import re
import sys
from collections import deque
from collections.abc import Set
from types import CodeType
from typing import Any

from faasify.runtime.unit.codes import all_names, walk

# Builtins that look at no state of the process and hand out none.
HARMLESS = frozenset(
    {
        *("abs", "all", "any", "ascii", "bin", "bool", "bytearray", "bytes", "callable", "chr", "complex", "dict", "divmod", "enumerate"),
        *("filter", "float", "frozenset", "hash", "hex", "int", "isinstance", "issubclass", "iter", "len", "list", "map", "max", "min"),
        *("next", "object", "oct", "ord", "pow", "print", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum"),
        *("super", "tuple", "type", "zip", "Ellipsis", "NotImplemented", "property", "staticmethod", "classmethod", "__build_class__"),
    }
) | {name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)}
_OTHER_BUILTINS = frozenset(vars(builtins)) - HARMLESS
# Attributes by which an object leads to the interpreter's insides; whatever begins with two underscores is one of them, these apart.
_DUNDERS = frozenset(
    f"__{name}__"
    for name in (
        *("init", "new", "post_init", "name", "qualname", "doc", "class", "slots", "match_args", "call", "enter", "exit", "cause", "notes"),
        *("hash", "repr", "str", "bool", "len", "iter", "next", "reversed", "contains", "missing", "getitem", "setitem", "delitem"),
        *("int", "float", "index", "build_class"),
    )
)
# Those of operators may return NotImplemented.
_OPERATORS = frozenset(
    f"__{name}__"
    for name in (
        *("eq", "ne", "lt", "le", "gt", "ge", "neg", "pos", "abs", "add", "sub", "mul", "truediv", "floordiv"),
        *("mod", "pow", "and", "or", "xor", "radd", "rsub", "rmul", "iadd", "isub"),
    )
)
_PREFIXES = ("__", "gi_", "cr_", "ag_", "tb_", "f_", "co_")
_LEADS_OUT = frozenset({"format", "format_map", "mro", "with_traceback"})  # "{0.__class__}".format(x)
_IMPORTS = frozenset(
    opcode.opmap[name] for name in ("IMPORT_NAME", "IMPORT_STAR", "IMPORT_FROM", "LOAD_BUILD_CLASS") if name in opcode.opmap
)
_SUBSCRIPTS = frozenset(opcode.opmap[name] for name in ("STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE") if name in opcode.opmap)
_BINARY, _IN_PLACE = opcode.opmap["BINARY_OP"], 13  # the first of the operators in place, NB_INPLACE_ADD
# Methods by which a built-in container is changed: those that it has and that do not only read.
_READ_ONLY = {"copy", "count", "index", "fromkeys", "get", "items", "keys", "values", *vars(frozenset), *vars(bytes)}
CHANGING = frozenset(
    {name for kind in (list, dict, set, bytearray, deque) for name in vars(kind) if not name.startswith("__")} - _READ_ONLY
) | {"__setitem__", "__delitem__", "__iadd__", "__isub__"}
# By these, C code fills what it was given, or what a class of the program gives it, or keeps it to change it later.
CHANGING |= {"__init__", "fromkeys", "add_note"}
_MATCHES = opcode.opmap["MATCH_CLASS"]
_SETS_ATTRIBUTES = frozenset(opcode.opmap[name] for name in ("STORE_ATTR", "DELETE_ATTR"))
# ~True, bool(NotImplemented), not 1 .__eq__("a"), math.factorial(3.0), an `__int__` that returns True, a coroutine that nobody awaits,
# b"\\d".decode("unicode_escape"), generator.throw(ValueError, "v")
_WARNS = frozenset(opcode.opmap[name] for name in ("UNARY_INVERT",) if name in opcode.opmap)
_WARNING = frozenset({"NotImplemented", "factorial", "__invert__", "throw"}) | _OPERATORS
_CONVERSIONS = frozenset({"__int__", "__index__", "__float__", "__complex__", "__trunc__"})
_COROUTINE = 0x80 | 0x200  # CO_COROUTINE, CO_ASYNC_GENERATOR
_BINDS = frozenset(opcode.opmap[name] for name in ("STORE_GLOBAL", "DELETE_GLOBAL", "STORE_NAME", "DELETE_NAME"))
# Nodes (codec.py) that hold what was given and nothing else; "ref" and "R" depend on what they name.
_NODES = frozenset(
    {
        *("f", "cell", "m", "sm", "cm", "prop", "cp", "P", "M", "C", "l", "L", "t", "D", "d", "dof", "s", "z", "b", "q", "dd", "od", "o"),
        *("c", "nan", "k", "obj", "bd", "bm", "e", "p", "I"),
    }
)
_VALUES = frozenset({"builtins.range", "builtins.slice", "datetime.date", "datetime.timedelta", "fractions.Fraction", "uuid.UUID"})
# Library modules in which nothing reads a clock, the names in _CLOCKS apart. Entropy is another each time, whenever that is.
TIMELESS = frozenset(
    {
        *("builtins", "math", "cmath", "itertools", "functools", "operator", "collections", "collections.abc", "string", "re", "json"),
        *("fractions", "decimal", "numbers", "heapq", "bisect", "textwrap", "hashlib", "zlib", "base64", "binascii", "struct", "array"),
        *("unicodedata", "difflib", "copy", "typing", "dataclasses", "enum", "abc", "types", "html", "colorsys", "_collections"),
        *("random", "statistics", "numpy", "numpy.linalg", "numpy.fft", "numpy.random", "numpy.polynomial"),
    }
)
_CLOCKS = frozenset({"datetime64"})
_TEXT_OF_CLOCK = re.compile(r"now|today|[<>=|]?M8.*|datetime64.*", re.IGNORECASE | re.DOTALL)  # np.array("now", "M8[s]")
_REFS = frozenset(
    {"dataclasses:MISSING", "collections:deque", "collections:defaultdict", "collections:OrderedDict", "math:", "abc:ABCMeta", "abc:ABC"}
)


class Facts:
    """`stores`: "attributes" if it sets attributes, "globals" if it binds or removes global names. `changes`: closed code may change what
    a container holds that it is given. `warns`: the interpreter may warn of what it does."""

    __slots__ = ("changes", "closed", "stores", "warns")

    def __init__(self, closed: bool, stores: list[str], changes: bool, warns: bool) -> None:
        self.closed, self.stores, self.changes, self.warns = closed, stores, changes, warns


def facts(codes: list[CodeType]) -> Facts:
    """Of code objects and everything inside them."""
    all_codes = [inner for code in codes for inner in walk(code)]
    instructions = {pair for code in all_codes for pair in zip(code.co_code[::2], code.co_code[1::2], strict=True)}
    ops = {op for op, _ in instructions}
    names = frozenset(name for code in codes for name in all_names(code))
    made = {code.co_name for code in all_codes}
    coroutines = any(code.co_flags & _COROUTINE for code in all_codes)
    escapes = any(type(const) is str and "escape" in const for code in all_codes for const in code.co_consts)
    warns = coroutines or escapes or bool(ops & _WARNS or names & _WARNING or made & _CONVERSIONS or sys.flags.bytes_warning)
    # A class pattern with positions looks at attributes whose names a value says, `__match_args__`.
    positional = any(op == _MATCHES and arg for op, arg in instructions)
    in_place = any(op == _BINARY and arg >= _IN_PLACE for op, arg in instructions)  # which a list or a set may do
    closed = not (ops & _IMPORTS or positional) and all(map(_harmless_name, names))
    changes = in_place or bool(ops & _SUBSCRIPTS or names & CHANGING)
    return Facts(closed, ["attributes"] * bool(ops & _SETS_ATTRIBUTES) + ["globals"] * bool(ops & _BINDS), changes, warns)


def timeless(libraries: Set[str], names: Set[str], codes: list[CodeType]) -> bool:
    """Whether code that uses these libraries, with these names, does the same at any time."""
    if not (libraries <= TIMELESS and _CLOCKS.isdisjoint(names)):
        return False
    reads = any(name.partition(".")[0] == "numpy" for name in libraries)
    return not (reads and any(map(_tells_time, (const for code in codes for inner in walk(code) for const in inner.co_consts))))


def _tells_time(const: Any) -> bool:
    """Whether numpy may take a constant for the present time."""
    if type(const) in (tuple, frozenset):
        return any(map(_tells_time, const))
    return type(const) is str and _TEXT_OF_CLOCK.fullmatch(const) is not None


def _harmless_name(name: str) -> bool:
    """Of a global or an attribute: they are not told apart."""
    if name in _OTHER_BUILTINS or name in _LEADS_OUT:
        return False
    return not name.startswith(_PREFIXES) or name in _DUNDERS or name in _OPERATORS


def harmless_values(nodes: list[Any]) -> bool:
    """Whether what these nodes refer to does nothing by itself that code which does not name it could not do."""
    for node in nodes:
        tag = node[0]
        if tag == "ref":
            module, _, name = node[1].partition(":")
            if module != "builtins" or name not in HARMLESS or name == "print":
                return False
        elif (tag in ("bd", "bm") and not _harmless_name(node[2])) or (tag == "R" and node[1] == "operator.attrgetter"):
            return False
    return True


def may_warn(nodes: list[Any]) -> bool:
    """Whether the interpreter may warn of what is done with these values, by code that does not name what it does."""
    for node in nodes:
        tag = node[0]
        if tag == "C" and any(type(name) is str and name in _CONVERSIONS for name in node[6][::2]):
            return True
        if (tag == "k" and node[1] == "NotImplemented") or (tag in ("bm", "bd") and node[2] in _WARNING):
            return True
    return False


def closed_nodes(nodes: list[Any]) -> bool:
    """Whether the objects that these nodes describe lead nowhere else."""
    for node in nodes:
        tag = node[0]
        if tag == "ref":
            module, _, name = node[1].partition(":")
            if not (module == "builtins" and name in HARMLESS) and module != "math" and node[1] not in _REFS:
                return False
        elif tag == "R":
            if node[1] not in _VALUES:
                return False
        elif tag not in _NODES or (tag in ("bd", "bm") and not _harmless_name(node[2])):
            return False
    return True
