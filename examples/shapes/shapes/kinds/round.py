import math

from ..base import Shape


class Circle(Shape):
    def __init__(self, radius):
        super().__init__()
        self.radius = radius

    def area(self):
        return math.pi * self.radius**2

    def contains(self, x, y):
        return math.hypot(x, y) <= self.radius
