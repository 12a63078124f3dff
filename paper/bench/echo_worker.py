"""What the pool's workers run in the benchmark of the bare transport: every payload comes back."""

from __future__ import annotations

import _socket
from collections.abc import Callable
from typing import Any

from faasify.runtime.unit import frames


def preload(manifest_dir: str, options: dict[str, Any]) -> None:
    """There is nothing to load."""


def ready(*, spare: bool) -> Callable[[_socket.socket], None]:
    return serve


def serve(sock: _socket.socket) -> None:
    while True:
        _, payload = frames.recv(sock)
        frames.send(sock, frames.RESULT, payload)
