"""What waiting for something gives, and what goes into generators from outside.

await f()                what the coroutine function returns
await Task()             what Task.__await__ returns in the end
x = yield                what `generator.send` is given
x = yield from inner()   what inner returns; what is sent goes on to it
"""

from __future__ import annotations

from faasify.analysis import iteration
from faasify.analysis.bodies import NO_ARGUMENTS
from faasify.analysis.calls import Here, call_method
from faasify.analysis.raised import stopped_with
from faasify.analysis.scopes import SENT
from faasify.analysis.state import State
from faasify.analysis.values import NONE, Obj, Unknown, Value

_RESUMED = frozenset(["builtins:generator", "builtins:coroutine", "builtins:async_generator"])


def function_of(state: State, value: Value) -> str | None:
    """The program's function whose generator or coroutine this is."""
    is_own = isinstance(value, Obj) and value.cls in _RESUMED and value.site in state.scopes.definitions
    return value.site if is_own and isinstance(value, Obj) else None


def await_on(state: State, awaited: int, here: Here) -> None:
    """What the node gives when it is awaited flows to `here.result`."""

    def learn(value: Value) -> None:
        if (function := function_of(state, value)) is not None:
            state.graph.edge(state.node("return", function), here.result)
        elif not isinstance(value, Obj):
            state.graph.put_unknown(here.result)
            if isinstance(value, Unknown):
                here.body.unknown(here.node, "__await__")
        elif not value.is_library:
            iterator = state.fresh()
            call_method(state, value, "__await__", here.implicit(NO_ARGUMENTS, iterator))
            here.body.copies.append((iterator, here.result))
            state.graph.watch(iterator, step)
        elif value.site:  # a task or future holds its result
            held = state.fresh()
            state.held(value.site, held)
            state.graph.edge(held, here.result)
            here.body.parts.append((state.static(value), here.result, ""))
        else:
            state.graph.put_unknown(here.result)

    def step(iterator: Value) -> None:
        """What `__await__` gives is asked for its next element; that may be the object itself."""
        if isinstance(iterator, Obj) and not iterator.is_library:
            call_method(state, iterator, "__next__", here.implicit(NO_ARGUMENTS, state.graph.node()))
            stopped_with(state, here.body, here.result)
            state.graph.put_unknown(here.result)
        else:
            learn(iterator)

    here.body.copies.append((awaited, here.result))  # a coroutine hangs from what its function returns
    state.graph.watch(awaited, learn)


def sent(state: State, function: str) -> int:
    """What `yield` gives in a generator."""
    found = state.node("var", function, SENT)
    state.opaque[found] = None
    return found


def send(state: State, generator: Value, node: int) -> None:
    if (function := function_of(state, generator)) is not None:
        state.graph.edge(node, state.node("var", function, SENT))


def delegate(state: State, inner: int, function: str, here: Here) -> None:
    """`yield from inner` in a generator function: what is sent to it goes to the inner one, whose return value is the result."""

    def learn(value: Value) -> None:
        generator = function_of(state, value)
        if generator is not None:
            state.graph.edge(state.node("return", generator), here.result)
            here.body.copies.append((inner, here.result))
            state.graph.edge(sent(state, function), state.node("var", generator, SENT))
        elif isinstance(value, Obj) and value.cls.startswith("builtins:"):
            state.graph.put(here.result, [NONE])
        else:
            stopped_with(state, here.body, here.result)
            state.graph.put_unknown(here.result)

    state.graph.watch(inner, learn)


def async_elements(state: State, source: int, here: Here) -> int:
    """What `async for` over the node gives: what awaiting `__anext__` does, or what an asynchronous generator yields."""
    found = state.fresh(source)
    here.body.receivers.setdefault(here.node, source)
    here.body.parts.append((source, found, ""))

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and not value.is_library:
            iterators = state.fresh()
            call_method(state, value, "__aiter__", here.implicit(NO_ARGUMENTS, iterators))
            state.graph.watch(iterators, step)
        else:
            state.graph.edge(iteration.elements(state, state.static(value), here.body, here.node), found)

    def step(iterator: Value) -> None:
        if isinstance(iterator, Obj) and not iterator.is_library:
            awaited = state.fresh()
            call_method(state, iterator, "__anext__", here.implicit(NO_ARGUMENTS, awaited))
            await_on(state, awaited, here.implicit(NO_ARGUMENTS, found))
        else:
            state.graph.edge(iteration.elements(state, state.static(iterator), here.body, here.node), found)

    state.graph.watch(source, learn)
    return found
