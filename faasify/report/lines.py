"""What the lines of a run can be held to, given several runs of the original.

    held_lines(["n 1\\ntook 1 s\\n", "n 1\\ntook 2 s\\n"], "n 2\\ntook 3 s\\n")    Held("n 2\\ntook 1 s\\n", apart=("line 2",))
    held_lines(["a\\nb\\nend\\n", "b\\na\\nend\\n"], "b\\nc\\nend\\n")             Held("b\\nc\\nend\\n", ...): no original has a c

Lines that threads print change places. So the runs are cut where all of them have had the same lines; what lies between two cuts is
held to its lines, in any order. A line that holds something else in each run goes by its outline (`places.outline`), one that comes
another number of times in each run may do so, and one that no original has may not come at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from faasify.report.places import build, changing_words, in_any_order, known_words, may_hold, outline
from faasify.report.repeats import Held

Key = tuple[str, ...]


def held_lines(originals: Sequence[str], rewritten: str, paused: Sequence[str] = ()) -> Held[str]:
    """`paused`: runs of the original that show in which order its lines may come, and nothing else."""
    return _Lines(tuple(originals), tuple(paused)).held(rewritten.splitlines(True))


def held_exception(originals: Sequence[str], rewritten: str, paused: Sequence[str] = ()) -> Held[str]:
    """As other lines; its class is one that a run of the original had."""
    if rewritten.partition(":")[0] not in {text.partition(":")[0] for text in originals}:
        return Held(rewritten)
    return held_lines(originals, rewritten, paused)


@dataclass(frozen=True)
class _Lines:
    """The runs of the original, and what they say about one another."""

    originals: tuple[str, ...]
    paused: tuple[str, ...]

    @cached_property
    def runs(self) -> list[list[str]]:
        return [text.splitlines(True) for text in self.originals]

    @cached_property
    def known(self) -> frozenset[str]:
        """The words that say what a line is: all runs have them, and not in place of random ones."""
        places = [found for found in zip(*self.replaced, strict=True) if self.drawn.issuperset(map(build, found))]
        return known_words(self.originals).difference(*map(changing_words, places))

    @cached_property
    def exact(self) -> set[Key]:
        """The outlines under which all runs have the same lines."""
        found: dict[Key, list[Counter[Key]]] = {}
        for at, run in enumerate(self.runs):
            for line in run:
                found.setdefault(outline(line, self.known), [Counter() for _ in self.runs])[at][in_any_order(line)] += 1
        return {name for name, counts in found.items() if all(count == counts[0] for count in counts)}

    @cached_property
    def replaced(self) -> list[list[str]]:
        """What the runs have where they differ, in place of one another; nothing, where one has more lines than another."""
        if len(set(map(len, self.runs))) > 1:
            return [[] for _ in self.runs]
        places = [at for at, found in enumerate(zip(*self.runs, strict=True)) if len(set(found)) > 1]
        return [[run[at] for at in places] for run in self.runs]

    @cached_property
    def drawn(self) -> set[Key]:
        """How lines are built in which each run has words of its own: one that comes in all runs may do so by luck."""
        found: dict[Key, list[Counter[Key]]] = {}
        for at, run in enumerate(self.replaced):
            for line in run:
                found.setdefault(build(line), [Counter() for _ in self.runs])[at][outline(line)] += 1
        return {name for name, counts in found.items() if any(count != counts[0] for count in counts)}

    @cached_property
    def is_open(self) -> bool:
        """Whether lines stand in place of others that are built in another way, or have other words."""
        counts = [Counter(map(build, run)) for run in self.replaced]
        return any(count != counts[0] for count in counts) or bool(self.drawn)

    @cached_property
    def texts(self) -> list[Counter[str]]:
        return [Counter(run) for run in self.runs]

    @cached_property
    def keys(self) -> dict[str, Key]:
        return {}

    def key(self, line: str) -> Key:
        """What a line has in common with those of the other runs."""
        if line not in self.keys:
            self.keys[line] = self._key(line)
        return self.keys[line]

    def _key(self, line: str) -> Key:
        name, counts = outline(line, self.known), {text[line] for text in self.texts}
        is_new = counts == {0}
        if self.is_open and (line in self.loose or is_new) and (is_new or len(counts) > 1 or build(line) in self.drawn):
            return ("text", *filter(self.known.__contains__, name))
        return in_any_order(line) if name in self.exact else ("outline", *name)

    @cached_property
    def loose(self) -> set[str]:
        return {line for run in self.replaced for line in run}

    @cached_property
    def counts(self) -> list[Counter[Key]]:
        return [Counter(map(self.key, run)) for run in self.runs]

    @cached_property
    def steady(self) -> set[Key]:
        """Of these all runs have the same number."""
        return {key for key, count in self.counts[0].items() if all(other[key] == count for other in self.counts)}

    @cached_property
    def orders(self) -> list[list[str]]:
        """The steady lines of all runs, each in its order."""
        paused = [text.splitlines(True) for text in self.paused]
        return [self.steady_of(run) for run in (*self.runs, *(run for run in paused if self.has_all(run)))]

    @cached_property
    def pieces(self) -> list[tuple[int, int]]:
        return list(_cut([list(map(self.key, run)) for run in self.orders]))

    def steady_of(self, run: list[str]) -> list[str]:
        return [line for line in run if self.key(line) in self.steady]

    def has_all(self, run: list[str]) -> bool:
        """Whether a run has what every original has, and nothing that none has."""
        count = Counter(map(self.key, run))
        seen = set().union(*self.counts)
        return (
            all(count[key] == self.counts[0][key] for key in self.steady)
            and all(count[key] or any(not other[key] for other in self.counts) for key in seen)
            and (set(count) <= seen or self.has_own(len(run)))
        )

    def has_own(self, length: int) -> bool:
        """Whether a run of that length may have lines of its own: if each has, or some have in place of what others have."""
        own = [set(each).difference(*(other for other in self.counts if other is not each)) for each in self.counts]
        return all(own) or (any(own) and {*map(len, self.runs)} == {length})

    def held(self, rewritten: list[str]) -> Held[str]:
        lines, first = self.steady_of(rewritten), self.orders[0]
        fits = [self.piece_fits(lines[start:end], start, end) for start, end in self.pieces]
        apart, loose = self.apart()
        if self.has_all(rewritten) and all(fits):
            return Held(self.originals[0], apart, whole=loose == len(self.runs[0]))
        if len(lines) == len(rewritten) and len(first) == len(self.runs[0]):  # for a diff that shows no more than what differs
            told = [first[start:end] if fit else lines[start:end] for fit, (start, end) in zip(fits, self.pieces, strict=True)]
            rewritten = [line for piece in told for line in piece] + lines[len(first) :]
        elif len(rewritten) == len(first) == len(self.runs[0]):
            told = [first[a:b] if self.piece_fits(rewritten[a:b], a, b) else rewritten[a:b] for a, b in self.pieces]
            rewritten = [line for piece in told for line in piece]
        return Held("".join(rewritten), apart)

    def piece_fits(self, found: list[str], start: int, end: int) -> bool:
        runs = [run[start:end] for run in self.orders]
        if found in runs[: len(self.runs)]:
            return True
        is_by_luck = self.is_by_luck(runs)
        if not is_by_luck and all(Counter(run) == Counter(runs[0]) for run in runs):
            return Counter(found) == Counter(runs[0])
        if Counter(map(self.key, found)) != Counter(map(self.key, runs[0])):
            return False
        return is_by_luck or end > start + 1 or self.line_fits(found[0], [run[0] for run in runs])

    def line_fits(self, line: str, seen: list[str]) -> bool:
        """Of a paused run counts what may be in that line because another thread was the first."""
        plain, paused = seen[: len(self.runs)], seen[len(self.runs) :]
        if may_hold(plain, line, paused):
            return True
        if not (new := [other for other in paused if not may_hold(plain, other)]):
            return False
        alike = [other for run in self.runs for other in run if self.key(other) == self.key(line)]
        return may_hold(alike, line) and any(may_hold(alike, other) for other in new)

    def is_by_luck(self, runs: list[list[str]]) -> bool:
        """Whether the line that all have here is one that some have elsewhere, where they differ (dice)."""
        line = runs[0][0]
        is_one = all(run == [line] for run in runs)
        return is_one and self.key(line) != in_any_order(line) and line in self.changing

    @cached_property
    def changing(self) -> set[str]:
        """The lines of places at which the runs differ."""
        return {line for place in zip(*self.orders, strict=True) if len(set(place)) > 1 for line in place}

    def apart(self) -> tuple[tuple[str, ...], int]:
        """What is not compared, by its place in the first run, and how many lines of it are not."""
        places = [at for at, line in enumerate(self.runs[0]) if self.key(line) in self.steady]
        named = [(at, f"line {at + 1}") for at, line in enumerate(self.runs[0]) if self.key(line) not in self.steady]
        loose = len(named)
        for start, end in self.pieces:
            runs = [run[start:end] for run in self.orders]
            lines = f"lines {places[start] + 1} to {places[end - 1] + 1}" if end > start + 1 else f"line {places[start] + 1}"
            if all(run == runs[0] for run in runs) and not self.is_by_luck(runs):
                continue
            if all(Counter(map(in_any_order, run)) == Counter(map(in_any_order, runs[0])) for run in runs) and not self.is_by_luck(runs):
                named.append((places[start], f"the order of {lines}"))
            else:
                named.append((places[start], lines))
                loose += end - start
        if not named and len(set(map(len, self.runs))) > 1:
            named.append((0, "how many lines there are"))
        return tuple(text for _, text in sorted(named)), loose


def _cut(runs: Sequence[Sequence[Key]]) -> Iterator[tuple[int, int]]:
    """Where all runs have had the same so far, which they have in the end; pieces of one are the rule.

    >>> list(_cut([[("a",), ("b",), ("end",)], [("b",), ("a",), ("end",)]]))
    [(0, 2), (2, 3)]
    """
    start, ahead = 0, [Counter[Key]() for _ in runs]
    for at, keys in enumerate(zip(*runs, strict=True)):
        for count, key in zip(ahead, keys, strict=True):
            for found, by in ((key, 1), (keys[0], -1)):
                count[found] += by
                if not count[found]:
                    del count[found]
        if not any(ahead):
            yield start, at + 1
            start = at + 1
