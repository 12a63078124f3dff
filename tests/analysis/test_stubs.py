"""Effect stubs: what they may say, and one clear error with file and line for what they may not."""

from __future__ import annotations

import pytest

from faasify.analysis.stubs import StubError, parse_stub
from faasify.analysis.summaries import Callback, Held, LibraryAlias, LibraryClass, LibraryFunction


def function(text: str) -> LibraryFunction:
    found = next(iter(parse_stub(text, module="m", file="m.pyi").values()))
    assert isinstance(found, LibraryFunction)
    return found


def test_every_term() -> None:
    summary = function(
        "def f(a, b, *c, key=None, file=None) -> Reads[stdin] | Writes[hidden.random] | Touches[files] | WritesTo[file, stdout]"
        " | Mutates[a] | Calls[key(a, c)] | Calls[a.__len__] | Holds[b] | Holds[each(a)]"
        " | Holds[key()] | Yields[a] | Returns[list] | Returns[b] | Gives[a] | Views[b] | Views[a, key] | Mutates[b, file]: ..."
    ).summary
    assert summary.effects == ("stdin", "hidden.random", "files")
    assert summary.writes_to == (("file", "stdout"),)
    assert summary.mutates == ("a",)
    assert summary.calls == (Callback("key", "", ("a", "c")), Callback("a", "__len__"))
    assert summary.holds == (Held("b"), Held("a", each=True), Held("", made_by=Callback("key")))
    assert (summary.yields, summary.returns, summary.gives) == (("a",), ("builtins:list", "=b"), ("a",))
    assert summary.mutates_given == (("b", "file"),)
    assert summary.views == (("b", ""), ("a", "key"))


def test_classes_aliases_and_methods() -> None:
    members = parse_stub(
        "class A(dict):\n    def m(self, x, /) -> Mutates[self]: ...\nB = A\nfrom os import path\n", module="m", file="m.pyi"
    )
    cls = members["A"]
    assert isinstance(cls, LibraryClass)
    assert cls.bases == ("builtins:dict",)
    assert members["B"] is cls
    assert members["path"] == LibraryAlias("os:path")
    method = cls.members["m"]
    assert isinstance(method, LibraryFunction)
    assert method.positional == ("x",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f() -> Purr: ...", "m.pyi:1: unknown effect Purr (did you mean Pure?)"),
        ("\n\ndef f() -> Touches[filez]: ...", "m.pyi:3: unknown effect kind filez (did you mean files?)"),
        ("def f(x) -> Mutates[y]: ...", "m.pyi:1: y is no parameter"),
        ("def f(x): ...", "m.pyi:1: f has no effect: write -> Pure"),
        ("def f(x) -> Writes[hidden.randum]: ...", "did you mean hidden.random?"),
        ("def f(file) -> WritesTo[file]: ...", "m.pyi:1: WritesTo takes a parameter"),
        ("def f(file) -> Given[file]: ...", "m.pyi:1: Given takes a parameter"),
        ("def f(a) -> Views[a, a, a]: ...", "m.pyi:1: this takes a parameter, and one"),
        ("x = 1", "m.pyi:1: a stub has functions, classes"),
        ("if True:\n    pass", "m.pyi:1: a stub has functions"),
        ("def f(:", "m.pyi:1: "),
    ],
)
def test_what_a_stub_may_not_say(text: str, said: str) -> None:
    with pytest.raises(StubError) as caught:
        parse_stub(text, module="m", file="m.pyi")
    assert said in str(caught.value)
