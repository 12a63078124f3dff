"""Kills workers at moments that nobody outside can hit. Imported by every interpreter that has this folder on its PYTHONPATH.

In the process of a rewritten program (FAASIFY_RUN is set as it starts) calls are picked at random; a picked call's worker gets a SIGKILL

    before   it is sent the call
    flight   after the call was sent, at once or a little later, and before it has answered
    between  after its answer was written, before anybody has read it

and is dead before the program goes on. What was done is written to the file that FAASIFY_CHAOS names:
{"before": n, "flight": n, "between": n}.
"""

import atexit
import fcntl
import json
import os
import random
import termios
import time


def install(settings):
    from faasify.localcloud import channel

    send, recv = channel.Channel.send, channel.Channel.recv
    dice = random.Random(settings["seed"])
    done = {"before": 0, "flight": 0, "between": 0}
    plans = {}  # by channel: what is to become of its call

    def sending(self, kind, payload=b""):
        if self.pid and not self.owed:  # a call, and not a line for one
            plan = plans[id(self)] = dice.choices(["", "before", "flight", "between"], settings["weights"])[0]
            if plan == "before":
                done["before"] += 1
                kill(self)
        flight = plans.get(id(self)) == "flight"
        delay = dice.choice([0, 0, 0.0002, 0.0005]) if flight else 0
        if flight and not delay:
            os.kill(self.pid, 19)  # SIGSTOP: or it might have answered before it can be killed
        send(self, kind, payload)
        if flight:
            del plans[id(self)]
            time.sleep(delay)
            if not self.wait(0):  # else it was faster than we are
                kill(self)
                done["flight" if not answered(self) else "between"] += 1

    def receiving(self, timeout=None):
        plan = plans.pop(id(self), "") if self.pid else ""
        if plan == "between":
            self.wait(60)
            kill(self)
            done["between"] += 1
        return recv(self, timeout)

    channel.Channel.send, channel.Channel.recv = sending, receiving

    @atexit.register
    def tell():
        with open(settings["log"], "w") as file:
            json.dump(done, file)


def kill(channel):
    """And wait until it is dead."""
    try:
        os.kill(channel.pid, 9)
    except ProcessLookupError:
        return
    while True:
        try:
            with open(f"/proc/{channel.pid}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] in "ZX":
                    return
        except (FileNotFoundError, ProcessLookupError):
            return
        time.sleep(0.0001)


def answered(channel):
    """Whether there is anything to read from a worker that is dead: its answer was under way."""
    return fcntl.ioctl(channel._sock.fileno(), termios.FIONREAD, bytes(4)) != bytes(4)


if "FAASIFY_RUN" in os.environ and "FAASIFY_CHAOS" in os.environ:
    install(json.loads(os.environ["FAASIFY_CHAOS"]))
