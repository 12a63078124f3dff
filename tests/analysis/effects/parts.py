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

NOT_BELOW = {"h0": ("h0", "h1"), "h1": ("h1",)}  # by helper: what would call it again

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
    ("__bool__", "def __bool__(self):", "self.n % 2 == 0"),
    ("__eq__", "def __eq__(self, other):", "self is other"),
    ("__hash__", "def __hash__(self):", "1"),
    ("__lt__", "def __lt__(self, other):", "self.n < other.n"),
    ("__radd__", "def __radd__(self, n):", "$int"),
    ("__int__", "def __int__(self):", "self.n % 7"),
    ("__index__", "def __index__(self):", "self.n % 7"),
    ("__abs__", "def __abs__(self):", "$int"),
    ("__neg__", "def __neg__(self):", "$int"),
    ("__repr__", "def __repr__(self):", "'<Base>'"),
    ("__format__", "def __format__(self, spec):", "'base'"),
    ("__reversed__", "def __reversed__(self):", "reversed(self.items[:2])"),
    ("__delitem__", "def __delitem__(self, n):", "None"),
    ("__enter__", "def __enter__(self):", "self.items"),
    ("__exit__", "def __exit__(self, *info):", "False"),
    ("__getattr__", "def __getattr__(self, name):\n    if name != 'lost': raise AttributeError(name)", "3"),
]
TOGETHER = [("__eq__", "__hash__"), ("__enter__", "__exit__")]

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

MIXIN = """
class Noted:
    noted = []
    def step(self, n):
        self.noted.append(n)
        return super().step(n)
    def note(self, n=1, *rest):
        $effect

class Both(Noted, Sub):
    pass
"""

PARTS |= {
    "iters": """
class Countdown:
    asked = 0
    def __init__(self, n):
        self.n = n
    def __iter__(self):
        $effect
        return self
    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        Countdown.asked += 1
        return self.n

class Bag:
    def __init__(self, xs):
        self.xs = xs
    def __iter__(self):
        for v in self.xs[:2]:
            $effect
            yield v
""",
    "hold": """
def hold(value):
    return lambda: value

def pick(*values):
    return values[-1]

def keep(**named):
    return named
""",
    "memo": """
@functools.lru_cache(maxsize=None)
def memo(n):
    $block
    return n + 1

@functools.singledispatch
def show(value):
    $effect
    return 0

@show.register
def show_int(value: int):
    $effect
    return value + 1

@show.register(list)
def show_list(value):
    value.append(1)
    return len(value)
""",
    "props": """
class Typed:
    def __init__(self, name):
        self.name, self.asked = name, 0
    def __get__(self, instance, owner=None):
        self.asked += 1
        return instance.store.get(self.name, 0)
    def __set__(self, instance, value):
        $effect
        instance.store[self.name] = value

class Box:
    size = Typed('size')
    def __init__(self, items):
        self.items, self.store = items, {}
        self.size = len(items)
    @functools.cached_property
    def cost(self):
        $effect
        return len(self.items)
    def _spare(self):
        $effect
        return len(self.store)
    def _set_spare(self, value):
        self.items.append(value)
        del self.items[4:]
    spare = property(_spare, _set_spare)
""",
    "metas": """
class Meta(type):
    made = []
    def __call__(cls, *args):
        Meta.made.append(1)
        return super().__call__(*args)

class Made(metaclass=Meta):
    def __init__(self, n):
        self.n = n

class Plugin:
    known = {}
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        Plugin.known[cls.__name__] = cls
    def run(self, n):
        return n

class Add(Plugin):
    def run(self, n):
        $effect
        return n + 1

def plugin(name):
    return Plugin.known[name]()

class Single:
    _one = None
    def __new__(cls):
        if cls._one is None:
            cls._one = super().__new__(cls)
            cls._one.hits = []
        return cls._one
""",
    "tuples": """
class Pair(typing.NamedTuple):
    left: list
    right: int = 0
    def swap(self):
        self.left.append(self.right)
        return self.right

class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2
    def bump(self, n):
        $effect
        return self + n

class Slim:
    __slots__ = ('n', 'xs')
    def __init__(self, n, xs):
        self.n, self.xs = n, xs
        $effect
""",
    "counter": """
def counter():
    count = 0
    history = []
    def inc(n=1):
        nonlocal count
        count = (count + n) % 50
        history.append(count)
        return count
    def dec(n=1):
        nonlocal count
        count -= n
        return count
    def seen():
        return history
    return inc, dec, seen

INC, DEC, SEEN = counter()
""",
    "hooks": """
HOOKS = {'before': [], 'log': [[1], [2]][0]}

def on(kind):
    def register(fn):
        HOOKS[kind].append(fn)
        return fn
    return register

@on('before')
def hook(n):
    $block
    return n

def fire(kind, n):
    for each in HOOKS[kind]:
        each(n)
    return n
""",
    "pipes": """
def compose(*fns):
    def run(n):
        for fn in fns:
            n = fn(n) % 50
        return n
    return run

PIPE = compose(h0, lambda v: v * 2)
""",
    "trees": """
TREE = [[1], [2, [3]]]

def walk(tree, seen):
    seen.append(len(tree))
    for child in tree:
        if isinstance(child, list):
            walk(child, seen)
    return seen

def flatten(tree):
    for child in tree:
        if isinstance(child, list):
            yield from flatten(child)
        else:
            $effect
            yield child

class Node:
    def __init__(self, value, after=None):
        self.value, self.after = value, after

LIST = Node(1, Node(2))
""",
    "feeder": """
def feeder(xs):
    while True:
        got = yield len(xs)
        xs.append(got)

def guarded(xs):
    try:
        yield from xs[:2]
        $effect
    finally:
        xs.append(0)
""",
    "pool": "",
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

# What the program's end calls besides its functions, by part and by method; `each` is one of several objects.
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
DIRECT_METHODS = {
    "step": "OBJ.step(i)",
    "note": "OBJ.note(i)",
    "total": "OBJ.total = i; OBJ.total",
    "__len__": "len(OBJ)",
    "__getitem__": "OBJ[i]",
    "__setitem__": "OBJ[i] = i",
    "__call__": "OBJ(i)",
    "__add__": "OBJ + i",
    "__iadd__": "OTHER += i",
    "__contains__": "i in OBJ",
    "__str__": "str(OBJ)",
    "__iter__": "list(OBJ)",
    "__bool__": "bool(OBJ)",
    "__eq__": "OBJ == OTHER",
    "__hash__": "hash(OBJ)",
    "__lt__": "OBJ < OTHER",
    "__radd__": "i + OBJ",
    "__int__": "int(OBJ)",
    "__index__": "operator.index(OBJ)",
    "__abs__": "abs(OBJ)",
    "__neg__": "-OBJ",
    "__repr__": "repr(OBJ)",
    "__format__": "format(OBJ)",
    "__reversed__": "list(reversed(OBJ))",
    "__delitem__": "del OBJ[i]",
    "__enter__": "with OBJ: pass",
    "__getattr__": "OBJ.lost",
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
