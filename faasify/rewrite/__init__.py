"""(Partition, rules) -> RewrittenProgram: stubs put into the source, every other byte as it was. libcst is imported in here only."""

from __future__ import annotations
