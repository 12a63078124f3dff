from .base import Shape


def row(shape: Shape, y: int, size: int) -> str:
    return "".join("#" if shape.contains(x, y) else "." for x in range(-size, size + 1))


def draw(shape: Shape, size: int = 5) -> str:
    return "\n".join(row(shape, y, size) for y in range(size, -size - 1, -1))
