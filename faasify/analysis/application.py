"""One call of a described library function: whom it calls, what it gives and keeps.

map(f, xs, ys)                      f gets an element of xs and one of ys, now or when the iterator is used
Thread(target=f, args=(a, b))       f gets a and b
table.get("x", f)                   what the table holds under "x", or f
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from faasify.analysis import iteration, typed
from faasify.analysis.asking import COMPARING, ask, ask_hooks, asked, remember, tested
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Body
from faasify.analysis.calls import Here, call, has_method
from faasify.analysis.elements import MAPPINGS, holder, key_of
from faasify.analysis.lazies import Lazy
from faasify.analysis.mro import described_order
from faasify.analysis.state import Given, State
from faasify.analysis.structured import BY_METHOD, RESULTS, STRUCTURED
from faasify.analysis.summaries import Callback, Held, LibraryFunction
from faasify.analysis.values import UNKNOWN, Bound, Cls, Func, Identity, Obj, Unknown, Value, is_own

Through = Callable[[State, int, Body, ast.AST], int]
_BY_KEY = frozenset(f"builtins:dict.{name}" for name in ("get", "pop", "setdefault", "__getitem__"))
_TESTED = COMPARING | {"__ne__", "__contains__", "__exit__"}  # what these methods return is asked for its truth
_TESTING = frozenset(["builtins:filter.__init__", *(f"itertools:{name}.__init__" for name in ("takewhile", "dropwhile", "filterfalse"))])
_COMPARING_KEYS = {  # where they stand in tuples, the first two that are not equal are compared
    "builtins:max": ("__gt__",),
    **dict.fromkeys(("heapq:nlargest", "heapq:nsmallest", "heapq:merge"), ("__eq__", "__lt__")),
}
_COPIES = frozenset(["builtins:dict", "builtins:list", "builtins:dict_items", "builtins:dict_values"])


@dataclass(slots=True, eq=False)
class Application:
    state: State
    function: LibraryFunction
    here: Here
    given: Given
    lazy: Lazy | None  # of the iterator that the function makes

    def run(self) -> None:
        state, summary, here = self.state, self.function.summary, self.here
        called = state.graph.node()
        for callback in summary.calls:
            self.call_back(callback, called)
        for returned in summary.returns:
            self.give(returned, called)
        for name in summary.gives:
            if name == "self" and self.function.path in _BY_KEY and self.given.get("key"):
                self.under_key(here.result)
            else:
                self.contents(name, here.result)
        for held in summary.holds:
            self.hold(held)
        structured = STRUCTURED.get(self.function.path)
        if structured is not None:
            structured(state, here, self.given, called)
        if not (summary.returns or summary.gives or structured in RESULTS):
            if summary.calls and not all(c.attr for c in summary.calls):  # of methods that it calls, the results are not its own
                state.graph.edge(called, here.result)
            else:
                typed.result(state, self.function.path, here)

    # -- results

    def give(self, returned: str, called: int) -> None:
        state, here = self.state, self.here
        if returned == "decorator":
            self.decorator()
        elif returned.startswith("="):
            for node in self.given.get(returned[1:], ()):
                state.graph.edge(node, here.result)
        elif not self.make_own(returned):
            described = state.catalogue.find(returned)
            made = Obj(described.path if described is not None else returned, state.site_name(here.body, here.node))
            state.graph.put(here.result, [made])
            self.fill(made, called)

    def make_own(self, returned: str) -> bool:
        """`Rows.fromkeys(xs)`: a classmethod of a library gives an instance of the class that it is called on."""
        if self.function.flavour != "classmethod":
            return False
        state, here = self.state, self.here
        values = [value for node in self.given["self"] for value in state.graph.at(node)]
        own = [value for value in values if isinstance(value, Cls) and returned in described_order(state, value.name)]
        for cls in own:
            call(state, cls, here.implicit(Arguments(star=state.static(UNKNOWN)), here.result))
        return bool(own)

    def decorator(self) -> None:
        """`@cache(maxsize=9)` makes a decorator; `@cache` is given the function, and gives that back."""
        state = self.state
        given = [node for name in self.function.summary.returns if name.startswith("=") for node in self.given.get(name[1:], ())]
        for node in given:
            state.graph.watch(node, lambda v: state.graph.put(self.here.result, [Identity()]) if isinstance(v, Obj | Unknown) else None)
        if not given:
            state.graph.put(self.here.result, [Identity()])

    def fill(self, made: Obj, called: int) -> None:
        state, summary = self.state, self.function.summary
        self.keys(made)
        if summary.elements:
            state.hold(made.site, state.graph.of(*map(Obj, summary.elements)))
        for name in summary.yields:
            if name == "self" and made.cls in _COPIES:  # a copy or view has the elements under the same keys
                self.receivers(lambda receiver: state.pour(receiver.site, made.site))
                continue
            held = state.graph.node()
            if name == "()":
                state.graph.edge(called, held)
                self.here.body.puts.append((state.static(made), called, ""))
            else:
                self.contents(name, held)
            state.hold(made.site, held)

    def receivers(self, learn: Callable[[Obj], None]) -> None:
        for node in self.given["self"]:
            self.state.graph.watch(node, lambda v: learn(holder(v)) if isinstance(v, Obj) else None)

    def keys(self, made: Obj) -> None:
        """A view or copy of a mapping has its keys."""
        state = self.state

        def learn(table: Obj) -> None:
            if table.cls in MAPPINGS:
                state.graph.edge(state.node("keys", table.site), state.node("keys", made.site))
                if made.cls == "builtins:dict_keys":
                    state.hold(made.site, state.node("keys", table.site))

        self.receivers(learn)

    def under_key(self, into: int) -> None:
        state = self.state

        def learn(table: Obj) -> None:
            for key in self.given["key"]:
                state.held_under(table, key, into)

        self.receivers(learn)
        state.opaque[into] = None

    # -- elements

    def elements(self, node: int) -> int:
        """A library makes a container of something."""
        return self.iterate(node, iteration.collected)

    def iterate(self, node: int, through: Through = iteration.elements) -> int:
        """The library goes through an argument: here, and if it makes an iterator of it, wherever that is used."""
        if self.lazy is not None:
            self.lazy.sources.put(node)
        return through(self.state, node, self.here.body, self.here.node)

    def contents(self, name: str, into: int) -> None:
        """The elements of a parameter; of the receiver what it holds (a dict's values, not its keys)."""
        if name == "self":
            self.receivers(lambda receiver: self.state.held(receiver.site, into))
            self.state.opaque[into] = None
            return
        for node in self.given.get(name, ()):
            if self.function.path == "builtins:next":
                self.go_through_others(node, into)
            else:
                self.state.graph.edge(self.elements(node), into)

    def go_through_others(self, node: int, into: int) -> None:
        """`next(x)` asks an iterator of the program for its `__next__` alone; what else x may be is gone through."""
        state, others = self.state, self.state.graph.node()

        def learn(value: Value) -> None:
            if isinstance(value, Obj) and is_own(value) and has_method(state, value.cls, "__next__"):
                return
            if not state.graph.at(others):
                state.graph.edge(self.elements(others), into)
            state.graph.put(others, [value])

        self.here.body.copies.append((node, others))
        state.graph.watch(node, learn)

    def hold(self, held: Held) -> None:
        state, function = self.state, self.function
        if held.made_by is not None:
            made = state.graph.node()
            self.call_back(held.made_by, made, self.passed(held.made_by) if held.made_by.of else NO_ARGUMENTS)
            nodes = [made]
            self.here.body.puts += [(receiver, made, "") for receiver in self.given["self"]]
        else:
            nodes = self.given.get(held.param, [])
        if held.each:
            nodes = [self.elements(node) for node in nodes]
        by_name: dict[int, list[str]] = {}  # one function may have several names
        for name, node in self.here.args.keywords.items() if held.param == function.kwarg else ():
            by_name.setdefault(node, []).append(repr(name))
        for node in nodes:
            if function.path == "builtins:dict.setdefault":
                self.keep_under(self.given.get("key", []), node)
            else:
                for key in by_name.get(node, ("?",)):
                    self.keep(node, key)

    def keep(self, node: int, key: str) -> None:
        self.receivers(lambda holder: self.state.hold(holder.site, node, key))

    def keep_under(self, keys: list[int], node: int) -> None:
        for key in keys:
            self.receivers(lambda table: self.state.graph.edge(node, self.state.node("held", table.site)))
            self.state.graph.watch(key, lambda k: self.keep(node, key_of(k, "builtins:dict")))
            self.receivers(lambda table, key=key: self.state.graph.edge(key, self.state.node("keys", table.site)))  # type: ignore[misc]

    # -- callbacks

    def call_back(self, callback: Callback, result: int, passed: Arguments | None = None) -> None:
        """The library calls one of its arguments, or a method of it, with elements of others, or with what is passed."""
        state, here = self.state, self.here
        if callback.attr == "__index__" and "__index__" not in state.bound_in_classes:
            return
        nodes = self.called_of(callback)
        if callback.attr == "__iter__":
            for node in nodes:
                self.iterate(node)
            return
        args = self.passed(callback) if passed is None else passed
        if callback.attr in _TESTED and self.function.path not in BY_METHOD or self.function.path in _TESTING:
            tested(state, result, here)
        if callback.attr:
            for node in nodes:
                remember(state, here, node)
                state.graph.watch(node, lambda v: self.method(v, callback, here.implicit(args, result)))
            return
        if callback.param == "key":
            result = self.compared_by(*_COMPARING_KEYS.get(self.function.path, ("__eq__" if self.lazy is not None else "__lt__",)))
        for node in nodes:
            if self.lazy is not None:
                self.lazy.calls.put((node, args, self.function.path in _TESTING))
            state.graph.watch(node, lambda v: _call_if_any(state, v, here.implicit(args, result)))

    def compared_by(self, *methods: str) -> int:
        """The node of what `key=` gives, which is compared, in place of the elements, with one another."""
        state, keys = self.state, self.state.graph.node()
        for method in () if state.bound_in_classes.isdisjoint(COMPARING) else methods:
            answer = self.here.implicit(Arguments([keys]), state.graph.node())
            asked(state, keys, method, answer)
            tested(state, answer.result, self.here)
        return keys

    def called_of(self, callback: Callback) -> list[int]:
        """What is called, or whose method is."""
        nodes = self.given.get(callback.param, [])
        if callback.param == "self" and (callback.each or not callback.attr):
            held = self.state.graph.node()
            self.receivers(lambda receiver: self.state.held(receiver.site, held))
            if (receiver := self.here.body.receivers.get(self.here.node)) is not None:
                self.here.body.parts.append((receiver, held, ""))
            return [held]
        if callback.each:
            return [self.iterate(node) for node in nodes]
        return nodes if callback.attr else nodes + _misplaced(self.state, nodes, self.given)

    def method(self, value: Value, callback: Callback, here: Here) -> None:
        if callback.attr == "__next__" and isinstance(value, Obj) and value.is_library:
            self.iterate(self.state.static(value))
        elif not (callback.param == "self" and callback.each and self.is_asked(value, callback.attr, here)):
            asking = (here.node, f"{self.function.path} {callback.attr}", self.state.static(value))
            if asking in self.state.being_asked:  # `generator.__next__` of an own class that inherits it
                return
            self.state.being_asked.add(asking)
            ask(self.state, value, callback.attr, here)
            self.state.being_asked.remove(asking)
            if not callback.attr.startswith("__"):
                ask_hooks(self.state, value, callback.attr, here)

    def is_asked(self, value: Value, name: str, here: Here) -> bool:
        """Whether what a library's object holds has been asked for this here: a stream of streams may hold itself."""
        if here.args is not NO_ARGUMENTS or self.function.summary.yields:
            return False
        asked = (here.node, f"each.{name}", self.state.static(value))
        known = asked in self.state.asked_itself
        self.state.asked_itself.add(asked)
        return known

    def passed(self, callback: Callback) -> Arguments:
        """What the callback gets; anything where the stub does not say."""
        if not callback.of:
            unknown = self.state.fresh()
            return NO_ARGUMENTS if callback.attr else Arguments(star=unknown, double=unknown)
        if callback.attr and not callback.each:  # `a.__add__(b)` gets b itself
            return Arguments([node for name in callback.of for node in self.given.get(name, ())[:1]])
        function, given, args = self.function, self.here.args, Arguments()
        for name in callback.of:
            nodes = self.given.get(name.strip("*"), [])
            if name.startswith("*each("):
                args.positional += [self.iterate(node) for node in self.given.get(name[6:-1], ())]
            elif name.startswith("deep("):
                args.positional.append(iteration.reached(self.state, self.given.get(name[5:-1], ()), self.here.body))
            elif name.startswith("itself("):
                args.positional.append(self.any_of(self.given.get(name[7:-1], [])))
            elif name == f"**{function.kwarg}":
                named = {*function.positional, *function.keyword}
                args.keywords = {k: n for k, n in given.keywords.items() if k not in named}
                args.double, args.doubled = given.double, given.doubled
            elif name.startswith("**"):
                self.hand_on_mapping(nodes, args)
            elif name == f"*{function.vararg}":
                args.positional += [node for node in nodes if node != given.star]
                args.star = given.star
            elif name.startswith("*"):
                for node in nodes[:1]:
                    args.starred, args.star = node, self.iterate(node)
            else:
                args.positional.append(self.element(name, nodes))
        return args

    def hand_on_mapping(self, nodes: list[int], args: Arguments) -> None:
        """`Thread(target=f, kwargs={"x": 1})`"""
        values = self.state.graph.node()
        for node in nodes[:1]:
            args.doubled, args.double = node, values
            self.state.graph.watch(node, lambda v: self.state.held(v.site, values) if isinstance(v, Obj) else None)

    def any_of(self, nodes: list[int]) -> int:
        found = self.state.graph.node()
        for node in nodes:
            self.state.graph.edge(node, found)
            self.here.body.copies.append((node, found))
        return found

    def element(self, name: str, nodes: list[int]) -> int:
        found = self.state.graph.node()
        if ":" in name:
            self.state.graph.put(found, [Obj(name)])
        for source in nodes:
            self.state.graph.edge(self.iterate(source), found)
        if ":" not in name and not nodes:
            self.state.graph.put_unknown(found)
        return found


def _call_if_any(state: State, value: Value, here: Here) -> None:
    if not (isinstance(value, Obj) and value.cls == "builtins:NoneType"):
        call(state, value, here)


def _misplaced(state: State, nodes: list[int], given: Given) -> list[int]:
    """A function that stands where another argument belongs, `map(xs, f)`: the one that is called was meant."""
    if any(not isinstance(v, Obj) for node in nodes for v in state.graph.at(node)) or not nodes:
        return []
    others = [node for name, found in given.items() for node in found if node not in nodes]
    return [node for node in others if any(isinstance(v, Func | Bound) for v in state.graph.at(node))]
