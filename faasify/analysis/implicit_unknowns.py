"""Implicit calls that nothing resolves: special methods of values of which nothing is known.

def first(xs):
    return xs[0]         an unknown call on this line, if a class of the program defines `__getitem__`
    pickle.loads(data)   one on this line, whatever the program has

They are listed in the call graph only. As effects they would make nearly every function unknown, and they need no verdict: the guard sees
what such a method does at run time. So they are noted while values flow, and looked at when all effects are known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set

from faasify.analysis import handing_over
from faasify.analysis.any_attribute import accessors
from faasify.analysis.asked_arguments import AskedArguments
from faasify.analysis.bodies import Body
from faasify.analysis.standing_in import StandingIn
from faasify.analysis.state import State
from faasify.analysis.values import Bound, Func, LibMod, Unknown, Value, is_own
from faasify.model.callgraph import Call

_OTHERWISE = {
    "__contains__": ("__iter__", "__getitem__", "__next__"),
    "__iter__": ("__getitem__", "__next__"),
    "__str__": ("__repr__",),
    "__format__": ("__str__", "__repr__"),
    "__bool__": ("__len__",),
    "__ne__": ("__eq__",),
    "__hash__": ("__eq__",),
    "__lt__": ("__gt__",),
    "__gt__": ("__lt__",),
    "__le__": ("__ge__",),
    "__ge__": ("__le__",),
    "__int__": ("__index__",),
    "__float__": ("__index__",),
    "__await__": ("__next__",),
    "__aiter__": ("__anext__",),
    "__enter__": ("__exit__",),
    "__aenter__": ("__aexit__",),
}
_RESUMING = {  # by what is asked of an iterator: the definitions that then go on
    **dict.fromkeys(("__contains__", "__iter__", "__next__"), "generator"),
    **dict.fromkeys(("__aiter__", "__anext__"), "async_generator"),
    "__await__": "coroutine",
}
_INTERPRETERS = ("code:", "bdb:", "pdb:", "doctest:", "builtins:exec", "builtins:eval")
_STREAMS = ("stdin", "stdout", "stderr")


class ImplicitUnknowns:
    """What the classes of the program can be asked for, and where nobody knows whether it is."""

    def __init__(self, state: State) -> None:
        self.state = state
        scopes = state.scopes
        self._methods = state.bound_in_classes
        self._kinds = {definition.kind for definition in scopes.definitions.values()}
        self._accessors = set(accessors(state))
        self._shows = any(isinstance(v, Func | Bound) or is_own(v) for v in self._put_in("displayhook"))
        self._unraisable = any(isinstance(v, Func | Bound) or is_own(v) for v in self._put_in("unraisablehook"))
        self._standing_in = StandingIn(state)
        self._arguments = AskedArguments(state)
        self._replaced = {name for name in _STREAMS if self._is_replaced(name)}

    def of(self, body: Body, calls: Iterable[Call]) -> list[Call]:
        """Those of one body, at most one on a line, and none on a line that has an unresolved call anyway."""
        unknown, sets = self.state.graph.unknown, self.state.graph.sets
        found = {call.line: call for call in calls if call.to is None}
        known = len(found)
        for at, name, node in body.unanswered:
            if (node < 0 or unknown in sets[node]) and self._may_answer(name):
                line = getattr(at, "lineno", 0) or getattr(body.scope.node, "lineno", 1)
                found.setdefault(line, Call(body.name, None, line, name))
        for field in body.fields if self._accessors else ():
            if field.name in self._accessors and unknown in sets[field.receiver]:
                found.setdefault(field.line, Call(body.name, None, field.line, field.name))
        given = handing_over.places(self.state, body, self._standing_in.stand_ins)
        for line, text in (
            *self._of_streams(body),
            *self._of_shown(body),
            *self._of_finalisers(body),
            *given,
            *self._standing_in.places(body),
            *self._arguments.places(body),
        ):
            found.setdefault(line, Call(body.name, None, line, text))
        return list(found.values())[known:]

    def _may_answer(self, name: str) -> bool:
        return (
            name in self._methods or _RESUMING.get(name) in self._kinds or any(other in self._methods for other in _OTHERWISE.get(name, ()))
        )

    def _is_replaced(self, name: str) -> bool:
        """Whether the program puts a stream of its own in the place of this one of `sys`."""
        return any(is_own(v) or isinstance(v, Unknown) for v in self._put_in(name))

    def _put_in(self, name: str) -> list[Value]:
        """What the program puts in the place of an attribute of `sys`."""
        keys = (("stream", name), ("replaced", "sys", name))
        nodes = [self.state.nodes[key] for key in keys if key in self.state.nodes]
        return [value for node in nodes for value in self.state.graph.at(node)]

    def _of_shown(self, body: Body) -> Iterator[tuple[int, str]]:
        """Where an interpreter shows what expressions give, by a hook of the program."""
        for site in body.sites.values() if self._shows else ():
            for target in site.targets:
                if target.to is not None and target.to.startswith(_INTERPRETERS):
                    yield site.line, target.to

    def _of_finalisers(self, body: Body) -> Iterator[tuple[int, str]]:
        """Where an object with a `__del__` is made, which a hook of the program is told of if that raises."""
        for site in body.sites.values() if self._unraisable else ():
            for target in site.targets:
                if target.to is not None and target.to.endswith(".__del__"):
                    yield site.line, "sys.unraisablehook"

    def _of_streams(self, body: Body) -> Iterator[tuple[int, str]]:
        """`sys.stdout.flush()`, where that may be a method of the program, or the library's that calls one."""
        places = self._loads(body, self._replaced)
        for node in body.sites if places else ():
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=attr) as stream, attr=method)) if (stream.lineno, attr) in places:
                    yield node.lineno, f"{attr}.{method}"

    def _loads(self, body: Body, names: Set[str]) -> set[tuple[int, str]]:
        at, module = self.state.graph.at, LibMod("sys")
        return {(f.line, f.name) for f in body.fields if f.name in names and not f.stored and module in at(f.receiver)}
