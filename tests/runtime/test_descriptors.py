"""Sockets of ours: where their descriptors are, and how much is under way on them."""

import _socket

from faasify.runtime.unit import descriptors

MORE = 300_000  # bytes. Linux gives a socket 212,992 by itself, and at least twice that to one who asks


def test_a_message_that_is_larger_than_the_usual_buffer_is_sent_without_a_reader():
    one, other = descriptors.pair()
    one.setblocking(False)
    sent = one.send(b"x" * MORE)
    assert sent == MORE, "the rest would wait for a reader"
    one.close()
    other.close()


def test_both_ends_have_numbers_that_no_program_meets():
    ends = descriptors.pair()
    assert all(end.fileno() >= descriptors.FLOOR for end in ends)
    for end in ends:
        end.close()


def test_a_pair_waits_however_long_the_program_lets_sockets_wait():
    import socket

    kept = socket.getdefaulttimeout()
    socket.setdefaulttimeout(0.01)
    try:
        one, other = descriptors.pair()
    finally:
        socket.setdefaulttimeout(kept)
    assert (one.gettimeout(), other.gettimeout()) == (None, None)
    assert isinstance(one, _socket.socket)
    one.close()
    other.close()
