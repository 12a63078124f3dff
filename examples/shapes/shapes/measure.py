from . import settings


def total_area(shapes):
    return round(sum(shape.area() for shape in shapes), settings.digits)


def largest(shapes):
    return max(shapes, key=lambda shape: shape.area())
