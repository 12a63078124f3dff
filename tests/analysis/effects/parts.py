"""The definitions that a generated program may have, as data: `$block` and its like are filled in by the generator.

PARTS["maker"]   a function that gives a closure with state of its own
"""

from __future__ import annotations

HELPERS = """
def h0(n):
    $block
    return n + 1

def h1(n, m=2):
    $block
    return n + m
"""

# name, header (self and an int named n where there is one), the result; methods of Base that Sub may override.
METHODS = [
    ("step", "def step(self, n):", "$int"),
    ("note", "def note(self, n=1, *rest):", "None"),
    ("total", "@property\ndef total(self):", "$int"),
    ("total", "@total.setter\ndef total(self, n):", "None"),
    ("__len__", "def __len__(self):", "len(self.items)"),
    ("__getitem__", "def __getitem__(self, n):", "$int"),
    ("__setitem__", "def __setitem__(self, key, n):", "None"),
    ("__call__", "def __call__(self, n):", "$int"),
    ("__add__", "def __add__(self, n):", "$int"),
    ("__iadd__", "def __iadd__(self, n):", "self"),
    ("__contains__", "def __contains__(self, n):", "$int > 3"),
    ("__str__", "def __str__(self):", "'<%d>' % self.n"),
    ("__iter__", "def __iter__(self):", "iter(self.items[:2])"),
]

CLASS = """
class Base:
    made = 0
    shared = []
    def __init__(self, n, items=None):
        self.n = n
        self.items = [] if items is None else items
        self.link = self
        $init
    @classmethod
    def make(cls, n):
        cls.made += 1
        return cls(n)
    @staticmethod
    def twice(n):
        return n * 2
"""

SUB_INIT = """
def __init__(self, n, items=None):
    super().__init__(n, items)
    $init
"""

PARTS = {
    "util": "",
    "maker": """
def maker(start):
    total, seen = start, []
    def advance(n):
        nonlocal total
        total = (total + n) % 50
        if n % 2: seen.append(n)
        $block
        return total
    return advance
""",
    "generators": """
def gen(n, xs):
    for i in range(2):
        $block
        yield n + i

def gen2(xs):
    yield from xs[:2]
    $block
    yield 7
""",
    "apply": """
def apply(fn, n):
    $block
    return fn(n)

def same(value):
    return value

def spread(*args, key=0, **more):
    return len(args) + key
""",
    "put": """
def put(into, value):
    into.append(value)

def store(table, xs):
    table['put'] = xs
""",
    "remember": """
def remember(n, seen={}):
    seen[n % 5] = n

def counted(n):
    counted.calls += 1
    return counted.calls
counted.calls = 0
""",
    "context": """
class Scope:
    depth = 0
    def __init__(self, n):
        self.n, self.items, self.link = n, [], self
    def step(self, n):
        self.n = n
        return n
    def __enter__(self):
        Scope.depth += 1
        return self
    def __exit__(self, *info):
        Scope.depth -= 1
        return False

@contextlib.contextmanager
def scoped(xs):
    xs.append(1)
    try:
        yield xs
    finally:
        xs.pop()
""",
    "errors": """
class Err(Exception):
    def __init__(self, payload=None):
        super().__init__('err')
        self.payload = [] if payload is None else payload

def check(n):
    if n % 2:
        raise Err([n])
""",
    "point": """
@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    tags: list = dataclasses.field(default_factory=list)
    def norm(self):
        self.tags.append(self.x)
        return self.x + self.y

class Color(enum.Enum):
    RED = 1
    BLUE = 2
""",
    "build": """
def build(kind, n):
    return kind(n)
""",
    "out": """
OUT = sys.stdout

def say(text):
    OUT.write(text)
""",
}

DECORATORS = {
    "logged": """
def logged(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        $effect
        return fn(*args, **kwargs)
    return wrapper
""",
    "times": """
def times(count):
    def decorate(fn):
        def repeated(*args):
            for _ in range(count - 1):
                $effect
            return fn(*args)
        return repeated
    return decorate
""",
    "Counting": """
class Counting:
    def __init__(self, fn):
        self.fn, self.count = fn, 0
    def __call__(self, *args):
        self.count += 1
        return self.fn(*args)
""",
}
DECORATOR_USES = {"logged": "@logged", "times": "@times(2)", "Counting": "@Counting"}
DECORATOR_EFFECTS = ["N_CALLS.append(1)", "print('call')", "COUNTS['calls'] = COUNTS.get('calls', 0) + 1", "random.random()"]

UTIL = """
import sys
level = 1
cache = []
limits = {'top': [9]}

def get(n):
    return level + n

def push(n):
    cache.append(n)
    if n % 2: limits['top'].append(n)

def helper(n):
    global level
    level = n % 9
    return len(cache)
"""

LIBRARIES = [
    *("collections", "contextlib", "copy", "dataclasses", "decimal", "enum", "functools", "heapq", "logging"),
    *("math", "operator", "os", "pathlib", "random", "sys", "time", "warnings"),
]
