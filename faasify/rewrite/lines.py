"""A file as physical lines of bytes, cut where Python's tokenizer cuts them, and lines put between them.

Lines.of(b"a = 1\\r\\ndef f(): pass", "utf-8").insert({2: ("@stub",)})  ->  b"a = 1\\r\\n@stub\\r\\ndef f(): pass", (2,)
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")  # str.splitlines would cut at form feeds and U+2028 too
END = re.compile(rb"(?:\r\n|\r|\n)$")


@dataclass(frozen=True)
class Lines:
    """The bytes of a file, without its byte order mark in `items`."""

    items: tuple[bytes, ...]
    encoding: str
    mark: bytes = b""

    @classmethod
    def of(cls, content: bytes, encoding: str) -> Lines:
        mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
        plain = "utf-8" if encoding.lower().replace("_", "-") == "utf-8-sig" else encoding
        return cls(tuple(LINE.findall(content[len(mark) :])), plain, mark)

    @cached_property
    def text(self) -> str:
        return b"".join(self.items).decode(self.encoding)

    @property
    def ends_open(self) -> bool:
        """Whether the last line has no newline, so that nothing can be put below it."""
        return bool(self.items) and not END.search(self.items[-1])

    def line(self, number: int) -> str:
        return self.items[number - 1].decode(self.encoding, "replace")

    def continues(self, number: int) -> bool:
        """Whether a backslash joins line `number` with the next."""
        text = self.line(number).rstrip("\r\n") if number >= 1 else ""
        return text.endswith("\\") and not text.lstrip().startswith("#")

    def newline(self, number: int) -> bytes:
        """The line ending to use above line `number`: that line's own, else the first of the file, else a line feed."""
        here = self.items[number - 1 : number]
        for item in (*here, *self.items[:1]):
            if found := END.search(item):
                return found[0]
        return b"\n"

    def insert(self, above: Mapping[int, tuple[str, ...]]) -> tuple[bytes, tuple[int, ...]]:
        """The new content, and the 1-based numbers that the inserted lines have in it."""
        out: list[bytes] = []
        inserted: list[int] = []
        for number in range(1, len(self.items) + 2):
            for text in above.get(number, ()):
                # a name that the file's encoding lacks stands inside a string literal, where an escape means the same
                out.append(text.encode(self.encoding, "backslashreplace") + self.newline(number))
                inserted.append(len(out))
            out += self.items[number - 1 : number]
        return self.mark + b"".join(out), tuple(inserted)


def without(content: bytes, inserted: tuple[int, ...]) -> bytes:
    """`content` with the lines `inserted` taken out again: the original, byte for byte."""
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    gone = set(inserted)
    return mark + b"".join(item for number, item in enumerate(LINE.findall(content[len(mark) :]), 1) if number not in gone)
