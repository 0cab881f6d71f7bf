"""Characters and byte pairs as tokens."""

import time

import numpy as np
import pytest

from dlcore.scratch.tokenizer import BytePairTokenizer, CharTokenizer

TEXTS = [
    "",
    "a",
    "the cat and the hat",
    "안녕하세요, 세계!",
    "🙂👩‍👩‍👧 ok",
    " two  spaces\n\n\tand tab ",
]
TEXTS += ["\x00\x1c\x85\u3000\u2028", "aaaaaaa"]


@pytest.fixture(scope="module")
def trained():
    return BytePairTokenizer.train("the cat and the hat and the 안녕 안녕 🙂 " * 3, 300)


@pytest.mark.parametrize("text", TEXTS)
def test_characters_make_the_round_trip(text):
    tokenizer = CharTokenizer(text + "xyz")
    tokens = tokenizer.encode(text)
    assert len(tokens) == len(text) and tokenizer.decode(tokens) == text
    assert tokenizer.decode(np.array(tokens, int)) == text


def test_characters_are_numbered_in_the_order_of_their_code_points():
    tokenizer = CharTokenizer("hello")
    assert tokenizer.characters == ["e", "h", "l", "o"] and len(tokenizer) == 4
    assert tokenizer.encode("hole") == [1, 3, 2, 0]


@pytest.mark.parametrize("text", TEXTS)
def test_byte_pairs_make_the_round_trip_of_any_text(text, trained):
    tokens = trained.encode(text)
    assert trained.decode(tokens) == text and len(tokens) <= len(text.encode())
    assert BytePairTokenizer().encode(text) == list(text.encode())


def test_byte_pairs_make_the_round_trip_of_random_unicode(trained):
    points = np.random.default_rng(0).integers(0, 0x110000, 3000)
    text = "".join(chr(p) for p in points if not 0xD800 <= p < 0xE000)
    assert trained.decode(trained.encode(text)) == text


def test_training_joins_the_most_frequent_pair_and_the_smallest_of_equals():
    tokenizer = BytePairTokenizer.train("aaabdaaabac", 259)
    assert tokenizer.merges == [(97, 97), (97, 98), (256, 257)]  # aa, then ab (twice, as aa a)
    assert tokenizer.encode("aaabdaaabac") == [258, 100, 258, 97, 99]
    assert tokenizer.pieces[258] == b"aaab" and len(tokenizer) == 259


def test_training_equals_plain_recounting_of_all_pairs_for_every_merge(rng):
    words = ["".join(rng.choice(list("abc"), rng.integers(1, 7))) for _ in range(200)]
    found = BytePairTokenizer.train(" ".join(words), 290).merges
    chunks = [list((" " * (i > 0) + word).encode()) for i, word in enumerate(words)]
    wanted = []
    while len(wanted) < 34:
        counts = {}
        for chunk in chunks:
            for pair in zip(chunk, chunk[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        a, b = min(counts, key=lambda pair: (-counts[pair], pair))
        wanted.append((a, b))
        for chunk in chunks:
            for i in range(len(chunk)):
                if chunk[i : i + 2] == [a, b]:
                    chunk[i : i + 2] = [255 + len(wanted)]
    assert found == wanted
    tokens = BytePairTokenizer(found).encode(" ".join(words))
    assert tokens == [token for chunk in chunks for token in chunk]


def test_merges_are_all_that_a_tokenizer_needs(trained):
    again = BytePairTokenizer([list(pair) for pair in trained.merges])  # as JSON would give them
    assert again.encode("the hat 안녕") == trained.encode("the hat 안녕")
    assert len(again) == len(trained) <= 300


def test_a_merge_never_crosses_a_word():
    tokenizer = BytePairTokenizer.train("of the of the of the\n\n\n\n\n\n\n\n\n\n", 300)
    assert b" the" in tokenizer.pieces and len(tokenizer) < 300
    for piece in tokenizer.pieces[256:]:
        assert b" " not in piece[1:] and b"\n" not in piece


def test_training_stops_where_no_pair_is_left():
    assert BytePairTokenizer.train("", 300).merges == []
    assert BytePairTokenizer.train("ab", 300).merges == [(97, 98)]


def test_a_hundred_thousand_characters_train_and_encode_in_seconds():
    rng = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlu"))
    words = ["".join(rng.choice(letters, rng.integers(2, 10))) for _ in range(4000)]
    text = " ".join(
        rng.choice(words, 17_000, p=1 / np.arange(1, 4001) / np.sum(1 / np.arange(1, 4001)))
    )
    began = time.perf_counter()
    tokenizer = BytePairTokenizer.train(text, 1000)
    tokens = tokenizer.encode(text)
    assert time.perf_counter() - began < 15  # about one second here
    assert len(tokens) < len(text) / 2 and tokenizer.decode(tokens) == text


def test_half_a_character_decodes_to_the_replacement_mark():
    tokenizer = BytePairTokenizer()
    assert tokenizer.decode(tokenizer.encode("안")[:2]) == "\ufffd"


def test_what_is_unknown_is_named_in_the_error(trained):
    with pytest.raises(ValueError, match="characters of the training text, got 'q' at place 3"):
        CharTokenizer("aeiou").encode("aeiq")
    with pytest.raises(ValueError, match=r"tokens must lie in 0..4, got 5"):
        CharTokenizer("aeiou").decode([0, 5])
    with pytest.raises(ValueError, match=r"tokens must lie in 0..255, got -1"):
        BytePairTokenizer().decode([-1])
    with pytest.raises(ValueError, match="vocabulary_size must be at least 256, got 255"):
        BytePairTokenizer.train("text", 255)
