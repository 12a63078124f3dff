"""Reasons to stay: what a function is, whatever it does, and two effects that do not go together."""

from __future__ import annotations

from faasify.analysis.code import Code, sample

SHAPES = (
    Code(
        "GENERATOR",
        "stays",
        "is a generator function",
        "Its body contains yield.",
        "A generator's frame cannot travel. Calling it inside a function that travels is fine.",
        "Give back a list, or consume it in a function that travels.",
        sample("""
            def f(n):
                for i in range(n):
                    yield i * i
        """),
        sample("""
            def squares(n):
                for i in range(n):
                    yield i * i

            def f(n):
                return list(squares(n))
        """),
    ),
    Code(
        "ASYNC",
        "stays",
        "is a coroutine function",
        "It is defined by async def.",
        "It awaits on the caller's event loop, where other tasks run in between.",
        "Put the computation into a plain function that it calls.",
        sample("""
            async def f(x):
                return x * x
        """),
        sample("""
            def f(x):
                return x * x

            async def main(x):
                return f(x)
        """),
    ),
    Code(
        "SPECIAL_METHOD",
        "stays",
        "is called by the interpreter itself",
        "A method such as __del__, __hash__, __getattr__, __init_subclass__ or __reduce__.",
        "The interpreter calls it at moments that belong to the object's own process: when it dies, is looked up, hashed or copied.",
        "Let it call a plain function that travels.",
        sample(
            """
            class Point:
                def __init__(self, x, y):
                    self.x, self.y = x, y

                def __hash__(self):
                    return self.x * 31 + self.y
            """,
            "app.Point.__hash__",
        ),
        sample("""
            def f(x, y):
                return x * 31 + y

            class Point:
                def __init__(self, x, y):
                    self.x, self.y = x, y

                def __hash__(self):
                    return f(self.x, self.y)
        """),
    ),
    Code(
        "METACLASS",
        "stays",
        "is a metaclass's method",
        "Its class inherits from type.",
        "It runs while classes are made or looked up in the program's own process.",
        "Let it call a plain function that travels.",
        sample(
            """
            class Meta(type):
                def label(cls):
                    return "a class"
            """,
            "app.Meta.label",
        ),
        sample("""
            def f():
                return "a class"

            class Meta(type):
                def label(cls):
                    return f()
        """),
    ),
    Code(
        "COMMENT",
        "stays",
        "a comment keeps it here",
        "`# faasify: local` stands on its def line or above it, on the line of a call in it, or on what it calls.",
        "You asked for it; elsewhere, it would take along what it calls.",
        "Remove the comment.",
        sample("""
            def f(x):  # faasify: local
                return x + 1
        """),
        sample("""
            def f(x):
                return x + 1
        """),
    ),
    Code(
        "CLOCK_AND_STDIN",
        "stays",
        "reads a clock or entropy as well as standard input",
        "Both happen in it or in what it calls.",
        "A line of input is had by running the call again, and the clock would then tell another time.",
        "Read the input in the caller and pass it in.",
        sample("""
            import time

            def f():
                started = time.time()
                return input(), time.time() - started
        """),
        sample("""
            import time

            def f(line):
                return line, time.time()

            def main():
                print(f(input()))
        """),
    ),
)
