"""Every code explains itself with a program that has it and one that does not: both are analysed."""

from __future__ import annotations

from pathlib import Path

import pytest

from faasify import pipeline
from faasify.analysis.code import Sample
from faasify.analysis.codes import CODES
from faasify.errors import UsageError
from faasify.model.partition import Partition
from faasify.model.rewritten import RewrittenProgram
from faasify.partition.plan import CODES as LEFT
from faasify.report.codes import ALL_CODES, explanation
from faasify.report.codes_partition import PARTITION

BY_ANALYSIS = sorted(CODES)
BY_PARTITION = sorted(PARTITION.keys() - {"NO_DEF", "NO_STUB"})


def laid(folder: Path, sample: Sample) -> pipeline.Request:
    for name, text in {"app.py": sample.source, **sample.files}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return pipeline.Request("app.py", cwd=folder)


def divided(folder: Path, sample: Sample) -> Partition:
    return pipeline.divide(laid(folder, sample))


def rewritten(folder: Path, sample: Sample) -> RewrittenProgram:
    return pipeline.rewritten(laid(folder, sample))


@pytest.mark.parametrize("code", BY_ANALYSIS)
def test_the_example_has_exactly_that_code(code: str, tmp_path: Path) -> None:
    sample = CODES[code].example
    facts = divided(tmp_path, sample).analysis.functions[sample.subject]
    assert (facts.verdict, [reason.code for reason in facts.reasons]) == (CODES[code].verdict, [code])


@pytest.mark.parametrize("code", BY_ANALYSIS)
def test_the_mended_example_travels(code: str, tmp_path: Path) -> None:
    sample = CODES[code].mended
    facts = divided(tmp_path, sample).analysis.functions[sample.subject]
    assert (facts.verdict, facts.reasons) == ("travels", ())


@pytest.mark.parametrize("code", BY_PARTITION)
def test_the_example_of_the_partition_is_left_for_that_reason(code: str, tmp_path: Path) -> None:
    sample = PARTITION[code].example
    assert divided(tmp_path, sample).left[sample.subject].code == code


@pytest.mark.parametrize("code", sorted(PARTITION))
def test_the_mended_example_of_the_partition_is_a_unit(code: str, tmp_path: Path) -> None:
    sample = PARTITION[code].mended
    assert sample.subject in rewritten(tmp_path, sample).units


def test_a_lambda_is_no_unit(tmp_path: Path) -> None:
    assert not divided(tmp_path, PARTITION["NO_DEF"].example).units


def test_a_function_that_no_stub_fits_above_is_left(tmp_path: Path) -> None:
    sample = PARTITION["NO_STUB"].example
    assert rewritten(tmp_path, sample).left[sample.subject].code == "NO_STUB"


def test_every_code_of_the_partition_is_explained() -> None:
    assert LEFT.keys() <= ALL_CODES.keys()


@pytest.mark.parametrize("code", sorted(ALL_CODES))
def test_an_explanation_says_what_why_and_how(code: str) -> None:
    text = explanation(code.lower())
    assert text.startswith(f"{code} ({ALL_CODES[code].verdict}): ")
    assert "\n\nWhy: " in text
    assert "\n\nExample: " in text
    assert "\nHow to make it travel: " in text
    assert max(map(len, text.splitlines())) <= 120


def test_an_unknown_code_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean INSIDE_UNIT"):
        explanation("INSIDE_UNITS")
