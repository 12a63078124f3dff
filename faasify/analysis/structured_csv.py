"""CSV: rows go to the file that a writer was made with, and a dialect is asked for its attributes.

w = csv.writer(file)           kept by w
w.writerow(row)                file.write
csv.writer(file, Dialect())    any attribute of the dialect
"""

from __future__ import annotations

from faasify.analysis import iteration
from faasify.analysis.asking import asked
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import Here, call_method
from faasify.analysis.elements import MAPPINGS
from faasify.analysis.opened import open_attributes
from faasify.analysis.state import Given, State
from faasify.analysis.structured import receivers, structured
from faasify.analysis.values import STR, Obj, is_own


@structured("csv:writer", "csv:reader")
def _made(state: State, here: Here, given: Given, called: int) -> None:
    for node in given.get("csvfile", ()):
        state.hold(state.site_name(here.body, here.node), node)
        here.body.puts.append((here.result, node, ""))
    for node in given.get("dialect", ()):
        open_attributes(state, here, node, state.graph.node(), None)


@structured("csv:DictWriter.__init__", "csv:DictReader.__init__")
def _initialised(state: State, here: Here, given: Given, called: int) -> None:
    for node in given.get("f", ()):
        receivers(state, given, lambda made, node=node: state.hold(made.site, node))  # type: ignore[misc]


@structured("csv:Writer.writerow", "csv:Writer.writerows")
def _write(state: State, here: Here, given: Given, called: int) -> None:
    file = state.graph.node()
    inner = here.implicit(Arguments([state.static(STR)]), state.graph.node())
    receivers(state, given, lambda writer: state.held(writer.site, file))
    state.graph.watch(file, lambda v: call_method(state, v, "write", inner) if is_own(v) else None)
    values = state.graph.node()
    rows = [*given.get("row", ()), *(iteration.elements(state, node, here.body, here.node) for node in given.get("rows", ()))]
    for row in rows:  # of a DictWriter
        state.graph.watch(row, lambda v: state.held(v.site, values) if isinstance(v, Obj) and v.cls in MAPPINGS else None)
    asked(state, values, "__str__", here.implicit(NO_ARGUMENTS, state.graph.node()))
