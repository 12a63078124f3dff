"""Values made by a constructor from simpler ones: dates, numbers, patterns, paths, arrays, iterators.

One table says how each type is taken apart and put together; `R` is the tag of all of them: ["R", name, [parts]]. Identity is
kept as for every node; of those that change in place (array, StringIO, Random, iterators) changed_instances.py compares the parts.
"""

from __future__ import annotations

import io
import sys
from collections import OrderedDict
from collections.abc import Callable
from gc import get_referents
from importlib.machinery import ExtensionFileLoader, ModuleSpec, SourceFileLoader, SourcelessFileLoader
from types import MappingProxyType
from typing import Any

from faasify.runtime.unit.codec import ENCODERS, CodecError, Decoder, Encoder, Untravellable, encodes, makes
from faasify.runtime.unit.kinds import module_of


class Parts:
    """How a type comes apart and goes together again. `restore` puts new parts into an object in place (None: immutable)."""

    def __init__(
        self, take: Callable[[Any], tuple[Any, ...]], make: Callable[..., Any], restore: Callable[..., None] | None = None
    ) -> None:
        self.take = take
        self.make = make
        self.restore = restore


TABLE: dict[str, Parts] = {}
LATE: dict[str, Callable[..., None]] = {}  # what is left to do once lists are filled
NAMES: dict[type, str] = {}


def carries(
    kind: type, take: Callable[[Any], tuple[Any, ...]], make: Callable[..., Any] | None = None, restore: Callable[..., None] | None = None
) -> None:
    name = f"{kind.__module__}.{kind.__qualname__}"
    TABLE[name] = Parts(take, make or kind, restore)
    NAMES[kind] = name
    encodes(kind)(_encode)


def _encode(enc: Encoder, obj: Any) -> list[Any]:
    name = NAMES[type(obj)]
    if attributes_of(obj):
        raise Untravellable(f"a {type(obj).__name__} that was given attributes", obj)
    return ["R", name, enc.values(TABLE[name].take(obj))]


@makes("R")
def _make(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, name, wires = node
    if type(name) is str and name not in TABLE:
        home = name.rpartition(".")[0]
        _load(home if home in LAZY else home.partition(".")[0])
    parts = TABLE.get(name) if type(name) is str else None
    if parts is None:
        raise CodecError(f"unknown type {name!r}")
    values = dec.values(wires)
    obj = parts.make(*values)
    if name in LATE:
        dec.later(2, lambda: LATE[name](obj, *values))
    return obj


def attributes_of(obj: Any) -> list[str]:
    """Names of attributes that the program has set on an object of these types."""
    return [name for name in vars(obj) if name not in _OWN] if type(obj).__dictoffset__ else []


_OWN = frozenset({"gauss_next"})


def restore(obj: Any, parts: list[Any]) -> None:
    """Put `parts` into `obj` in place."""
    put = TABLE[NAMES[type(obj)]].restore
    if put is None:
        raise CodecError(f"a {type(obj).__name__} cannot change")
    put(obj, *parts)


def mutable(obj: Any) -> bool:
    return TABLE[NAMES[type(obj)]].restore is not None


@encodes(complex)
def _complex(enc: Encoder, obj: complex) -> list[Any]:
    return ["c", obj.real, obj.imag]


@makes("c")
def _make_complex(dec: Decoder, i: int, node: list[Any]) -> Any:
    return complex(node[1], node[2])


_NANS = ("math", "numpy")  # `x is np.nan`: theirs are theirs over there


@encodes(float)
def _nan(enc: Encoder, obj: float) -> list[Any]:
    import struct

    homes = [name for name in _NANS if vars(sys.modules.get(name, sys)).get("nan") is obj]
    return ["nan", struct.pack("<d", obj), *homes[:1]]


@makes("nan")
def _make_nan(dec: Decoder, i: int, node: list[Any]) -> Any:
    import struct

    made = struct.unpack("<d", node[1])[0]
    return vars(sys.modules.get(node[2], sys)).get("nan", made) if node[2:] and node[2] in _NANS else made


@encodes(type(Ellipsis), type(NotImplemented))
def _constant(enc: Encoder, obj: Any) -> list[Any]:
    return ["k", repr(obj)]


@makes("k")
def _make_constant(dec: Decoder, i: int, node: list[Any]) -> Any:
    return {"Ellipsis": Ellipsis, "NotImplemented": NotImplemented}[node[1]]


@encodes(object)
def _bare(enc: Encoder, obj: Any) -> list[Any]:
    return ["obj"]


@makes("obj")
def _make_bare(dec: Decoder, i: int, node: list[Any]) -> Any:
    return object()


@encodes(type(sys.stdout), io.TextIOWrapper)
def _stream(enc: Encoder, obj: Any) -> list[Any]:
    name = enc.world.stream_name(obj)
    if name is None:
        raise Untravellable(f"an open file ({getattr(obj, 'name', '?')!r})", obj)
    return ["std", name]


@encodes(ModuleSpec, SourceFileLoader, SourcelessFileLoader, ExtensionFileLoader)
def _handed_around(enc: Encoder, obj: Any) -> list[Any]:
    """How a module was found (`__spec__`, `__loader__`), how a test is going: goes along untouched; who looks into it ends the call."""
    return ["opaque", type(obj).__name__]


@makes("opaque")
def _make_opaque(dec: Decoder, i: int, node: list[Any]) -> Any:
    return dec.world.opaque(str(node[1]))


@makes("std")
def _make_stream(dec: Decoder, i: int, node: list[Any]) -> Any:
    return dec.world.stream(node[1])


carries(range, lambda r: (r.start, r.stop, r.step))
carries(slice, lambda s: (s.start, s.stop, s.step))


# `__getstate__` tells the line end that a StringIO translates to; nothing else does.


def _take_text(obj: io.StringIO) -> tuple[Any, ...]:
    if obj.closed or obj.newlines is not None:
        raise Untravellable("a StringIO that is closed, or has seen line ends", obj)
    return _without_attributes(obj)


def _take_bytes(obj: io.BytesIO) -> tuple[Any, ...]:
    if obj.closed:
        raise Untravellable("a closed BytesIO", obj)
    return _without_attributes(obj)


def _without_attributes(obj: Any) -> tuple[Any, ...]:
    *parts, attributes = obj.__getstate__()
    if attributes:
        raise Untravellable(f"a {type(obj).__name__} with attributes", obj)
    return tuple(parts)


def _restore_file(obj: Any, *parts: Any) -> None:
    obj.__setstate__((*parts, None))


def _make_text(*parts: Any) -> io.StringIO:
    obj = io.StringIO()
    _restore_file(obj, *parts)
    return obj


def _make_bytes(*parts: Any) -> io.BytesIO:
    obj = io.BytesIO()
    _restore_file(obj, *parts)
    return obj


carries(io.StringIO, _take_text, _make_text, _restore_file)
carries(io.BytesIO, _take_bytes, _make_bytes, _restore_file)


# What shows a dictionary that others may change: that very dictionary goes along.


def _shown(obj: Any) -> tuple[Any]:
    (mapping,) = get_referents(obj)
    if type(mapping) is dict and not _OF_CLASS.isdisjoint(mapping):
        raise Untravellable("what may be the namespace of a class", obj)
    return (mapping,)


_OF_CLASS = frozenset({"__dict__", "__doc__", "__module__"})

carries(MappingProxyType, _shown)
for _mapping in (dict, OrderedDict):
    for _view in (_mapping.keys, _mapping.values, _mapping.items):
        carries(type(_view(_mapping())), _shown, _view)


def _load(module: str) -> None:
    """Register the types of a library module that is imported already, or (decoding) of one in the list below."""
    register = LAZY.pop(module, None)
    if register is not None:
        register()


def _numbers() -> None:
    from decimal import Context, Decimal
    from fractions import Fraction

    carries(Decimal, lambda d: (str(d),))
    carries(Fraction, lambda f: (f.numerator, f.denominator))
    carries(
        Context,
        lambda c: (c.prec, c.rounding, c.Emin, c.Emax, c.capitals, c.clamp, *_signals(c)),
        _make_context,
        _restore_context,
    )


def _signals(context: Any) -> tuple[Any, ...]:
    order = sorted(context.flags, key=lambda s: s.__name__)
    return (tuple(bool(context.flags[s]) for s in order), tuple(bool(context.traps[s]) for s in order))


def _restore_context(c: Any, prec: int, rounding: str, emin: int, emax: int, capitals: int, clamp: int, flags: Any, traps: Any) -> None:
    c.prec, c.rounding, c.Emin, c.Emax, c.capitals, c.clamp = prec, rounding, emin, emax, capitals, clamp
    order = sorted(c.flags, key=lambda s: s.__name__)
    for signal, flag, trap in zip(order, flags, traps, strict=True):
        c.flags[signal], c.traps[signal] = flag, trap


def _make_context(*parts: Any) -> Any:
    from decimal import Context

    context = Context()
    _restore_context(context, *parts)
    return context


def _dates() -> None:
    import datetime as d

    carries(d.timedelta, lambda t: (t.days, t.seconds, t.microseconds))
    carries(d.date, lambda t: (t.year, t.month, t.day))
    carries(
        d.time,
        lambda t: (t.hour, t.minute, t.second, t.microsecond, t.tzinfo, t.fold),
        lambda h, m, s, u, z, f: d.time(h, m, s, u, z, fold=f),
    )
    carries(
        d.datetime,
        lambda t: (t.year, t.month, t.day, t.hour, t.minute, t.second, t.microsecond, t.tzinfo, t.fold),
        lambda y, o, a, h, m, s, u, z, f: d.datetime(y, o, a, h, m, s, u, z, fold=f),
    )
    carries(d.timezone, lambda t: t.__getinitargs__())
    carries(type(d.date.min.isocalendar()), lambda t: (t.year, t.week, t.weekday))


def _times() -> None:
    from time import struct_time

    carries(struct_time, lambda t: (*t, t.tm_zone, t.tm_gmtoff), lambda *parts: struct_time(parts))


def _zones() -> None:
    from zoneinfo import ZoneInfo

    carries(ZoneInfo, lambda z: (_known(z.key, z),))


def _known(key: Any, obj: Any) -> Any:
    if key is None:
        raise Untravellable("a time zone without a key", obj)
    return key


def _uuids() -> None:
    from uuid import UUID, SafeUUID

    def take(u: Any) -> tuple[int, ...]:
        return (u.int,) if u.is_safe is SafeUUID.unknown else (u.int, u.is_safe.value)

    carries(UUID, take, lambda n, safe=None: UUID(int=n, is_safe=SafeUUID(safe)))


def _paths() -> None:
    import pathlib

    for kind in (pathlib.PurePosixPath, pathlib.PureWindowsPath, pathlib.PosixPath):
        carries(kind, lambda p: (str(p),))


def _patterns() -> None:
    import re

    escaped = re.compile(r"\\.", re.DOTALL)
    inline = re.compile(r"(?:\(\?[aiLmsux]+\))+")
    warns = re.compile(r"\[\[|\[\^?\]?[^\]]*?(?:--|&&|~~|\|\|)|\(\?\(")  # or nearly: see re._parser

    def silent(pattern: Any, flags: int) -> bool:
        """Whether it can be compiled again without a word: not with re.DEBUG, nor where Python warns of what it may mean one day."""
        text = pattern.decode("latin-1") if type(pattern) is bytes else pattern
        odd = type(pattern) is bytes and not pattern.isascii() and b"(?P<" in pattern  # no name of a group, soon
        return not (flags & re.DEBUG or odd or warns.search(escaped.sub("x", text)))

    def needless(pattern: Any) -> int:
        """The flags that it has anyhow: `re` knows what it has compiled before by those that it was given."""
        said = inline.match(pattern if type(pattern) is str else pattern.decode("latin-1"))
        flags = re.UNICODE if type(pattern) is str else re.NOFLAG
        for letter in said[0] if said is not None else "":
            flags |= re.RegexFlag[letter.upper()] if letter.isalpha() else re.NOFLAG
        return int(flags)

    def take(p: Any) -> tuple[Any, int]:
        if not silent(p.pattern, p.flags):
            raise Untravellable("a pattern that Python prints or warns of when it is compiled", p)
        return p.pattern, p.flags

    def make(pattern: Any, flags: int) -> Any:
        if not silent(pattern, flags):
            raise ValueError("a pattern that is not compiled silently")
        return re.compile(pattern, flags & ~needless(pattern))

    carries(re.Pattern, take, make)

    def found(pattern: Any, whole: bool, text: Any, pos: int, end: int) -> Any:
        return (re.Pattern.fullmatch if whole else re.Pattern.search)(pattern, text, pos, end)

    def make_match(*parts: Any) -> Any:
        """As `found`, where there is one, by a pattern and nothing else that has a `search`: bytes that arrive may say anything."""
        match = found(*parts)
        if match is None:
            raise ValueError("a match that is not found")
        return match

    def take_match(m: Any) -> tuple[Any, bool, Any, int, int]:
        """How it is found again, by steps that have been gone before: one that is a whole text is what `fullmatch` finds."""
        if type(m.string) not in (str, bytes) or m.re.flags & re.LOCALE:
            raise Untravellable("a match in what may be another text over there", m)
        whole = m.span() == (m.pos, m.endpos)
        again = found(m.re, whole, m.string, m.pos, m.endpos)
        if again is None or (again.regs, again.lastindex) != (m.regs, m.lastindex):
            raise Untravellable("a match that is not the first one in its text", m)
        return m.re, whole, m.string, m.pos, m.endpos

    carries(re.Match, take_match, make_match)


def _arrays() -> None:
    from array import array

    def put(obj: Any, code: str, data: bytes) -> None:
        obj[:] = array(code, data)

    carries(array, lambda a: (a.typecode, a.tobytes()), lambda code, data: array(code, data), put)


def _randoms() -> None:
    from random import Random

    def make(version: int, state: Any, gauss: Any) -> Any:
        obj = Random(0)
        obj.setstate((version, state, gauss))
        return obj

    def put(obj: Any, version: int, state: Any, gauss: Any) -> None:
        obj.setstate((version, state, gauss))

    carries(Random, lambda r: r.getstate(), make, put)


def _operators() -> None:
    import operator

    def named(o: Any) -> tuple[Any, ...]:
        names: tuple[Any, ...] = o.__reduce__()[1]
        if any("__hash__" in str(name).split(".") for name in names):
            raise Untravellable("what asks for a `__hash__`, which may be an address", o)
        return names

    carries(operator.itemgetter, lambda o: o.__reduce__()[1])
    carries(operator.attrgetter, named)

    def take(caller: Any) -> tuple[Any, ...]:
        made, given = caller.__reduce__()  # with keywords, a `partial` that has these and the name
        if "__hash__" in (given[:1] if made is operator.methodcaller else made.args):
            raise Untravellable("what asks for a `__hash__`, which may be an address", caller)
        return (given[0], given[1:], ()) if made is operator.methodcaller else (made.args[0], given, tuple(made.keywords.items()))

    carries(operator.methodcaller, take, lambda name, given, keywords: operator.methodcaller(name, *given, **dict(keywords)))


def _structs() -> None:
    from struct import Struct

    carries(Struct, lambda s: (s.format,), restore=lambda s, layout: s.__init__(layout))


def _signatures() -> None:
    """What is empty is left out: each has a class of its own to say so."""
    from inspect import BoundArguments, Parameter, Signature

    kinds: Any = type(Parameter.KEYWORD_ONLY)

    def told(**parts: Any) -> tuple[tuple[str, Any], ...]:
        return tuple((name, value) for name, value in parts.items() if value is not Parameter.empty)

    def take(p: Any) -> tuple[Any, ...]:
        return p.name, int(p.kind), told(default=p.default, annotation=p.annotation)

    def rebind(bound: Any, signature: Any, arguments: Any) -> None:
        bound._signature, bound.arguments = signature, arguments

    carries(Parameter, take, lambda name, kind, parts: Parameter(name, kinds(kind), **dict(parts)))

    def sign(parameters: Any, parts: Any) -> Any:
        """With that very mapping, which `parameters` gives whoever asks."""
        if type(parameters) is not MappingProxyType:
            raise CodecError("a signature without its parameters")
        made: Any = Signature(**dict(parts))
        made._parameters = parameters
        return made

    carries(Signature, lambda s: (s.parameters, told(return_annotation=s.return_annotation)), sign)
    carries(BoundArguments, lambda b: (b.signature, b.arguments), restore=rebind)


def _tests() -> None:
    from unittest import case

    encodes(case._Outcome)(_handed_around)  # type: ignore[attr-defined]


LAZY: dict[str, Callable[[], None]] = {
    "decimal": _numbers,
    "fractions": _numbers,
    "datetime": _dates,
    "time": _times,
    "zoneinfo": _zones,
    "uuid": _uuids,
    "pathlib": _paths,
    "re": _patterns,
    "array": _arrays,
    "random": _randoms,
    "operator": _operators,
    "_struct": _structs,
    "inspect": _signatures,
    "unittest": _tests,
}


def known_type(kind: type) -> bool:
    """Whether the table has `kind`, registering its module's types on first sight."""
    if kind not in ENCODERS:
        module = module_of(kind)
        for base in (module, module.partition(".")[0]) if type(module) is str else ():
            if base in LAZY:
                _load(base)
    return kind in ENCODERS
