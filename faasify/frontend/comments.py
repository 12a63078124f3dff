"""Comments that speak to faasify: `# faasify: remote memory=512 timeout=60` and `# faasify: local`.

They stand at the end of the `def` or `class` line, at a decorator, or on a line of their own directly above; several on one definition add
up. A comment on a class holds for its methods that have none. `# faasify: local` may stand on a line too on which a call begins or ends,
and keeps that call here. One that stands anywhere else, or says a thing twice, is a UsageError: whoever wrote it expects something of it.

    def fib(n):  # faasify: remote memory=512      ->  {"app.fib": Remark("remote", 512, None, 1)}
    print(fib(3))  # faasify: local                ->  {<the call of print>: 2, <the call of fib>: 2}
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from faasify.errors import UsageError
from faasify.frontend.definitions import DefinitionNode, definition_nodes, first_line, index, node_of
from faasify.model.callgraph import Definition
from faasify.model.program import Module

MARK = re.compile(r"#+\s*faasify:(.*)")
CHOICES = "remote, local, memory=MB, timeout=SECONDS"


@dataclass(frozen=True)
class Remark:
    """What a comment asks for; `placement` None: only limits."""

    placement: Literal["remote", "local"] | None = None
    memory_mb: int | None = None
    timeout_s: float | None = None
    line: int = 0


@dataclass(frozen=True)
class Comment:
    line: int
    alone: bool  # nothing else on its line
    text: str


def remarks(module: Module, definitions: Iterable[Definition]) -> dict[str, Remark]:
    """The remark on each definition of `module` that has one; UsageError for comments that mean nothing."""
    comments = {comment.line: comment for comment in find_comments(module.source)}
    if not comments:
        return {}
    _refuse_strays(module, comments)
    nodes = index(module.tree)
    own = {}
    for definition in definitions:
        node = node_of(nodes, definition)
        lines = comment_lines(node, comments) if node else []
        if lines:
            own[definition.name] = parse_remark([comments[line] for line in lines], module.path)
    return own


def inherited(remarks: Mapping[str, Remark], definition: Definition, definitions: Mapping[str, Definition]) -> Remark:
    """A function's own remark, else that of the classes around it."""
    current: Definition | None = definition
    while current is not None:
        if current.name in remarks:
            return remarks[current.name]
        current = definitions.get(current.parent or "")
        if current is not None and current.kind != "class":
            return Remark()
    return Remark()


def kept_calls(module: Module) -> dict[ast.Call, int]:
    """The calls that a comment keeps here, with its line."""
    comments = {c.line: c for c in find_comments(module.source) if _may_keep(c)}
    if not comments:
        return {}
    lines = _of_no_definition(module, comments)
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    found = ((call, next((n for n in (call.lineno, call.end_lineno) if n in lines), None)) for call in calls)
    return {call: line for call, line in found if line is not None}


def _may_keep(comment: Comment) -> bool:
    return not comment.alone and comment.text == "local"


def _of_no_definition(module: Module, comments: Mapping[int, Comment]) -> set[int]:
    return set(comments).difference(*(comment_lines(node, comments) for node in definition_nodes(module.tree)))


def _refuse_strays(module: Module, comments: Mapping[int, Comment]) -> None:
    keeping = set(kept_calls(module).values())
    for line in sorted(_of_no_definition(module, comments) - keeping):
        hint = "it belongs on the line of a def or class or directly above, and `# faasify: local` on the line of a call as well"
        raise UsageError(f"{module.path}:{line}: the comment '# faasify: {comments[line].text}' holds for nothing", hint=hint)


def find_comments(source: str) -> list[Comment]:
    """All comments of a source that begin with `# faasify:`."""
    if "faasify:" not in source:  # tokenizing takes long, and hardly any file has such a comment
        return []
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source, newline=None).readline):
        if token.type == tokenize.COMMENT and (match := MARK.match(token.string)):
            found.append(Comment(token.start[0], not token.line[: token.start[1]].strip(), match[1].strip()))
    return found


def comment_lines(node: DefinitionNode, comments: Mapping[int, Comment]) -> list[int]:
    """Lines of the comments that belong to `node`: above it, between its decorators, at the end of a line of its header."""
    above = first_line(node) - 1
    body = _header_end(node)
    wanted = [above] if above in comments and comments[above].alone else []
    wanted += [line for line in range(above + 1, node.lineno) if line in comments]
    return wanted + [line for line in range(node.lineno, body) if line in comments and not comments[line].alone]


def _header_end(node: DefinitionNode) -> int:
    """The line behind the last one of the header."""
    return max(first_line(node.body[0]), node.lineno + 1)


def parse_remark(comments: Sequence[Comment], path: str) -> Remark:
    """`remote memory=512` -> Remark("remote", 512); unknown words, and what is said twice, are an error with file, line and choices."""
    values: dict[str, Any] = {}
    for comment in comments:
        words = comment.text.replace(",", " ").split()
        if not words:
            raise UsageError(f"{path}:{comment.line}: the comment '# faasify:' says nothing", hint=f"it may have {CHOICES}")
        for word in words:
            name, value = _setting(word)
            where = f"{path}:{comment.line}: the comment '# faasify: {comment.text}' has {word!r}"
            if value is None:
                raise UsageError(where, hint=f"it may have {CHOICES}")
            if name in values:
                raise UsageError(f"{where}, which has been said already", hint="say it once")
            values[name] = value
    return Remark(line=comments[0].line, **values)


def _setting(word: str) -> tuple[str, Any]:
    """`memory=512` -> ("memory_mb", 512); None as the value of a word that means nothing."""
    if word in ("remote", "local"):
        return "placement", word
    key, _, number = word.partition("=")
    return (LIMITS[key][0], _number(number, LIMITS[key][1])) if key in LIMITS else ("", None)


def _number(text: str, convert: Callable[[str], float]) -> float | None:
    try:
        value = convert(text)
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None


LIMITS: Mapping[str, tuple[str, Callable[[str], float]]] = {"memory": ("memory_mb", int), "timeout": ("timeout_s", float)}
