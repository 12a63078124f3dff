from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from faasify.errors import UsageError
from faasify.frontend.comments import Remark, inherited, remarks
from tests.handmade import handmade


def found(folder: Path, source: str) -> dict[str, Remark]:
    analysis = handmade(folder, {"app.py": textwrap.dedent(source)})
    definitions = analysis.callgraph.definitions
    own = remarks(analysis.program.modules["app"], definitions.values())
    every = {name: inherited(own, definitions[name], definitions) for name in analysis.functions}
    return {name: remark for name, remark in every.items() if remark != Remark()}


@pytest.mark.parametrize(
    "source",
    [
        "def f(): pass  # faasify: local\n",
        "# faasify: local\ndef f(): pass\n",
        "@d  # faasify: local\ndef f(): pass\n",
        "# faasify: local\n@d\ndef f(): pass\n",
        "@d\n# faasify: local\ndef f(): pass\n",
        "def f(\n    x,  # faasify: local\n):\n    pass\n",
        "def f(\n    x,\n) -> int:  # faasify: local\n    pass\n",
        "def f():  #faasify:local\n    pass\n",
    ],
    ids=["def line", "above", "at a decorator", "above the decorators", "between", "in the header", "last line of the header", "no spaces"],
)
def test_where_a_comment_may_stand(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, source)["app.f"].placement == "local"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 1  # faasify: local\ndef f(): pass\n", 1),
        ("# faasify: local\n\ndef f(): pass\n", 1),
        ("def f():\n    # faasify: memory=3\n    pass\n", 2),
        ("def f(): pass\n# faasify: local\n", 2),
        ("f = lambda x: x  # faasify: memory=3\n", 1),
        ("print(1)  # faasify: timeout=3\n", 1),
        ("print(1)  # faasify: local timeout=3\n", 1),
        ("# faasify: local\nprint(1)\n", 1),
        ("print(\n    1,  # faasify: local\n)\n", 2),
    ],
    ids=[
        *("of the statement above", "a line between", "in the body", "below", "of a lambda", "limits of a call"),
        *("more than local on a call", "above a call", "within a call"),
    ],
)
def test_a_comment_that_holds_for_nothing_is_an_error_with_its_line(tmp_path: Path, source: str, line: int) -> None:
    with pytest.raises(UsageError, match=f"app.py:{line}: the comment '# faasify: .*' holds for nothing; it belongs on the line of a def"):
        found(tmp_path, source)


def test_what_is_no_comment_means_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, 'def f():\n    return "# faasify: local"\n') == {}


def test_comments_on_one_definition_add_up(tmp_path: Path) -> None:
    source = "# faasify: remote\n@d  # faasify: memory=512\ndef f(): pass  # faasify: timeout=1.5\n"
    assert found(tmp_path, source)["app.f"] == Remark("remote", 512, 1.5, 1)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def f(): pass  # faasify: memory=1 memory=2\n", "app.py:1: .* has 'memory=2', which has been said already"),
        ("# faasify: remote\ndef f(): pass  # faasify: local\n", "app.py:2: .* has 'local', which has been said already"),
    ],
)
def test_what_is_said_twice_is_an_error_with_its_line(tmp_path: Path, source: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        found(tmp_path, source)


def test_a_class_hands_its_remark_down_to_methods_that_have_none(tmp_path: Path) -> None:
    source = """
        class A:  # faasify: local
            # faasify: remote
            def f(self): pass
            def g(self):
                def inner(): pass
            class B:
                def h(self): pass
    """
    placed = {name: remark.placement for name, remark in found(tmp_path, source).items()}
    assert placed == {"app.A.f": "remote", "app.A.g": "local", "app.A.B.h": "local"}


def test_limits(tmp_path: Path) -> None:
    assert found(tmp_path, "def f(): pass  # faasify: remote memory=512 timeout=1.5\n")["app.f"] == Remark("remote", 512, 1.5, 1)


@pytest.mark.parametrize("words", ["remot", "memory=big", "timeout=-1", "memory", ""])
def test_an_unknown_word_is_an_error_with_its_line(tmp_path: Path, words: str) -> None:
    with pytest.raises(UsageError, match=r"app.py:2: .*remote, local, memory=MB, timeout=SECONDS"):
        found(tmp_path, f"x = 1\ndef f(): pass  # faasify: {words}\n")
