"""Dates and times with a time zone of the program: what asks it for its offset and name.

class Zone(datetime.tzinfo): def utcoffset(self, d): ...
datetime(2024, 2, 29, tzinfo=Zone()).isoformat()       Zone.utcoffset
str(d), d < e, d - e, {d: 1}, now(Zone())              likewise

Which of the program's zones a date has is not followed: it may be any.
"""

from __future__ import annotations

from faasify.analysis.asking import remember
from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import Here, call_method
from faasify.analysis.mro import order
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import Obj

_ASKED = ("utcoffset", "dst", "tzname", "fromutc")
_COMPARING = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__")
_OF_BOTH = ("utcoffset", "dst", "tzname", "isoformat", "strftime", "__format__", "__str__", "__repr__", *_COMPARING)
_OF_DATETIME = ("timetuple", "utctimetuple", "timestamp", "astimezone", "now", "fromtimestamp", "__sub__")


@structured(
    *(f"datetime:time.{name}" for name in _OF_BOTH),
    *(f"datetime:datetime.{name}" for name in (*_OF_BOTH, *_OF_DATETIME)),
    "datetime:tzinfo.fromutc",
)
def _ask_zones(state: State, here: Here, given: Given, called: int) -> None:
    if not state.traits.has_zones:
        return
    asked = [*given.get("self", ()), *given.get("other", ()), *given.get("args", ()), *given.get("kwargs", ())]
    inner = here.implicit(Arguments([*given.get("self", [])[:1]] or [state.static(Obj("datetime:datetime"))]), state.graph.node())
    for node in asked:
        remember(state, here, node)
        here.body.puts.append((here.result, node, ""))  # a zone that is given

    def ask_all() -> None:
        for cls in [c for c in state.bases if "datetime:tzinfo" in order(state, c)]:
            for name in (*_ASKED, "__repr__"):
                call_method(state, Obj(cls), name, inner)

    if (key := (here.node, _ask_zones.__name__)) not in state.hooks:  # a zone may ask dates in turn
        state.hooks.add(key)
        state.deferred.append(ask_all)


@structured("datetime:datetime.replace", "datetime:datetime.combine", "datetime:time.replace")
def _with_zone(state: State, here: Here, given: Given, called: int) -> None:
    """What is made has the zone that is given."""
    for node in (*given.get("self", ()), *given.get("args", ()), *given.get("kwargs", ())) if state.traits.has_zones else ():
        here.body.puts.append((here.result, node, ""))
