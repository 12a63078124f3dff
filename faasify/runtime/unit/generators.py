"""The global generators of `random` and `numpy.random`: the state of one travels with the calls that draw from it.

    taken(names, refs, drawn) -> {"random": state}     in the caller, with the snapshot
    put(state)                                         in the unit, before the call
    drawn_unsent(state) -> ["numpy"]                   in the unit, after it: what the call has used and was not sent

Which calls draw is told twice: before, by the analysis (`drawn`); after, by the generators, which every draw and every seeding changes.
For the latter an unsent generator is in a state that no call can bring about, fresh from the system's entropy. Only to *look* at a
generator leaves no trace, so that code which names a way of looking (TELLS) is always sent the state.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Set
from typing import Any, NamedTuple

from faasify.runtime.unit.codec import Untravellable


class _Generator(NamedTuple):
    module: str
    libraries: frozenset[str]  # names by which code gets at it
    state: Callable[[Any], Any]  # as a wire tree, of the module
    put: Callable[[Any, Any], None]


def _python_state(module: Any) -> Any:
    version, numbers, gauss = module.getstate()
    return [version, list(numbers), gauss]


def _put_python(module: Any, state: Any) -> None:
    version, numbers, gauss = state
    module.setstate((version, tuple(numbers), gauss))


def _numpy_state(module: Any) -> Any:
    found = module.get_state(legacy=False)
    if found["bit_generator"] != "MT19937":
        raise Untravellable("numpy's global generator, which the program has replaced")
    return [found["state"]["key"].tobytes(), int(found["state"]["pos"]), int(found["has_gauss"]), float(found["gauss"])]


def _put_numpy(module: Any, state: Any) -> None:
    keys, position, has_gauss, gauss = state
    module.set_state(("MT19937", sys.modules["numpy"].frombuffer(keys, dtype="uint32"), position, has_gauss, gauss))


GENERATORS = {
    "random": _Generator("random", frozenset({"random", "statistics"}), _python_state, _put_python),
    "numpy": _Generator("numpy.random", frozenset({"random"}), _numpy_state, _put_numpy),
}


class Drawn(NamedTuple):
    """What a unit's calls draw from: what the analysis says, of generators that the code gets at, and what calls have shown."""

    expected: frozenset[str]
    shown: frozenset[str] = frozenset()


EVERY = Drawn(frozenset(GENERATORS))
NONE = Drawn(frozenset())
DRAWN = "random"  # the kind of an aborted call that has used one which it was not sent
TELLS = frozenset(
    {"getstate", "get_state", "get_bit_generator", "_bit_generator", "_inst", "_rand", "mtrand", "__self__", "__dict__", "__getstate__"}
    | {"__reduce__", "__reduce_ex__", "deepcopy", "dumps", "dump", "getattr", "vars", "eval", "exec", "getmembers", "attrgetter"}
    | {"methodcaller", "__getattribute__", "globals", "modules"}
)
_left: dict[str, Any] = {}  # the state of each generator that the last call found, if it was not sent one


def taken(names: Set[str], refs: Iterable[str], drawn: Drawn) -> dict[str, Any]:
    """By the generator, the states that code with these names and library objects is sent."""
    looks = not names.isdisjoint(TELLS) or any(ref.rpartition(":")[2].rpartition(".")[2] in TELLS for ref in refs)
    return {
        name: generator.state(module)
        for name, generator, module in _loaded()
        if name in drawn.shown or ((looks or name in drawn.expected) and _reachable(generator, names, refs))
    }


def _reachable(generator: _Generator, names: Set[str], refs: Iterable[str]) -> bool:
    origins = (f"{generator.module}:", f"{generator.module}.")
    return not names.isdisjoint(generator.libraries) or any(ref.startswith(origins) for ref in refs)


def commit(state: dict[str, Any]) -> None:
    """Take over those that are in it."""
    for name, generator, module in _loaded():
        if name in state:
            generator.put(module, state[name])


def put(state: dict[str, Any]) -> None:
    """Each generator as it was sent; one that was not, and is in a state that a call may have brought about, afresh."""
    commit(state)
    for name, generator, module in _loaded():
        if name in state:
            _left.pop(name, None)
        elif name not in _left:
            module.seed()
            _left[name] = generator.state(module)


def changed(state: dict[str, Any]) -> dict[str, Any]:
    """Of those that were sent, the states that are others now."""
    now = {name: generator.state(module) for name, generator, module in _loaded() if name in state}
    return {name: found for name, found in now.items() if found != state[name]}


def drawn_unsent(state: dict[str, Any]) -> list[str]:
    """Generators that were not sent and that the call has changed, or has imported: then they are not the program's."""
    return [name for name, generator, module in _loaded() if name not in state and generator.state(module) != _left.get(name)]


def _loaded() -> list[tuple[str, _Generator, Any]]:
    found = ((name, generator, sys.modules.get(generator.module)) for name, generator in GENERATORS.items())
    return [(name, generator, module) for name, generator, module in found if module is not None]
