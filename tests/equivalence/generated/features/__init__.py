"""All features; a program has the core and a few others."""

from tests.equivalence.generated.features.containers import CONTAINERS
from tests.equivalence.generated.features.core import CORE

FEATURES = (*CONTAINERS,)

__all__ = ["CORE", "FEATURES"]
