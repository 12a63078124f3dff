"""Functions as values, decorators, closures, generators."""

from tests.equivalence.generated.feature import Feature

FUNCTIONS = (
    Feature(
        "decorators",
        imports="import functools",
        source="""
CALLED = {}
def counted(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kw):
        CALLED[fn.__name__] = CALLED.get(fn.__name__, 0) + 1
        wrapper.calls += 1
        return fn(*args, **kw)
    wrapper.calls = 0
    return wrapper
def marked(word, seen=[]):
    def decorate(fn):
        seen.append(fn.__name__)
        fn.mark = word
        return fn
    return decorate
class Timed:
    def __init__(self, fn): self.fn, self.calls = fn, 0; functools.update_wrapper(self, fn)
    def __call__(self, *args, **kw): self.calls += 1; return self.fn(*args, **kw)
""",
        names="dict CALLED",
        shown="CALLED",
        decorators="""
@counted
@marked("m")
@marked([1])
@Timed
@counted\\n@marked("x")
@functools.wraps(num)
""",
        statements=r"""
CALLED.clear()
@counted\ndef $fn(x):\n    BLOCK\n    return num(x)\n$int = $fn(<int>) + $fn.calls
""",
        expressions=r"""
int    len(CALLED)
""",
    ),
    Feature(
        "cells",
        source="""
def counter(start):
    n, log = start, []
    def up(by=1):
        nonlocal n
        n += num(by); log.append(n); del log[:-3]
        return n
    def down():
        nonlocal n
        n -= 1
        return log
    def late(): return unset
    if start > 100: unset = 1
    return up, down, late
UP, DOWN, LATE = counter(3)
ADDERS = [lambda x, k=k: num(x) + k for k in range(3)] + [lambda x: num(x) + k for k in range(2)]
""",
        names="fn UP, fn ADDERS[-1], fn ADDERS[0]",
        shown="UP, DOWN, LATE, ADDERS",
        expressions=r"""
int    UP(<int>)
list   DOWN()
fn     counter(<int>)[0]
fn     (lambda x: [x, <list>])
int    num(LATE())
""",
        statements=r"""
UP()
DOWN().append(<int>)
UP, DOWN, LATE = counter(<int>)
print(DOWN())
ADDERS.append(<fn>); del ADDERS[:-3]
$int = <int>\n$list = <list>\ndef $fn(x):\n    $int = $int + 1\n    $list.append($int); del $list[:-3]\n    BLOCK\n\
    return $list\nADDERS[-1] = $fn\nprint($int, show($list))
UP.__defaults__ = (<int>,)
UP.label = <value>
del LATE; LATE = num
""",
    ),
    Feature(
        "partials and methods",
        imports="import functools\nimport operator",
        source="""
def base(a, b=2, *rest, k=0, **kw): return [a, b, rest, k, sorted(kw)]
PART = functools.partial(base, XS, k=1)
PART2 = functools.partial(PART, 5)
METHOD, APPEND = OTHER.__init__, XS.append
GET = operator.itemgetter(0)
KEY = operator.attrgetter("n")
""",
        names="fn PART, fn PART2",
        shown="PART, PART2, METHOD, APPEND.__self__ is XS",
        expressions=r"""
fn     functools.partial(base, <value>)
fn     functools.partial(<fn!>)
fn     functools.partial(base, b=<list>)
fn     <list!>.append
fn     base
int    num(GET([<int>]))
int    num(KEY(<obj>))
list   base(<value>, k=<int>)
list   PART()
list   base(*<list>, <value>)
list   base(<int>, **{'z': 1})
list   PART.args[0]
int    functools.reduce(lambda a, b: num(a) + num(b), <list>, 0)
""",
        statements=r"""
APPEND(<value>); del XS[8:]
METHOD(<int>, <list>)
APPEND = <list!>.append
METHOD = <obj!>.__init__
PART = functools.partial(base, <list>, k=<int>)
PART.keywords['k'] = <value>
base.__defaults__ = (<int>,)
base.calls = getattr(base, 'calls', 0) + 1
base.log = <list>
""",
    ),
    Feature(
        "generators",
        source="""
def upto(n, log=XS):
    for i in range(n % 4):
        got = yield i
        if got: log.append(got)
    return "done"
def nested(n):
    try:
        result = yield from upto(n)
        yield result
    finally:
        D["closed"] = n
""",
        names="",
        expressions=r"""
list   list(upto(<int>))
list   list(nested(<int>))
int    sum(upto(<int>))
int    (next(nested(<int>), 9) if <cond> else 2)
list   [x for x in upto(<int>) if x % 2]
list   [(a, b) for a, b in zip(upto(3), <list>)]
list   [[y for y in range(x)] for x in upto(3)]
cond   any(num(x) > 3 for x in <list>)
cond   all(num(x) for x in <list>)
dict   dict(enumerate(upto(<int>)))
int    next((num(x) for x in <list> if num(x) > 1), 0)
""",
        statements=r"""
for $int in upto(<int>):\n    BLOCK
for $int in nested(3):\n    BLOCK\n    if $int == 1: break
$gen = nested(3)\nprint(next($gen), $gen.send(<int>))\n$gen.close()
$gen = upto(2)\nnext($gen)\ntry: $gen.throw(<error>)\nexcept Exception as e: print(show(e))
print(*upto(<int>), *nested(2))
print([$int := num(x) for x in <list>][:3])
def $gen(x):\n    BLOCK\n    yield x\n    BLOCK\nprint(len(list($gen(1))))
""",
    ),
    Feature(
        "names rebound",
        source="""
def inner(x): return num(x) + 1
def outer(x): return [inner(x), GONE if "GONE" in FLAGS else None]
FLAGS, GONE = ["GONE"], 4
ORIGINAL = inner
""",
        names="fn inner, list FLAGS",
        shown="inner, FLAGS, outer, 'GONE' in globals()",
        expressions=r"""
list   outer(<int>)
int    inner(<int>)
fn     ORIGINAL
cond   'GONE' in FLAGS
""",
        statements=r"""
inner = num
inner = ORIGINAL
inner = lambda x: num(ORIGINAL(x)) * 2
GONE = <int>
del GONE
print(GONE)
FLAGS.clear()
FLAGS[:] = ['GONE']
NEW = <value>
print(show(NEW))
del NEW
outer.inner = inner
""",
    ),
    Feature(
        "sorting",
        source="""
KEYS = []
def key(x): KEYS.append(num(x)); del KEYS[:-4]; return -num(x)
""",
        names="list KEYS, fn key",
        expressions=r"""
list   sorted(<list>, key=key)
list   sorted(map(num, <list>), reverse=True)
list   list(filter(key, <list>))
list   list(map(key, <list>))
int    max(<int>, <int>, key=key)
list   [*zip(<list>, <list>)]
list   list(reversed(<list>))
list   [k for k, v in sorted(<dict>.items(), key=lambda i: str(i[0]))]
""",
        statements=r"""
<list>.sort(key=key, reverse=True)
<list>.sort(key=lambda x: -num(x))
for $int, $str in enumerate(sorted(map(str, <dict>))):\n    BLOCK
$int, *$list = sorted(map(num, [*<list>, 3]))
""",
    ),
)
