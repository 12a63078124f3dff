"""DECISIONS M1: the faster form that `local` carries is data and nothing else; its bytes never name code."""

import copyreg
import os
import pickle
import pickletools
from typing import Any

import pytest

from faasify.runtime.unit.wire import WireError, dumps, loads

ran: list[str] = []


def trip(*args: object) -> str:
    ran.append("code was run")
    return "tripped"


class Evil:
    def __reduce__(self) -> Any:
        return trip, ("x",)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return trip, ("x",)


HOSTILE = {
    "global": pickle.dumps(os.system, 0),
    "global_in_protocol_5": pickle.dumps(trip, 5),
    "reduction": pickle.dumps(Evil(), 5),
    "exception": pickle.dumps(ValueError("x")),
    "instance": pickle.dumps(pickle.PickleError("x"), 2),
    "set": pickle.dumps(slice(1, 2)),
    "inst_opcode": b"(S'true'\nios\nsystem\n.",
    "obj_opcode": b"(cos\nsystem\nS'true'\no.",
    "persistent_id": b"Pos.system\n.",
    "binary_persistent_id": b"\x80\x05K\x01Q.",
    "extension": b"\x80\x02\x82\xf0.",
    "out_of_band_buffer": b"\x80\x05\x97.",
    "reduce_of_a_string": b"\x80\x02X\x01\x00\x00\x00f)R.",
    "build_on_a_dict": b"\x80\x02}}b.",
    "stack_underflow": b"\x80\x02.",
    "truncated": dumps({"a": [1, 2, 3]})[:-3],
    "no_bytes": b"",
    "noise": bytes(range(256)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_m1_bytes_that_name_code_are_refused(name: str) -> None:
    with pytest.raises(WireError):
        loads(HOSTILE[name])
    assert not ran


def test_m1_a_registered_extension_is_refused_although_pickle_has_it_cached() -> None:
    code = 0xF0
    copyreg.add_extension(__name__, "trip", code)
    try:
        copyreg._extension_cache[code] = trip  # type: ignore[attr-defined]  # what pickle does at the first use
        with pytest.raises(WireError):
            loads(b"\x80\x02\x82\xf0)R.")
        assert not ran
    finally:
        copyreg.remove_extension(__name__, "trip", code)
        copyreg.clear_extension_cache()


class MyList(list[int]):
    pass


class MyDict(dict[str, int]):
    pass


class MyInt(int):
    pass


OURS = [Evil(), os.system, int, MyList(), MyDict(), MyInt(3), ValueError(), [Evil()], {"k": MyInt()}, object()]


@pytest.mark.parametrize("value", OURS, ids=lambda v: type(v).__name__)
def test_m1_only_our_own_tags_are_written(value: object) -> None:
    try:
        data = dumps(value)
    except WireError:
        return
    names = [op.name for op, _, _ in pickletools.genops(data)]
    assert not {"GLOBAL", "STACK_GLOBAL", "REDUCE", "INST", "OBJ", "NEWOBJ", "EXT1"} & set(names)
    assert type(loads(data)) in (list, dict, int), "it arrived as plain data, or it was refused"


def test_m1_data_goes_through_unchanged() -> None:
    tree = {"a": [None, True, 1, -(2**70), 1.5, float("inf"), "x\udc80", b"\x00", [], {}], "": {"$t": [0]}}
    back = loads(dumps(tree))
    assert back == tree and [type(x) for x in back["a"]] == [type(x) for x in tree["a"]]
