"""What a class of the program answers with when it is asked whether something is an instance of it, or a class below it.

isinstance(x, C)         calls C.__subclasshook__(type(x)), and those of the classes below C
issubclass(D, (A, C))    the same of each of them
match x: case C(): ...   the same
"""

from __future__ import annotations

from collections.abc import Callable

from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import Here, call_method, call_node
from faasify.analysis.members import member
from faasify.analysis.mro import each_below
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import UNKNOWN, Cls, Lib, Obj, Value


def class_of(state: State, node: int) -> int:
    """The node of the classes of what a node may be."""
    found = state.graph.node()

    def learn(value: Value) -> None:
        if isinstance(value, Obj):
            state.graph.put(found, [Lib(value.cls) if value.is_library else Cls(value.cls)])
        else:
            state.graph.put(found, [UNKNOWN])

    state.graph.watch(node, learn)
    return found


def ask_hooks(state: State, kinds: int, asked: int, here: Here, *, of_instance: bool) -> None:
    """`kinds`: the node of the class that answers if it is an ABC, or of a tuple of them. `asked`: of the instance, or the class."""
    if "__subclasshook__" not in state.bound_in_classes:
        return
    asked = class_of(state, asked) if of_instance else asked
    inner = here.implicit(Arguments([asked]), state.graph.node())
    told = set[str]()

    def answer(name: str) -> None:
        if name not in told:
            told.add(name)
            call_node(state, member(state, Cls(name), "__subclasshook__"), inner)

    def learn(value: Cls) -> None:
        answer(value.name)
        each_below(state, value.name, answer)

    _each_class(state, kinds, learn)


def _each_class(state: State, kinds: int, learn: Callable[[Cls], None]) -> None:
    """Of a class, or a tuple of them at any depth."""
    seen = set[str]()

    def look(value: Value) -> None:
        if isinstance(value, Obj) and value.cls == "builtins:tuple" and value.site not in seen:
            seen.add(value.site)
            state.held(value.site, found)
        elif isinstance(value, Cls):
            learn(value)

    found = state.graph.node()
    state.graph.edge(kinds, found)
    state.graph.watch(found, look)


@structured("builtins:isinstance")
def _isinstance(state: State, here: Here, given: Given, called: int) -> None:
    for kinds in given.get("class_or_tuple", ()):
        for node in given.get("obj", ()):
            ask_hooks(state, kinds, node, here, of_instance=True)
            _ask_metaclass(state, kinds, "__instancecheck__", node, here)


@structured("builtins:issubclass")
def _issubclass(state: State, here: Here, given: Given, called: int) -> None:
    for kinds in given.get("class_or_tuple", ()):
        for node in given.get("cls", ()):
            ask_hooks(state, kinds, node, here, of_instance=False)
            _ask_metaclass(state, kinds, "__subclasscheck__", node, here)


def _ask_metaclass(state: State, kinds: int, name: str, asked: int, here: Here) -> None:
    """Of the classes in a tuple; of one that stands by itself the stub says it too."""
    if name in state.bound_in_classes:
        inner = here.implicit(Arguments([asked]), state.graph.node())
        _each_class(state, kinds, lambda value: call_method(state, value, name, inner))
