"""All features; a program has the core and a few others."""

from tests.equivalence.generated.features.classes import CLASSES
from tests.equivalence.generated.features.containers import CONTAINERS
from tests.equivalence.generated.features.core import CORE
from tests.equivalence.generated.features.errors import ERRORS
from tests.equivalence.generated.features.everyday import EVERYDAY
from tests.equivalence.generated.features.functions import FUNCTIONS
from tests.equivalence.generated.features.library import LIBRARY
from tests.equivalence.generated.features.modules import MODULES
from tests.equivalence.generated.features.output import OUTPUT

FEATURES = (*CONTAINERS, *CLASSES, *FUNCTIONS, *ERRORS, *LIBRARY, *OUTPUT, *MODULES, *EVERYDAY)

__all__ = ["CORE", "FEATURES"]
