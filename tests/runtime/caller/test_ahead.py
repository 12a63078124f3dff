"""What has begun ahead, where several ask for its workers."""

from __future__ import annotations

from typing import Any

import pytest

from faasify.localcloud.pool import Channel, Pool
from faasify.runtime.caller.ahead import Ahead
from tests.localcloud.conftest import new_pool


class Sleeps:
    """Stands for a base: what is sent on it is a call that is not answered: the answer would be no worker's, and spoil the base."""

    number = 1
    payload = b""

    def frames_for(self, channel: Channel) -> list[tuple[int, bytes]]:
        return []


def test_two_that_need_a_worker_at_once_give_up_what_is_under_way_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pool: Pool = new_pool()
    ahead = Ahead(lambda: pool)
    base: Any = Sleeps()
    entries = [ahead.start(base, b"sleep 9%d" % n) for n in range(4)]
    assert pool.limit - pool.spare() >= 1
    discard = pool.discard

    def meanwhile(channel: Channel) -> None:
        discard(channel)
        ahead.give_way()  # another thread, which came to the same point

    monkeypatch.setattr(pool, "discard", meanwhile)
    ahead.give_way()
    assert [entry is not None and entry.lost for entry in entries] == [True] * 4
    assert pool.spare() == pool.limit and ahead.take(b"sleep 90") is None
    pool.close()


@pytest.mark.parametrize(
    ("depth", "calls", "expected", "kept"),
    [(None, 2, [1, 1], 0), (None, 4, [1, 1], 2), (None, 5, [2, 1], 2), (None, 9, [2, 2], 5), (4, 2, [1, 1], 0)],
    ids=["two", "the_last_are_kept", "more_than_the_last", "many", "brief_until_now"],
)
def test_no_worker_has_two_calls_while_another_has_none(depth: int | None, calls: int, expected: list[int], kept: int) -> None:
    """How many calls each worker has, and how many none has yet. `depth`: what is known of the calls; None: they may take long."""
    pool: Pool = new_pool()
    ahead = Ahead(lambda: pool)
    ahead.cores = 2
    if depth is not None:
        ahead._depths[Sleeps.number] = depth
    base: Any = Sleeps()
    for n in range(calls):
        ahead.start(base, b"sleep 9%d" % n)
    ahead.look()
    assert ([len(lane.calls) for lane in ahead._lanes], len(ahead._waiting)) == (expected, kept)
    pool.close()
