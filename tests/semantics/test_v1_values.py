"""V1: every value arrives as it left."""

import pytest

V1 = {
    "plain": "None, True, False, 0, -1, 2**63, -(2**200), 1.5, -0.0, float('inf'), float('nan'), 1e-320, '', 'x', b'', b'\\x00\\xff'",
    "text": "'\\x00', '\\ud800 lone', '\\U0001f600', 'a' * 70000, 'line\\nline', '$ref', '__type__', {'$t': 1}, {'ret': None}",
    "numbers": "complex(1, -0.0), Decimal('1.10'), Decimal('NaN'), Decimal('-Infinity'), Fraction(3, -9), 10**40, 0.1 + 0.2, -1j",
    "containers": "[], (), {}, set(), frozenset(), [1, [2, [3]]], (1,), ((),), {1: {2: {3: ()}}}, {frozenset([1]), (1, 2)}, [()] * 3",
    "keys": "{1: 'int', '1': 'str', (1, 'a'): 't', None: 0, 2.5: 'f', b'k': 'b', frozenset([9]): 'fs', True - 1: 'zero', E.A: 'enum'}",
    "order": "{'z': 1, 'a': 2, 'm': 3}, OrderedDict([('z', 1), ('a', 2)]), dict.fromkeys('zyx')",
    "builtin": "range(1, 10, 3), slice(1, None, 2), ..., NotImplemented, bytearray(b'ab'), memoryview, int, type, len, print, [].append",
    "dates": "date(2020, 2, 29), time(1, 2, 3, 4), datetime(2020, 1, 1, tzinfo=timezone.utc), timedelta(-1, 5, 7)",
    "moments": "datetime(2020, 10, 25, 2, 30, fold=1), datetime(2021, 7, 1, tzinfo=ZoneInfo('UTC')), timezone(timedelta(hours=1))",
    "struct_times": "gmtime(0), localtime(86400 * 200), struct_time(range(9)), strptime('2024-02-29 +0130', '%Y-%m-%d %z')",
    "library": "UUID(int=5), Path('a/../b'), PurePosixPath('/x'), re.compile('a+', re.I | re.X), SimpleNamespace(a=1, b=[2])",
    "collections": "deque([1, 2], maxlen=3), defaultdict(list, a=[1]), Counter('hello'), array('u')",
    "views": "ChainMap({'a': 1}, {'b': 2}), array('d', [1.5, -0.0]), array('b', b'xy'), {'a': 1}",
    "enums": "E.A, E.B, I.ONE, F.X | F.Y, F(0), S.s, [E.A, E.A], {E.A: I.ONE}, http.HTTPStatus.OK, re.I | re.M, signal.SIGINT",
    "subclasses": "MyInt(5), MyStr('s'), MyList([1]), MyDict(a=1), MyTuple((1, 2)), MyFloat(1.5), MySet([3]), MyBytes(b'b'), True, I.ONE",
    "records": "P(1, 2), NT(3), D(1), DF(1, (2,)), DS(1), D(D(D(0))), SimpleNamespace()",
    "instances": "Plain(), Slots(1), Both(1, 2), Child(3), WithState(4), Meta1(), object, Plain",
    "exceptions": "ValueError('x', 1), KeyError(), Custom(1, b=2), OSError(2, 'no', 'f'), StopIteration(3)",
    "random": "random.Random(3), random.Random('a').random(), hash(1.5), itertools.count(5, 2), functools.partial(int, base=2)",
    "library_values": "string.Template('$x'), fractions, math, operator.itemgetter(1), types.MappingProxyType({'a': 1})",
    "constants": "struct.Struct('>IH'), operator.methodcaller('split', ',', maxsplit=1), date(2020, 1, 1).isocalendar()",
    "of_dictionaries": "d.keys(), d.values(), d.items(), types.MappingProxyType(d), OrderedDict(d).keys(), OrderedDict(d).items()",
    "signatures": "inspect.signature(show), inspect.signature(D), inspect.signature(show).parameters['x'], inspect.signature(D).bind(1)",
    "generic": "list[int], dict[str, int], int | None, Optional[int], type(None), types.FunctionType, ValueError, collections.abc.Mapping",
}


PRELUDE = """
    import collections.abc, enum, fractions, functools, http, inspect, itertools, math, operator
    import random, re, signal, string, struct, textwrap, types
    from array import array
    from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
    from dataclasses import dataclass, field
    from datetime import date, datetime, time, timedelta, timezone
    from decimal import Decimal
    from fractions import Fraction
    from pathlib import Path, PurePosixPath
    from time import gmtime, localtime, strptime, struct_time
    from types import SimpleNamespace
    from typing import NamedTuple, Optional
    from uuid import UUID
    from zoneinfo import ZoneInfo
    class E(enum.Enum): A = 1; B = "b"
    class I(enum.IntEnum): ONE = 1
    class F(enum.Flag): X = 1; Y = 2
    class S(str, enum.Enum): s = "s"
    class MyInt(int): pass
    class MyStr(str): pass
    class MyList(list): pass
    class MyDict(dict): pass
    class MyTuple(tuple): pass
    class MyFloat(float): pass
    class MySet(set): pass
    class MyBytes(bytes): pass
    P = namedtuple("P", "x y")
    d = {"a": [1], 2: "b"}
    class NT(NamedTuple): a: int; b: str = "b"
    @dataclass
    class D: a: object; b: list = field(default_factory=list)
    @dataclass(frozen=True)
    class DF: a: int; b: tuple = ()
    @dataclass(slots=True)
    class DS: a: int
    class Plain:
        def __repr__(self): return f"{type(self).__name__}{sorted(self.__dict__.items())}"
    class Slots:
        __slots__ = ("a", "unset")
        def __init__(self, a): self.a = a
        def __repr__(self): return f"Slots({self.a}, {hasattr(self, 'unset')})"
    class Both(Slots):
        def __init__(self, a, b): super().__init__(a); self.b = b
    class Child(Plain):
        def __init__(self, n): self.n = n; self.me = self.n
    class WithState(Plain):
        def __init__(self, n): self.n = n; self.cache = "kept"
        def __getstate__(self): return {"n": self.n}
        def __setstate__(self, s): self.__dict__.update(s, cache="lost")
    class M(type): pass
    class Meta1(Plain, metaclass=M): pass
    class Custom(Exception):
        def __init__(self, a, *, b): super().__init__(f"{a}-{b}"); self.a, self.b = a, b
    def show(x):
        if isinstance(x, random.Random): copy = random.Random(); copy.setstate(x.getstate()); return [copy.random() for _ in range(3)]
        if isinstance(x, functools.partial): return x("101")
        if isinstance(x, BaseException): return type(x), x.args, x.__dict__, str(x)
        if type(x).__name__ in ("itemgetter", "methodcaller", "Struct", "Template", "builtin_function_or_method"):
            return type(x), callable(x)
        if type(x).__name__.startswith(("dict_", "odict_", "Signature", "Parameter", "BoundArguments")): return type(x).__name__, str(x)
        return type(x), ascii(x)[:300], getattr(x, "fold", 0), getattr(x, "tm_zone", 0), getattr(x, "tm_gmtoff", 0), x == x
    """


@pytest.mark.parametrize("group", V1)
def test_v1_every_value_arrives_as_it_left(same, group):
    body = f"""
    state, plain = [], (int, float, str, bytes)  # whose identity is not promised (C5)
    def echo(x):
        state.append(x)
        return [x, show(x)]
    for value in ({V1[group]},):
        back, seen = echo(value)
        print(seen, show(back) == seen or (back, seen), type(back) is type(value), isinstance(value, plain) or state[-1] is back)
    """
    same(PRELUDE + body, select="app.echo")


def test_v1_dict_keys_that_are_equal_across_types(same):
    same(
        """
        def f(d): d[True] = "true"; d[1.0] += "!"; return d, list(d), {0: "a", False: "b"}, {1.0: 2}
        print(f({1: "one"}), f({True: "t"}), f({}|{1.0: "f"}))
        """,
        select="app.f",
    )


def test_v1_large_values(same):
    same(
        """
        def f(xs, text, raw): return sum(xs), len(text), raw[::-1][:3], xs[::1000], [str(i) for i in range(20000)]
        out = f(list(range(100000)), "é" * 300000, bytes(range(256)) * 4000)
        print(out[:4], len(out[4]), out[4][-1])
        """,
        select="app.f",
    )


def test_v1_deep_nesting(same):
    same(
        """
        def nest(n):
            xs = []
            for _ in range(n): xs = [xs]
            return xs
        def depth(xs):
            n = 0
            while xs: xs = xs[0]; n += 1
            return n
        print(depth(nest(50)), depth(nest(900)), depth(nest(5000)))
        """,
        select="app.depth,app.nest",
        remote=(),
    )


def test_v1_a_linked_list_longer_than_the_recursion_limit(same):
    same(
        """
        class Node:
            def __init__(self, v, next=None): self.v, self.next = v, next
        def build(n):
            head = None
            for i in range(n): head = Node(i, head)
            return head
        def total(node):
            t = 0
            while node: t += node.v; node.v = 0; node = node.next
            return t
        head = build(5000)
        print(total(head), total(head), head.v)
        """,
        select="app.total",
        remote=(),
    )


def test_v1_named_tuples_of_the_library_that_the_program_does_not_name(same):
    same(
        """
        import difflib, statistics, urllib.parse
        def parsed(url): return urllib.parse.urlparse(url)
        def where(url): return url.netloc, url._replace(scheme="ftp"), url
        def blocks(a, b): return difflib.SequenceMatcher(None, a, b).get_matching_blocks()
        def line(xs): return statistics.linear_regression(xs, [2 * x + 1 for x in xs])
        url = parsed("http://a/b?c#d")
        host, other, same = where(url)
        print(url, host, other.geturl(), type(other) is type(url), same == url, type(url).__mro__[1].__name__)
        print(blocks("abc", "bcd"), line([1.0, 2.0, 4.0]).slope)
        """,
        select="app.parsed,app.where,app.blocks,app.line",
    )


PATTERNS = {"set_difference": "[!--]", "nested_set": "[[a]", "set_after_an_escape": r"[\\w||x]"}


@pytest.mark.parametrize("name", PATTERNS)
def test_v1_a_pattern_that_python_warns_of_is_warned_of_once(same, name):
    same(
        f"""
        import re
        def use(p): return p.pattern, p.flags
        def make(text): return re.compile(text)
        print(use(re.compile({PATTERNS[name]!r} "a")), use(make({PATTERNS[name]!r} "b")))
        """,
        select="app.use,app.make",
        home={"app.use": "pattern", "app.make": "pattern"},
    )


def test_v1_a_pattern_that_shows_itself_is_shown_once(same):
    same(
        """
        import re
        def use(p): return p.flags
        print(use(re.compile("a|b", re.DEBUG)))
        """,
        select="app.use",
        home={"app.use": "prints"},
    )


def test_v1_a_match_is_found_again(same):
    same(
        r"""
        import re
        WORD = re.compile(r"(?P<word>\w+) (\d+)?")
        def match(text): return re.match(r"(\w+) (\d+)", text)
        def search(text): return WORD.search(text, 2)
        def whole(text): return re.fullmatch(rb"(a)+?", text)
        def empty(text): return re.search("x*", text)
        def use(m): return m[0], m.regs, m.lastgroup, m.pos, m.endpos, m.groupdict(), m.string, m.re.pattern
        def itself(m, other): return m is other
        for m in match("abc 12"), search("xx yy zz"), whole(b"aaa"), empty("ab"):
            print(m, use(m), itself(m, m), itself(m, search("abc ")))
        """,
        select="app.match,app.search,app.whole,app.empty,app.use,app.itself",
    )


def test_v1_a_pattern_is_what_re_compile_gives(same):
    same(
        r"""
        import re
        GIVEN = [("x", 0), ("(?i)x", 0), ("(?m)(?sx)x", int(re.I)), (b"(?L)x", 0), (b"x", int(re.M)), ("x", int(re.A))]
        def made(text, flags): return re.compile(text, flags)
        def compiled(pattern, text, flags): return pattern is re.compile(text, flags), pattern.flags
        def found(match, text, flags): return match.re is re.compile(text, flags)
        for text, flags in GIVEN:
            pattern = re.compile(text, flags)
            print(made(text, flags) is pattern, compiled(pattern, text, flags))
        print(found(re.search("x", "x"), "x", 0), found(re.match("(?i)x", "X", re.M), "(?i)x", re.M))
        """,
        select="app.made,app.compiled,app.found",
    )


def test_v1_a_match_that_is_not_the_first_or_whose_text_may_change_is_used_here(same):
    same(
        r"""
        import re
        def use(m): return m[0], m.regs
        print([use(m) for m in list(re.finditer(r"\w(\d)", "a1 b2"))[1:]], use(re.search(rb"\d", bytearray(b"a1 b2"))))
        """,
        select="app.use",
        home={"app.use": "a match"},
    )


def test_v1_patterns_that_are_nearly_warned_of(same):
    same(
        r"""
        import re
        OPTION, LINK, OR = re.compile(r"--(\w+)"), re.compile(r"\[\[(.*?)\]\]"), re.compile(r"[^|&]+(\|\||&&)")
        BYTES = re.compile(b"\xff[-a]")
        def use(text): return OPTION.findall(text), LINK.findall(text), OR.findall(text), BYTES.findall(text.encode("latin-1"))
        print(use("--all [[page]] a||b \xff-"))
        """,
        select="app.use",
    )


def test_v1_how_a_uuid_was_made(same):
    same(
        """
        import uuid
        def safe(u): return u.is_safe.name, u.version
        def again(u): return [u]
        for known in uuid.SafeUUID:
            u = uuid.UUID(int=5, is_safe=known)
            print(safe(u), again(u)[0].is_safe)
        """,
        select="app.safe,app.again",
    )


def test_v1_a_signature_and_its_parameters_are_one(same):
    same(
        """
        from inspect import Parameter, Signature
        S = Signature([Parameter("x", Parameter.KEYWORD_ONLY)])
        def both(s, m): return s.parameters is m
        def give(s): return s, s.parameters
        def fresh():
            s = Signature([Parameter("y", Parameter.KEYWORD_ONLY, default=[])])
            return s, s.parameters
        print(both(S, S.parameters))
        s, m = give(S); print(s is S, m is S.parameters)
        s, m = fresh(); print(s.parameters is m, s)
        """,
        select="app.both,app.give,app.fresh",
    )


def test_v1_a_method_in_c_that_was_bound_past_that_of_its_class_stays(same):
    same(
        """
        from collections import defaultdict, OrderedDict
        def call(m): return type(m())
        print(call(dict.copy.__get__(defaultdict(list))), call(dict.keys.__get__(OrderedDict())))
        """,
        select="app.call",
        remote=[],
        home={"app.call": "value"},
    )
