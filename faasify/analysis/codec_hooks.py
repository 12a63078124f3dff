"""Codecs and error handlers that the program registers: run where something is encoded or decoded by another name than a standard one.

codecs.register(search)
"x".encode("mine")                      search, and what it has put into a CodecInfo
open(path, encoding="mine").read()      both places
sys.stdout.reconfigure(encoding="mine"); print("x")     both places
"x".encode("ascii", "mine")             what was given to codecs.register_error("mine", f)
"""

from __future__ import annotations

import codecs
from collections.abc import Callable

from faasify.analysis.bodies import Arguments, Target
from faasify.analysis.calls import Here, call, call_method, call_node
from faasify.analysis.state import State
from faasify.analysis.values import STR, Bound, Cls, Func, Obj, Partial, Unknown, Value, is_own, read_const

_PLACES = {  # by path: the indices of the encoding and of what to do about errors
    **dict.fromkeys(("builtins:str.encode", "builtins:bytes.decode", "builtins:bytearray.decode", "pathlib:Path.read_text"), (0, 1)),
    **dict.fromkeys(("builtins:str", "builtins:bytes", "builtins:bytearray", "io:TextIOWrapper", "pathlib:Path.write_text"), (1, 2)),
    **dict.fromkeys(("codecs:encode", "codecs:decode", "codecs:iterencode", "codecs:iterdecode"), (1, 2)),
    **dict.fromkeys(("codecs:open", "pathlib:Path.open"), (2, 3)),
    **dict.fromkeys(("builtins:open", "io:open"), (3, 4)),
    "codecs:EncodedFile": (1, 3),
    **{f"codecs:{name}": (0, -1) for name in ("lookup", "getencoder", "getdecoder", "getreader", "getwriter")},
    **{f"codecs:{name}": (0, -1) for name in ("getincrementalencoder", "getincrementaldecoder")},
    "codecs:lookup_error": (-1, 0),
}
_ENCODINGS, _ERRORS = ("encoding", "data_encoding", "file_encoding"), ("errors",)
_FINDING = ("codecs:lookup", "codecs:get")
_STREAMS = ("io:TextIOWrapper.", "codecs:Stream")
_STANDARD = ("sys:Standard", "builtins:print", "builtins:input")  # what goes through the streams of sys
_RECONFIGURE = ".reconfigure"
_METHODS = ("encode", "decode", "reset", "getstate", "setstate", "_buffer_encode", "_buffer_decode", "read", "readline", "write")
_STANDARD_ERRORS = frozenset(
    ["strict", "ignore", "replace", "xmlcharrefreplace", "backslashreplace", "namereplace"] + ["surrogateescape", "surrogatepass"]
)
_ANY = "*"
_CODECS = 8  # of a large program, that one place is led to; where there are more of them, anything may be called


def tell_codecs(state: State, path: str, here: Here, receiver: Obj | Cls | None) -> None:
    """After a call of a library's function or method, in a program that has to do with codecs."""
    if path == "codecs:register":
        for node in here.args.everything():
            state.graph.edge(node, _search(state))
    elif path == "codecs:register_error":
        _register_error(state, here)
    elif path in ("codecs:CodecInfo", "codecs:CodecInfo.__new__"):
        for node in here.args.everything():
            state.graph.edge(node, _kept(state))
    elif path.startswith(_STREAMS):  # once one was opened by such a name
        _run_all(state, state.node("codec", "streams"), here)
    elif path.startswith(_STANDARD):  # once one was given such a name
        _run_all(state, _standard(state), here)
    index, errors = _PLACES.get(path, (-1, -1))
    shift = 1 if receiver is None and path.count(".") and path.startswith(("builtins:", "pathlib:")) else 0  # str.encode("x", "mine")
    _each(state, here, index + shift if index >= 0 else -1, _ENCODINGS, lambda text: _use(state, path, here, text))
    _each(state, here, errors + shift if errors >= 0 else -1, _ERRORS, lambda text: _handle(state, path, here, text))


def _search(state: State) -> int:
    return state.node("codec", "search")


def _standard(state: State) -> int:
    return state.node("codec", "standard streams")


def _kept(state: State) -> int:
    return state.node("codec", "kept")


def _each(state: State, here: Here, index: int, names: tuple[str, ...], use: Callable[[str], None]) -> None:
    """`use` each text that an argument may be; any, where that is not known."""
    args, done = here.args, set[str]()

    def learn(value: Value) -> None:
        text = read_const(value.const) if isinstance(value, Obj) and value.cls == "builtins:str" and value.const else _ANY
        if text not in done and not (isinstance(value, Obj) and value.cls == "builtins:NoneType"):
            done.add(text)
            use(text)

    nodes = [args.positional[index]] if 0 <= index < len(args.positional) else []
    nodes += [args.keywords[name] for name in names if name in args.keywords]
    if index >= 0 and not nodes:
        nodes += [node for node in (args.star, args.double) if node is not None]
    for node in nodes:
        state.graph.watch(node, learn)


def _use(state: State, path: str, here: Here, encoding: str) -> None:
    """The program's codecs are looked for after the standard ones."""
    if encoding != _ANY and _is_standard(encoding):
        return
    found = state.graph.node()
    call_node(state, _search(state), here.implicit(Arguments([state.static(STR)]), found))
    state.graph.watch(found, lambda v: state.held(v.site, _kept(state)) if isinstance(v, Obj) and v.site else None)  # a tuple of functions
    _run_all(state, _kept(state), here)
    state.graph.edge(_kept(state), state.node("codec", "streams"))
    if path.endswith(_RECONFIGURE):
        state.graph.edge(_kept(state), _standard(state))
    if path.startswith(_FINDING):
        state.graph.edge(_kept(state), here.result)
        state.graph.put_unknown(here.result)


def _is_standard(encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError):
        return False
    return True


def _run_all(state: State, functions: int, here: Here) -> None:
    key = here.node, here.body.name, functions
    if key in state.hooks:  # what a codec of the program inherits from the library's is at this place, too
        return
    state.hooks.add(key)
    inner = here.implicit(Arguments(star=state.fresh()), state.graph.node())
    met: set[Value] = set()

    def learn(value: Value) -> None:
        met.add(value)
        if state.large and len(met) > _CODECS:  # `encodings` has a hundred, and a program of that size a thousand places
            state.target(here.body, here.node, Target(None, direct=False), inner.args, inner.result)
        elif isinstance(value, Func | Bound | Partial | Unknown) or is_own(value):
            call(state, value, inner)
        elif isinstance(value, Cls):
            call(state, value, inner)
            for name in _METHODS:
                call_method(state, Obj(value.name), name, inner)

    state.graph.watch(functions, learn)


def _register_error(state: State, here: Here) -> None:
    handlers = here.args.everything()[1:] if here.args.positional else here.args.everything()

    def keep(name: str) -> None:
        for node in handlers:
            state.graph.edge(node, state.node("codec error", name))

    keep("")
    _each(state, here, 0, ("errors",), keep)


def _handle(state: State, path: str, here: Here, errors: str) -> None:
    if errors in _STANDARD_ERRORS:
        return
    inner = here.implicit(Arguments(star=state.fresh()), state.graph.node())
    for name in [""] if errors == _ANY else [errors, _ANY]:
        call_node(state, state.node("codec error", name), inner)
        if path.endswith(_RECONFIGURE):
            state.graph.edge(state.node("codec error", name), _standard(state))
