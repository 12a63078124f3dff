"""What each function does besides computing its result, and what follows from that: its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from faasify.model.callgraph import CallGraph
from faasify.model.program import Program

VerdictKind = Literal["travels", "guarded", "stays"]


@dataclass(frozen=True, slots=True)
class Step:
    """One call on the way to an effect: the function that is called, and the line that calls it."""

    function: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect with the line that causes it; `via` is the chain of program functions from the owner to that line."""

    kind: str  # the closed vocabulary of analysis/vocabulary.py: stdout, stdin, files, network, unknown, ...
    what: str
    file: str
    line: int
    via: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()  # those of `via`, each with the line of the call that leads to it
    detail: str = ""  # the constant arguments that matter: `"data.txt", "r"` of an open()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is: a stable code for `faasify explain`, a sentence, and the line.

    Where an effect is the reason, the sentence is also there in parts: `meaning` ("writes a file"), `what` ('open "w"') and the calls
    that lead to it.
    """

    code: str
    message: str
    file: str
    line: int
    meaning: str = ""
    what: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    name: str
    verdict: VerdictKind
    reasons: tuple[Reason, ...]
    reads: Sequence[str]  # globals, as module.name
    writes: Sequence[str]
    mutates: Sequence[str]  # parameters (or captured names) changed in place
    effects: Sequence[Effect]
    imports: Sequence[str]  # library modules it needs
    closure: Sequence[str]  # program definitions it may reach, itself included


@dataclass(frozen=True)
class Analysis:
    program: Program
    callgraph: CallGraph
    functions: Mapping[str, FunctionFacts]
    imports: tuple[str, ...]  # every library module the program imports anywhere
    library: tuple[str, ...]  # every library object the source mentions, "module:qualname"
    coarse: bool = False  # too large for all to be told apart: more effects and unknowns are claimed; of `mutates` see analysis/marks.py
