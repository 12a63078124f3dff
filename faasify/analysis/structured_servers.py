"""Servers of socketserver and http.server: they make their handler for each request, which then calls its own methods.

server = HTTPServer(("", 80), Handler)
server.handle_request()                     Handler.__init__, and by that do_GET
"""

from __future__ import annotations

from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import Here, call_node
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured

_HANDLING = ("serve_forever", "handle_request", "process_request", "process_request_thread", "finish_request")


def _handlers(state: State) -> int:
    """Which server has which is not looked at."""
    return state.node("handlers", "servers")


@structured("socketserver:BaseServer.__init__")
def _made(state: State, here: Here, given: Given, called: int) -> None:
    for node in given.get("RequestHandlerClass", ()):
        state.graph.edge(node, _handlers(state))


@structured(
    *(f"socketserver:BaseServer.{name}" for name in _HANDLING),
    *(f"socketserver:ThreadingMixIn.{name}" for name in ("process_request", "process_request_thread")),
    "socketserver:ForkingMixIn.process_request",
)
def _handled(state: State, here: Here, given: Given, called: int) -> None:
    call_node(state, _handlers(state), here.implicit(Arguments(star=state.fresh()), state.graph.node()))
