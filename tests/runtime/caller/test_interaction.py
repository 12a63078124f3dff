"""Units that read: what they have shown is shown once, and a call that ends here reads the same lines again (O2)."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Callable, Sequence

import pytest

from tests.harness import Run, environment

from .conftest import Build

Make = Callable[..., Build]

# `leave()` is not foreseen and ends the call in the unit, which is then done from the start, here.
LEAVE = """
import sys
from sys import stdin
def leave(): eval("op" + "en")(__file__).close()
"""
READS = {
    "input": 'line = input("? "); leave(); got = [line, input("! "), input()]',
    "readline": "got = [sys.stdin.readline(), sys.stdin.readline(3)]; leave(); got += [sys.stdin.readline(), sys.stdin.readline()]",
    "a reference to stdin": "got = [stdin.readline()]; leave(); got += [stdin.readline(), input(), stdin.readline()]",
    "read": "got = [sys.stdin.read()]; leave(); got += [sys.stdin.read(), sys.stdin.readline()]",
    "read some": "got = [sys.stdin.read(4), sys.stdin.read(1)]; leave(); "
    "got += [sys.stdin.read(6), sys.stdin.read(0), sys.stdin.readline()]",
    "read, then all": "got = [sys.stdin.readline()]; leave(); got += [sys.stdin.read()]",
    "iteration": "got = []\n"
    "    for line in sys.stdin:\n        got.append(line)\n        if len(got) == 2: break\n    leave(); got += [*sys.stdin]",
    "next": "got = [next(sys.stdin)]; leave(); got += [next(stdin), next(stdin, None)]",
    "readlines": "got = sys.stdin.readlines(); leave(); got += sys.stdin.readlines()",
    "a line and readlines": "got = [input()]; leave(); got += sys.stdin.readlines()",
    "more than there is": "got = [*map(input, 'abcde')]; leave()\n    try: input('more? ')\n    except EOFError as e: got.append(str(e))",
    "nothing is left": "got = [sys.stdin.read(), sys.stdin.readline()]; leave()\n"
    "    try: got.append(input())\n    except EOFError: got.append('end')",
}
ALSO_OF_NOTHING = {"readline", "read", "read some", "read, then all", "iteration", "readlines", "nothing is left"}
LINES = "one\ntwo two\n\nvier é\nfive"


@pytest.mark.parametrize("leaves", [True, False], ids=["done again here", "done there"])
@pytest.mark.parametrize("how", READS)
def test_reads(build: Make, how: str, leaves: bool) -> None:
    body = READS[how] if leaves else READS[how].replace("leave()", "pass")
    program = build(
        f"""{LEAVE}
def there(x):
    print("begin", x)
    {body}
    print("got", got)
    return got
print("before")
print(there(1))
print("after", [line for line in sys.stdin])
""",
        select="app.there",
    )
    for text in (LINES, "") if how in ALSO_OF_NOTHING else (LINES,):
        program.same(Run(stdin=text))
        unit = program.report["units"]["app.there"]
        assert (unit["calls_remote"], unit["calls_here"]) == ((0, 1) if leaves else (1, 0)), unit


OUTPUT = f"""{LEAVE}
def there():
    print("text", end=" "); sys.stdout.write("more\\n"); print("error", file=sys.stderr)
    sys.stdout.flush(); sys.stdout.buffer.write(b"bytes \\xff\\n"); sys.stdout.buffer.flush()
    a = input("é? ")
    print("between", a); sys.stderr.write("partial ")
    b = input("again? ")
    leave()
    print("last", a, b); print("error too", file=sys.stderr)
    c = input("c? ")
    print("end", c)
print("before"); print("before too", file=sys.stderr)
there()
print("after", input())
"""


@pytest.mark.parametrize("merged", [False, True], ids=["apart", "merged"])
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_output_that_was_shown_is_not_shown_again(build: Make, merged: bool, unbuffered: str) -> None:
    program = build(OUTPUT, select="app.there")
    env = {"PYTHONUNBUFFERED": unbuffered or None}
    program.same(Run(stdin="1\n2\n3\n4\n", merged=merged, env=env))
    assert program.report["units"]["app.there"]["calls_here"] == 1


def test_output_into_a_text_of_the_programs_own_is_not_doubled(build: Make) -> None:
    program = build(
        LEAVE
        + """
import contextlib, io
def there():
    print("question"); a = input("? ")
    print("answer", a); leave(); print("end")
text = io.StringIO(); text.write("head "); text.write("\\n")
with contextlib.redirect_stdout(text): there()
print(repr(text.getvalue()))
""",
        select="app.there",
    )
    program.same(Run(stdin="1\n"))


def test_an_exception_after_reading(build: Make) -> None:
    program = build(
        LEAVE
        + """
def there():
    a = int(input("number? "))
    leave()
    return int(input("number? "))
try: there()
except ValueError as e: print(e)
there()
""",
        select="app.there",
    )
    program.same(Run(stdin="1\nx\n2\n"), exit=1)


def test_reading_again_and_again_from_recursion_and_other_units(build: Make) -> None:
    program = build(
        LEAVE
        + """
def ask(n):
    line = input(f"{n}? ")
    if n == 3: leave()
    return [line] + (ask(n + 1) if n < 5 else other())
def other(): return [sys.stdin.readline(), input("other? ")]
print(ask(0)); print(other())
""",
        select="app.ask,app.other",
    )
    program.same(Run(stdin="".join(f"line {n}\n" for n in range(12))))


def test_stdin_looks_like_the_original(build: Make) -> None:
    program = build(
        LEAVE
        + """
import io
def there(): return type(sys.stdin).__name__, sys.stdin.encoding, sys.stdin.errors, sys.stdin.isatty(), sys.stdin.name, sys.stdin.mode
def look(s):
    return type(s).__name__, repr(s), s.mode, s.name, s.fileno(), s.line_buffering, isinstance(s, io.TextIOWrapper), s.newlines, s.encoding
print(there())
print(look(sys.stdin), sys.stdin is sys.__stdin__ is stdin, type(sys.stdin).__module__, input.__name__, repr(input))
def read():
    line = input(); leave(); return line
print(read(), repr(input), look(sys.stdin)); print(sys.stdin.buffer.read(3))
""",
        select="app.there,app.read",
    )
    program.same(Run(stdin="a\r\nbé\n"), remote=["app.there"])


@pytest.mark.parametrize("leaves", [True, False], ids=["done again here", "done there"])
def test_line_ends_are_kept_as_they_are(build: Make, leaves: bool) -> None:
    program = build(
        LEAVE
        + """
def there():
    first = input()
    if LEAVES: leave()
    return first, sys.stdin.readline(), sys.stdin.readline(3), sys.stdin.read(4)
print(there(), sys.stdin.readlines())
""".replace("LEAVES", str(leaves)),
        select="app.there",
    )
    program.same(Run(stdin="a\r\nb\rc\n\r\rd\r\ne\r\n\r"))


def test_a_stdin_that_is_closed_or_none(build: Make) -> None:
    program = build(
        """
        import sys
        def there():
            try: return input("? ")
            except Exception as e: return type(e).__name__, str(e)
        print(there())
        sys.stdin = None
        print(there())
        """,
        select="app.there",
    )
    program.same()


class Dialogue:
    """A program on a terminal of its own: what is typed only after what is to be seen before was shown."""

    def __init__(self, program: Build, *, rewritten: bool) -> None:
        self.master, slave = pty.openpty()
        environ = environment(program.options() | {"TERM": "dumb"}, program.cache)
        command = program.command(rewritten=rewritten)
        self.process = subprocess.Popen(
            command, cwd=program.root, env=environ, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self.seen = b""

    def run(self, lines: Sequence[tuple[str, str]]) -> tuple[str, int]:
        """Everything that the terminal showed, and how the program ended; `lines` are (what is awaited, what is typed then)."""
        position = 0
        for awaited, typed in lines:
            while (found := self.seen.find(awaited.encode(), position)) < 0:
                if not self._more():
                    raise AssertionError(f"{awaited!r} was not shown: {self.seen!r}")
            position = found + len(awaited.encode())
            os.write(self.master, typed.encode())
        while self._more():
            pass
        os.close(self.master)
        return self.seen.decode(), self.process.wait(20)

    def _more(self) -> bool:
        ready, _, _ = select.select([self.master], [], [], 30)
        try:
            data = os.read(self.master, 4096) if ready else b""
        except OSError:  # the other end is closed
            data = b""
        self.seen += data
        return bool(data)


TERMINAL = """
import sys
def leave(): LEAVE
def ask():
    print("Hello", sys.stdin.isatty(), sys.stdout.isatty()); print("err", file=sys.stderr)
    name = input("name? ")
    print("Hi", name)
    leave()
    age = input("age? ")
    sys.stdout.write("line> "); sys.stdout.flush()
    line = sys.stdin.readline()
    try: input("end? ")
    except EOFError as e: print("EOF", e)
    return name, age, line
print(ask())
print(input("again? "))
"""


@pytest.mark.parametrize("leaves", [True, False], ids=["done again here", "done there"])
def test_on_a_terminal_prompts_are_shown_once(build: Make, leaves: bool) -> None:
    action = 'eval("op" + "en")(__file__).close()' if leaves else "pass"
    program = build(TERMINAL.replace("LEAVE", action), select="app.ask")
    typed = [("name? ", "ann\n"), ("age? ", "42\n"), ("line> ", "a line\n"), ("end? ", "\x04"), ("again? ", "yes\n")]
    ends = [Dialogue(program, rewritten=rewritten).run(typed) for rewritten in (False, True)]
    assert ends[0] == ends[1]
    assert ends[1][0].count("name? ") == 1 and ends[1][1] == 0
    assert program.report["units"]["app.ask"]["calls_here"] == int(leaves)


def test_ctrl_c_at_a_prompt_of_a_unit(build: Make) -> None:
    program = build(
        "def ask():\n    print('hello')\n    return input('name? ')\ntry: ask()\nexcept KeyboardInterrupt: print('bye')\n", "app.ask"
    )
    ends = []
    for rewritten in (False, True):
        dialogue = Dialogue(program, rewritten=rewritten)
        while b"name? " not in dialogue.seen:
            assert dialogue._more()
        time.sleep(2)  # between the prompt and the read, Python itself misses a signal
        os.kill(dialogue.process.pid, 2)
        ends.append(dialogue.run([]))
    assert ends[0] == ends[1] == ("hello\r\nname? bye\r\n", 0)
    assert program.none_left()
