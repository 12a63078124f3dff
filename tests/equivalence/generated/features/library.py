"""What programs use of the standard library: values of it, and state that it keeps."""

from tests.equivalence.generated.feature import Feature

LIBRARY = (
    Feature(
        "random",
        imports="import random",
        source="""
random.seed(7)
RNG = random.Random(3)
""",
        names="",
        shown="RNG.getstate()[1][-1], random.getstate()[1][-1], random.getstate()[1][:3]",
        expressions=r"""
int    random.randint(0, 9)
int    RNG.randint(0, 9)
list   random.sample([1, <int>, 3], 2)
list   RNG.sample(range(9), 2)
int    num(random.choice([<int>, <int>]))
str    format(random.random(), '.3f')
str    format(random.gauss(0, 1), '.3f')
""",
        statements=r"""
random.seed(<int>)
random.shuffle(<list>)
RNG.shuffle(<list>)
RNG = random.Random(<int>)
RNG.seed(<int>)
print(random.random() < .5, RNG.random() < .5)
""",
    ),
    Feature(
        "numbers",
        imports="import math\nfrom decimal import Decimal, getcontext, localcontext\nfrom fractions import Fraction",
        source="""
NAN, BIG, FR, DE = float("nan"), 10 ** 40, Fraction(1, 3), Decimal("1.10")
NANS = [NAN, XS]
getcontext().prec = 12
""",
        names="big BIG, fraction FR, decimal DE",
        shown="NAN, BIG, str(FR), str(DE), getcontext().prec, NAN in NANS, NANS[0] is NAN",
        expressions=r"""
big    (<big> + <int>)
big    10 ** 30
fraction (<fraction> + <int>)
fraction Fraction(<int>, 7)
decimal (<decimal> / 3)
decimal Decimal(<int>)
str    str(<decimal>)
str    str(<fraction>)
int    num(int(<big>))
int    math.floor(<fraction>) % 100
cond   NAN in NANS
cond   math.isnan(NAN)
""",
        statements=r"""
BIG = <big>; BIG %= 10 ** 50
FR = <fraction> % 5
DE = <decimal>
getcontext().prec = <int> % 20 + 2
with localcontext() as c:\n    c.prec = 3\n    print(Decimal(1) / 3)\n    BLOCK
NANS.append(NAN); del NANS[:-3]
print(-0.0, 1e300 * 10, 2 ** 70, <fraction>, <decimal>)
""",
    ),
    Feature(
        "copies",
        imports="import copy\nimport json",
        source="""
class Deep:
    def __init__(self, xs): self.xs = xs
    def __deepcopy__(self, memo): print("deep"); return Deep(copy.deepcopy(self.xs, memo))
DEEP = Deep(XS)
""",
        names="deep DEEP",
        expressions=r"""
list   copy.copy(<list>)
list   copy.deepcopy([1, [2], {'k': <int>}])
obj    copy.copy(<obj>)
deep   Deep(<list>)
deep   copy.copy(<deep>)
list   <deep>.xs
dict   json.loads(json.dumps({'a': [<int>, <str>]}))
str    json.dumps([<int>, None, <str>])
str    json.dumps(<list>, default=show)[:40]
""",
        statements=r"""
<deep>.xs = <list>
DEEP = <deep>
""",
    ),
    Feature(
        "other containers",
        imports="import array\nimport heapq\nimport types\nfrom bisect import insort\nfrom collections import ChainMap, UserDict",
        source="""
CM = ChainMap({"a": XS}, D)
AR = array.array("i", [1, 2, 3])
NS = types.SimpleNamespace(a=1, xs=XS)
HEAP = [1, 4, 9]
class Config(UserDict):
    def __getitem__(self, key): return super().__getitem__(key) if key in self.data else key
CONFIG = Config(k=XS)
""",
        names="ns NS, ar AR, config CONFIG, cm CM",
        shown="list(CM.maps), AR.tolist(), NS, HEAP, CONFIG",
        expressions=r"""
ns     types.SimpleNamespace(a=<int>, xs=<list>)
ar     array.array('i', [<int>])
config Config(<dict>)
cm     ChainMap(<dict>, <dict>)
cm     CM.new_child({'b': <int>})
int    num(<ns>.a)
int    len(<ar>)
int    num(<config>[<str>])
int    num(<cm>.get('a'))
int    (heapq.heappop(HEAP) if HEAP else 0)
list   <ns>.xs
list   <ar>.tolist()
dict   CM.maps[0]
""",
        statements=r"""
<ns>.a = <int>
<ns>.xs = <list>
<ns>.other = <value>
NS = <ns>
<ar>.append(<int>)
if <ar!a>: <ar!a>.pop()
AR = <ar>
<config>['k'] = <value>
<cm>['a'] = <value>
CM = ChainMap(<dict>, D)
heapq.heappush(HEAP, <int>); del HEAP[6:]
insort(HEAP, <int>); del HEAP[:-6]
""",
    ),
    Feature(
        "times and texts",
        imports="import datetime as dt\nimport re\nimport string\nimport textwrap",
        source="""
DAY, STEP, PATTERN = dt.date(2024, 2, 28), dt.timedelta(days=1), re.compile("([a-z]+)([0-9]*)")
DAYS = {DAY: XS}
""",
        names="day DAY",
        shown="str(DAY), str(STEP), PATTERN.pattern, len(DAYS)",
        expressions=r"""
day    (<day> + STEP)
day    dt.date(2024, 1, <int> % 28 + 1)
str    <day>.isoformat()
str    PATTERN.sub('_', <str>)
str    string.capwords(<str>)
str    textwrap.shorten('a b c ' * 5, 9)
str    <str>.replace('t', <str>)[:9]
str    <str>.upper().rjust(6, '.')
list   PATTERN.findall(<str>)
list   <str>.split('-')
list   DAYS.setdefault(<day>, [])
cond   <day> > DAY
cond   PATTERN.match(<str>)
int    <day>.day
""",
        statements=r"""
DAY = <day>
STEP = dt.timedelta(days=<int> % 9)
DAYS[<day>] = <value>
if m := PATTERN.search(<str>):\n    print(m.group(1), m.span())
""",
    ),
)
