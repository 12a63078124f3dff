"""Two that ask at once whether something has arrived."""

from __future__ import annotations

import _socket
import threading

from faasify.localcloud.arrivals import Arrivals


def test_another_may_ask_while_one_is_waiting() -> None:
    ours, theirs = _socket.socketpair()
    arrivals, found = Arrivals(ours), list[bool]()
    waiting = threading.Thread(target=lambda: found.append(arrivals.within(10_000)))
    waiting.start()
    for _ in range(200):  # it has begun to wait in some of these
        assert not arrivals.within(0.1)
    theirs.send(b"x")
    waiting.join()
    assert found == [True] and arrivals.within(0)
