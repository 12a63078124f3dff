"""What programs do every day and no other feature is about."""

from tests.equivalence.generated.feature import Feature

EVERYDAY = (
    Feature(
        "objects as keys",
        source="""
MISSING = object()
BY_OBJ = {OBJ: XS, OTHER: [2]}
KINDS = {"a": A, "b": B}
HANDLERS = {"num": num, "len": len, "new": A}
def lookup(key, default=MISSING):
    found = BY_OBJ.get(key, MISSING)
    if found is not MISSING: return found
    if default is MISSING: raise KeyError(type(key).__name__)
    return default
""",
        names="list BY_OBJ[OTHER]",
        shown="list(BY_OBJ.items()), KINDS, HANDLERS, MISSING is lookup.__defaults__[0]",
        expressions=r"""
list   BY_OBJ.setdefault(<obj>, [])
list   lookup(<obj>, [])
list   lookup(<obj>)
obj    KINDS['a'](<int>)
obj    KINDS['b'](<int>, <list>)
obj    HANDLERS['new'](<int>)
obj    list(BY_OBJ)[<int> % len(BY_OBJ)]
int    num(HANDLERS['num'](<value>))
int    HANDLERS['len'](<list>)
cond   <obj> in BY_OBJ
cond   lookup(<obj>, MISSING) is MISSING
""",
        statements=r"""
BY_OBJ[<obj>] = <list>
if len(BY_OBJ) > 2: BY_OBJ.pop(next(iter(BY_OBJ)))
KINDS['a'] = KINDS['b']
HANDLERS[<str>] = <fn>
""",
    ),
    Feature(
        "list surgery",
        source="""
GRID = [[0] * 2] * 2
ROWS = [XS, [XS], [[XS]]]
""",
        names="list GRID, list GRID[0], list ROWS, list ROWS[-1]",
        shown="GRID, ROWS",
        expressions=r"""
list   <list>[::-1]
list   <list>[1:]
list   <list>[-2:]
list   (<list> + <list>)[:4]
list   (<list> * 2)[:4]
list   [row[:1] for row in ROWS]
int    <list>.count(<int>)
""",
        statements=r"""
if GRID[0]: GRID[0][0] = <value>
GRID.append(<list>); del GRID[:-3]
del <list>[::2]
<list!a>[1:1] = <list>; del <list!a>[6:]
<list!a> *= 2; del <list!a>[6:]
<list!a>[:], $list = <list>[:4], <list!a>[:]
<list!a>[::2] = [<value> for _ in <list!a>[::2]]
$list = XS = []
XS = $list = <list>
<list!a> += <list>[:2]; del <list!a>[7:]
ROWS[0], ROWS[-1] = ROWS[-1], ROWS[0]
for $list in ROWS[:2]:\n    $list.append(<int>); del $list[6:]
""",
    ),
    Feature(
        "dict surgery",
        source="""
CONF = {"a": {"b": XS, "c": {}}, "z": None}
""",
        names="dict CONF, dict CONF['a']",
        shown="CONF",
        expressions=r"""
dict   (<dict> | {'k': <int>})
dict   CONF.setdefault('a', {})
dict   {**<dict>, 'k': <value>}
dict   dict(sorted(<dict>.items(), key=lambda i: str(i[0])))
dict   dict.fromkeys(map(num, <list>), <list>)
list   [k for k in <dict> if isinstance(k, str)]
list   sorted(map(str, <dict>.keys()))
cond   <dict>.keys() <= <dict>.keys()
""",
        statements=r"""
<dict!a> |= {<str>: <value>}; [<dict!a>.pop(k) for k in list(<dict!a>)[5:]]
CONF['a'] = <dict>
if <dict!a>: <dict!a>.popitem()
if 'k' in <dict!a>: <dict!a>['k'] = <dict!a>.pop('k')
if <dict!a>: <dict!a>['moved'] = <dict!a>.pop(next(iter(<dict!a>)))
<dict!a>.update({1: <int>, True: <str>}); <dict!a>.pop(1)
for $str, $list in list({str(k): [v] for k, v in <dict>.items()}.items())[:3]:\n    BLOCK
<dict>.clear()
""",
    ),
    Feature(
        "recursion",
        source="""
TREE = {"v": 1, "kids": [{"v": 2, "kids": []}, {"v": 3, "kids": [{"v": XS, "kids": []}]}]}
def down(n): return 0 if n <= 0 else 1 + down(n - 1)
def even(n): return True if n <= 0 else odd(n - 1)
def odd(n): return False if n <= 0 else even(n - 1)
def walk(tree, fn=num): return num(fn(tree["v"])) + sum(walk(kid, fn) for kid in tree["kids"])
def grow(tree, n):
    if n > 0: tree["kids"] = [*tree["kids"], {"v": n, "kids": []}][-3:]; grow(tree["kids"][0], n - 1)
    return tree
""",
        names="dict TREE",
        expressions=r"""
int    down(<int>)
int    down(300)
int    walk(TREE)
dict   grow(TREE, <int> % 3)
cond   even(<int>)
cond   odd(41)
""",
        statements=r"""
TREE['v'] = <value>
TREE['kids'] = TREE['kids'][-2:]
grow(TREE, 2)
try:\n    down(100_000)\nexcept RecursionError as e:\n    print(type(e).__name__)
""",
    ),
    Feature(
        "ways to leave",
        imports="import sys",
        source="""
def leave(n):
    if n % 3 == 0: sys.exit(n)
    if n % 3 == 1: raise SystemExit("text")
    return n
""",
        names="",
        shown="leave(2)",
        expressions=r"""
int    (leave(<int>) if <cond> else 1)
""",
        statements=r"""
try:\n    leave(<int>)\nexcept SystemExit as e:\n    print('exit', e.code)
try:\n    leave(<int>)\nfinally:\n    print('finally')
try:\n    print(input())\nexcept EOFError as e:\n    print('eof', e)
if <cond>: sys.exit(<int>)
while True:\n    if <cond>: break\n    BLOCK\n    break
""",
    ),
    Feature(
        "what things are called",
        imports="import inspect",
        source='''
def documented(a, b: int = 2, *, c="x") -> list:
    """Says what it does."""
    return [a, b, c]
''',
        names="fn documented",
        shown="documented",
        expressions=r"""
str    documented.__doc__
str    A.__module__[:1]
str    type(<obj>).__qualname__
str    f'{type(OBJ)}'[-6:]
str    str(inspect.signature(documented))
str    ','.join(documented.__annotations__)
str    __name__[:2]
str    documented.__code__.co_qualname
list   list(inspect.signature(documented).parameters)
cond   callable(<value>)
cond   inspect.isfunction(<fn>)
""",
        statements=r"""
documented.__doc__ = <str>
documented.__defaults__ = (<int>,)
documented.__kwdefaults__ = {'c': <value>}
documented.__name__ = 'd$3'
print(inspect.getdoc(documented), documented.__name__)
print(sorted(k for k in locals() if len(k) == 2)[:3])
print([c.__name__ for c in type(<obj>).__mro__])
""",
    ),
    Feature(
        "warnings and logs",
        imports="import logging\nimport sys\nimport warnings",
        source="""
LOGGER = logging.getLogger(__name__)
LOGGER.propagate, LOGGER.handlers = False, [logging.StreamHandler(sys.stdout)]
LOGGER.handlers[0].setFormatter(logging.Formatter("%(levelname)s %(funcName)s:%(lineno)d %(message)s"))
""",
        names="",
        shown="LOGGER.level, len(LOGGER.handlers)",
        expressions=r"""
cond   LOGGER.isEnabledFor(logging.INFO)
""",
        statements=r"""
LOGGER.warning('w %s', <str>)
LOGGER.error(<str>)
LOGGER.info('i %d', <int>)
LOGGER.setLevel(logging.INFO)
LOGGER.setLevel(logging.WARNING)
warnings.warn(<str>)
warnings.warn('w$3', DeprecationWarning)
with warnings.catch_warnings():\n    warnings.simplefilter('error')\n    warnings.warn(<str>)
try:\n    raise <error>\nexcept Exception:\n    LOGGER.exception('failed')
""",
    ),
    Feature(
        "environment",
        imports="import os\nimport sys",
        source="""
os.environ["GENERATED"] = "start"
""",
        names="",
        shown="os.environ.get('GENERATED'), sys.argv[1:2]",
        expressions=r"""
str    os.environ.get('GENERATED', 'none')
str    os.environ['HOME'][:1]
str    os.path.join('a', <str>)
str    os.sep
cond   'GENERATED' in os.environ
""",
        statements=r"""
os.environ['GENERATED'] = <str>
os.environ.pop('GENERATED', None)
print(os.getenv('GENERATED'))
print(os.path.basename(__file__)[:2])
""",
    ),
)
