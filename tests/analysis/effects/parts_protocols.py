"""Parts in which the language calls the program: iteration, caches, descriptors, metaclasses, named tuples, slots."""

from __future__ import annotations

PROTOCOLS = {
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
}
