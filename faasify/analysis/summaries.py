"""What one library function, class or variable does, as its stub says it; data only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Callback:
    """`Calls[param.attr(of...)]`: the library calls a parameter, or a method of it, with elements of other parameters.

    `each`: it is the elements of the parameter that are called. In `of`, a name with a colon is a class: the callback is given an
    instance of it; `*x` hands on the arguments in x, `*each(x)` an element of each of them, `**x` keywords;
    `deep(x)` is what x holds at any depth, `itself(x)` is x."""

    param: str
    attr: str = ""
    of: tuple[str, ...] = ()
    each: bool = False


@dataclass(frozen=True)
class Held:
    """`Holds[param]`; `Holds[each(param)]`: the elements of it; `Holds[param()]`: what calling it gives."""

    param: str
    each: bool = False
    made_by: Callback | None = None


@dataclass(frozen=True)
class Summary:
    """The terms of one return annotation, taken apart."""

    effects: tuple[str, ...] = ()  # kinds of the vocabulary
    mutates: tuple[str, ...] = ()
    mutates_given: tuple[tuple[str, str], ...] = ()  # (parameter, the one that must be given for it)
    calls: tuple[Callback, ...] = ()
    holds: tuple[Held, ...] = ()
    yields: tuple[str, ...] = ()  # parameters; "()": what the callbacks give
    returns: tuple[str, ...] = ()  # "module:Class", "=param", "=self", "decorator"
    elements: tuple[str, ...] = ()  # "module:Class" of what the result holds: `Returns[list[str]]`
    gives: tuple[str, ...] = ()
    views: tuple[tuple[str, str], ...] = ()  # (parameter, the one that must be given for it, or "")
    writes_to: tuple[tuple[str, str], ...] = ()  # (parameter, kind without it)
    given: tuple[tuple[str, str], ...] = ()  # (parameter, kind with it)


@dataclass(frozen=True)
class LibraryFunction:
    path: str
    summary: Summary
    positional: tuple[str, ...] = ()  # without the receiver
    vararg: str | None = None
    keyword: tuple[str, ...] = ()
    kwarg: str | None = None
    is_method: bool = False
    flavour: str = (
        ""  # staticmethod, classmethod, property; the class that it is an instance of, with the static methods of which it is called
    )

    @cached_property
    def needs_no_arguments(self) -> bool:
        """Whether its arguments are nothing to it: it calls nothing but methods of its receiver, without any, and makes what it gives."""
        return self._needs_no_arguments(self.summary.calls)

    @cached_property
    def needs_only_indices(self) -> bool:
        """The same, but for asking them for their `__index__`."""
        return self._needs_no_arguments([call for call in self.summary.calls if call.attr != "__index__"])

    def _needs_no_arguments(self, calls: Iterable[Callback]) -> bool:
        summary = self.summary
        by_itself = all(call.param == "self" and call.attr and not call.of and not call.each for call in calls)
        makes = bool(summary.returns) and all(":" in returned for returned in summary.returns)
        return by_itself and makes and not (summary.gives or summary.holds or summary.yields)


@dataclass(frozen=True)
class LibraryClass:
    path: str
    bases: tuple[str, ...]
    members: Mapping[str, Described] = field(hash=False)


@dataclass(frozen=True)
class LibraryVariable:
    path: str
    summary: Summary


@dataclass(frozen=True)
class LibraryAlias:
    """`from collections.abc import Iterable` in a stub: the same object under another name; a module if `path` has no colon."""

    path: str


Described = LibraryFunction | LibraryClass | LibraryVariable | LibraryAlias
