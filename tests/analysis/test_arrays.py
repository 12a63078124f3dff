"""Arrays of libraries as their stubs describe them: what shares memory with an argument, and what special methods give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from faasify.analysis import analyse
from faasify.frontend import load
from faasify.model.effects import Analysis

Analysed = Callable[..., Analysis]

CHANGES = """
a.reshape(-1)[1:].view()[0] = 9
(a[1:])[0] = 9
v = a[1:]; v += 1
a.T.sort()
np.ravel(a)[0] = 9
x, y = np.split(a, 2); x[0] = 9
for row in a: row[0] = 9
for i, row in enumerate(a): row[i] = 9
list(a)[0].sort()
b = a if len(a) > 1 else a.copy(); b[...] = 3
b = a.astype(float, copy=False); b += 1
np.add(a, 1, out=a)
np.add.at(a, 0, 1)
np.copyto(a[1:], 0)
np.median(a, overwrite_input=True)
np.random.default_rng(3).shuffle(a)
for x in np.nditer(a, op_flags=["readwrite"]): x[...] = 9
memoryview(a)[0] = 9
"""
LEAVES = """
b = a.copy(); b[0] = 9
b = a + 0; b += 1
b = np.sort(a); b[0] = 1
b = a.astype(float); b += 1
b = np.array(a); b[0] = 1
b = -a; b *= 2
b = abs(a); b *= 2
b = (a > 0) & (a < 3); b[0] = True
b = np.median(a); np.percentile(a, 5).round()
for row in a: row.sum()
with np.errstate(divide="ignore"): b = 1 / a; b *= 2
"""


def program(lines: str) -> str:
    """One function for each line."""
    bodies = enumerate(lines.strip().splitlines())
    return "import numpy as np\n" + "".join(f"def f{n}(a):\n    {line}\nf{n}(np.zeros((2, 2)))\n" for n, line in bodies)


@pytest.mark.parametrize("coarse", [False, True])
def test_changes_the_array_that_it_was_given(tmp_path: Path, coarse: bool) -> None:
    (tmp_path / "app.py").write_text(program(CHANGES))
    found = analyse(load("app.py", cwd=tmp_path), coarse=coarse).functions
    assert {line: found[f"app.f{n}"].mutates for n, line in enumerate(CHANGES.strip().splitlines())} == dict.fromkeys(
        CHANGES.strip().splitlines(), ("a",)
    )


def test_changes_an_array_of_its_own(analysed: Analysed) -> None:
    found = analysed(program(LEAVES)).functions
    said = {line: (found[f"app.f{n}"].mutates, found[f"app.f{n}"].verdict) for n, line in enumerate(LEAVES.strip().splitlines())}
    assert said == dict.fromkeys(LEAVES.strip().splitlines(), ((), "travels"))


STUB = '''"""Tables of a project."""
class Table:
    def __init__(self, rows) -> Pure: ...
    def __getitem__(self, index, /) -> Returns[Table] | Views[self]: ...
    def __lt__(self, other, /) -> Returns[Mask]: ...
    def __radd__(self, other, /) -> Returns[Table]: ...
    def __iter__(self) -> Returns[generator[Table]]: ...
    def __iadd__(self, other, /) -> Mutates[self] | Returns[self]: ...
    def __abs__(self) -> Returns[Table]: ...
    def show(self) -> Writes[stdout]: ...
    def load(self) -> Touches[files]: ...
class Mask:
    def log(self) -> Writes[stderr]: ...
class Maker:
    @staticmethod
    def many(table, count) -> Mutates[table]: ...
@Maker
def make(rows) -> Returns[Table]: ...
'''


@pytest.mark.parametrize(
    ("line", "kinds", "mutates"),
    [
        ("t[1:].show()", {"stdout"}, ()),
        ("t[0].load()", {"files"}, ()),
        ("(t < 3).log()", {"stderr"}, ()),
        ("(3 > t).log()", {"stderr"}, ()),
        ("(1 + t).show()", {"stdout"}, ()),
        ("abs(t).show()", {"stdout"}, ()),
        ("for row in t: row.show()", {"stdout"}, ()),
        ("v = t[1:]; v += 1", set(), ("t",)),
        ("tables.make([]).show()", {"stdout"}, ()),
        ("tables.make.many(t, 3)", set(), ("t",)),
    ],
)
def test_classes_of_a_projects_own_stub(analysed: Analysed, tmp_path: Path, line: str, kinds: set[str], mutates: tuple[str, ...]) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "tables.pyi").write_text(STUB)
    found = analysed(f"import tables\ndef f(t):\n    {line}\nf(tables.Table([]))\n", rules=(rules,)).functions["app.f"]
    assert {effect.kind for effect in found.effects} == kinds
    assert found.mutates == mutates
