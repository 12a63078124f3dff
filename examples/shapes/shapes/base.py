"""What all shapes share."""

from abc import ABC, abstractmethod


class Shape(ABC):
    made = 0

    def __init__(self):
        Shape.made += 1
        self.number = Shape.made

    @abstractmethod
    def area(self):
        """In square units."""

    @abstractmethod
    def contains(self, x, y):
        """Is the point in the shape, which has its corner or centre at 0, 0?"""

    def __str__(self):
        return f"{type(self).__name__} {self.number}"
