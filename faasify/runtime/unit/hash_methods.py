"""What a `__hash__` does with the hashes that it asks for, which may be addresses: others here than there.

    def __hash__(self): return hash((self.a, self.b))           tells the interpreter alone
    def __hash__(self):                                         keeps it where the program finds it afterwards
        if self.known is None: self.known = hash((self.a, self.b))
        return self.known
"""

from __future__ import annotations

from types import CodeType, FunctionType, WrapperDescriptorType
from typing import Any

_STORING = ("STORE_ATTR", "STORE_GLOBAL", "STORE_NAME", "STORE_SUBSCR", "STORE_SLICE", "STORE_DEREF", "YIELD", "SEND")
_CALLS = ("CALL", "CALL_KW", "CALL_FUNCTION_EX")
_TAKING = frozenset({"hash", "__hash__", "super", "tuple", "frozenset", "type", "int", "abs", "isinstance"})  # and telling nobody


_known: dict[tuple[int, int], tuple[CodeType, bool]] = {}  # by the code's id: what a unit runs has a constant without a hash


def keeps(code: CodeType, since: int = -1) -> bool:
    """Whether `code` may store what it has got by the instruction at offset `since`, or hand it to somebody who may: it stores anything
    from there on, or gives arguments to what is not known to keep none."""
    if (id(code), since) not in _known:
        _known[id(code), since] = code, _look(code, since)
    return _known[id(code), since][1]


def _look(code: CodeType, since: int) -> bool:
    from dis import get_instructions  # takes longer than most programs need it

    steps, called = list(get_instructions(code)), list[Any]()
    since = min([since, *(step.argval for step in steps if "JUMP_BACKWARD" in step.opname)])
    for step in steps:
        if step.opname in ("LOAD_METHOD", "PUSH_NULL") or "NULL" in step.argrepr:
            called.append(step.argval)
        elif step.opname in _CALLS:
            name = called.pop() if called else None
            if step.offset > since and (step.arg or step.opname == "CALL_FUNCTION_EX") and name not in _TAKING:
                return True
        elif step.offset > since and step.opname.startswith(_STORING):
            return True
    return False


TELLING = frozenset({FunctionType, WrapperDescriptorType})
_ASKING = frozenset({"hash", "__hash__"})


def may_tell(obj: Any) -> bool:
    """Whether `obj` is a `__hash__` that gives an address to whoever calls it otherwise than by `hash`."""
    kind = type(obj)
    if kind is FunctionType:
        return obj.__code__.co_name == "__hash__" and not _ASKING.isdisjoint(obj.__code__.co_names)
    return kind is WrapperDescriptorType and obj.__name__ == "__hash__"
