"""What is printed, and where it goes."""

from tests.equivalence.generated.feature import Feature

OUTPUT = (
    Feature(
        "streams",
        imports="import contextlib\nimport io\nimport sys",
        source="""
BUFFER = io.StringIO()
class Speaking:
    def __str__(self): print("str is asked"); return "speaking"
    def __repr__(self): return "Speaking()"
class Tee:
    def __init__(self): self.lines = []
    def write(self, text): self.lines.append(text); del self.lines[:-4]; return len(text)
    def flush(self): pass
TEE, SPEAKING = Tee(), Speaking()
""",
        names="tee TEE",
        shown="TEE, BUFFER.getvalue()[-60:]",
        expressions=r"""
tee    Tee()
str    str(SPEAKING)
str    repr([SPEAKING])
""",
        statements=r"""
print(SPEAKING, <int>)
print(<str>, file=TEE)
print(<int>, <str>, file=BUFFER)
BUFFER.write(<str>)
with contextlib.redirect_stdout(TEE):\n    BLOCK
with contextlib.redirect_stdout(BUFFER):\n    BLOCK
with contextlib.redirect_stderr(io.StringIO()) as buffer:\n    BLOCK\n    print(<str>, file=sys.stderr)\nprint(len(buffer.getvalue()))
sys.stdout.flush()
print(<str>, end='', flush=True); print(<str>, file=sys.stderr); print()
sys.stdout.buffer.write(b'bytes'); sys.stdout.buffer.flush()
sys.stderr.write(<str>); sys.stderr.flush()
print('\u00e9\u4e2d', <str>)
print(*<list!>[:0], sep=<str>, end=<str>)
print(file=sys.stderr)
sys.stdout.writelines([<str>, <str>])
""",
    ),
)
