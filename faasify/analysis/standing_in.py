"""Where a library calls methods of the program's classes below its own, and no value at that place says which: unknown calls.

asyncio.run(main())      methods of a protocol of the program, whoever has connected it
unittest.main()          what a test case, a result or a loader of the program has in the place of the library's
n.real                   a property of a library, whose source asks for `n.__pos__`: an own number has that
shell.onecmd("x")        a method of a library's object that was given a function: shell.default = f
shape.is_round           setattr(Shape, f"is_{name}", property(f)): a property may have that name
own_local.x              of a class below threading.local: the first look in another thread runs its `__init__`
log.warning("x")         below a class of whose package `type(name, bases, names)` has made another
ET.tostring(element)     an undescribed function, given an object of a library where one of an own class below it may stand
"""

from __future__ import annotations

from collections.abc import Iterator

from faasify.analysis import typeshed
from faasify.analysis.bodies import Body, Field
from faasify.analysis.descriptors import is_descriptor
from faasify.analysis.elements import OPEN
from faasify.analysis.mro import order
from faasify.analysis.self_calls import asked, lineage
from faasify.analysis.state import State
from faasify.analysis.values import Bound, Func, Obj, Partial, Value, Wrapped

_OTHERWISE = ("builtins:", "typing:", "abc:", "enum:")  # followed by their values
_LOCAL = "threading:local"
_PROTOCOL = "asyncio.protocols:BaseProtocol"
_LOOPS = (
    *("asyncio:run", "asyncio:Runner.run", "asyncio:AbstractEventLoop.run_until_complete"),
    *("asyncio:AbstractEventLoop.run_forever",),
)
_TESTS = ("unittest:main", "unittest:TestProgram", "unittest:TextTestRunner.run", "unittest:TestSuite.run")


class StandingIn:
    """The program's classes below those of libraries, once all is known."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._below: dict[str, tuple[tuple[str, ...], set[str]]] = {}  # the libraries' classes above, and the program's names
        self.stand_ins: set[str] = set()  # classes of libraries where one of the program has something else in the place of theirs
        self._members: set[str] = set()
        self._asking: dict[tuple[str, str], bool] = {}
        served = tested = False
        for cls in state.bases:
            along = order(state, cls)
            libraries = tuple(c for c in along if ":" in c and not c.startswith(_OTHERWISE))
            names = {name for c in along for name in state.class_names.get(c, ())} if libraries else set()
            if not names:
                continue
            self._below[cls] = libraries, names
            mine = {c for c in libraries if names & typeshed.members(c)}
            self.stand_ins |= mine
            self._members.update(*(typeshed.members(c) for c in libraries))
            served = served or any(c.startswith("asyncio") and _PROTOCOL in lineage(c) for c in libraries)
            tested = tested or any(c.startswith("unittest") for c in mine)
        by_thread = (cls for cls in state.bases if _LOCAL in order(state, cls))
        self._by_thread = {cls for cls in by_thread if any("__init__" in state.class_names.get(c, ()) for c in order(state, cls))}
        self._with_functions = {
            site for site, nodes in state.set_on_library.items() if any(_is_function(v) for node in nodes for v in state.graph.at(node))
        }
        computed = state.computed_names.items()
        self._computed = {cls for cls, node in computed if any(_is_asked(state, v) for v in state.graph.at(node))}
        self._callers = frozenset([*(_LOOPS if served else ()), *(_TESTS if tested else ())])

    def places(self, body: Body) -> Iterator[tuple[int, str]]:
        """Lines, with what stands there."""
        for site in body.sites.values() if self._callers or self.state.made_below else ():
            for target in site.targets:
                if target.to is not None and (target.to in self._callers or _package(target.to) in self.state.made_below):
                    yield site.line, target.to
        for field in body.fields if self._by_thread else ():
            if any(isinstance(v, Obj) and v.cls in self._by_thread for v in self.state.graph.at(field.receiver)):
                yield field.line, field.name
        for field in body.fields if self._computed else ():
            if not field.stored and any(self._may_be_computed(v, field.name) for v in self.state.graph.at(field.receiver)):
                yield field.line, field.name
        for field in body.fields if self._below else ():
            if field.name in self._members and not field.stored and self._is_asking(field):
                yield field.line, field.name
        for field in body.fields if self._with_functions else ():
            if not field.stored and any(self._has_functions(v) for v in self.state.graph.at(field.receiver)):
                yield field.line, field.name

    def _may_be_computed(self, value: Value, name: str) -> bool:
        """Whether it is an object of a class that was given properties by computed names, and nothing else of this name is known of it."""
        if not isinstance(value, Obj) or name[:2] == "__" or value.cls not in self.state.bases:
            return False
        along = order(self.state, value.cls)
        tables = (self.state.class_names, self.state.own_fields, self.state.stored_fields, self.state.filled)
        return not self._computed.isdisjoint(along) and not any(name in table.get(c, ()) for c in along for table in tables)

    def _has_functions(self, value: Value) -> bool:
        """Whether it is an object of a library that was given functions of the program: `shell.default = f`, and any method may call it."""
        if not isinstance(value, Obj) or not value.is_library or value.cls in OPEN:
            return False
        return not self._with_functions.isdisjoint((value.site, value.cls))

    def _is_asking(self, field: Field) -> bool:
        return any(isinstance(v, Obj) and self._asks(v.cls, field.name) for v in self.state.graph.at(field.receiver))

    def _asks(self, cls: str, name: str) -> bool:
        """Whether an attribute is a property of a library, that asks for something that the class has in its place."""
        if cls not in self._below:
            return False
        if (cls, name) not in self._asking:
            libraries, names = self._below[cls]
            owner = next((c for c in libraries if name in typeshed.members(c)), None) if name not in names else None
            self._asking[cls, name] = (
                owner is not None and typeshed.kind(f"{owner}.{name}") == "property" and bool(asked(libraries, name, names))
            )
        return self._asking[cls, name]


def _is_asked(state: State, value: Value) -> bool:
    """Whether it is a property or a descriptor of the program."""
    return (isinstance(value, Wrapped) and value.kind == "property") or is_descriptor(state, value)


def _package(path: str) -> str:
    """Of a library's function; empty of one of the program."""
    return path.partition(":")[0].partition(".")[0] if ":" in path else ""


def _is_function(value: Value) -> bool:
    return isinstance(value, Func | Bound | Partial)
