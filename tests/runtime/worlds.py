"""A program in two processes' worth of worlds, inside one process: the codec's tests need no worker.

    pair = TwoWorlds('''
        class P:
            def __init__(self, x): self.x = x
        def move(p): p.x += 1; return p
    ''')
    p = pair.space["P"](1); pair.call("move", p) is p; p.x == 2

The caller's module has run; the unit's is empty and has only the code, compiled once more from the same lines. `there` and `back`
carry single values; `call` is a whole transaction: snapshot, bytes, call, edits, bytes, commit.
"""

from __future__ import annotations

import ast
import builtins
import json
import sys
import textwrap
from types import ModuleType
from typing import Any

from faasify.runtime.caller.world import ANNOTATION_READERS, CallerWorld
from faasify.runtime.unit import changes, wire
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import Decoder, Encoder, Untravellable, load_types
from faasify.runtime.unit.loaded import UnitWorld


def mentioned(source: str) -> tuple[list[str], list[str]]:
    """The library modules that `source` imports, and the objects of them that it names; what the analysis finds out in a real build."""
    imports: set[str] = set()
    names: dict[str, str] = {}
    library: set[str] = set()
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                imports.add(alias.name)
                names[alias.asname or alias.name] = alias.name + ":"
        elif isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__":
            imports.add(node.module)
            for alias in node.names:
                library.add(f"{node.module}:{alias.name}")
                names[alias.asname or alias.name] = f"{node.module}:{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            base, _, attribute = ast.unparse(node).rpartition(".")
            if base in names:
                library.add(f"{names[base].rstrip(':')}:{attribute}" if names[base].endswith(":") else f"{names[base]}.{attribute}")
            elif hasattr(builtins, base):
                library.add(f"builtins:{base}.{attribute}")
        elif isinstance(node, ast.Name) and hasattr(builtins, node.id):
            library.add(f"builtins:{node.id}")
    return sorted(imports), sorted(library)


def in_one_piece(message: Any) -> bytes:
    """The bytes of a message as they arrive."""
    return message if isinstance(message, bytes) else b"".join(message)


class TwoWorlds:
    """Caller and unit of one module, `app`."""

    def __init__(self, source: str = "", json_wire: bool = False) -> None:
        load_types()
        source = textwrap.dedent(source)
        imports, library = mentioned(source)
        entry = {"import_name": "app", "file": "app.py"}
        manifest = {"imports": imports, "library": library, "modules": {"app": entry}}
        self.json_wire = json_wire
        self.poison: dict[str, str] = {}  # globals that could not travel, and why
        self.caller, self.unit = CallerWorld(manifest), UnitWorld(manifest)
        self.caller.binary = self.unit.binary = not json_wire
        module, twin = ModuleType("app"), ModuleType("app")
        code, again = (compile(source, "app.py", "exec", dont_inherit=True) for _ in range(2))
        self.caller.add("app", module, code)
        self.unit.modules["app"] = twin
        self.unit.codes.add("app", again)
        for world in (self.caller, self.unit):
            world.inspects_annotations = bool(world.codes.every_name() & ANNOTATION_READERS)
        self.space = vars(module)
        self.empty = dict(vars(twin), __builtins__=builtins.__dict__)
        vars(twin).update(self.empty)
        sys.modules["app"] = module
        try:
            exec(code, self.space)
        finally:
            sys.modules.pop("app", None)

    def bytes(self, tree: Any) -> Any:
        """A wire tree as it arrives on the other side."""
        if self.json_wire:
            return wire.from_json(json.loads(json.dumps(wire.to_json(tree))))
        return wire.loads(in_one_piece(wire.dumps(tree)))

    def _carry(self, source: Any, target: Any, obj: Any) -> Any:
        enc = Encoder(source)
        root = enc.root(obj)
        nodes, root = self.bytes([enc.finish(), root])
        dec = Decoder(target, nodes)
        dec.run()
        return dec.value(root)

    def there(self, obj: Any) -> Any:
        """The unit's copy of an object of the caller."""
        return self._carry(self.caller, self.unit, obj)

    def back(self, obj: Any) -> Any:
        """The caller's copy of an object of the unit."""
        return self._carry(self.unit, self.caller, obj)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """The result of the function called in the unit, everything that it changed being changed here; raises what it raises."""
        enc = Encoder(self.caller)
        call = {"fn": enc.root(eval(name, self.space)), "pos": [enc.root(v) for v in args], "kw": enc.pairs(kwargs.items())}
        call = self.bytes({**call, "globals": self._globals(enc), "nodes": enc.finish()})
        unit = _Transaction(self.unit, self.empty, call)
        reply = self.bytes(unit.run())
        dec = Decoder(self.caller, reply["nodes"], list(enc.objs))
        dec.run()
        plans = [changes.planned(dec, dec.objs[i], node, self.caller.is_program_class) for i, node in reply["edits"]]
        result, changed = dec.value(reply["result"]), dec.pairs(reply["globals"])
        for plan in plans:
            plan()
        for gone in reply["removed"]:
            del self.space[gone]
        self.space.update(changed)
        if reply["raised"]:
            raise result
        return result

    def _globals(self, enc: Encoder) -> list[Any]:
        """The globals that the code met so far names, and those that theirs names; what cannot travel stays away."""
        found: dict[str, Any] = {}
        enc.drain()
        done = 0
        while done < len(enc.codes):
            for name in self.caller.codes.names_of(enc.codes[done])[0]:
                if name in self.space and name not in found and not name.startswith("__"):
                    try:
                        found[name] = enc.root(self.space[name])
                    except Untravellable as e:
                        self.poison[name] = e.why
            done += 1
        return [x for pair in found.items() for x in pair]


class _Transaction:
    """The unit's side of a call, as faasify.runtime.unit.worker does it, without guard, streams and hidden state."""

    def __init__(self, world: Any, empty: dict[str, Any], call: dict[str, Any]) -> None:
        self.world = world
        self.space = vars(world.modules["app"])
        self.space.clear()
        self.space.update(empty)
        dec = Decoder(world, call["nodes"])
        dec.run()
        self.space.update(dec.pairs(call["globals"]))
        self.fn, self.pos, self.kw = dec.value(call["fn"]), dec.values(call["pos"]), dict(dec.pairs(call["kw"]))
        self.objs = dec.objs
        self.before = Before.of(dec, world.is_program_class)
        self.globals = dict(self.space)

    def run(self) -> dict[str, Any]:
        sys.modules["app"] = self.world.modules["app"]
        try:
            result, raised = self.fn(*self.pos, **self.kw), False
        except Exception as e:
            result, raised = e, True
        finally:
            sys.modules.pop("app", None)
        enc = Encoder(self.world, self.objs)
        root = enc.root(result)
        edits = self.before.edits(enc)
        changed = enc.pairs((k, v) for k, v in self.space.items() if self.globals.get(k, _MISSING) is not v)
        removed = [k for k in self.globals if k not in self.space]
        return {"result": root, "raised": raised, "edits": edits, "globals": changed, "removed": removed, "nodes": enc.finish()}


_MISSING: Any = object()


def agrees(source: str, *calls: str) -> TwoWorlds:
    """Each call of `f` (or what `calls` say) gives over there what it gives here."""
    pair, here = TwoWorlds(source), TwoWorlds(source)
    for call in calls or ("f()",):
        name, _, rest = call.partition("(")
        args = eval(f"_({rest}", {**pair.space, "_": lambda *a: a})
        assert repr(pair.call(name, *args)) == repr(here.space[name](*args)), call
        assert pair.poison == {}
    return pair
