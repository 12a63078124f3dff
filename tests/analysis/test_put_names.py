"""Names of special methods that the sources say some class may be given."""

from __future__ import annotations

import pytest

from faasify.analysis.put_names import put_names


@pytest.mark.parametrize(
    "source",
    [
        "C.__len__ = f",
        "dict(__len__=f)",
        "type('C', (), {'__len__': f})",
        "setattr(C, '__len__', f)",
        "for n in ('len', 'add'): setattr(C, f'__{n}__', f)",
        "for n in 'LEN ADD'.split(): setattr(C, '__' + n.lower() + '__', f)",
        "for n in ('len', 'add'): setattr(C, '__%s__' % n, f)",
    ],
)
def test_names_that_are_put(source: str) -> None:
    assert "__len__" in put_names([source])


@pytest.mark.parametrize(
    "source",
    [
        "hasattr(x, '__len__')",
        "getattr(x, '__len__', None)",
        "C.__len__ == f",
        "C.__len__(x)",
        "len = '__' in x",
        "x.__class__ = C",
        "a = '__main__'",
    ],
)
def test_names_that_are_only_looked_at(source: str) -> None:
    assert put_names([source]) == set()
