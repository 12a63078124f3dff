"""Comments that speak to faasify: `# faasify: remote memory=512 timeout=60` and `# faasify: local`.

They stand at the end of the `def` or `class` line, at a decorator, or on a line of their own directly above. A comment on a class
holds for its methods that have none. `# faasify: local` may stand on a line too on which a call begins or ends, and keeps that call here.

    def fib(n):  # faasify: remote memory=512      ->  {"app.fib": Remark("remote", 512, None, 1)}
    print(fib(3))  # faasify: local                ->  {<the call of print>: 2, <the call of fib>: 2}
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Mapping
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
    """The remark on each definition of `module` that has one, a class's handed down to its methods."""
    comments = {comment.line: comment for comment in find_comments(module.source)}
    if not comments:
        return {}
    nodes = index(module.tree)
    own = {}
    for definition in definitions:
        node = node_of(nodes, definition)
        lines = comment_lines(node, comments) if node else []
        if lines:
            own[definition.name] = parse_remark(comments[lines[0]], module.path)
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
    comments = {c.line: c for c in find_comments(module.source) if not c.alone and "local" in c.text.split()}
    if not comments:
        return {}
    lines = set(comments).difference(*(comment_lines(node, comments) for node in definition_nodes(module.tree)))
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    found = ((call, next((n for n in (call.lineno, call.end_lineno) if n in lines), None)) for call in calls)
    return {call: line for call, line in found if line is not None}


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


def parse_remark(comment: Comment, path: str) -> Remark:
    """`remote memory=512` -> Remark("remote", 512); unknown words are an error that names file, line and choices."""
    values: dict[str, Any] = {}
    for word in comment.text.replace(",", " ").split():
        key, equals, number = word.partition("=")
        if word in ("remote", "local"):
            values["placement"] = word
        elif equals and key in LIMITS and (value := _number(number, LIMITS[key][1])):
            values[LIMITS[key][0]] = value
        else:
            raise UsageError(f"{path}:{comment.line}: the comment '# faasify: {comment.text}' has {word!r}", hint=f"it may have {CHOICES}")
    if not values:
        raise UsageError(f"{path}:{comment.line}: the comment '# faasify:' says nothing", hint=f"it may have {CHOICES}")
    return Remark(line=comment.line, **values)


def _number(text: str, convert: Callable[[str], float]) -> float | None:
    try:
        value = convert(text)
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None


LIMITS: Mapping[str, tuple[str, Callable[[str], float]]] = {"memory": ("memory_mb", int), "timeout": ("timeout_s", float)}
