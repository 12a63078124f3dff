"""The table of the README is that of the tests, and every point of SEMANTICS has some."""

from tests.semantics import table

LAST = {"v": 5, "s": 4, "o": 4, "e": 4, "l": 6, "p": 1, "d": 2}
POINTS = {f"{letter}{n}" for letter, last in LAST.items() for n in range(1, last + 1)}


def test_the_readme_has_the_table_of_these_tests():
    text = table.README.read_text(encoding="utf-8")
    assert text == table.written(text), "python -m tests.semantics.table"


def test_every_point_has_tests_in_a_file_of_its_own():
    assert set(table.titles()) == POINTS
    assert {test.point for test in table.shown()} == POINTS
