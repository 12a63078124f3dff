"""(Analysis, Selection, Limits) -> Partition: which functions become units, with a reason for every one that does not."""

from __future__ import annotations

from faasify.partition.plan import partition

__all__ = ["partition"]
