"""The stub of a function: other code in the same function object.

A selected function keeps everything that is its own (defaults, cells, attributes, doc, annotations, identity); its `__code__`
becomes a trampoline
with the same signature, name, file and line. So Python binds the arguments, and raises the TypeErrors that it raises for the original:

    def total(xs, *, scale=1):                       def total(xs, *, scale=1):
        return sum(xs) * scale            ->             try:
                                                             r = BINDING.go((xs, scale))
                                                             if r[0]: return r[1](xs, scale=scale)      # run here
                                                             return r[1]
                                                         except BaseException as e:
                                                             BINDING.fix(e); raise

For a generator or coroutine function the trampoline is one too; it iterates over, or awaits, what `go_on` gives.
Where the stack has no room left for `go`, the function itself runs (the unit never raises a RecursionError: it ends the call instead).
A bare `raise` adds no entry to the traceback, so after `fix` it shows the user's frames and nothing else (S2).
"""

from __future__ import annotations

import ast
from types import CodeType, FunctionType
from typing import Any

_BINDING = "\0faasify binding"
_VARARGS, _VARKEYWORDS = 4, 8
CO_GENERATOR, CO_COROUTINE = 0x20, 0x80
_shapes: dict[Any, CodeType] = {}


class Signature:
    """Names of the parameters of `code`, by kind."""

    def __init__(self, code: CodeType) -> None:
        names, count, kwonly = code.co_varnames, code.co_argcount, code.co_kwonlyargcount
        self.posonly = names[: code.co_posonlyargcount]
        self.positional = names[:count]
        self.kwonly = names[count : count + kwonly]
        rest = list(names[count + kwonly :])
        self.varargs = rest.pop(0) if code.co_flags & _VARARGS else None
        self.varkw = rest.pop(0) if code.co_flags & _VARKEYWORDS else None
        self.names = (*self.positional, *self.kwonly, *(name for name in (self.varargs, self.varkw) if name))
        self.simple = not (self.kwonly or self.varargs or self.varkw)

    def bound(self, values: tuple[Any, ...]) -> tuple[list[Any], list[tuple[str, Any]]]:
        """What a trampoline handed over, as positional and keyword arguments for the original."""
        count, kwonly = len(self.positional), len(self.kwonly)
        positional = list(values[:count])
        keywords = list(zip(self.kwonly, values[count : count + kwonly], strict=True))
        rest = list(values[count + kwonly :])
        if self.varargs is not None:
            positional.extend(rest.pop(0))
        if self.varkw is not None:
            keywords.extend(rest.pop(0).items())
        return positional, keywords


def make(fn: FunctionType, binding: Any) -> CodeType:
    """The trampoline for `fn`, whose calls go to `binding`."""
    code = fn.__code__
    shape = _shape(code)
    return shape.replace(
        co_consts=tuple(binding if isinstance(c, str) and c == _BINDING else c for c in shape.co_consts),
        co_filename=code.co_filename,
        co_name=code.co_name,
        co_qualname=code.co_qualname,
        co_firstlineno=code.co_firstlineno,
    )


def _shape(code: CodeType) -> CodeType:
    key = (
        code.co_varnames[: _parameters(code)],
        code.co_posonlyargcount,
        code.co_argcount,
        code.co_kwonlyargcount,
        code.co_flags & (12 | CO_GENERATOR | CO_COROUTINE),
        code.co_freevars,
    )
    made = _shapes.get(key)
    if made is None:
        made = _shapes[key] = _compile(code)
    return made


def _parameters(code: CodeType) -> int:
    return code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & _VARARGS) + bool(code.co_flags & _VARKEYWORDS)


def _compile(code: CodeType) -> CodeType:
    s = Signature(code)
    values = s.names
    again = [
        *s.positional,
        *([f"*{s.varargs}"] if s.varargs else []),
        *(f"{n}={n}" for n in s.kwonly),
        *([f"**{s.varkw}"] if s.varkw else []),
    ]
    call = f"_faasify_r[1]({', '.join(again)})"
    if code.co_flags & (CO_GENERATOR | CO_COROUTINE):
        return _made(s, code, _stepwise(code, f"({''.join(v + ', ' for v in values)})", call))
    body = f"""\
try:
    try:
        _faasify_r = {_BINDING!r}.go(({"".join(v + ", " for v in values)}))
    except RecursionError:
        if {_BINDING!r}.plain is None: raise
        _faasify_r = (True, {_BINDING!r}.plain)
    if _faasify_r[0]: return {call}
    return _faasify_r[1]
except BaseException as _faasify_e:
    try: {_BINDING!r}.fix(_faasify_e)
    except RecursionError: pass
    raise
"""
    return _made(s, code, body)


def _stepwise(code: CodeType, values: str, call: str) -> str:
    """The body for a generator or coroutine function: `go_on` gives what is to be iterated over, or awaited."""
    do = "await" if code.co_flags & CO_COROUTINE else "yield from"
    return f"""\
try:
    _faasify_r = {_BINDING!r}.go_on({values})
    return ({do} ({call} if _faasify_r[0] else _faasify_r[1]))
except BaseException as _faasify_e:
    try: {_BINDING!r}.fix(_faasify_e)
    except RecursionError: pass
    raise
"""


def _made(s: Signature, code: CodeType, body: str) -> CodeType:
    kind = "async def" if code.co_flags & CO_COROUTINE else "def"
    inner = f"{kind} f({_parameter_list(s)}):\n" + "".join(f"    {line}\n" for line in [*body.splitlines(), *_captured(code)])
    source = f"def outer({', '.join(code.co_freevars)}):\n" + "".join(f"    {line}\n" for line in inner.splitlines())
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            node.lineno = node.end_lineno = 1  # type: ignore[attr-defined]
            node.col_offset = node.end_col_offset = 0  # type: ignore[attr-defined]
    return _only_code(_only_code(compile(tree, "", "exec", dont_inherit=True)))


def _captured(code: CodeType) -> list[str]:
    """Names the captured variables without looking at them: a cell may still be empty."""
    return ["if 0:", f"    {', '.join(code.co_freevars)}"] if code.co_freevars else []


def _only_code(code: CodeType) -> CodeType:
    return next(c for c in code.co_consts if isinstance(c, CodeType))


def _parameter_list(s: Signature) -> str:
    parts = list(s.posonly) + (["/"] if s.posonly else []) + list(s.positional[len(s.posonly) :])
    if s.varargs or s.kwonly:
        parts.append(f"*{s.varargs or ''}")
    parts.extend(s.kwonly)
    if s.varkw:
        parts.append(f"**{s.varkw}")
    return ", ".join(parts)
