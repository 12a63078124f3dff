"""What is said of library functions beyond their stubs."""

import pytest

from faasify.analysis import application
from faasify.analysis.structured import STRUCTURED, structured


def test_nothing_is_registered_in_place_of_something_else():
    before = dict(STRUCTURED)
    assert application.STRUCTURED is STRUCTURED and "builtins:abs" in STRUCTURED
    with pytest.raises(ValueError, match="builtins:abs: registered already"):
        structured("builtins:abs", "operator:a_new_one")(lambda state, here, given, called: None)
    assert before == STRUCTURED
