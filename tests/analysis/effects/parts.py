"""The definitions that a generated program may have, as data: `$block` and its like are filled in by the generator.

PARTS["maker"]   a function that gives a closure with state of its own
"""

from __future__ import annotations

from tests.analysis.effects.parts_protocols import PROTOCOLS
from tests.analysis.effects.parts_structures import STRUCTURES

HELPERS = """
def h0(n):
    $block
    return n + 1

def h1(n, m=2):
    $block
    return n + m
"""

NOT_BELOW = {"h0": ("h0", "h1"), "h1": ("h1",)}  # by helper: what would call it again

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
    **PROTOCOLS,
    **STRUCTURES,
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
EFFECTS = [
    *DECORATOR_EFFECTS,
    *("pass", "pass", "XS.append(2)", "D['z'] = [1]", "YS[:1] = [3]", "ROWS[0].append(1)", "sys.stderr.write('e')", "N_CALLS.append(M)"),
    *("h0(1)", "h1(2)", "time.time()", "os.environ['HOME_SWEET'] = 'p'"),
]

# What the program's end calls besides its functions, by part.
DIRECT = {
    "": ["h0(i)", "h1(i, i + 1)", "apply(h0, i)"],
    "maker": ["made = maker(i)", "made(i); made(i + 1)"],
    "generators": ["list(gen(i, shared))", "list(gen2(shared))"],
    "put": ["store(D, shared)"],
    "remember": ["remember(i)", "counted(i)"],
    "context": ["with Scope(i): pass", "with scoped(shared): pass"],
    "errors": ["check(i)"],
    "iters": ["list(Countdown(i % 3))", "list(Bag(shared))"],
    "memo": ["memo(i)", "show(i)", "show(shared)", "show('text')"],
    "props": ["BOX.size = i; BOX.size", "BOX.spare = i; BOX.spare", "Box(shared).cost"],
    "metas": ["Made(i)", "plugin('Add').run(i)"],
    "tuples": ["Level.LOW.bump(i)", "Slim(i, shared)"],
    "hooks": ["fire('before', i)"],
    "pipes": ["PIPE(i)"],
    "trees": ["walk(TREE, shared)", "list(flatten(TREE))"],
    "feeder": ["list(guarded(shared))"],
    "util": ["util.push(i)", "util.helper(i)"],
    "out": ["say('w')"],
    "mixin": ["Both(i).step(i); Both(i, shared).note(i)"],
}
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
    *("bisect", "collections", "contextlib", "copy", "dataclasses", "datetime", "decimal", "enum", "functools", "heapq", "io"),
    *("itertools", "json", "logging", "math", "operator", "os", "pathlib", "pickle", "pprint", "random", "re", "sys", "textwrap"),
    *("time", "typing", "warnings"),
]
