"""Fixtures of the programs that are run in both forms."""

from tests.harness import cache, same

__all__ = ["cache", "same"]
