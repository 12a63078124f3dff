"""Calls that begin before the program makes them: the interface that hints are made of.

    started = submit(total, xs, 2)      the call begins elsewhere, if it can; nothing has happened
    started.result()                    total(xs, 2), made now: with the answer that is there, if it began with what it would begin with now
    started.done(), started.cancel()
    for each in as_completed(many): each.result()

`result` is the call: it prints, changes, raises and counts where it stands, so a `submit` more or less changes nothing but time. What can
begin early are calls of a unit's functions with plain arguments, on a base that holds (base.py), from a program that has one thread, with
or without an event loop; any other call is simply made by `result`. A program with threads makes its calls side by side by them. `result`
belongs into the function that called `submit`: what is left of the recursion limit is part of what a call begins with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import FunctionType, MethodType
from typing import Any

from faasify.runtime.caller import program
from faasify.runtime.caller.ahead import Entry
from faasify.runtime.caller.tracebacks import is_ours
from faasify.runtime.unit import stack
from faasify.runtime.unit.codes import StandsFor

_NEXT = 1  # from the caller of `submit` to the trampoline


class Submitted:
    """A call to be made; what has begun of it is `entry`."""

    __slots__ = ("_args", "_entry", "_fn", "_kwargs")

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], entry: Entry | None) -> None:
        self._fn, self._args, self._kwargs, self._entry = fn, args, kwargs, entry

    def result(self) -> Any:
        """Make the call."""
        self._entry = None
        return self._fn(*self._args, **self._kwargs)

    def done(self) -> bool:
        """Whether `result` has nothing to wait for but what it does itself."""
        if self._entry is None or self._entry.settled:
            return True
        program.current().ahead.look()
        return self._entry.settled

    def cancel(self) -> bool:
        """Forget what has begun; whether there was anything to forget. `result` makes the call all the same."""
        entry, self._entry = self._entry, None
        return entry is not None and program.current().ahead.cancel(entry)

    def __del__(self) -> None:
        if self._entry is not None:
            program.current().ahead.dropped.append(self._entry)


def submit(fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Submitted:
    """Have `fn(*args, **kwargs)` begin. Never fails: what is wrong with the call is met when it is made."""
    depth = stack.depth()  # our own: `result` will be called at the same one, and the trampoline one further down
    try:
        entry = None if kwargs else _begun(fn, args, depth + _NEXT)
    except Exception as e:
        if not is_ours(e):
            raise
        entry = None
    return Submitted(fn, args, kwargs, entry)


def _begun(fn: Any, args: tuple[Any, ...], depth: int) -> Entry | None:
    if type(fn) is MethodType:
        fn, args = fn.__func__, (fn.__self__, *args)
    if type(fn) is not FunctionType or len(args) != fn.__code__.co_argcount:
        return None
    binding: Any = next((const for const in fn.__code__.co_consts if isinstance(const, StandsFor)), None)
    return binding.start(args, depth) if binding is not None and binding.fn() is fn else None


def as_completed(submitted: Iterable[Submitted]) -> Iterator[Submitted]:
    """Each once, those first whose answer is there first."""
    left = list(submitted)
    while left:
        ready = [each for each in left if each.done()]
        if not ready:
            program.current().ahead.wait()
            continue
        yield from ready
        left = [each for each in left if each not in ready]
