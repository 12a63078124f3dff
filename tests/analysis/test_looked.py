"""Which attributes a program may ask for: what is written, what begins or ends so, or anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from faasify.analysis.scoping import build_scopes
from faasify.frontend import load


@pytest.mark.parametrize(
    ("source", "code", "other"),
    [
        ("e.code", True, False),
        ("(e\n # of it\n . code)", True, False),
        ("match e:\n    case E(code=c): pass", True, False),
        ("getattr(e, 'code')", True, False),
        ("e.__getattribute__('code')", True, False),
        ("attrgetter('a.code')", True, False),
        ("code", False, False),
        ("'code'", False, False),
        ("getattr(e, f'co{x}')", True, False),
        ("getattr(e, x + 'de')", True, False),
        ("getattr(e, 'visit_' + x)", False, False),
        ("getattr(e, '%s_code' % x)", True, True),
        ("getattr(e, 'co{}'.format(x))", True, False),
        ("getattr(e, x)", True, True),
        ("getattr(*x)", True, True),
        ("map(getattr, x, y)", True, True),
        ("from operator import attrgetter as g", True, True),
        ("inspect.getmembers(e)", True, True),
    ],
)
def test_what_may_be_asked_for(tmp_path: Path, source: str, code: bool, other: bool) -> None:
    (tmp_path / "app.py").write_text(source)
    looked = build_scopes(load("app.py", cwd=tmp_path)).looked
    assert (looked.may_be(["code"]), looked.may_be(["other"])) == (code, other)
