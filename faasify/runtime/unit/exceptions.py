"""Exceptions, with what C keeps of them, their causes and their tracebacks.

["e", class, args, attributes, fields, cause, context, suppress, traceback, slots, group]: `fields` are those that C keeps
(OSError.errno, ...), `group` the message and the exceptions of a group.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable, makes
from faasify.runtime.unit.kinds import get_field, is_kind, set_field
from faasify.runtime.unit.layouts import attributes_of, is_python_class, layout_of, set_slots, slot_values

_FIELDS: dict[type, tuple[str, ...]] = {
    OSError: ("errno", "strerror", "filename", "filename2"),
    SystemExit: ("code",),
    StopIteration: ("value",),
    ImportError: ("name", "path", "msg", *(("name_from",) if sys.version_info >= (3, 12) else ())),
    SyntaxError: ("msg", "filename", "lineno", "offset", "text", "end_lineno", "end_offset", "print_file_and_line"),
    UnicodeEncodeError: ("encoding", "object", "start", "end", "reason"),
    UnicodeDecodeError: ("encoding", "object", "start", "end", "reason"),
    UnicodeTranslateError: ("object", "start", "end", "reason"),
    NameError: ("name",),
    AttributeError: ("name", "obj"),
}


def exception_fields(obj: BaseException) -> list[tuple[str, Any]]:
    """The attributes that the C structure keeps, beside `args`."""
    for kind, names in _FIELDS.items():
        if is_kind(obj, kind):
            return [(n, get_field(obj, n, kind)) for n in names]
    return []


def shown_rows(enc: Encoder, obj: BaseException, until: Any = None) -> list[Any] | None:
    """The frames of `obj` up to the traceback `until`, as plain data; Untravellable if how it is shown needs more of them than that."""
    rows = enc.world.frames(obj, until)
    if rows and until is None and _hint_needs_module(obj):
        raise Untravellable("a name that Python may look for in a module (Did you mean ...?), which only the unit may have imported", obj)
    if rows and until is None and _hint_needs_variables(obj):
        raise Untravellable("a name that Python may look for among the variables of the frame that raised (Did you mean ...?)", obj)
    return rows


def _hint_needs_module(obj: BaseException) -> bool:
    return sys.version_info >= (3, 12) and is_kind(obj, ImportError) and get_field(obj, "name_from", ImportError) is not None


def _hint_needs_variables(obj: BaseException) -> bool:
    """Whether "Did you mean" may depend on the variables of the innermost frame, which a traceback made elsewhere has none of."""
    is_name = is_kind(obj, NameError)
    if not is_name and not (sys.version_info >= (3, 13) and is_kind(obj, AttributeError)):  # since then private names for `self` alone
        return False
    kind = NameError if is_name else AttributeError
    name, tb = get_field(obj, "name", kind), get_field(obj, "__traceback__")
    if not is_kind(name, str):
        return False
    while tb.tb_next is not None:
        tb = tb.tb_next
    frame = tb.tb_frame
    if is_name:
        code = frame.f_code
        return bool(code.co_varnames or code.co_cellvars or code.co_freevars)
    return frame.f_locals.get("self") is get_field(obj, "obj", kind)


def exception_node(enc: Encoder, obj: Any) -> list[Any]:
    cls = type(obj)
    if not is_python_class(enc, cls):
        raise Untravellable(f"a {cls.__module__}.{cls.__qualname__}", obj)
    group = (
        enc.values([get_field(obj, n, BaseExceptionGroup) for n in ("message", "exceptions")]) if is_kind(obj, BaseExceptionGroup) else None
    )
    return [
        "e",
        enc.value(cls),
        enc.value(get_field(obj, "args")),
        enc.attributes(obj, attributes_of(obj)) if layout_of(cls).has_dict else [],
        enc.pairs(exception_fields(obj)),
        enc.value(get_field(obj, "__cause__")),
        enc.value(get_field(obj, "__context__")),
        get_field(obj, "__suppress_context__"),
        shown_rows(enc, obj),
        enc.pairs(slot_values(obj, layout_of(cls))),
        group,
    ]


@makes("e")
def _make_exception(dec: Decoder, i: int, node: list[Any]) -> Any:
    cls = dec.value(node[1])
    if not (is_kind(cls, type) and issubclass(cls, BaseException)):
        raise CodecError("the exception is none")
    if issubclass(cls, BaseExceptionGroup):
        obj: Any = BaseExceptionGroup.__new__(cls, *dec.values(node[10]))
    else:
        base: Any = layout_of(cls).base
        obj = base.__new__(cls)
    dec.later(1, partial(_fill_exception, dec, obj, node))  # no closure: a frame keeps its function, and frames of it stay (tracebacks.py)
    return obj


def _fill_exception(dec: Decoder, obj: Any, node: list[Any]) -> None:
    set_field(obj, "args", dec.value(node[2]))
    if node[3]:
        dec.set_attributes(obj, node[3])
    set_fields(obj, dec.pairs(node[4]))
    for name, value in (("__cause__", dec.value(node[5])), ("__context__", dec.value(node[6])), ("__suppress_context__", node[7])):
        set_field(obj, name, value)
    dec.world.check_frames(node[8])
    dec.world.attach_frames(obj, node[8])
    set_slots(obj, dict(dec.pairs(node[9])))


def set_fields(obj: BaseException, fields: list[tuple[str, Any]]) -> None:
    for name, value in fields:
        for kind, names in _FIELDS.items():
            if is_kind(obj, kind) and name in names:
                if value is None and kind is OSError:  # None given and nothing given are shown differently
                    vars(kind)[name].__delete__(obj)
                else:
                    vars(kind)[name].__set__(obj, value)
                break
