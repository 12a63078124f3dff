"""Numbers, lists, dicts, sets, plain objects and functions: what every program has."""

from tests.equivalence.generated.feature import Feature

CORE = Feature(
    "core",
    imports="import itertools\nimport sys",
    source="""
class Err(Exception): pass
class Odd(Err):
    def __init__(self, n, extra=None): super().__init__(f"odd {n}"); self.n, self.extra = n, extra
class A:
    made = 0
    shared = []
    def __init__(self, n, items=None): self.n = n; self.items = [] if items is None else items; A.made += 1
class B(A):
    kind = "b"
N, TEXT = 0, "t"
XS, D, S = [1, 2], {"k": [3]}, {1, 2}
OBJ, OTHER = A(1), B(2, XS)
D["xs"] = XS
FNS = [num, lambda x: num(x) + 1]
LOOPED, FRESH = {"a": 1, "b": XS}, itertools.count(10)
""",
    names="int N, int A.made, str TEXT, list XS, list A.shared, list OTHER.items, dict D, set S, obj OBJ, obj OTHER, fn FNS[-1], fn num",
    shown="N, TEXT, XS, D, S, OBJ, OTHER, FNS, A, B, LOOPED",
    expressions=r"""
int    $9
int    -$3
int    num(<value>)
int    len(<list>)
int    num(<int> * 3 + 1)
int    <obj>.n
int    num(<dict>.get('k'))
int    sum(num(x) for x in <list>)
int    num(<callee>(<int>))
int    max(<int>, <int>)
int    (<int> if <cond> else <int>)
int    num(<str>)
int    max(map(num, <list>), default=<int>)
str    's$9'
str    f'{<int!>}-{<str!>}'[:9]
str    str(<int>)
str    type(<value>).__name__
str    show(<value>)[:30]
str    (<str> + 'x')
str    ','.join(str(num(x)) for x in <list>)[:9]
list   []
list   [<value>, <value>]
list   [<int>]
list   list(<list>)
list   <list>[:]
list   [x for x in <list> if num(x) % 2]
list   <obj>.items
list   <dict>.setdefault('m', [])
list   (<list> or XS)
list   next((x for x in <list> if isinstance(x, list)), <list!>)
list   [<list>, <list>]
list   sorted(<list>, key=num)
list   list(<dict>.values())
list   list(map(num, <list>))
list   [*<list>, *<tup>][:6]
dict   {}
dict   {'k': <value>}
dict   dict(<dict>)
dict   {'at': <list>, **<dict>}
dict   next((x for x in <list> if isinstance(x, dict)), <dict!>)
dict   {<int>: <value>, <str>: <value>}
dict   {num(x): x for x in <list>}
dict   (<dict> or D)
dict   <obj>.__dict__
set    {<int>, <int>}
set    set(map(num, <list>))
set    (<set> | <set>)
set    {<str>}
set    (<set> - {<int>})
tup    ()
tup    (<value>, <value>)
tup    (<list>, <list>)
tup    tuple(<list>)
tup    (<int>, <str>)
obj    A($9)
obj    B(<int>, <list>)
obj    A(<int>, <list>)
obj    getattr(<obj>, 'link', <obj!>)
obj    (<obj> if <cond> else OTHER)
obj    next((x for x in <list> if isinstance(x, A)), <obj!>)
fn     num
fn     (lambda x: num(x) + <int>)
fn     (lambda x, y=<list>: y)
fn     next((x for x in <list> if callable(x)), num)
cond   <int> % 2
cond   len(<list>) > 2
cond   N > 5
cond   hasattr(<obj>, 'link')
cond   <list> is XS
cond   <obj> is OBJ
cond   isinstance(<obj>, B)
cond   <int> in <set>
cond   (lambda a, b: a is b)(<value>, <value>)
cond   'k' in <dict>
cond   <list>
cond   not <dict>
cond   num(<value>) > num(<value>)
error  Err(<value>)
error  Odd($9, <value>)
error  KeyError('gone')
error  ValueError(<value>)
error  Err
error  IndexError(<int>, <str>)
""",
    statements=r"""
<list>.append(<value>)
<list>.append(<value>)
<dict>['k'] = <value>
<dict>[<str>] = <value>
<obj>.n = <int>
<obj>.link = <obj>
<obj>.items = <list>
<obj>.n += <int>
if <list!a>: <list!a>[<int> % len(<list!a>)] = <value>
if <list!a>: <list!a>.pop(<int> % len(<list!a>))
if <list!a>: del <list!a>[0]
<list!a>[:] = <list!a>[-3:]
<list>.insert(0, <value>)
<list!a>.insert(0, <list!a>)
<list>.reverse()
<list>.sort(key=num)
<list>.extend(<list>[:3])
<list>.clear()
<list>[1:2] = [<value>, <value>]
<dict>.pop('k', None)
<dict>.update(k=<value>)
LOOPED[next(FRESH)] = <value>
LOOPED[next(iter(LOOPED), next(FRESH))] = <value>
if len(LOOPED) > 2: LOOPED.pop(next(iter(LOOPED)))
<dict!a>.update(<dict>); [<dict!a>.pop(k) for k in list(<dict!a>)[4:]]
if <dict!a>: <dict!a>.pop(next(iter(<dict!a>)))
<set>.add(<int>)
<set>.discard(<int>)
<set!>.update(map(num, <list>))
A.shared.append(<value>); del A.shared[:-3]
if hasattr(<obj!a>, 'link'): del <obj!a>.link
<obj>.__class__ = A
<obj>.__class__ = B
setattr(<obj>, 'extra', <value>)
FNS.append(<fn>); del FNS[:-3]
FNS[-1] = <fn>
print(show(<value>, <int>))
print(show(<value>), end=';')
print(<str>, <int>, sep='/')
print(<str>, file=sys.stderr)
sys.stdout.write(<str> + chr(10))
sys.stderr.write(<str> + chr(10))
print(f'{<int!>:>4}|{<str!>!r}', flush=True)
$int = <int>
$list = <list>
$dict = <dict>
$obj = <obj>
$str = <str>
$set = <set>
$tup = <tup>
$fn = <fn>
N = num(N + <int>)
N += 1
XS = <list>
D = <dict>
OBJ = <obj>
TEXT = <str>[:9]
A.made = <int>
A.shared = <list>
XS, $list = <list>, XS
XS += [<value>]
TEXT += 'x'; TEXT = TEXT[-9:]
$int, *$list = <int>, <value>, <value>
$list = [<call>]
$list = [<call>]\n<list!>.append($list)
<list>.append(<call>)
print(show(<call>))
$int = num(<callee>(<value>))
print(show(<callee>(<int>)))
if <cond>: raise <error>
if <cond>: raise <error> from Err(<int>)
if <cond>: raise <error> from None
assert not (<cond>), <str>
print(show(<list>[<int>]))
print(show(<dict>[<str>]))
if <cond>:\n    BLOCK\nelse:\n    BLOCK
if <cond>:\n    BLOCK\nelif <cond>:\n    BLOCK
for $int in range($3):\n    BLOCK
for $int in map(num, <list>[:3]):\n    BLOCK
for $str, $obj in [(<str>, <obj>), (<str>, <obj>)]:\n    BLOCK
for $str in list(<dict>)[:3]:\n    BLOCK
for $int in range(3):\n    if <cond>: continue\n    BLOCK\n    if <cond>: break\nelse:\n    BLOCK
$int = $3\nwhile $int > 0:\n    $int -= 1\n    BLOCK
try:\n    BLOCK\nexcept Err as e:\n    print(show(e))
try:\n    BLOCK\nexcept (KeyError, ValueError, Odd) as e:\n    print(show(e, getattr(e, 'extra', None)))\nfinally:\n    BLOCK
try:\n    BLOCK\nexcept Exception as e:\n    XS.append(e); del XS[:-4]
try:\n    BLOCK\nexcept Exception as e:\n    raise Err('again', <int>) from e
try:\n    BLOCK\nexcept Exception:\n    raise
try:\n    BLOCK\nexcept Err:\n    BLOCK\n    raise <error>
try:\n    BLOCK\nfinally:\n    BLOCK
try:\n    BLOCK\nexcept Exception as e:\n    e.add_note(<str>)\n    raise
$int = $5\ndef $fn(x):\n    $int = num($int + num(x))\n    BLOCK\n    return $int\nprint(show($fn(2), $fn(3)), $int)
def $fn(x, seen=[]):\n    seen.append(num(x)); del seen[:-3]\n    BLOCK\n    return <value>\nFNS.append($fn); del FNS[:-3]
def $fn(x):\n    BLOCK\n    return <value>\n<list!>.append($fn)
""",
)
