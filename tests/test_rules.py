"""Every rule's examples are its tests, by discovery: a rule that is added is tested."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from faasify.model.program import Module
from faasify.rewrite.engine import rewrite_module
from faasify.rewrite.rule import Example, Rule, Wanted
from faasify.rewrite.rulebook import Entry, discover

REWRITE_RULES = discover()


def examples(kind: str) -> list[object]:
    return [
        pytest.param(entry.rule, example, id=f"{entry.name}: {example.name}")
        for entry in REWRITE_RULES
        for example in getattr(entry.rule, kind)
    ]


def apply(rule: Rule, example: Example, folder: Path) -> tuple[str, dict[str, str]]:
    """The example after `rule` alone, and the reasons for what it left."""
    import hashlib

    file = folder / "app.py"
    file.write_bytes(example.before.encode())
    tree = ast.parse(example.before)
    module = Module("app", "app", file, "app.py", example.before, "utf-8", hashlib.sha256(example.before.encode()).hexdigest(), tree)
    lines = {node.name: node.lineno for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    wanted = [Wanted(f"app.{name}", lines[name.rpartition(".")[2]]) for name in example.units]
    rewritten, left = rewrite_module(module, wanted, [rule], main=example.main)
    return rewritten.content.decode(), {name: reason.message for name, reason in left.items()}


@pytest.mark.parametrize(("rule", "example"), examples("REWRITES"))
def test_a_rule_rewrites(rule: Rule, example: Example, tmp_path: Path) -> None:
    assert apply(rule, example, tmp_path) == (example.after, {})


@pytest.mark.parametrize(("rule", "example"), examples("LEAVES"))
def test_a_rule_leaves(rule: Rule, example: Example, tmp_path: Path) -> None:
    text, left = apply(rule, example, tmp_path)
    assert text == example.before
    assert example.why, "an example of what is left says why"
    assert set(left) == {f"app.{name}" for name in example.units}


@pytest.mark.parametrize("entry", REWRITE_RULES, ids=lambda entry: entry.name)
def test_a_rewrite_rule_is_documented(entry: Entry) -> None:
    assert entry.summary
    assert entry.rule.REWRITES and entry.rule.LEAVES
    verb, _, thing = entry.name.partition("_")
    assert verb and thing, "rules/rewrites/<verb_object>.py"
