"""One module a family of shapes."""

from .round import Circle
from .straight import Rectangle, Square

__all__ = ["Circle", "Rectangle", "Square"]
