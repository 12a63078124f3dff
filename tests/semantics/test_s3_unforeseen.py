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


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("N = '__hash__'\ndef f(x): return getattr(x, N)()", id="a global"),
        pytest.param("class C:\n    N = '__hash__'\ndef f(x): return getattr(type(x), C.N)(x)", id="an attribute"),
        pytest.param("def f(x, n='__hash__'): return getattr(x, n)()", id="a default"),
        pytest.param("N = ['__len__', '__hash__', '__eq__']\ndef f(x): return vars(object)[N[1]](x)", id="a list"),
        pytest.param("from operator import methodcaller\nN = '__hash__'\ndef f(x): return methodcaller(N)(x)", id="an operator's"),
        pytest.param("OP = 'hash'\ndef f(x): return getattr(x, f'__{OP}__')()", id="composed"),
        pytest.param(
            "class P:\n    def __init__(self, o): self.o = o\ndef make(n): return lambda self: getattr(self.o, n)()\n"
            "for n in ('__hash__', '__str__'): setattr(P, n, make(n))\ndef f(x): return hash(P(x))",
            id="a proxy's",
        ),
    ],
)
def test_s3_a_hash_that_is_asked_for_by_a_text(same, code):
    same(f"class O: pass\no = O()\n{code}\nprint(f(o) == hash(o))\n", select="app.f", remote=[], home={"app.f": "by a text"})


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("H = object.__hash__\ndef f(x): return H(x)", id="object's"),
        pytest.param("H = O.__hash__\ndef f(x): return H(x)", id="its own"),
        pytest.param("H = o.__hash__\ndef f(x): return H()", id="bound"),
        pytest.param("import functools\nH = functools.partial(O.__hash__, o)\ndef f(x): return H()", id="a partial"),
        pytest.param("H = {'id': object.__hash__, 'n': len}\ndef f(x, how='id'): return H[how](x)", id="a table"),
        pytest.param("def f(x): return x.key()", id="another name of it"),
        pytest.param("class T:\n    def __init__(self): self.h = O.__hash__\nt = T()\ndef f(x): return t.h(x)", id="an attribute"),
    ],
)
def test_s3_a_hash_that_the_program_holds_stays(same, code):
    own = "class O:\n    def __hash__(self): return object.__hash__(self)\n    @property\n    def n(self): return 1\n"
    own += "    key = __hash__\n" if "key" in code else ""
    same(f"{own}o = O()\n{code}\nprint(f(o) == hash(o))\n", select="app.f", remote=[], home={"app.f": "`__hash__`"})


def test_s3_a_table_with_a_hash_of_its_choice(same):
    same(
        """
        class Table:
            def __init__(self, hashing): self.hashing, self.rows = hashing, [[] for _ in range(8)]
            def put(self, key, value): self.rows[self.hashing(key) % 8].append((key, value))
            def get(self, key): return [v for k, v in self.rows[self.hashing(key) % 8] if k is key]
        class O: pass
        keys = [O() for _ in range(20)]
        for hashing in (len, object.__hash__, hash, id):
            table = Table(hashing)
            for i, key in enumerate(keys if hashing is not len else map(str, range(20))): table.put(key, i)
            print([table.get(key) for key in keys] if hashing is not len else table.rows)
        """,
        select="app.Table.put,app.Table.get",
        remote=["app.Table.put"],
        home={"app.Table.get": ""},
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("if self.h is None: self.h = hash((self.a, self.b))\n        return self.h", id="in the object"),
        pytest.param("self.note(hash((self.a, self.b)))\n        return self.h", id="by a method"),
        pytest.param("if self.h is None: self.h = object.__hash__(self)\n        return self.h", id="its own address"),
        pytest.param("seen[self.a] = self.h = object.__hash__(self)\n        return 1", id="beside it"),
    ],
)
def test_s3_a_hash_by_address_that_an_object_keeps(same, body):
    same(
        f"""
seen = {{}}
class Key:
    def __init__(self, a, b): self.a, self.b, self.h = a, b, None
    def __eq__(self, other): return (self.a, self.b) == (other.a, other.b)
    def note(self, h): self.h = h
    def __hash__(self):
        {body}
def count(keys): return len(set(keys))
key = Key("a", None)
print(count([key]), key.h in (hash(("a", None)), object.__hash__(key)), seen in ({{}}, {{"a": key.h}}))
        """,
        select="app.count",
        remote=[],
        home={"app.count": ""},
    )


def test_s3_a_hash_that_an_object_keeps_travels_where_it_is_no_address(same):
    same(
        """
        class Key:
            def __init__(self, a): self.a, self.h = a, None
            def __eq__(self, other): return self.a == other.a
            def __hash__(self):
                if self.h is None: self.h = hash(("key", self.a))
                return self.h
        class Node:
            def __init__(self, n, above=None): self.n, self.above = n, above
            def __eq__(self, other): return (self.n, self.above) == (other.n, other.above)
            def __hash__(self): return hash((self.n, self.above))
        class Same(Node):
            __hash__ = object.__hash__
        def count(keys): return len(set(keys)), len({Node(1), Node(1), Node(2, keys[0])})
        def look(table, key): return table[key]
        keys = [Key("a"), Key("a"), Key(2)]
        print(count(keys), hash(Key("a")) == keys[0].h, count([Same(1), Same(1)]), look({"hash": 1}, "hash"))
        """,
        select="app.count,app.look",
    )


def test_s3_an_id_that_is_found_by_a_text(same):
    same(
        """
        import builtins
        ID = "id"
        class Memo:
            def __init__(self, key): self.key, self.kept = key, {}
        def by_text(x): return getattr(builtins, "id")(x)
        def by_global(x): return getattr(builtins, ID)(x)
        def by_names(x): return builtins.__dict__["id"](x)
        def by_loop(xs): return list(map(getattr(builtins, "i" + "d"), xs))
        x = [1]
        print([f(x) == id(x) for f in (by_text, by_global, by_names)], by_loop([x]) == [id(x)])
        """,
        select="app.by_text,app.by_global,app.by_names,app.by_loop",
        remote=[],
        stopped=dict.fromkeys(("app.by_text", "app.by_global", "app.by_names", "app.by_loop"), "builtins.id"),
    )
