"""Text to integers and back: one token a character, or byte pairs learned from a text."""

import re
from collections import Counter, defaultdict


class CharTokenizer:
    """One token for each character of `text`, numbered in the order of their code points."""

    def __init__(self, text: str):
        self.characters = sorted(set(text))
        self.ids = {character: i for i, character in enumerate(self.characters)}

    def __len__(self):
        return len(self.characters)

    def encode(self, text: str) -> list[int]:
        for place, character in enumerate(text):
            if character not in self.ids:
                raise ValueError(
                    f"text must hold only characters of the training text, "
                    f"got {character!r} at place {place}"
                )
        return [self.ids[character] for character in text]

    def decode(self, tokens) -> str:
        return "".join(self.characters[i] for i in known(tokens, len(self)))


class BytePairTokenizer:
    """Tokens 0..255 are bytes; token 256 + k joins the two tokens of merges[k].

    Every text has bytes in UTF-8, so no text is unknown. A merge never crosses a chunk: a word
    with the one space before it, or any other white space, character by character.
    """

    def __init__(self, merges=()):
        self.merges = [tuple(pair) for pair in merges]
        self.rank = {pair: k for k, pair in enumerate(self.merges)}
        self.pieces = [bytes([i]) for i in range(256)]
        for a, b in self.merges:
            self.pieces.append(self.pieces[a] + self.pieces[b])

    def __len__(self):
        return len(self.pieces)

    @classmethod
    def train(cls, text: str, vocabulary_size: int):
        """Joins the most frequent pair of neighbours, the smallest of equals, again and again.

        Stops at `vocabulary_size` tokens, or before where no pair is left. Only chunks that hold
        the pair are counted anew.
        """
        if vocabulary_size < 256:
            raise ValueError(f"vocabulary_size must be at least 256, got {vocabulary_size}")
        often = Counter(chunks(text))
        words, counts, homes = {}, Counter(), defaultdict(set)
        for chunk in often:
            recount(chunk, list(chunk), words, often[chunk], counts, homes)
        merges = []
        while 256 + len(merges) < vocabulary_size and (top := max(counts.values(), default=0)):
            best = min(pair for pair, count in counts.items() if count == top)
            for chunk in homes.pop(best):
                joined = join(words[chunk], best, 256 + len(merges))
                recount(chunk, joined, words, often[chunk], counts, homes)
            merges.append(best)
        return cls(merges)

    def encode(self, text: str) -> list[int]:
        """Within each chunk, the merges in the order in which they were learned."""
        found = {}
        for chunk in set(chunks(text)):
            tokens = list(chunk)
            while pairs := self.rank.keys() & zip(tokens, tokens[1:]):
                best = min(pairs, key=self.rank.get)
                tokens = join(tokens, best, 256 + self.rank[best])
            found[chunk] = tokens
        return [token for chunk in chunks(text) for token in found[chunk]]

    def decode(self, tokens) -> str:
        """The text; bytes that are no UTF-8, as a model may write them, become U+FFFD."""
        data = b"".join(self.pieces[i] for i in known(tokens, len(self)))
        return data.decode(errors="replace")


def chunks(text: str) -> list[bytes]:
    """The words of a text, each with the space before it, and other white space, as bytes."""
    return [chunk.encode() for chunk in re.findall(r" ?\S+|\s", text)]


def join(tokens: list[int], pair, new: int) -> list[int]:
    """The tokens with each occurrence of the pair, from the left, replaced by the new one."""
    out, i = [], 0
    while i < len(tokens):
        hit = tuple(tokens[i : i + 2]) == pair
        out.append(new if hit else tokens[i])
        i += 2 if hit else 1
    return out


def recount(chunk, tokens, words, times, counts, homes):
    """Puts the tokens of a chunk that occurs so many times in place of its former ones."""
    former = words.get(chunk, [])
    for pair in zip(former, former[1:]):
        counts[pair] -= times
    for pair in zip(tokens, tokens[1:]):
        counts[pair] += times
        homes[pair].add(chunk)
    words[chunk] = tokens


def known(tokens, size: int):
    """The tokens, unless one is not in the vocabulary: it is named in the error."""
    tokens = list(tokens)
    for token in tokens:
        if not 0 <= token < size:
            raise ValueError(f"tokens must lie in 0..{size - 1}, got {token}")
    return tokens
