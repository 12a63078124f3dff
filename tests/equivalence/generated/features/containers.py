"""Containers of the library, and tuples, frozensets, bytes and iterators as globals."""

from tests.equivalence.generated.feature import Feature

CONTAINERS = (
    Feature(
        "deque",
        imports="from collections import deque",
        source="""
Q = deque([1, XS, 3], 5)
QS = [Q, Q]
""",
        names="deque Q",
        shown="Q, QS",
        expressions=r"""
deque  Q
deque  deque(<list>, 4)
deque  next((x for x in <list> if isinstance(x, deque)), Q)
int    len(<deque>)
int    num(<deque>[0] if <deque> else 4)
list   list(<deque>)
""",
        statements=r"""
<deque>.append(<value>)
<deque>.appendleft(<value>)
<deque>.rotate(<int>)
if <deque!a>: <deque!a>.popleft()
if <deque!a>: <deque!a>[0] = <value>
<deque>.extend(<list>)
Q = <deque>
for $int in map(num, list(<deque>)[:3]):\n    BLOCK
for x, $int in zip(<deque>, range(3)):\n    BLOCK
""",
    ),
    Feature(
        "defaultdict",
        imports="from collections import defaultdict",
        source="""
DD = defaultdict(list, {'k': XS})
D['dd'] = DD
""",
        names="dd DD",
        shown="DD",
        expressions=r"""
dd     DD
dd     defaultdict(list)
dd     defaultdict(lambda: XS, a=<list>)
dd     defaultdict(lambda: DD)
int    len(<dd>)
int    num(<dd>[<int>])
dict   <dd>
value  <dd>['k']
""",
        statements=r"""
<dd>['k'] = <list>
<dd>[<int>]
<dd>.pop('k', 0)
DD = <dd>
<dd>.default_factory = None
<dd>.default_factory = list
""",
    ),
    Feature(
        "counter",
        imports="from collections import Counter",
        source="""
C = Counter('abca')
""",
        names="counter C",
        expressions=r"""
counter C
counter Counter(map(num, <list>))
counter Counter(<str>)
counter (<counter> + <counter>)
int    <counter>['a']
int    sum(<counter>.values())
int    num(<counter>[<int>])
list   <counter>.most_common(2)
list   list(<counter>.elements())[:4]
""",
        statements=r"""
<counter>['a'] += <int>
<counter>.update(<str>)
<counter>.subtract([<int>])
C = <counter>
del <counter>['a']
C += Counter(<str>)
""",
    ),
    Feature(
        "ordered dict",
        imports="from collections import OrderedDict",
        source="""
OD = OrderedDict(a=XS, b=2)
""",
        names="od OD",
        expressions=r"""
od     OD
od     OrderedDict(<dict>)
od     OrderedDict([(<int>, <value>), ('a', 1)])
dict   <od>
int    len(<od>)
""",
        statements=r"""
<od>['a'] = <value>
if 'a' in <od!a>: <od!a>.move_to_end('a')
if <od!a>: <od!a>.popitem(last=False)
<od>['z$3'] = <list>
OD = <od>
""",
    ),
    Feature(
        "bytearray",
        source="""
BA, BYTES = bytearray(b'abc'), b'xyz'
""",
        names="ba BA",
        shown="BA, BYTES",
        expressions=r"""
ba     BA
ba     bytearray(b'ab')
ba     <ba>[1:]
int    len(<ba>)
int    sum(<ba>) % 100
str    <ba>.decode('latin-1')
str    repr(bytes(<ba>))
""",
        statements=r"""
<ba>.append(<int> % 256)
<ba>[:1] = b'new'
<ba!a>.extend(b'cd'); del <ba!a>[6:]
BA = <ba>
BYTES = bytes(<ba>)
if <ba!a>: <ba!a>.pop()
""",
    ),
    Feature(
        "tuples",
        source="""
T = (XS, 1, (D, XS))
Z = frozenset({1, 'a', (2, 3)})
""",
        names="tup T, tup T[2], frozen Z",
        shown="T, Z",
        expressions=r"""
frozen Z
frozen frozenset(map(num, <list>))
frozen (<frozen> | {<int>})
int    len(<tup>)
int    len(<frozen>)
int    num(<frozen>)
list   next((x for x in <tup> if isinstance(x, list)), <list!>)
cond   <tup> is T
cond   <int> in <frozen>
cond   <tup> == <tup>
""",
        statements=r"""
T = <tup>[:4]
Z = <frozen>
$int, $list = (<int>, <list>)
<dict>[<frozen>] = <tup>
<dict>[(<int>, <str>)] = <value>
if <tup!a> and isinstance(<tup!a>[0], list): <tup!a>[0].append(<value>)
""",
    ),
    Feature(
        "iterators",
        imports="import itertools",
        source="""
IDS = itertools.count(5)
IT = iter(XS)
RANGE = iter(range(3, 9))
""",
        names="iter IDS, iter IT, iter RANGE",
        shown="IDS, IT, RANGE",
        expressions=r"""
iter   iter(<list>)
iter   itertools.count(<int>)
iter   iter(range(<int>))
int    num(next(<iter>, 3))
int    next(IDS)
list   list(itertools.islice(<iter>, 2))
""",
        statements=r"""
next(<iter>, None)
IT = <iter>
IT = iter(<list>)
for $int in map(num, itertools.islice(<iter>, 2)):\n    BLOCK
""",
    ),
    Feature(
        "sets",
        source="""
SS = {1, 2, 3, 40, 41}
BY = {3: SS}
""",
        names="set SS",
        shown="SS, BY",
        expressions=r"""
list   list(<set>)
list   [x for x in <set>]
str    repr(<set>)[:30]
int    max(map(num, <set>), default=0)
""",
        statements=r"""
<set>.add(<str>)
SS = <set>
<set>.update(<set>)
<set>.intersection_update({<int>, <int>, 1, 2})
for $int in list(map(num, <set>))[:3]:\n    BLOCK
""",
    ),
)
