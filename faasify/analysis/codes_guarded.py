"""Reasons to travel under a guard: what is not known before the function runs, and what depends on where it runs."""

from __future__ import annotations

from faasify.analysis.code import Code, Sample, sample


def _doubt(code: str, title: str, what: str, why: str, travel: str, example: Sample, mended: Sample) -> Code:
    return Code(code, "guarded", title, what, why, travel, example, mended)


GUARDED = (
    _doubt(
        "UNRESOLVED_CALL",
        "calls something that is not known before it runs",
        "A parameter, an attribute of an object of unknown type, or a name that is computed.",
        "It may do anything; while it runs, the guard stops what cannot be carried before it happens, and the call runs here.",
        "It travels already. Without a guard if the choices are written down, or an annotation names the type.",
        sample("""
            import math

            def f(name, x):
                return getattr(math, name)(x)
        """),
        sample("""
            import math

            def f(name, x):
                if name == "sin":
                    return math.sin(x)
                return math.cos(x)
        """),
    ),
    _doubt(
        "UNDESCRIBED_CALL",
        "calls a library function that nothing describes",
        "No file rules/effects/<module>.pyi has it.",
        "It may do anything that the guard would have to stop.",
        "It travels already. Without a guard if a stub of your own describes it: [tool.faasify] rules = ['my_rules'].",
        sample("""
            import somelibrary

            def f(x):
                return somelibrary.measure(x)
        """),
        Sample(
            "import somelibrary\n\ndef f(x):\n    return somelibrary.measure(x)\n",
            {
                "my_rules/effects/somelibrary.pyi": "def measure(x) -> Pure: ...\n",
                "pyproject.toml": '[tool.faasify]\nrules = ["my_rules"]\n',
            },
        ),
    ),
    _doubt(
        "UNCERTAIN_EFFECT",
        "may do what cannot be carried",
        "One of several functions that a line may call has such an effect, or a value may be of another type.",
        "It is sent; should the effect come, the guard stops it first and the call runs here.",
        "It travels until the effect comes. Without a guard if the choice is made in the caller.",
        sample("""
            def save(text):
                open("out.txt", "w").write(text)

            def show(text):
                print(text)

            def f(text, quiet):
                done = save if quiet else show
                done(text)
        """),
        sample("""
            def save(text):
                open("out.txt", "w").write(text)

            def f(text):
                return f"{len(text)} letters"

            def main(text, quiet):
                done = save if quiet else print
                done(f(text))
        """),
    ),
    _doubt(
        "NAMESPACE",
        "reaches names that analysis cannot see",
        "eval, exec, globals(), locals() or vars().",
        "Any global may be read or written; it is sent all of its module's.",
        "It travels already. Naming what it needs makes its calls cheaper.",
        sample("""
            PRICE = 3

            def f(name):
                return globals()[name]
        """),
        sample("""
            TABLE = {"price": 3}

            def f(name):
                return TABLE[name]
        """),
    ),
    _doubt(
        "LIBRARY_STATE",
        "changes a library's state",
        "It assigns to an attribute of a library module or class.",
        "What is in no registry of hidden state cannot be carried back.",
        "It travels where the attribute is one that faasify knows. Without a guard if the caller sets it.",
        sample("""
            import string

            def f(digits):
                string.digits = digits
        """),
        sample("""
            import string

            def f(digits):
                return len(digits)

            string.digits = "01"
            f(string.digits)
        """),
    ),
    _doubt(
        "HIDDEN_STATE",
        "depends on hidden state",
        "The recursion limit, the locale, the working directory, the table of modules.",
        "It is sent along as far as it is known, and compared.",
        "It travels already. Without a guard if it is passed in.",
        sample("""
            import os

            def f():
                return len(os.getcwd())
        """),
        sample("""
            import os

            def f(folder):
                return len(folder)

            f(os.getcwd())
        """),
    ),
    _doubt(
        "LOCKS",
        "uses locks or queues",
        "It makes or takes a lock, a queue or the like, whose value belongs to its process.",
        "A lock that is made and used inside the call is fine; one that comes from outside makes the call run here.",
        "It travels where the lock is its own. Without a guard if the caller holds the lock around the call.",
        sample("""
            import threading

            def f(x):
                lock = threading.Lock()
                return x, lock.locked()
        """),
        sample("""
            import threading

            lock = threading.Lock()

            def f(x):
                return x

            with lock:
                f(1)
        """),
    ),
    _doubt(
        "FINALISERS",
        "uses weak references or finalisers",
        "weakref, or gc.",
        "When objects die differs between two processes.",
        "It travels where nothing depends on it. Without a guard if it keeps plain references.",
        sample("""
            import weakref

            class Node:
                pass

            def f():
                return weakref.ref(Node())
        """),
        sample("""
            class Node:
                pass

            def f():
                return Node()
        """),
    ),
)
