"""A caller in this process and real workers: snapshots are made here by hand, and what a worker answers is looked at.

caller = Caller(tmp_path, "def f(x): return x + 1\\n")
kind, message = caller.ask("f", 1)          # (frames.RESULT, {"ret": ..., "edits": [...], ...})
caller.result(message) == 2
"""

from __future__ import annotations

import json
import os
import sys
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

from faasify.localcloud.pool import Channel, Pool
from faasify.pipeline import Request, transform
from faasify.runtime.caller import loader
from faasify.runtime.caller.library import Library
from faasify.runtime.caller.snapshot import Snapshot
from faasify.runtime.caller.world import CallerWorld
from faasify.runtime.unit import environment, frames, generators, warning_state, wire
from faasify.runtime.unit.codec import Decoder, load_types

STREAMS = {
    "stdin": {"encoding": "utf-8", "errors": "strict", "isatty": False},
    "stdout": {"encoding": "utf-8", "errors": "strict", "isatty": False, "line_buffering": False},
    "stderr": {"encoding": "utf-8", "errors": "backslashreplace", "isatty": False, "line_buffering": True},
    "terminal": None,
}


class Caller:
    """One program, run in a module of this process, with a pool of workers for it."""

    def __init__(self, folder: Path, source: str, **options: Any) -> None:
        load_types()
        loader.register()
        (folder / "src").mkdir(parents=True)
        (folder / "src" / "app.py").write_text(textwrap.dedent(source), encoding="utf-8")
        transform(Request("app.py", select="all", cwd=folder / "src"), folder / "out")
        self.file = str(folder / "src" / "app.py")
        self.manifest_dir = str(folder / "out" / ".faasify")
        self.manifest = json.loads((folder / "out/.faasify/manifest.json").read_text())
        self.environ = environment.Start()
        self.world = CallerWorld(self.manifest)
        self.module = ModuleType("__main__")
        self.space = vars(self.module)
        code = compile(textwrap.dedent(source), self.file, "exec", dont_inherit=True)
        self.world.add("__main__", self.module, code)
        self.space["__file__"] = self.file
        exec(code, self.space)
        self.library = Library(self.manifest)
        self.world.refresh()
        settings = {
            "path": sys.path,
            "root": str(folder / "src"),
            "trace": True,
            "environ": dict(os.environ),
            "hash_seed": os.environ.get("PYTHONHASHSEED", "0"),
            "filters": warning_state.describe(),
        }
        self.pool = Pool(self.manifest_dir, sys.executable, options={**settings, **options})
        self.channel: Channel | None = None
        self.drawn = generators.EVERY  # global generators that calls are said to draw from

    def snapshot(self, name: str, *args: Any, **kwargs: Any) -> Snapshot:
        found = Snapshot(self.world, self.library, eval(name, self.space), list(args), list(kwargs.items()), self.environ, self.drawn)
        found.call.update(unit=f"app.{name}", depth=900, limit=1000, streams=STREAMS, allow=[])
        return found

    def send(self, snapshot: Snapshot, **changed: Any) -> None:
        if self.channel is None or self.channel.closed:
            self.channel = self.pool.acquire()
        self.last = snapshot
        self.channel.send(frames.CALL, wire.dumps({**snapshot.call, **changed}))

    def receive(self) -> tuple[int, Any]:
        assert self.channel is not None
        kind, data = self.channel.recv(60.0)
        while kind == frames.NEED and (name := wire.loads(data)).get("what") == "environ":
            self.channel.send(frames.LINE, wire.dumps({"environ": environment.answer(name["name"])}))
            kind, data = self.channel.recv(60.0)
        if kind == frames.ABORT:
            self.channel.close()
        return kind, wire.loads(data)

    def ask(self, name: str, *args: Any, **kwargs: Any) -> tuple[int, Any]:
        """One call there; nothing of it is committed here."""
        self.send(self.snapshot(name, *args, **kwargs))
        return self.receive()

    def decoded(self, message: dict[str, Any]) -> Decoder:
        dec = Decoder(self.world, message["nodes"], list(self.last.enc.objs))
        dec.run()
        return dec

    def result(self, message: dict[str, Any]) -> Any:
        return self.decoded(message).value(message["ret" if "ret" in message else "exc"])

    def value(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """The result of a call that is to succeed there."""
        kind, message = self.ask(name, *args, **kwargs)
        assert kind == frames.RESULT and "ret" in message, message
        return self.result(message)

    def close(self) -> None:
        self.pool.close()
