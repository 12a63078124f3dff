"""Count the words of a text, and show the most frequent ones with their neighbours."""

import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

STOP_WORDS = frozenset("a an and as at by for in is it of on or that the to was with".split())
WORD = re.compile(r"[a-z']+")


def words_of(text):
    return WORD.findall(text.lower())


def count(words):
    return Counter(word for word in words if word not in STOP_WORDS)


def neighbours(words):
    """word -> how often each word follows it"""
    following = defaultdict(Counter)
    for word, follower in zip(words, words[1:]):
        if word not in STOP_WORDS and follower not in STOP_WORDS:
            following[word][follower] += 1
    return following


def most_common(counter, n):
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:n]


def show(counts, following, n):
    for word, times in most_common(counts, n):
        next_words = ", ".join(follower for follower, _ in most_common(following[word], 3))
        print(f"{word:<10} {times:>3}  {next_words}".rstrip())


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "text.txt"
    words = words_of(path.read_text(encoding="utf-8"))
    counts = count(words)
    print(f"{len(words)} words, {len(counts)} different ones worth counting")
    show(counts, neighbours(words), 8)


if __name__ == "__main__":
    main()
