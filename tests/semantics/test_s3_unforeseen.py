"""S3: what analysis did not foresee: globals are sent all the same, effects are stopped before they happen."""

import pytest


def test_s3_globals_that_are_reached_by_a_computed_name(same):
    same(
        """
        import sys
        RED, BLUE, counts = "r", ["b"], {"n": 0}
        def by_getattr(name): return getattr(sys.modules[__name__], name)
        def by_globals(name):
            globals()["counts"]["n"] += 1; globals()["made"] = name
            return globals()[name]
        def by_eval(text): return eval(text), "made" in globals()
        def by_exec(text): exec(text, globals()); return sorted(k for k in globals() if not k.startswith("_"))[:3]
        print(by_getattr("RED"), by_globals("BLUE") is BLUE, by_eval("RED + BLUE[0] + str(counts['n'])"), counts, made)
        print(by_exec("counts['n'] = 7; new = [1]"), counts, new)
        """,
        select="app.by_getattr,app.by_globals,app.by_eval,app.by_exec",
        remote={"app.by_globals", "app.by_eval", "app.by_exec"},
    )


def test_s3_globals_of_callees_that_nobody_can_resolve(same):
    same(
        """
        total = 0
        def add(x):
            global total
            total += x; return total
        def twice(x): return add(x) + add(x)
        table = {"add": add, "twice": twice}
        class Box:
            def __init__(self, fn): self.fn = fn
            def __call__(self, x): return self.fn(x)
        def run(f, *xs): return [f(x) for x in xs]
        def by_name(name, x): return table[name](x)
        print(run(add, 1, 2), run(Box(twice), 5), by_name("twice", 1), total)
        """,
        select="app.run,app.by_name",
    )


def test_s3_an_unforeseen_effect_is_stopped_before_it_happens(same):
    result = same(
        """
        import os
        log = []
        def save(text):
            with open("out.txt", "a") as f: f.write(text)
            return len(text)
        def keep(text): log.append(text); return len(text)
        def each(fs, text):
            log.append("begin"); print("begin")
            return [f(text) for f in fs]
        print(each([keep], "one"), log)
        print(each([keep, save, keep], "two"), log, os.path.getsize("out.txt"))
        print(each([keep], "three"), log)
        """,
        select="app.each",
    )
    assert result.rewritten.files["out.txt"] == b"two"
    assert any("files" in told for told in result.fallbacks("app.each"))


def test_s3_a_hash_that_is_asked_for_by_its_method(same):
    same(
        """
        class A: pass
        class B:
            def __hash__(self): return object.__hash__(self)
        def f(x): return object.__hash__(x)
        def g(x, y): return tuple.__hash__((x, y))
        def h(x, y): return [{x: 1, y: 2}[x], len({x, y})]
        a, b = A(), B()
        print(f(a) == hash(a), g(a, 1) == hash((a, 1)), h(a, b), h(b, b))
        """,
        select="app.f,app.g,app.h",
        stopped={"app.f": "__hash__", "app.g": "__hash__"},
    )


HASHED = {
    "a tuple of a class of its own": "import typing\nclass P(typing.NamedTuple):\n    o: object\nX = P(object())",
    "a parameter": "import inspect\nX = inspect.Parameter('a', inspect.Parameter.KEYWORD_ONLY)",
    "a signature": "import inspect\nX = inspect.signature(lambda a: a)",
    "a union": "X = int | str",
    "an alias": "class O: pass\nX = list[O]",
    "a bound method": "import re\nX = re.compile('a').match",
    "a method of a value": "X = 'a'.__add__",
    "its own address": "class O:\n    def __hash__(self): return object.__hash__(self)\nX = O()",
    "that of super": "class O:\n    def __hash__(self): return super().__hash__()\nX = O()",
    "its own address in a number": "class O:\n    n = 1\n    def __hash__(self): return hash((self.n, object.__hash__(self)))\nX = O()",
}


@pytest.mark.parametrize("name", HASHED)
def test_s3_a_hash_that_may_be_an_address(same, name):
    home = "app.f"
    same(f"{HASHED[name]}\ndef f(x): return hash(x)\nprint(f(X) == hash(X))\n", select="app.f", remote=[], home={home: ""})


@pytest.mark.parametrize(
    "value", ["1", "'a'", "(1, 2.0)", "frozenset([1])", "range(3)", "Decimal(1)", "Fraction(1, 2)", "date(2020, 1, 1)", "E.A", "D(1)"]
)
def test_s3_a_hash_of_a_value_travels(same, value):
    source = (
        "from decimal import Decimal\nfrom fractions import Fraction\nfrom datetime import date\nfrom enum import Enum\n"
        "from dataclasses import dataclass\nclass E(Enum): A = 1\n@dataclass(frozen=True)\nclass D:\n    a: int\n"
    )
    same(f"{source}def f(x): return hash(x)\nprint(f({value}) == hash({value}))\n", select="app.f", remote=["app.f"])


@pytest.mark.parametrize(
    ("asking", "asked"), [("methodcaller('__hash__')", "H(x)"), ("attrgetter('__hash__')", "H(x)()"), ("o.__hash__", "H()")]
)
def test_s3_what_asks_for_a_hash_by_name_does_not_travel(same, asking, asked):
    source = f"from operator import *\nclass O: pass\no = O()\nH = {asking}\ndef f(x): return {asked}\nprint(f(o) == hash(o))\n"
    same(source, select="app.f", remote=[], home={"app.f": "hash"})
