"""Which plain values a source compares by identity."""

import pytest

from faasify.runtime.caller.by_identity import compared, is_copied

NOTHING = set(), set(), False


@pytest.mark.parametrize(
    ("source", "names", "attributes", "literal"),
    [
        ("x is INF", {"INF"}, set(), False),
        ("INF is not x", {"INF"}, set(), False),
        ("x is A.B", set(), {"B"}, False),
        ("A.B is x", set(), {"B"}, False),
        ("x is a.b.c", set(), {"c"}, False),
        ("A is B", {"A", "B"}, set(), False),
        ("x is 'fast'", set(), set(), True),
        ("1000 is x", set(), set(), True),
        ("x is 3", *NOTHING),
        ("INF is None", *NOTHING),
        ("x is True", *NOTHING),
        ("x[0] is x['seen']", *NOTHING),
        ("x['seen'] is INF", {"INF"}, set(), False),
        ("x(1000) is y", *NOTHING),
        ("x == INF", *NOTHING),
    ],
)
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_what_stands_beside_an_is(source, names, attributes, literal):
    found = compared([compile(f"def f(x, y=0): return {source}", "app.py", "exec")])
    assert (found.names, found.attributes, found.literal) == (names, attributes, literal)


def test_values_that_are_themselves_everywhere():
    assert not any(map(is_copied, (None, True, ..., 3, -5, 256, "", "x", b"", (), [], float("nan"), object(), int)))
    assert all(map(is_copied, (257, -6, "xy", b"xy", 1.5, float("inf"), 2j)))
