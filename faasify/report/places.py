"""What one place (a line, a part of an object) may hold, given what it holds in several runs of the original.

    may_hold(["took 1.2 s", "took 1.3 s"], "took 9 s")      True: a number, as it was in the others
    may_hold(["took 1.2 s", "took 1.3 s"], "took None s")   False
    may_hold(["took 1.2 s", "took 1.3 s"], "failed")        False

What differs is set apart word by word; what stands around it is held. A word that all runs have there, and some elsewhere where they
differ (dice), may be there by luck, and is not held.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set

_WORD = re.compile(r"[-+]?\w(?:[\w.:+-]|,(?=\d{3}))*|\s+|.", re.DOTALL)  # a number, a time, a name, or what stands between
_NUMBER = re.compile(r"[-+]?(?:0x[\da-fA-F]+|\d[\d.,:_-]*(?:[eE][-+]?\d+)?j?|nan|inf)(?:[mun]?s)?[.:]?")
_TRUTH = frozenset({"True", "False"})


def words(text: str) -> list[str]:
    """
    >>> words("at 0x7f: -1.5e-05  s")
    ['at', ' ', '0x7f:', ' ', '-1.5e-05', ' ', 's']
    """
    return [word[-1:] if word.isspace() else word for word in _WORD.findall(text)]


def in_any_order(text: str) -> tuple[str, ...]:
    """What two texts have in common that say the same in another order."""
    return tuple(sorted(words(text)))


def outline(text: str, known: Set[str] | None = None) -> tuple[str, ...]:
    """The words that are `known` (without it all but numbers and truth values), and what kind the others are of, in any order."""
    return tuple(sorted(_kind(word, known) for word in words(text)))


def build(text: str) -> tuple[str, ...]:
    """What stands between the words, in any order, and how many words there are."""
    return tuple(sorted(_build(words(text))))


def _kind(word: str, known: Set[str] | None) -> str:
    if is_between(word) or (word in known if known is not None else is_text(word)):
        return word
    return "?" if word in _TRUTH else "#"


def known_words(texts: Sequence[str]) -> frozenset[str]:
    """The words of all runs. Numbers are not among them, nor are True and False: one that is in all may be there by luck."""
    found = [frozenset(words(text)) for text in texts]
    return frozenset(word for word in frozenset.intersection(*found) - _TRUTH if not is_between(word) and not _has_digit(word))


def is_between(word: str) -> bool:
    return len(word) == 1 and not word.isalnum()


def _is_mark(word: str) -> bool:
    return is_between(word) and not word.isspace()


def is_text(word: str) -> bool:
    """Whether a word is none of a kind that it would have to stay."""
    return not (is_between(word) or word in _TRUTH or _NUMBER.fullmatch(word))


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


def is_open(originals: Sequence[str]) -> bool:
    """Whether the runs differ in more than single words: how many things there are."""
    return len({_build(words(text)) for text in originals}) > 1


def changing_words(originals: Sequence[str]) -> set[str]:
    """The words in which the runs differ, where that is all."""
    runs = [words(text) for text in originals]
    return set() if is_open(originals) else {word for place in zip(*runs, strict=True) if len(set(place)) > 1 for word in place}


def may_hold(originals: Sequence[str], text: str, paused: Sequence[str] = ()) -> bool:
    """Whether a run of the original may have had `text` there. `paused`: if they have the same in another order, it may have, too."""
    if _may_hold(originals, text):
        return True
    varies = any(not _may_hold(originals, other) and is_rearranged([originals], [other]) for other in paused)
    return varies and is_rearranged([originals], [text])


def is_rearranged(originals: Sequence[Sequence[str]], texts: Sequence[str]) -> bool:
    """Whether `texts` have, at whichever place, the words that all runs have alike at some place of `originals`, and no more than these."""
    found = Counter(word for text in texts for word in words(text))
    steady, most = Counter[str](), 0
    for seen in originals:
        runs = [words(text) for text in seen]
        most += max(map(len, runs))
        if not is_open(seen):
            steady.update(place[0] for place in zip(*runs, strict=True) if len(set(place)) == 1)
    return steady <= found and found.total() <= most


def _may_hold(originals: Sequence[str], text: str) -> bool:
    if text in originals:
        return True
    if len(set(originals)) == 1:
        return False
    if len({in_any_order(each) for each in originals}) == 1:
        return in_any_order(text) == in_any_order(originals[0])
    if is_open(originals):
        heads = {words(each)[0] if each else "" for each in originals}  # of an object: its class
        return len(heads) > 1 or any(map(is_between, heads)) or words(text)[:1] == [*heads]
    runs, found = [words(each) for each in originals], words(text)
    places = list(zip(*runs, strict=True))
    if _build(found) != _build(runs[0]):
        texts = [at for at, place in enumerate(places) if len(set(place)) > 1 and any(map(is_text, place))]
        if not texts:
            return False
        before, after = runs[0][: texts[0]], runs[0][texts[-1] + 1 :]
        while before and _is_mark(before[-1]):
            before.pop()
        while after and _is_mark(after[0]):
            after.pop(0)
        return _is_around(before, after, found)
    by_luck = {word for place in places if len(set(place)) > 1 for word in place}
    return all(_word_may_be(place, word, by_luck) for place, word in zip(places, found, strict=True))


def _word_may_be(seen: Sequence[str], word: str, by_luck: Set[str]) -> bool:
    if len(set(seen)) == 1 and seen[0] not in by_luck:
        return word == seen[0]
    if _TRUTH.issuperset(seen):
        return word in _TRUTH
    return not is_text(word) or any(map(is_text, seen))


def _is_around(before: Sequence[str], after: Sequence[str], found: Sequence[str]) -> bool:
    """Whether a text has, at both of its ends, what stands before and after one of random words."""
    return len(found) >= len(before) + len(after) and all(
        _word_may_be([one], other, set(found)) if _has_digit(one) else one == other
        for one, other in (*zip(before, found, strict=False), *zip(reversed(after), reversed(found), strict=False))
    )


def _build(found: list[str]) -> tuple[str, ...]:
    return tuple(word if is_between(word) else "#" for word in found)
