"""A worker's side of the conversation with its caller: answers, and what it asks for meanwhile (worker.py lists the frames)."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from faasify.runtime.unit import environment, frames, guard, stack, wire
from faasify.runtime.unit.loaded import UnitWorld
from faasify.runtime.unit.standard_streams import StandardStreams

SHORT_NS, TOGETHER = 200_000, 16_384  # a call after which its answer may wait for the next one's; bytes of answers
_faasify_exit = os._exit  # kept when the guard covers it


class Talker:
    """Has the channel; knows nothing of calls."""

    sock: Any
    reader: frames.Reader

    def __init__(self, world: UnitWorld) -> None:
        self.unsent = b""  # answers, as frames
        self.took_ns = 0  # by the last brief call
        self.streams = StandardStreams(world, self.need, self.abort)
        variables = environment.installed()
        if variables is not None:
            variables.ask = self.variable

    def connect(self, sock: Any) -> None:
        """All that needs no channel is done."""
        self.sock, self.reader = sock, frames.Reader(sock)

    def abort(self, kind: str, what: str, name: tuple[str, str] | None = None) -> NoReturn:
        """End the worker; the caller runs the call. Never returns, never raises: the program could swallow that (G1).
        `name`: the module and name of the global that was asked for and not sent."""
        try:
            self.send(frames.ABORT, wire.dumps({"kind": kind, "what": what[:500], "name": name, "effects": guard.effects_happened()}))
        finally:
            _faasify_exit(0)

    def send(self, kind: int, payload: Any = b"") -> None:
        if self.unsent:
            data, self.unsent = self.unsent, b""
            frames.send_framed(self.sock, data)
        frames.send(self.sock, kind, payload)

    def reply(self, answer: Any) -> None:
        if wire.has_address(answer):
            self.abort("identity", "a text with the address of an object")
        try:
            self.send(frames.RESULT, answer)
        except frames.FrameTooLarge as e:
            self.abort("value", f"the result: {e}")

    def reply_soon(self, answer: bytes) -> None:
        """Where the next call has arrived already and these are short, answers go out together."""
        if len(answer) >= TOGETHER or wire.ADDRESS in answer:
            self.reply(answer)
        elif self.reader.waiting() and self.took_ns < SHORT_NS and len(self.unsent) + len(answer) < TOGETHER:
            self.unsent += frames.framed(frames.RESULT, answer)
        else:
            self.send(frames.RESULT, answer)

    def announce(self) -> None:
        self.send(frames.EFFECT)

    def need(self, what: str, size: int) -> str:
        """A line of stdin, or all of it, from the caller."""
        self.send(frames.NEED, wire.dumps({"what": what, "size": size, "out": self.streams.output()}))
        kind, payload = self.reader.reply(amid=True)
        if kind != frames.LINE:
            self.abort("stdin", "the caller has no line")
        return str(wire.loads(payload)["text"])

    def variable(self, name: bytes | None) -> Any:
        """An environment variable, or all of them, as the caller has them."""
        if stack.near():
            self.abort("recursion", "an environment variable near the recursion limit")
        self.send(frames.NEED, wire.dumps({"what": "environ", "name": name}))
        kind, payload = self.reader.reply(amid=True)
        if kind != frames.LINE:
            self.abort("environ", "the caller does not tell")
        return environment.understood(name, wire.loads(payload)["environ"])
