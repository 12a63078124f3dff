"""Exceptions as values, chained, grouped, passed on; and blocks that clean up."""

from tests.equivalence.generated.feature import Feature

ERRORS = (
    Feature(
        "exceptions as values",
        source="""
class Rich(Err):
    codes = []
    def __init__(self, *args, code=0): super().__init__(*args); self.code = code; Rich.codes.append(code); del Rich.codes[:-3]
    def __str__(self): return f"rich {self.code} {len(self.args)}"
class Bare(Err):
    def __init__(self, a, b): self.pair = (a, b)
LAST, ERRORS = Rich(1, XS, code=3), []
try: raise LAST
except Err as e: ERRORS.append(e)
""",
        names="exc LAST, list ERRORS, list Rich.codes",
        shown="LAST, ERRORS, Rich.codes",
        expressions=r"""
exc    Rich(<value>, code=<int>)
exc    Bare(<int>, <list>)
exc    Err(<list>)
exc    next((x for x in <list> if isinstance(x, Exception)), LAST)
exc    (LAST.__context__ or LAST)
error  <exc>
error  Rich(<int>, code=<int>)
error  Bare(<value>, <int>)
int    len(<exc>.args)
str    str(<exc!>)[:20]
list   next((a for a in <exc>.args if isinstance(a, list)), XS)
dict   <exc>.__dict__
cond   <exc> is LAST
""",
        statements=r"""
LAST = <exc>
LAST.args = (<value>,)
LAST.note = <value>
ERRORS.append(<exc>); del ERRORS[:-3]
raise LAST
raise <exc> from <exc>
try:\n    BLOCK\nexcept Exception as e:\n    LAST = e
try:\n    BLOCK\nexcept Exception as e:\n    ERRORS.append(e); del ERRORS[:-3]\n    raise Rich(e, code=<int>)
try:\n    raise <error>\nexcept Exception as e:\n    LAST = e\n    BLOCK
LAST.__cause__ = <exc>
LAST.add_note(<str>); del LAST.__notes__[:-3]
for e in ERRORS: print(show(e), getattr(e, '__notes__', None))
""",
    ),
    Feature(
        "groups",
        source="""
def group(*found): return ExceptionGroup("several", [*found, ValueError(1)])
GROUP_ = group(Err(XS))
""",
        names="",
        shown="GROUP_.exceptions, GROUP_.message",
        expressions=r"""
error  group(Err(<value>))
error  ExceptionGroup(<str>, [Odd(<int>), KeyError(<int>)])
""",
        statements=r"""
try:\n    raise group(Odd(<int>), Err(<value>))\nexcept* Odd as e:\n    print(len(e.exceptions), e.exceptions[0].n)\n\
except* (Err, ValueError) as e:\n    print(e.message, len(e.exceptions))
try:\n    raise group(Odd(<int>))\nexcept* Odd as e:\n    BLOCK
GROUP_ = group(Err(<value>), Odd(<int>))
raise GROUP_
print(show(*[x for x in GROUP_.exceptions]))
""",
    ),
    Feature(
        "clean-up",
        imports="import contextlib",
        source="""
EVENTS = []
@contextlib.contextmanager
def within(name):
    EVENTS.append(("in", name))
    try: yield EVENTS
    except Odd as e: EVENTS.append(("odd", e.n))
    finally: EVENTS.append(("out", name)); del EVENTS[:-4]
class Guard:
    depth = 0
    def __enter__(self): Guard.depth += 1; return self
    def __exit__(self, *found): Guard.depth -= 1; EVENTS.append(num(found[0] is None)); return False
def early(n):
    try:
        if n % 2: return "early"
        raise Odd(n)
    except Odd as e: return e.n
    finally:
        EVENTS.append("finally")
        if n == 3: return "overruled"
""",
        names="list EVENTS",
        shown="EVENTS, Guard.depth",
        expressions=r"""
str    str(early(<int>))
""",
        statements=r"""
with within(<str>) as $list:\n    BLOCK
with within(<int>):\n    raise <error>
with Guard(), within('b'):\n    BLOCK
with contextlib.suppress(Err, KeyError):\n    BLOCK
with contextlib.ExitStack() as stack:\n    stack.enter_context(within(<str>))\n    stack.callback(EVENTS.append, <int>)\n    BLOCK
for $int in range(3):\n    try:\n        if <cond>: continue\n        BLOCK\n    finally:\n        EVENTS.append($int)
for $int in range(3):\n    with Guard():\n        if <cond>: break\n        BLOCK
""",
    ),
)
