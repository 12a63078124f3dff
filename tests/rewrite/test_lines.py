from __future__ import annotations

import pytest

from faasify.rewrite.lines import Lines, without


@pytest.mark.parametrize(
    ("content", "line", "expected"),
    [
        (b"a\nb\n", 2, b"a\n@x\nb\n"),
        (b"a\r\nb", 2, b"a\r\n@x\r\nb"),
        (b"a\rb\r", 2, b"a\r@x\rb\r"),
        (b"a\nb\r\n", 2, b"a\n@x\r\nb\r\n"),
        (b"a", 1, b"@x\na"),
        (b"", 1, b"@x\n"),
        (b"a\n", 2, b"a\n@x\n"),
        (b"\xef\xbb\xbfa\n", 1, b"\xef\xbb\xbf@x\na\n"),
        (b"'\x0c\x1c\xc2\x85'\nb\n", 2, b"'\x0c\x1c\xc2\x85'\n@x\nb\n"),
    ],
    ids=["LF", "CRLF", "CR", "mixed", "one open line", "empty", "at the end", "byte order mark", "what is no line end to Python"],
)
def test_insert_keeps_every_other_byte(content: bytes, line: int, expected: bytes) -> None:
    new, inserted = Lines.of(content, "utf-8").insert({line: ("@x",)})
    assert (new, inserted) == (expected, (line,))
    assert without(new, inserted) == content


def test_several_lines_at_several_places() -> None:
    assert Lines.of(b"a\nb\n", "utf-8").insert({1: ("x", "y"), 2: ("z",)}) == (b"x\ny\na\nz\nb\n", (1, 2, 4))


def test_a_name_that_the_encoding_lacks_is_escaped() -> None:
    new, _ = Lines.of("# -*- coding: latin-1 -*-\nf = 'é'\n".encode("latin-1"), "iso-8859-1").insert({2: ('"é \u0142"',)})
    assert new.splitlines()[1] == b'"\xe9 \\u0142"'


def test_continued_lines() -> None:
    lines = Lines.of(b"a = \\\r\n1\n# c \\\n", "utf-8")
    assert [lines.continues(number) for number in (0, 1, 2, 3)] == [False, True, False, False]
