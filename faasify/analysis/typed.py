"""Results that no effect stub speaks of: the type stubs do, as far as they know.

re.compile(p).match(s)       a re.Match, or None
"""

from __future__ import annotations

from faasify.analysis import typeshed
from faasify.analysis.calls import Here
from faasify.analysis.state import State
from faasify.analysis.values import Cls, Obj, is_own


def result(state: State, path: str, here: Here, receiver: Obj | Cls | None = None) -> None:
    """What calling the library's `path` gives flows to the result: instances of the types, or anything.

    A method that gives an instance of its own class gives one of the program's, where it is called on that."""
    types = typeshed.results(path) if ":" in path else ()
    own = receiver if isinstance(receiver, Obj) else Obj(receiver.name) if receiver is not None else None
    if own is not None and is_own(own) and any(found.path == path.rpartition(".")[0] for found in types):
        state.graph.put(here.result, [own])
        if typeshed.gives_itself(path):
            return
    for found in types:
        put(state, found, here.result, state.site_name(here.body, here.node))
    if not types and _looks_like_a_class(path):
        state.graph.put(here.result, [Obj(path, state.site_name(here.body, here.node))])
    elif not types:
        state.graph.put_unknown(here.result)


def _looks_like_a_class(path: str) -> bool:
    """Of a library that nobody has described, its naming is all there is: `ext.Client()` gives a Client, for whose methods it stands."""
    name = path.rpartition(":")[2].rpartition(".")[2]
    return name[:1].isupper() and not name.isupper()


def put(state: State, found: typeshed.Type, node: int, site: str) -> None:
    if ":" not in found.path:
        state.graph.put_unknown(node)
        return
    described = state.catalogue.find(found.path)
    made = Obj(described.path if described is not None else found.path, site)
    state.graph.put(node, [made])
    if found.args:
        inner = state.graph.node()
        put(state, found.args[-1], inner, f"{site}.")
        state.hold(site, inner)
