from ..base import Shape


class Rectangle(Shape):
    def __init__(self, width, height):
        super().__init__()
        self.width, self.height = width, height

    def area(self):
        return self.width * self.height

    def contains(self, x, y):
        return 0 <= x <= self.width and 0 <= y <= self.height


class Square(Rectangle):
    def __init__(self, side):
        super().__init__(side, side)
