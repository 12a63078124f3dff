"""The environment of a unit: what C code reads by itself is there from the start, every other variable is fetched when it is looked up.

    caller                                    worker
    environ {"TZ": "UTC", "TOKEN": "s3cret"}  os.environ["TZ"]     given
                                              os.environ["TOKEN"]  asked of the caller, for this call: no unit has a secret that it does
                                                                   not read, and its process shows none in /proc/PID/environ either
                                              list(os.environ)     all of them asked for

The zygote is given all of it while it imports the program's libraries, which may read any name, in one buffer that is overwritten before
the first worker is forked. A `sitecustomize` or a .pth file runs before that, and finds what `is_given` says only.

Values are bytes throughout, as os.environb has them. An edit on the wire is [names that changed or went, [name, value, ...]].
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    Ask = Callable[[bytes | None], Any]
    """The value of a name, None where there is none; for None, everything as a dict."""

# What the interpreter, the C library, OpenSSL, readline, sqlite and the libraries below numpy read, which have no hook to ask by.
_NAMES = {
    *("PATH", "HOME", "TMPDIR", "TZ", "TZDIR", "LANG", "LANGUAGE", "CHARSET", "LOCPATH", "NLSPATH", "POSIXLY_CORRECT"),
    *("TERM", "TERMINFO", "TERMCAP", "COLUMNS", "LINES", "INPUTRC", "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF", "OPENSSL_MODULES", "SQLITE_TMPDIR"),
}
_BEGINNINGS = ("PYTHON", "LC_", "LD_", "DYLD_", "MALLOC_", "GLIBC_", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "GOTO_", "BLIS_", "NPY_")


def is_given(name: str) -> bool:
    """Whether every process of a unit has the variable from the start, because code in C may read it."""
    return name in _NAMES or name.startswith(_BEGINNINGS)


def given(environ: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that a zygote is started with."""
    return {name: value for name, value in environ.items() if is_given(name)}


class Withheld(dict):  # type: ignore[type-arg]
    """What os.environ of a unit keeps its variables in: the given ones, those that the call has set, those that it has looked up."""

    def __init__(self, known: dict[bytes, bytes]) -> None:
        super().__init__(known)
        self.base = known  # of this process, before any call
        self.before = dict(known)  # what the caller has, as far as it is known
        self.absent: set[bytes] = set()
        self.moved: set[bytes] = set()  # removed by the call: set again, they stand at the end
        self.whole = False  # nothing is left to ask for
        self.touched = False  # since the call began, or in it
        self.ask: Ask | None = None  # None: there is nobody to ask

    def __missing__(self, name: bytes) -> bytes:
        if name in self.before or not self._know(name):  # in `before`: the call has removed it
            raise KeyError(name)
        value = self[name] = self.before[name]
        return bytes(value)

    def __setitem__(self, name: bytes, value: bytes) -> None:
        self.touched = True
        super().__setitem__(name, value)

    def __delitem__(self, name: bytes) -> None:
        if dict.__contains__(self, name):
            self._know(name)
        else:
            self[name]  # noqa: B018  # to know whether there is one
        self.touched = True
        self.moved.add(name)
        super().__delitem__(name)

    def _know(self, name: bytes) -> bool:
        """Whether the caller has a variable, which is asked once; it is in `before` then."""
        if not (self.whole or name in self.absent or name in self.before or self.ask is None):
            value = self.ask(name)
            if value is None:
                self.absent.add(name)
            else:
                self.before[name] = value
        return name in self.before

    def __iter__(self) -> Iterator[bytes]:
        self._meet_all()
        return super().__iter__()

    def __len__(self) -> int:
        self._meet_all()
        return super().__len__()

    def items(self) -> Any:
        self._meet_all()
        return super().items()

    def _meet_all(self) -> None:
        if self.whole or self.ask is None:
            return
        found = self.ask(None)
        kept = {name: value for name, value in found.items() if name not in self.moved and (name in self or name not in self.before)}
        order = {name: self.get(name, value) for name, value in kept.items()}
        mine = {name: dict.__getitem__(self, name) for name in dict.keys(self) if name not in kept}
        self.before = {**found, **self.before}
        self.whole = self.touched = True
        self.clear()
        self.update(order)  # as the caller has them
        self.update(mine)

    def settle(self) -> None:
        """What is known by now is what every call of this process begins with."""
        self.base = dict(zip(dict.keys(self), dict.values(self), strict=True))
        self.begin(None)

    def begin(self, edit: list[Any] | None) -> None:
        """A call begins: what an earlier one looked up or set is gone. `edit` is from `Start.edit`."""
        self.absent.clear()
        self.moved.clear()
        if edit is None and not self.touched:
            return
        known = self.base
        if edit is not None:
            stale, pairs = edit
            known = {**{name: value for name, value in known.items() if name not in stale}, **_pairs(pairs)}
        for name in dict.keys(self) - known.keys():
            os.unsetenv(name)
        for name, value in known.items():
            if dict.get(self, name) != value:
                os.putenv(name, value)
        self.clear()
        self.update(known)
        self.before, self.whole, self.touched = dict(known), False, edit is not None

    def changes(self) -> list[Any] | None:
        """What the call itself did, as an edit; None for nothing."""
        if not self.touched:
            return None
        removed = [name for name in self.before if name in self.moved or not dict.__contains__(self, name)]
        changed = {name: value for name, value in dict.items(self) if name in self.moved or self.before.get(name) != value}
        return [removed, [x for pair in changed.items() for x in pair]] if removed or changed else None


def install(known: dict[bytes, bytes], ask: Ask) -> Withheld:
    """Put a `Withheld` below this process's os.environ and os.environb."""
    data = Withheld(known)
    data.ask = ask
    os.environ._data = os.environb._data = data  # type: ignore[attr-defined]
    return data


def installed() -> Withheld | None:
    data = getattr(os.environ, "_data", None)
    return data if type(data) is Withheld else None


def _pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


# In the caller


def now() -> dict[bytes, bytes]:
    """A copy of this process's environment."""
    return dict(os.environ._data)  # type: ignore[attr-defined]


def unchanged(since: dict[bytes, bytes]) -> bool:
    return bool(os.environ._data == since)  # type: ignore[attr-defined]


class Start:
    """This process's environment when the zygote was started. `whole`: the workers were given all of it."""

    def __init__(self, *, whole: bool = False) -> None:
        self._data = now()
        self._whole = whole

    def edit(self) -> list[Any] | None:
        """What a worker has to know of what changed since: the names, and the values of those that it cannot ask for; None: nothing."""
        if unchanged(self._data):
            return None
        before, data = self._data, now()
        stale = sorted(name for name in before.keys() | data.keys() if before.get(name) != data.get(name))
        told = [name for name in stale if name in data and (self._whole or is_given(os.fsdecode(name)))]
        return [stale, [x for name in told for x in (name, data[name])]]


def commit(edit: list[Any]) -> None:
    """Take over what a call has done."""
    removed, changed = edit
    for name in removed:
        os.environb.pop(name, None)
    os.environb.update(_pairs(changed))


def answer(name: bytes | None) -> Any:
    """What a worker that asks is told: a value or None; for None, [name, value, ...]."""
    data = now()
    return [x for pair in data.items() for x in pair] if name is None else data.get(name)


def understood(name: bytes | None, answered: Any) -> Any:
    """What `Withheld` is told: an `answer` as it arrives."""
    return _pairs(answered) if name is None else answered


# On its way to the zygote


def packed(environ: Mapping[str, str]) -> bytearray:
    """b"\\0A=1\\0B=2\\0" """
    return bytearray(b"\0".join([b"", *(os.fsencode(f"{name}={value}") for name, value in environ.items()), b""]))


class Buffer:
    """What was packed, looked up without any copy of what nobody looks up."""

    def __init__(self, data: bytearray) -> None:
        self._data = data

    def ask(self, name: bytes | None) -> Any:
        if name is None:
            return dict(bytes(entry).split(b"=", 1) for entry in self._data.split(b"\0")[1:-1])
        at = self._data.find(b"\0" + name + b"=")
        if at < 0 or b"=" in name:
            return None
        begin = at + len(name) + 2
        return bytes(self._data[begin : self._data.index(b"\0", begin)])

    def wipe(self) -> None:
        self._data[:] = bytes(len(self._data))
