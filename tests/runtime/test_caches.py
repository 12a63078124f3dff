"""A cache that is sent, asked over there, and brought up to date here, is as if it had been asked here."""

from __future__ import annotations

import functools
from types import CodeType, ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faasify.runtime.unit import caches
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.changes import planned
from faasify.runtime.unit.codec import Decoder, Encoder, Untravellable, World, load_types

SOURCE = """
import functools
def plain(*args, **keywords):
    if args == (9,): raise ValueError(args)
    return [args, keywords]
def make(maxsize, typed): return functools.lru_cache(maxsize=maxsize, typed=typed)(plain)
"""
CALLS = st.lists(
    st.sampled_from([((n,), {}) for n in (0, 1, 2, 3, 9, "a", 1.0, True, (1,))] + [((), {"b": 1}), ((1,), {"b": 2, "a": 1.0}), "clear"]),
    max_size=25,
)


class _World(World):
    def is_program_class(self, cls: type) -> bool:
        return False


def process() -> tuple[_World, Any]:
    """What one side of a call has: its world, and the module of the program."""
    load_types()
    module = ModuleType("__main__")
    code: CodeType = compile(SOURCE, "app.py", "exec", dont_inherit=True)
    exec(code, vars(module))
    world = _World()
    world.modules["__main__"] = module
    world.codes.add("__main__", code)
    return world, module


def ask(cached: Any, calls: Any) -> None:
    for call in calls:
        if call == "clear":
            cached.cache_clear()
            continue
        try:
            cached(*call[0], **call[1])
        except ValueError:
            pass


def shown(cached: Any) -> Any:
    return cached.cache_info(), [(repr(key)[-20:], repr(result)) for key, result in caches._Parts(cached).pairs]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([None, 0, 1, 2, 3, 128]), st.booleans(), CALLS, CALLS, CALLS)
def test_there_and_back(maxsize: int | None, typed: bool, before: Any, there: Any, after: Any) -> None:
    (here, module), (over, _) = process(), process()
    original, expected = module.make(maxsize, typed), process()[1].make(maxsize, typed)
    ask(original, before)
    enc = Encoder(here)
    wire = enc.root(original)
    dec = Decoder(over, enc.finish())
    dec.run()
    copy = dec.value(wire)
    assert copy.cache_info() == original.cache_info() and copy.cache_parameters() == original.cache_parameters()
    state = Before.of(dec, over.is_program_class)
    ask(copy, there)
    back = Encoder(over, dec.objs)
    edits = state.edits(back)
    result = Decoder(here, back.finish(), list(enc.objs))
    result.run()
    for plan in [planned(result, enc.objs[i], node, here.is_program_class) for i, node in edits]:
        plan()
    ask(original, after)
    ask(expected, [*before, *there, *after])
    assert shown(original) == shown(expected)
    assert vars(module)["plain"].__code__.co_name == "plain"


def test_what_was_asked_too_often_is_counted_on() -> None:
    (here, module), (over, _) = process(), process()
    cached = module.make(None, False)
    ask(cached, [((0,), {})] * (caches.LIMIT + 10))
    assert not caches.is_counted(cached)
    enc = Encoder(here)
    wire = enc.root(cached)
    dec = Decoder(over, enc.finish())
    dec.run()
    copy = dec.value(wire)
    assert copy.cache_info().hits == 0 and caches.counts(copy) == (caches.LIMIT + 9, 1)
    copy(0)
    assert caches.counts(copy) == (caches.LIMIT + 10, 1)


@pytest.mark.parametrize("spoil", [lambda f: vars(f).pop("cache_parameters"), lambda f: setattr(f, "cache_parameters", dict)])
def test_a_cache_whose_settings_are_not_told_stays(spoil: Any) -> None:
    here, module = process()
    cached = module.make(2, False)
    spoil(cached)
    with pytest.raises(Untravellable, match="settings"):
        Encoder(here).root(cached)


def test_a_cache_of_what_is_no_function_of_the_program_stays() -> None:
    with pytest.raises(Untravellable, match="cache of a"):
        Encoder(process()[0]).root(functools.lru_cache(len))
