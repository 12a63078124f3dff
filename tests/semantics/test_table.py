"""The table of the README is that of the tests, and every point of SEMANTICS has some."""

from tests.semantics import table

POINTS = {*"v1 v2 v3 v4 v5 s1 s2 s3 s4 o1 o2 o3 o4 e1 e2 e3 e4 l1 l2 l3 l4 l5 l6 p1 d1 d2".split()}


def test_the_readme_has_the_table_of_these_tests():
    text = table.README.read_text(encoding="utf-8")
    assert text == table.written(text), "python -m tests.semantics.table"


def test_every_point_has_tests_in_a_file_of_its_own():
    assert set(table.titles()) == POINTS
    assert {test.point for test in table.shown()} == POINTS
