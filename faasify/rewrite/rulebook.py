"""Finds the rewrite rules: every file in `rules/rewrites/`, and in the folders that a project names, holds one `Rule`."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faasify import resources
from faasify.errors import FaasifyError
from faasify.rewrite.rule import Rule


@dataclass(frozen=True)
class Entry:
    """One rule with the name it is listed under: its file's."""

    name: str
    file: Path
    rule: Rule

    @property
    def summary(self) -> str:
        return (self.rule.__doc__ or "").strip().partition("\n")[0]


def discover(extra: Sequence[str] = ()) -> tuple[Entry, ...]:
    """All rules, in the order in which their lines go above one line; `extra` are rule folders of the project's own."""
    files = [file for folder in resources.rule_folders("rewrites", tuple(extra)) for file in sorted(folder.glob("[!_]*.py"))]
    entries = [Entry(file.stem, file, _load(file)) for file in files]
    return tuple(sorted(entries, key=lambda entry: (entry.rule.ORDER, entry.name)))


def _load(file: Path) -> Rule:
    spec = importlib.util.spec_from_file_location(f"faasify_rewrite_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise FaasifyError(f"{file} cannot be loaded as a rewrite rule")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rules = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Rule) and value is not Rule]
    if len(rules) != 1:
        raise FaasifyError(f"{file} holds {len(rules)} rewrite rules", hint="one file, one subclass of faasify.rewrite.rule.Rule")
    return rules[0]()
