"""Instances arrive without a method of theirs having run, wherever they keep their state."""

from __future__ import annotations

import pytest

from faasify.runtime.unit.codec import Untravellable
from faasify.runtime.unit.layouts import layout_of
from tests.runtime.worlds import TwoWorlds


def test_no_method_of_an_instance_runs():
    pair = TwoWorlds("""
        RAN = []
        class Loud:
            def __new__(cls, *a): RAN.append("new"); return object.__new__(cls)
            def __init__(self, x): RAN.append("init"); object.__setattr__(self, "x", x)
            def __setattr__(self, name, value): RAN.append("setattr")
            def __getattribute__(self, name): RAN.append("getattribute " + name); return object.__getattribute__(self, name)
            def __getstate__(self): RAN.append("getstate"); return {}
            def __setstate__(self, state): RAN.append("setstate")
            def __reduce_ex__(self, p): RAN.append("reduce"); return object, ()
            def __copy__(self): RAN.append("copy"); return self
            def __bool__(self): RAN.append("bool"); return False
            def __class__(self): RAN.append("class"); return int
            __class__ = property(__class__)
    """)
    loud = pair.space["Loud"](5)
    pair.space["RAN"].clear()
    copy = pair.there(loud)
    assert pair.space["RAN"] == [] and object.__getattribute__(copy, "x") == 5


def test_slots_of_every_class_of_the_line_with_private_names():
    pair = TwoWorlds("""
        class A:
            __slots__ = ("__x", "shared")
            def put(self): self.__x = 1
            def get(self): return self.__x
        class B(A):
            __slots__ = ("__x", "shared")
            def put2(self): self.__x = 2
            def get2(self): return self.__x
        def f(b): return b.get(), b.get2(), A.shared.__get__(b), B.shared.__get__(b), b.put2()
    """)
    b = pair.space["B"]()
    b.put(), b.put2()
    pair.space["A"].shared.__set__(b, "a")
    pair.space["B"].shared.__set__(b, "b")
    assert pair.call("f", b) == (1, 2, "a", "b", None)


def test_where_a_class_keeps_its_state():
    class Plain:
        pass

    class Slotted(list):
        __slots__ = ("a",)

    assert (layout_of(Plain).base, layout_of(Plain).has_dict, layout_of(Plain).slots) == (object, True, [])
    assert (layout_of(Slotted).base, layout_of(Slotted).has_dict, [name for name, _ in layout_of(Slotted).slots]) == (list, False, ["a"])


def test_instances_that_share_a_dict_still_do():
    pair = TwoWorlds("class P: pass\ndef f(a, b): a.new = 1; return b.new, a.__dict__ is b.__dict__")
    a, b = pair.space["P"](), pair.space["P"]()
    b.__dict__ = a.__dict__
    assert pair.call("f", a, b) == (1, True) and b.new == 1 and a.__dict__ is b.__dict__


def test_what_c_keeps_of_an_exception():
    pair = TwoWorlds("class E(OSError): pass\ndef f(*es): es[0].errno = 5; es[0].extra = es; return [str(e) for e in es]")
    made = [
        pair.space["E"](2, "no", "f"),
        OSError(2, "no"),
        OSError("x"),
        FileNotFoundError(2, "gone", "a", None, "b"),
        ImportError("m", name="n"),
    ]
    made += [
        SyntaxError("bad", ("f.py", 1, 2, "text")),
        AttributeError("a", name="n", obj=1),
        StopIteration(),
        SystemExit(None),
        KeyError("k"),
    ]
    shown = [str(e) for e in made]
    copies = pair.there(made)
    assert [str(e) for e in copies] == shown and copies[5].text == "text" and copies[4].name == "n" and copies[6].obj == 1
    assert pair.call("f", *made)[1:] == shown[1:]
    assert made[0].errno == 5 and made[0].extra[0] is made[0] and type(copies[3]) is FileNotFoundError


def test_a_chain_of_exceptions_with_a_cycle():
    first, second = ValueError(1), KeyError(2)
    first.__context__, second.__cause__ = second, first
    first.add_note("n")
    copy = TwoWorlds().there(first)
    assert copy.__context__.__cause__ is copy and copy.__notes__ == ["n"] and copy.__context__.__suppress_context__


def test_a_subclass_of_what_is_written_in_c_stays():
    pair = TwoWorlds("import io, threading\nclass A(io.StringIO): pass\nclass L(threading.local): pass")
    for name in "AL":
        with pytest.raises(Untravellable, match="extends|_local"):
            pair.there(pair.space[name]())


@pytest.mark.parametrize("base, args", [("Exception", "1"), ("ExceptionGroup", "'g', [ValueError()]"), ("OSError", "2, 'x'")])
def test_an_exception_of_the_program_is_read_and_made_without_a_word_to_its_class(base, args):
    pair = TwoWorlds(f"""
        SEEN = []
        class E({base}):
            def __getattribute__(self, name): SEEN.append(name); return super().__getattribute__(name)
            def __setattr__(self, name, value): SEEN.append(name); super().__setattr__(name, value)
        e = E({args})
        e.extra = e
        SEEN.clear()
        def change(e): e.extra = [1]; e.args = (5,); return e
        def seen(): return list(SEEN)
    """)
    e = pair.space["e"]
    assert pair.call("change", e) is e and pair.space["SEEN"] == ["extra", "args"]
    assert (e.extra, e.args) == ([1], (5,))


def test_what_stands_in_a_class_is_not_asked_for_its_class():
    pair = TwoWorlds("""
        SEEN = []
        class Q:
            @property
            def __class__(self): SEEN.append("class"); return int
        class K:
            __init__ = attribute = Q()
        def f(q, k): return type(q) is Q, type(vars(k)["attribute"]) is Q, len(SEEN)
    """)
    assert pair.call("f", pair.space["Q"](), pair.space["K"]) == (True, True, 0)
