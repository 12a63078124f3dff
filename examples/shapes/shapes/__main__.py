import sys

from . import Circle, Rectangle, Square, largest, settings, total_area
from .draw import draw


def main(arguments):
    if arguments:
        settings.digits = int(arguments[0])
    shapes = [Square(3), Circle(3.5), Rectangle(2, 4)]
    for shape in shapes:
        print(f"{shape}: {shape.area():.{settings.digits}f}")
    print(f"together: {total_area(shapes)}")
    print(f"largest: {largest(shapes)}")
    print(draw(largest(shapes)))


if __name__ == "__main__":
    main(sys.argv[1:])
