"""What `asyncio` does with coroutines, and what is sent to a generator."""

from __future__ import annotations

from faasify.analysis.awaiting import await_on, send
from faasify.analysis.bodies import NO_ARGUMENTS
from faasify.analysis.calls import Here
from faasify.analysis.state import Given, State
from faasify.analysis.structured import elements, named, receivers, stopped, structured, tuple_of
from faasify.analysis.values import NONE, RAISED, Obj


@structured("builtins:generator.send", "builtins:async_generator.asend")
def _send(state: State, here: Here, given: Given, called: int) -> None:
    for node in given.get("value", ()):
        receivers(state, given, lambda generator, node=node: send(state, generator, node))  # type: ignore[misc]
    stopped(state, here, given["self"])


@structured(
    "asyncio:run",
    "asyncio:Runner.run",
    "asyncio:AbstractEventLoop.run_until_complete",
    "asyncio:AbstractEventLoop.run_forever",
    "asyncio:run_coroutine_threadsafe",
    result=True,
)
def _run(state: State, here: Here, given: Given, called: int) -> None:
    for node in given.get("coro", ()):
        await_on(state, node, here.implicit(NO_ARGUMENTS))
    if "__await__" in state.bound_in_classes:  # of what tasks wait for, which may go on here
        here.body.unknown(here.node, "__await__")


def _future(state: State, here: Here, cls: str, result: int) -> None:
    made = Obj(cls, named(state, here, "future"))
    state.hold(made.site, result)
    here.body.puts.append((state.static(made), result, ""))
    state.graph.put(here.result, [made])


@structured(
    *(f"asyncio:{name}" for name in ("create_task", "ensure_future", "wait_for", "shield")),
    *(f"asyncio:{name}.create_task" for name in ("TaskGroup", "AbstractEventLoop")),
    result=True,
)
def _task(state: State, here: Here, given: Given, called: int) -> None:
    done = state.fresh()
    for node in given.get("coro", ()):
        await_on(state, node, here.implicit(NO_ARGUMENTS, done))
    _future(state, here, "asyncio:Task", done)


@structured("asyncio:sleep", result=True)
def _sleep(state: State, here: Here, given: Given, called: int) -> None:
    result = state.fresh()
    for node in given.get("result") or [state.static(NONE)]:
        state.graph.edge(node, result)
    _future(state, here, "builtins:coroutine", result)


@structured("asyncio:gather", result=True)
def _gather(state: State, here: Here, given: Given, called: int) -> None:
    results = Obj("builtins:list", named(state, here, "results"))
    for index, node in enumerate(given.get("coros", ())):
        done = state.fresh()
        await_on(state, node, here.implicit(NO_ARGUMENTS, done))
        state.hold(results.site, done, str(index) if node != here.args.star else "?")
        here.body.puts.append((state.static(results), done, ""))
    _future(state, here, "asyncio:Future", state.static(results))


@structured("asyncio:as_completed", "concurrent.futures:as_completed", result=True)
def _as_completed(state: State, here: Here, given: Given, called: int) -> None:
    made = Obj("builtins:generator", state.site_name(here.body, here.node))
    for part in elements(state, here, given.get("fs", ())):
        state.hold(made.site, part)
        here.body.puts.append((state.static(made), part, ""))
    state.graph.put(here.result, [made])


@structured("asyncio:TaskGroup.__aenter__", result=True)
def _itself(state: State, here: Here, given: Given, called: int) -> None:
    for node in given["self"]:
        _future(state, here, "asyncio:Future", node)


@structured("asyncio:wait", result=True)
def _wait(state: State, here: Here, given: Given, called: int) -> None:
    """`done, pending = await wait(tasks)`"""
    tasks = Obj("builtins:set", named(state, here, "tasks"))
    for part in elements(state, here, given.get("fs", ())):
        state.hold(tasks.site, part)
        here.body.puts.append((state.static(tasks), part, ""))
    both = tuple_of(state, named(state, here, "both"), [(index, state.static(tasks)) for index in ("0", "1")])
    _future(state, here, "asyncio:Future", state.static(both))


@structured("asyncio:to_thread", "asyncio:AbstractEventLoop.run_in_executor", result=True)
def _in_thread(state: State, here: Here, given: Given, called: int) -> None:
    _future(state, here, "asyncio:Future", called)


@structured(*(f"asyncio:{name}.get" for name in ("Queue", "PriorityQueue", "LifoQueue")), result=True)
def _queue_get(state: State, here: Here, given: Given, called: int) -> None:
    items = state.fresh()
    receivers(state, given, lambda queue: state.held(queue.site, items))
    here.body.parts += [(queue, items, "") for queue in given["self"]]
    _future(state, here, "asyncio:Future", items)


@structured("sys:exit", "builtins:exit", "builtins:quit")
def _exit(state: State, here: Here, given: Given, called: int) -> None:
    """What is given is the SystemExit's `code`."""
    for node in (*given.get("status", ()), *given.get("code", ())):
        state.hold(RAISED.site, node)
        here.body.puts.append((state.static(RAISED), node, ""))
