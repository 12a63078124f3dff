"""Methods of the program that libraries call without being given them: those that a class overrides, or that are found by name.

class Shell(cmd.Cmd): def do_go(self, arg)    Shell().onecmd("go") may call do_go
class V(ast.NodeVisitor): def visit_Name      V().visit(tree) may call visit_Name
class H(logging.Handler): def emit            log.warning(...) may call emit
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from faasify.analysis import typed, typeshed
from faasify.analysis.asked_of_self import ABOVE, ANY, STORED
from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import Here, call, call_method, call_node
from faasify.analysis.chains import ask_maps
from faasify.analysis.codec_hooks import tell_codecs
from faasify.analysis.elements import DEFAULTING, holder
from faasify.analysis.import_hooks import ask_importers
from faasify.analysis.members import member
from faasify.analysis.mro import UNKNOWN_BASE, described_order, each_below_library, each_fitting, find_stored, may_have_library_base, order
from faasify.analysis.self_calls import asked, lineage, takes
from faasify.analysis.setting import taken
from faasify.analysis.state import State
from faasify.analysis.structured_exceptions import logged
from faasify.analysis.structured_logging import make_record, tell_put_in
from faasify.analysis.texts import fitting
from faasify.analysis.values import UNKNOWN, Bound, Cls, Func, Getter, Lib, Obj, Partial, Value, Wrapped, is_own

_TESTS = ("test*", "runTest", "setUp", "tearDown", "asyncSetUp", "asyncTearDown", "setUpClass", "tearDownClass")
_COMMANDS = ("do_*", "help_*", "complete_*", "default", "emptyline", "completedefault", "pre*", "post*", "onecmd")
_REQUESTS = (
    *("setup", "handle", "finish", "do_*", "handle_one_request", "log_*", "parse_request", "send_*", "*_string", "end_headers"),
    *("flush_headers", "handle_expect_100", "list_directory", "translate_path", "copyfile", "guess_type", "*_cgi"),
)
_OF_LOGGERS = (
    *("makeRecord", "handle", "callHandlers", "isEnabledFor", "getEffectiveLevel", "findCaller"),
    *("filter", "process", "log", "_log"),
)
_OF_FORMATTERS = ("usesTime", "formatTime", "formatMessage", "formatException", "formatStack")
_CLOSING = ("acquire", "flush", "close", "release")
_FORMATS = ("format", *_OF_FORMATTERS)
_FORMATTING = frozenset(f"logging:{name}" for name in ("Handler.emit", "StreamHandler.emit", "FileHandler.emit", "Handler.format"))
_OF_PARSERS = tuple(
    f"argparse:ArgumentParser.{name}"
    for name in (
        *("parse_args", "parse_known_args", "parse_intermixed_args", "add_argument"),
        *("print_help", "print_usage", "format_help", "format_usage"),
    )
)
_BY_NAME: dict[str, tuple[str, ...] | None] = {
    "ast:NodeVisitor.visit": ("visit_*", "generic_visit"),
    "ast:NodeVisitor.generic_visit": ("visit", "visit_*"),
    "cmd:Cmd.onecmd": _COMMANDS,
    "cmd:Cmd.cmdloop": _COMMANDS,
    "unittest:TestCase.run": _TESTS,
    "unittest:TestCase.debug": _TESTS,
    "unittest:TestCase.__call__": _TESTS,
    "socketserver:BaseRequestHandler.__init__": _REQUESTS,
    "socketserver:BaseServer.__init__": ("server_bind", "server_activate", "server_close"),
    **dict.fromkeys(_OF_PARSERS),
    **{f"logging:Logger.{name}": _OF_LOGGERS for name in ("debug", "info", "warning", "warn", "error", "critical", "fatal", "exception")},
    **dict.fromkeys(("logging:Logger.log", "logging:Logger.handle"), _OF_LOGGERS),
    **dict.fromkeys(("logging:Handler.handle", "logging:Handler.close"), ("emit", "filter", "acquire", "release", "flush")),
    "logging:Formatter.format": _OF_FORMATTERS,
    "io:IOBase.__next__": ("readline", "read"),
    **dict.fromkeys(("io:IOBase.__exit__", "io:IOBase.__del__"), ("close", "flush")),
    "threading:Thread.start": ("run",),
    "multiprocessing:Process.start": ("run",),
}
"""What a library's method calls of the object that it is called on, where the names say it; None: all that the library's class has too."""
_CALLING_OWN = (
    *("random:Random.", "pprint:PrettyPrinter.", "textwrap:TextWrapper.", "queue:", "concurrent.futures:Executor.", "io:"),
    *("pathlib:", "socketserver:", "http.server:"),
)
"""Classes whose methods call one another: what a class below them has in their place is called."""
_RESULTS = 16  # of one hook at one place
_IMPORTING = ("importlib:", "importlib.util:", "pkgutil:", "runpy:")
_RUNS_TESTS = frozenset(["unittest:main", "unittest:TestProgram", "unittest:TextTestRunner.run", "unittest:TestSuite.run"])
_LOGS = frozenset(["debug", "info", "warning", "warn", "error", "critical", "fatal", "exception", "log", "handle"])


_SETTING_ITEMS = frozenset(f"builtins:dict.{name}" for name in ("__init__", "update", "setdefault", "copy", "fromkeys"))
_DICTIONARY, _WITH_DEFAULTS = frozenset(["builtins:dict"]), frozenset([DEFAULTING])
_CLASSES_SETTING_ITEMS = frozenset(["collections:OrderedDict", "collections:Counter"])


def call_hooks(state: State, path: str, here: Here, receiver: Obj | Cls | None) -> None:
    """After a call of a library's function or method."""
    if isinstance(receiver, Obj) and not receiver.is_library:
        described = state.catalogue.find(path)
        known = described.path if described is not None else path
        if known in _BY_NAME or known.startswith(_CALLING_OWN) or (described is None and not path.endswith("__")):
            _once(state, here, (known, receiver), lambda: _call_overridden(state, known, here, receiver))
    if path == "builtins:type.__new__" and "mro" in state.bound_in_classes:
        inner = here.implicit(Arguments(), state.graph.node())
        for node in here.args.positional[:1]:
            state.graph.watch(node, lambda v: call_method(state, Obj(v.name), "mro", inner) if isinstance(v, Cls) else None)
    if receiver is not None and state.traits.chains:
        ask_maps(state, receiver, path.rpartition(".")[2], here)
    if state.traits.has_codecs:
        tell_codecs(state, path, here, receiver)
    if state.traits.has_importers and path.startswith(_IMPORTING):
        ask_importers(state, here)
    if path in _OF_PARSERS:
        _once(state, here, ("help",), lambda: _call_below(state, "argparse:HelpFormatter", None, here))
    elif path in _RUNS_TESTS:
        _once(state, here, (path,), lambda: _run_tests(state, here))
    elif path == "logging:shutdown":
        closing = (*_CLOSING, "handle", "filter", "emit") if state.traits.buffers_logs else _CLOSING  # what is left is written then
        _once(state, here, (path,), lambda: _call_below(state, "logging:Handler", closing, here))
    elif path == "logging:makeLogRecord":
        _once_a_result(state, here, (path,), lambda: make_record(state, here))
    elif path in _FORMATTING:
        _once(state, here, (path,), lambda: _call_below(state, "logging:Formatter", _FORMATS, here))
    elif path.startswith("logging:Logger.") and _is_below(state, receiver, "logging:LoggerAdapter"):
        _once(state, here, (path,), lambda: _call_below(state, "logging:Logger", _OF_LOGGERS, here))
    if path == "logging:Formatter.format":
        here.body.unknown(here.node, "__str__")  # of what was logged
    if receiver is not None and (path in _SETTING_ITEMS or path.startswith("collections:Counter.") or path.endswith(".__getitem__")):
        _once(state, here, (path, receiver), lambda: _set_items(state, path, here, receiver))
    if path.startswith("logging:") and path.rpartition(".")[2].rpartition(":")[2] in _LOGS:
        _once_a_result(state, here, ("logging",), lambda: _log(state, here))
        _once_a_result(state, here, (path,), lambda: logged(state, path, here))


def _once(state: State, here: Here, key: tuple[Hashable, ...], hook: Callable[[], None]) -> None:
    """Later, and not again at the place where a hook calls the library's function that it hangs from: `super().setUp()` in a setUp."""
    key = here.node, here.body.name, *key
    if key not in state.hooks:
        state.hooks.add(key)
        state.deferred.append(hook)


def _once_a_result(state: State, here: Here, key: tuple[Hashable, ...], hook: Callable[[], None]) -> None:
    """The same, where what the hook does depends on what the call has and gives. Where methods of a library ask one another there would be
    ever more of them: those after the first few may be anything."""
    place = here.node, here.body.name, *key
    if (here.result, place) in state.hooks:
        return
    state.hooks.add((here.result, place))
    state.hook_results[place] = state.hook_results.get(place, 0) + 1
    if state.hook_results[place] <= _RESULTS:
        state.deferred.append(hook)
    else:
        state.graph.put_unknown(here.result)


def call_asked_of_self(state: State, path: str, here: Here, receiver: Obj | Cls) -> None:
    """What the source of a library's method asks of its object, where a class of the program has that; later."""
    cls = receiver.cls if isinstance(receiver, Obj) else receiver.name
    if cls in state.bases:
        _once(
            state,
            here,
            ("self", path, receiver),
            lambda: _call_asked(state, cls, _own_name(path), here, receiver),
        )


def _own_name(path: str) -> str:
    """Of a method; that of a class is its constructor."""
    name = path.rpartition(".")[2]
    return "__init__" if ":" in name else name


def call_setter(state: State, receiver: Obj, name: str, here: Here) -> None:
    """What the setter, or the deleter, of a library's property asks of an object of the program: `request.full_url = url`; later."""
    if not may_have_library_base(state, receiver.cls):
        return

    def hook() -> None:
        if takes([c for c in order(state, receiver.cls) if ":" in c], name):
            _call_asked(state, receiver.cls, f"{name}{STORED}", here, receiver)

    _once(state, here, ("stored", name, receiver), hook)


def call_inherited(state: State, receiver: Obj, name: str, here: Here) -> None:
    """What the language asks of an object, and its class has from a library that no stub describes: `p["a"]` of an own `ConfigParser`."""

    def hook() -> None:
        for cls in order(state, receiver.cls):
            if cls == UNKNOWN_BASE:
                here.body.unknown(here.node, name)
                return
            described = state.catalogue.member(cls, name) if ":" in cls else None
            if name in state.class_names.get(cls, ()) or (described is not None and not described.path.startswith("builtins:object.")):
                return
            if ":" in cls and lineage(cls) and typeshed.default().find(f"{cls}.{name}") is not None:
                typed.result(state, f"{cls}.{name}", here, receiver)
                _call_asked(state, receiver.cls, name, here, receiver)
                return

    _once_a_result(state, here, ("inherited", name, receiver), hook)


def _call_asked(state: State, cls: str, own: str, here: Here, receiver: Obj | Cls) -> None:
    along = order(state, cls)
    names = {name for c in along if c in state.bases for name in (*state.class_names.get(c, ()), *_functions_in(state, c))}
    for name in sorted(asked([c for c in along if ":" in c], own, names)):
        if name == ANY:
            here.body.unknown(here.node, *sorted(names))
            continue
        inner = here.implicit(Arguments(star=state.fresh()), state.graph.node())
        if name.startswith(ABOVE):
            _call_above(state, cls, name.removeprefix(ABOVE), inner, receiver)
            continue
        if name.endswith(STORED):
            if isinstance(receiver, Obj):
                taken(state, receiver, name.removesuffix(STORED), state.fresh(), inner, by_setattr=False)
            continue
        of = Obj(cls) if name == "__init__" else receiver
        state.graph.watch(member(state, of, name), lambda v, inner=inner: call(state, v, inner) if _is_code(v) else None)  # type: ignore[misc]


def _functions_in(state: State, cls: str) -> list[str]:
    """Fields that functions are put into: `queue._put = f` of an own `Queue`."""
    fields = state.stored_fields.get(cls, ())
    return [name for name in fields if any(isinstance(v, Func | Bound | Partial) for v in state.graph.at(state.node("field", cls, name)))]


def _call_above(state: State, cls: str, name: str, here: Here, receiver: Obj | Cls) -> None:
    """A library's `super().name()` reaches a class of the program that stands behind it: `class S(ThreadingMixIn, OwnServer)`."""
    first = next(c for c in order(state, cls) if ":" in c)

    def use(node: int) -> None:
        state.graph.watch(node, lambda v: call(state, Bound(receiver, v), here) if isinstance(v, Func) else None)

    find_stored(state, cls, name, use, after=first)


def _is_code(value: Value) -> bool:
    return isinstance(value, Func | Bound | Cls | Getter | Partial | Wrapped) or (isinstance(value, Obj) and is_own(value))


def _call_overridden(state: State, path: str, here: Here, receiver: Obj) -> None:
    own = path.rpartition(".")[2]
    if path.startswith("pathlib:"):
        _ask_for_text(state, here, receiver, own)
    for name in _overridden(state, receiver.cls, _BY_NAME.get(path)):
        if name != own:
            _call(state, member(state, receiver, name), here)


def call_overridden(state: State, cls: str, here: Here) -> None:
    """All that an object of this class has in the place of what a library's class above it has."""
    for name in _overridden(state, cls, None):
        _call(state, member(state, Obj(cls), name), here)


def _ask_for_text(state: State, here: Here, receiver: Obj, own: str) -> None:
    """A path is given to the system as the text that its class makes of it."""
    for name in ("__fspath__", "__str__"):
        if name != own:
            call_method(state, receiver, name, here.implicit(Arguments(), state.graph.node()))


def _overridden(state: State, cls: str, patterns: tuple[str, ...] | None) -> list[str]:
    """The methods that fit; without patterns all that a library's class has too."""
    along = order(state, cls)
    methods = {name for c in along if c in state.bases for name in state.class_names.get(c, ()) if not name.startswith("__")}
    if patterns is not None:
        return sorted({name for pattern in patterns for name in fitting(pattern, methods)})
    libraries = [c for c in along if ":" in c and not c.startswith("builtins:")]
    return sorted(name for name in methods if any(_has(state, c, name) for c in libraries))


def _has(state: State, cls: str, name: str) -> bool:
    return state.catalogue.member(cls, name) is not None or typeshed.default().find(f"{cls}.{name}") is not None


def _call(state: State, methods: int, here: Here) -> None:
    call_node(state, methods, here.implicit(Arguments(star=state.fresh())))


def _run_tests(state: State, here: Here) -> None:
    _call_below(state, "unittest:TestCase", _TESTS, here)


def _is_below(state: State, receiver: Obj | Cls | None, base: str) -> bool:
    return isinstance(receiver, Obj) and base in described_order(state, receiver.cls)


def _call_below(state: State, base: str, patterns: tuple[str, ...] | None, here: Here) -> None:
    """Which parser or handler has which formatter, and which adapter which logger, is not looked at."""

    def use(cls: str) -> None:
        for name in _overridden(state, cls, patterns):
            _call(state, member(state, Obj(cls), name), here)

    each_below_library(state, base, use)


def _set_items(state: State, path: str, here: Here, receiver: Obj | Cls) -> None:
    """Ordered dictionaries and counters put items in by the `__setitem__` of their class, and so do the `fromkeys` of every dictionary
    and the look-up of a key that a `defaultdict` has not."""
    cls = receiver.cls if isinstance(receiver, Obj) else receiver.name
    if path.endswith(".__getitem__") and isinstance(receiver, Obj) and (cls == DEFAULTING or DEFAULTING in described_order(state, cls)):
        made = here.implicit(Arguments(), here.result)
        factory = state.node("factory", holder(receiver).site)
        state.graph.watch(factory, lambda v: None if isinstance(v, Lib | Obj) else call(state, v, made))
    by = {"fromkeys": _DICTIONARY, "__getitem__": _WITH_DEFAULTS}.get(path.rpartition(".")[2], _CLASSES_SETTING_ITEMS)
    if ":" in cls or by.isdisjoint(described_order(state, cls)):
        return
    inner = here.implicit(Arguments([state.static(UNKNOWN), state.static(UNKNOWN)]), state.graph.node())
    call_method(state, Obj(cls), "__setitem__", inner)


def _log(state: State, here: Here) -> None:
    tell_put_in(state, here)
    inner = here.implicit(Arguments(star=state.fresh()), state.graph.node())

    def use(cls: str) -> None:
        for method in state.log_methods_of(cls):
            call(state, Bound(Obj(cls), Func(method)), inner)
        if _is_handler(state, cls):
            _call_asked(state, cls, "handle", here, Obj(cls))

    each_fitting(state, ("logging",), lambda cls: _is_handler(state, cls) or any(c.startswith("logging") for c in order(state, cls)), use)


def _is_handler(state: State, cls: str) -> bool:
    return any("logging:Handler" in lineage(above) for above in order(state, cls) if ":" in above)
