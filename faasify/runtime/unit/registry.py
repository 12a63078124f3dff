"""What encoder and decoder share: which module encodes a type and makes a tag, what they know of the process they are in, limits.

@encodes(list)
def _list(enc, obj): return ["l", enc.values(obj)]

@makes("l")
def _make_list(dec, i, node): ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType, TracebackType
from typing import Any

from faasify.runtime.unit.codes import CodeTable
from faasify.runtime.unit.failures import CodecError
from faasify.runtime.unit.kinds import module_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from faasify.runtime.unit.decoder import Decoder
    from faasify.runtime.unit.encoder import Encoder

PLAIN = frozenset({type(None), bool, int, str, bytes})  # carried as they are; identity not promised (C5)
PLAIN_OR_FLOAT = PLAIN | {float}
MAX_NODES = 20_000_000
MANY = 500  # objects: from here on, the collector waits


class World:
    """What encoder and decoder know of the process they are in; caller and worker each have one."""

    binary = False  # whether messages are bytes, so that pieces and buffers need no JSON form

    def __init__(self) -> None:
        self.codes = CodeTable()
        self.modules: dict[str, ModuleType] = {}  # the program's, by import name
        self.imports: frozenset[str] = frozenset()  # library modules that the program imports
        self.carried: Mapping[str, Any] = {}  # types of which the project says how to carry them, by name (carried.py)
        self.inspects_annotations = True  # some code of the program reads annotations, so they must travel
        self.copies_deeply = False  # some code of the program may get at `deepcopy`, which it may give a memo

    def library_ref(self, obj: Any) -> str | None:
        """`module:qualname` under which the manifest lists `obj`, if it does."""
        return None

    def member_ref(self, obj: Any) -> str | None:
        """The reference by which an instance of the program's class goes (a member of an enumeration), where instances have names."""
        return None

    def resolve(self, ref: str) -> Any:
        raise CodecError(f"{ref} is not in the manifest")

    def stream_name(self, obj: Any) -> str | None:
        """ "stdin", "stdout" or "stderr" if `obj` is that original stream."""
        return None

    def stream(self, name: str) -> Any:
        raise CodecError(f"no stream {name}")

    def frames(self, exc: BaseException, until: TracebackType | None = None) -> list[Any] | None:
        """The traceback of `exc` as plain data, innermost last, up to `until`."""
        return None

    def check_frames(self, frames: list[Any] | None) -> None:
        """Raises CodecError where what `attach_frames` would make of them is not enough for this program."""

    def attach_frames(self, exc: BaseException, frames: list[Any] | None, rest: TracebackType | None = None) -> None:
        """Give `exc` a traceback that shows `frames` and then `rest`."""

    def opaque(self, what: str) -> Any:
        """Stands for an object that is only handed around."""
        raise CodecError(f"a {what} cannot be made")

    def notes(self) -> Any:
        """What takes notes of outputs, and ends the call: there in a unit."""
        raise CodecError("notes are taken in a unit")

    def is_program_class(self, cls: type) -> bool:
        return module_of(cls) in self.modules


EncodeFn = Callable[["Encoder", Any], list[Any]]
MakeFn = Callable[["Decoder", int, list[Any]], Any]
ENCODERS: dict[type, EncodeFn] = {}
MAKERS: dict[str, MakeFn] = {}
FALLBACK: list[EncodeFn] = []  # one, for types that have none of their own


def encodes(*types: type) -> Callable[[EncodeFn], EncodeFn]:
    def register(fn: EncodeFn) -> EncodeFn:
        for t in types:
            ENCODERS[t] = fn
        return fn

    return register


def encodes_rest(fn: EncodeFn) -> EncodeFn:
    """Register the encoder for types that have none of their own."""
    FALLBACK[:] = [fn]
    return fn


def makes(*tags: str) -> Callable[[MakeFn], MakeFn]:
    def register(fn: MakeFn) -> MakeFn:
        for tag in tags:
            assert tag not in MAKERS, tag
            MAKERS[tag] = fn
        return fn

    return register
