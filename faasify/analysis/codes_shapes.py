"""Reasons to stay: what a function is, whatever it does, and two effects that do not go together."""

from __future__ import annotations

from faasify.analysis.code import Code, sample

SHAPES = (
    Code(
        "GENERATOR",
        "stays",
        "is a generator function that does more than give values",
        "Its body contains yield, and it prints, changes what others see, or depends on hidden state. Async generators stay as well.",
        "It runs ahead of its consumer over there, so that only its values may tell how far it is.",
        "Give values and do nothing else, or consume it in a function that travels.",
        sample("""
            def f(n):
                for i in range(n):
                    print(i)
                    yield i * i
        """),
        sample("""
            def f(n):
                for i in range(n):
                    yield i * i
        """),
    ),
    Code(
        "ASYNC",
        "stays",
        "is a coroutine function that does more than compute",
        "It is defined by async def, awaits, and prints, changes what others see, or depends on hidden state.",
        "While it waits, other tasks run on the caller's event loop: what it does would come at another moment between theirs.",
        "Compute in it, and do the rest where it is awaited.",
        sample("""
            import asyncio

            async def f(x):
                await asyncio.sleep(0.1)
                print(x)
        """),
        sample("""
            import asyncio

            async def f(x):
                await asyncio.sleep(0.1)
                return x

            async def main(x):
                print(await f(x))
        """),
    ),
    Code(
        "TRACED",
        "stays",
        "belongs to a program that traces or profiles calls",
        "Somewhere it names sys.settrace, sys.setprofile or sys.monitoring's tools, or imports cProfile, profile, trace, bdb or pdb.",
        "What it is told would be calls of faasify's, and none of what runs elsewhere.",
        "Trace or profile it from outside: `python -m cProfile app.py`.",
        sample("""
            import cProfile

            def f(x):
                return x + 1

            cProfile.run("f(1)")
        """),
        sample("""
            def f(x):
                return x + 1

            f(1)
        """),
    ),
    Code(
        "LOADED",
        "stays",
        "belongs to a program that looks at all that is loaded in its process",
        "Somewhere it goes through sys.modules, shows sys.meta_path, asks a library class for those below it, or calls gc.get_objects; "
        "or it hands the module sys or gc on, so that nobody can tell (`look(sys)`, `getattr(sys, name)`).",
        "It would find faasify's modules, classes and objects beside its own. So it is run as it is, without any of them.",
        "Ask for modules by their names, sys for its attributes by theirs, and classes of the program for what is below them.",
        sample("""
            import sys

            def f(x):
                return x + 1

            print(len(sys.modules))
        """),
        sample("""
            import sys

            def f(x):
                return x + 1

            print(sys.modules[__name__])
        """),
    ),
    Code(
        "CODE_READ",
        "stays",
        "is defined in another function, in a program that reads the code of functions",
        "Somewhere it names co_names, co_consts, co_code or the like, or imports dis or marshal.",
        "The stub of a function stands above its def, and so in the code of the function around it.",
        "Define it at the top of its module.",
        sample(
            """
            def g(x):
                def f(y):
                    return x + y
                return f

            print(g.__code__.co_names)
        """,
            "app.g.<locals>.f",
        ),
        sample("""
            def f(x, y):
                return x + y

            print(f.__code__.co_names)
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
