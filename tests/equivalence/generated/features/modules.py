"""State that lives in another module of the program."""

from tests.equivalence.generated.feature import Feature

MODULES = (
    Feature(
        "another module",
        imports="import common\nfrom common import LOG, bump, note",
        source="""
common.COUNT, common.TABLE = 0, {}
LOG.clear()
""",
        names="list LOG, dict common.TABLE, int common.COUNT, list common.LOG, fn common.bump",
        shown="LOG, common.COUNT, common.TABLE, LOG is common.LOG",
        expressions=r"""
int    bump(<int>)
int    common.bump(<int>)
list   note(<value>)
cond   LOG is common.LOG
cond   bump is common.bump
""",
        statements=r"""
common.COUNT = <int>
common.COUNT += 1
common.TABLE[<str>] = <value>
common.TABLE = <dict>
note(<value>)
LOG.append(<value>); del LOG[:-4]
common.LOG.clear()
common.EXTRA = <value>
print(show(getattr(common, 'EXTRA', None)))
""",
    ),
    Feature(
        "computed names",
        source="""
ALPHA, BETA = 1, [2]
def named(name): return globals().get(name)
""",
        names="list BETA, int ALPHA",
        expressions=r"""
list   named('BETA')
int    num(named('ALPHA'))
int    num(eval('ALPHA + 1'))
list   (globals().get('BY_NAME') or BETA)
str    ','.join(k for k in globals() if k.isupper() and k != 'IDS')[-9:]
dict   {k: v for k, v in vars(<obj>).items()}
""",
        statements=r"""
globals()['ALPHA'] = <int>
globals()['BY_NAME'] = <list>
globals().pop('BY_NAME', None)
exec('ALPHA = ALPHA + 1', globals())
ALPHA = <int>
BETA = <list>
vars(<obj>)['computed'] = <value>
print(sorted(k for k in dir(<obj>) if not k.startswith('_')))
""",
    ),
)
