"""Shapes, measured and drawn with characters."""

from .kinds import Circle, Rectangle, Square
from .measure import largest, total_area

__all__ = ["Circle", "Rectangle", "Square", "largest", "total_area"]
