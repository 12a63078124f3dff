"""What every generated program imports: how values are shown, with their identities, and how a call's end is told.

show([1, x := []], x)   ->   "#0[1, #1[]] #1"
"""

import copy
import enum
import functools
import types
import zlib
from collections import OrderedDict, defaultdict, deque


class Shown:
    """One walk over an object graph; each object is numbered when it is met first."""

    def __init__(self):
        self.seen = []  # searched with `is`: code that calls id() stays where it is

    def walk(self, x):
        if isinstance(x, enum.Enum):
            return f"{x}"
        if _value(x):
            return repr(x) if type(x) is not frozenset else self.contents(x)
        for number, met in enumerate(self.seen):
            if met is x:
                return f"#{number}"
        self.seen.append(x)
        return f"#{len(self.seen) - 1}{self.inside(x)}"

    def all(self, values):
        return ", ".join([self.walk(v) for v in values])

    def named(self, pairs):
        return ", ".join([f"{k}={self.walk(v)}" for k, v in pairs])

    def inside(self, x):
        if isinstance(x, types.FunctionType):
            cells = [] if x.__closure__ is None else [c.cell_contents for c in x.__closure__ if not _empty(c)]
            defaults = f"{self.walk(x.__defaults__)} {self.walk(x.__kwdefaults__)}"
            return f"def {x.__qualname__}({defaults} {self.all(cells)} {self.named(x.__dict__.items())})"
        if isinstance(x, types.MethodType):
            return f"method({self.walk(x.__func__)}, {self.walk(x.__self__)})"
        if isinstance(x, functools.partial):
            return f"partial({self.walk(x.func)}, {self.walk(x.args)}, {self.walk(x.keywords)})"
        if isinstance(x, type):
            return f"class {x.__qualname__}<{self.named((k, v) for k, v in x.__dict__.items() if _data(k, v))}>"
        if callable(x) and not hasattr(x, "__dict__"):
            return getattr(x, "__qualname__", type(x).__name__)
        if isinstance(x, BaseException):
            return self.failure(x)
        return f"{type(x).__name__}{self.contents(x)}{self.attributes(x)}"

    def failure(self, e):
        chain = [("cause", e.__cause__), ("context", e.__context__), ("quiet", e.__suppress_context__)]
        return f"{type(e).__name__}<{self.named([('args', e.args), *chain, *e.__dict__.items()])}>"

    def contents(self, x):
        if isinstance(x, dict):
            more = f" factory={self.walk(x.default_factory)}" if isinstance(x, defaultdict) else ""
            items = OrderedDict.items(x) if isinstance(x, OrderedDict) else dict.items(x)
            return "{" + ", ".join([f"{self.walk(k)}: {self.walk(v)}" for k, v in items]) + "}" + more
        if isinstance(x, list):
            return "[" + self.all(list.__iter__(x)) + "]"
        if isinstance(x, deque):
            return f"[{self.all(deque.__iter__(x))}] maxlen={x.maxlen}"
        if isinstance(x, tuple):
            return "(" + self.all(tuple.__iter__(x)) + ")"
        if isinstance(x, (set, frozenset)):
            return "{" + self.all(sorted(x, key=lambda e: (type(e).__name__, str(e) if type(e) in (int, str, float, tuple) else ""))) + "}"
        if isinstance(x, (bytearray, int, str, float)):
            return f" {bytes(x) if isinstance(x, bytearray) else type(x).__mro__[-2].__repr__(x)}"
        return ""

    def attributes(self, x):
        found = list(x.__dict__.items()) if hasattr(x, "__dict__") else []
        for base in type(x).__mro__:
            slots = base.__dict__.get("__slots__", ())
            for slot in [slots] if isinstance(slots, str) else slots:
                if slot not in ("__dict__", "__weakref__") and hasattr(x, slot):
                    found.append((slot, getattr(x, slot)))
        if type(x) is type(iter(range(0))):
            return f"<{copy.copy(x).__length_hint__()} {next(copy.copy(x), None)}>"
        if not found and type(x).__name__.endswith("iterator"):
            return "<" + self.walk(x.__reduce__()[1:]) + ">"
        return "<" + self.named(found) + ">" if found else ""


def _value(x):
    """Whether the identity of x does not count: a constant, or a tuple of constants."""
    if type(x) in (tuple, frozenset):
        return all(map(_value, x))
    return type(x) in (bool, int, float, complex, str, bytes, type(None), range, type(Ellipsis), type(NotImplemented))


def _empty(cell):
    try:
        return cell.cell_contents is cell
    except ValueError:
        return True


def _data(name, value):
    """Whether a class attribute is the program's data."""
    return not name.startswith("_") and isinstance(value, (int, str, list, dict, set, tuple, deque, type(None), types.FunctionType))


def show(*values):
    """The values as one text; what is very long ends in a checksum."""
    text = " ".join([shown.walk(v) for shown in [Shown()] for v in values])
    return text if len(text) < 1500 else f"{text[:1200]}...{zlib.crc32(text.encode())}"


def tell(e):
    """An exception that ended a call, with the functions and lines of its traceback."""
    rows, tb = [], e.__traceback__
    while tb is not None:
        rows.append(f"{tb.tb_frame.f_code.co_name}:{tb.tb_lineno}")
        tb = tb.tb_next
    print("raised", show(e, getattr(e, "__notes__", None)), _text(e), len(rows), *rows[:9])


def _text(e):
    """Its message, where no address can be in it."""
    return str(e)[:80] if all(type(a) in (int, str, float) for a in e.args) else len(e.args)


def num(x):
    """Any value as a small number."""
    if isinstance(x, int):
        return int(x) % 1000
    return len(x) % 1000 if isinstance(x, (list, str, dict, tuple, set, deque)) else 7


# State of a second module

COUNT, TABLE, LOG = 0, {}, []


def bump(x):
    global COUNT
    COUNT = num(COUNT + num(x))
    return COUNT


def note(x):
    LOG.append(x)
    del LOG[:-4]
    return LOG
