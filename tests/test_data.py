"""Data sets: shapes, splits, files found, downloads checked."""

import gzip
import hashlib
import os
import re
from pathlib import Path

import numpy as np
import pytest

from dlcore import data

BYTES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def idx(array) -> bytes:
    sizes = b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes(), mtime=0)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder, and no DLCORE_DATA."""
    monkeypatch.delenv("DLCORE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "dlcore"


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A folder that plays the mirror of a data set "tiny", with its four files."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    monkeypatch.setitem(data.MIRROR, "tiny", folder.as_uri())
    labels = np.array([3, 7], dtype=np.uint8)
    for key, file in data.PARTS.items():
        raw = idx(labels if key.startswith("y") else BYTES)
        (folder / file).write_bytes(raw)
        monkeypatch.setitem(data.SHA256, f"tiny/{file}", hashlib.sha256(raw).hexdigest())
    return folder


def test_digits_are_small_images_in_zero_to_one_split_without_overlap():
    d = data.digits(test=300)
    assert d.x_train.shape == (1497, 8, 8) and d.x_test.shape == (300, 8, 8)
    assert d.x_train.dtype == np.float32 and d.x_train.min() == 0 and d.x_train.max() == 1
    assert set(d.y_train) == set(range(10)) and d.y_train.dtype == np.int64
    again = data.digits(test=300)
    np.testing.assert_array_equal(d.x_test, again.x_test)


def test_clouds_sit_on_the_corners_of_a_polygon(rng):
    x, labels = data.clouds(3, 500, 0.5, rng)
    assert x.shape == (1500, 2) and (np.bincount(labels) == 500).all()
    means = np.stack([x[labels == k].mean(axis=0) for k in range(3)])
    np.testing.assert_allclose(np.linalg.norm(means, axis=1), 1.5, atol=0.1)
    np.testing.assert_allclose(means[0], [0, 1.5], atol=0.1)
    assert data.clouds(2)[0].shape == (100, 2)


@pytest.fixture(scope="module")
def toy():
    return data.toy_translation(train=20_000, test=400)


@pytest.fixture(scope="module")
def pairs(toy):
    """Every sentence in English and in French."""
    x, y = np.concatenate([toy.x_train, toy.x_test]), np.concatenate([toy.y_train, toy.y_test])
    return [(data.spelled(a, toy.english), data.spelled(b, toy.french)) for a, b in zip(x, y)]


def test_translations_are_padded_ids_and_the_same_every_time(toy):
    assert toy.english[:3] == toy.french[:3] == ["<pad>", "<start>", "<end>"]
    assert len(toy.x_train) == len(toy.y_train) == 20_000 and len(toy.x_test) == 400
    for row in np.concatenate([toy.y_train, toy.y_test]):
        words = row[row > 0]
        assert words[0] == 1 and words[-1] == 2 and (words[1:-1] > 2).all()
        assert not row[len(words) :].any()
    assert set(np.unique(toy.x_train)) == {0, *range(3, len(toy.english))}
    few, again = (data.toy_translation(50, 10) for _ in range(2))
    assert few.english == again.english
    for name in "x_train", "y_train", "x_test", "y_test":
        np.testing.assert_array_equal(getattr(few, name), getattr(again, name))
    other = data.toy_translation(50, 10, np.random.default_rng(1))
    assert not np.array_equal(few.x_train, other.x_train)


def described(sentences, words):
    """All (noun, adjective) pairs of English sentences."""
    nouns = {form: row[0] for row in data.NOUNS for form in row[:2]}
    adjectives = {row[0] for row in data.ADJECTIVES}
    found = set()
    for ids in sentences:
        text = [words[i] for i in ids]
        found |= {(nouns[b], a) for a, b in zip(text, text[1:]) if a in adjectives}
    return found


def test_no_test_sentence_occurs_in_training_and_half_of_them_have_a_new_pair(toy, pairs):
    assert len({english for english, _ in pairs}) == len(pairs)
    seen = described(toy.x_train, toy.english)
    new = [not described([ids], toy.english) <= seen for ids in toy.x_test]
    assert sum(new[:200]) == 0 and all(new[200:])
    unseen = described(toy.x_test, toy.english) - seen
    assert 3 < len(unseen) < 0.1 * len(data.NOUNS) * len(data.ADJECTIVES)


@pytest.mark.parametrize(
    ("english", "french"),
    [  # written by hand: articles, agreement, order, elision
        ("see the cow", "la vache"),
        ("see the bird", "l'oiseau"),
        ("see the church", "l'église"),
        ("see the hotels", "les hôtels"),
        ("see the small bee", "la petite abeille"),
        ("see the strange mouse", "la souris étrange"),
        ("see the blue horses", "les chevaux bleus"),
        ("see the white houses", "les maisons blanches"),
        ("see this tree", "cet arbre"),
        ("see this apple", "cette pomme"),
        ("see this green egg", "cet œuf vert"),
        ("see this new book", "ce nouveau livre"),
        ("see these new books", "ces nouveaux livres"),
        ("see a beautiful elephant", "un bel éléphant"),
        ("see a beautiful dog", "un beau chien"),
        ("see a new hotel", "un nouvel hôtel"),
        ("see a new church", "une nouvelle église"),
        ("see boats", "des bateaux"),
        ("see beautiful flowers", "de belles fleurs"),
        ("see heavy flowers", "des fleurs lourdes"),
        ("not see a dog", "de chien"),
        ("not see an elephant", "d'éléphant"),
        ("not see eggs", "d'œufs"),
        ("not see a big bird", "de grand oiseau"),
        ("not see the bird", "l'oiseau"),
    ],
)
def test_a_french_phrase_is_right(pairs, english, french):
    negated, phrase = english.startswith("not"), english.split("see ")[1]
    verb = rf"(?:{'|'.join(row[0] for row in data.VERBS)})(?:es|s)?"
    found = [
        b for a, b in pairs if re.search(rf" {verb} {phrase}$", a) and (" not " in a) == negated
    ]
    before = "pas " if negated else r"(?<!pas) "
    assert found and all(re.search(rf"{before}{french}$", b) for b in found)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("I see", "je vois"),
        ("I hear", "j'entends"),
        ("I do not avoid", "je n'évite pas"),
        ("I do not follow", "je ne suis pas"),
        ("he hears", "il entend"),
        ("she watches", "elle regarde"),
        ("she does not hear", "elle n'entend pas"),
        ("he does not see", "il ne voit pas"),
        ("we avoid", "nous évitons"),
        ("we do not see", "nous ne voyons pas"),
        ("you follow", "vous suivez"),
        ("you do not hear", "vous n'entendez pas"),
        ("they see", "ils voient"),
        ("they do not follow", "ils ne suivent pas"),
        ("the horses watch", "les chevaux regardent"),
        ("an elephant avoids", "un éléphant évite"),
        ("these mice hear", "ces souris entendent"),
        ("this bee follows", "cette abeille suit"),
        ("the bees do not hear", "les abeilles n'entendent pas"),
    ],
)
def test_a_french_verb_is_right(pairs, english, french):
    found = [b for a, b in pairs if a.startswith(f"{english} ")]
    assert found and all(b.startswith(f"{french} ") for b in found)


def test_no_short_word_stands_whole_before_a_vowel(pairs):
    for english, french in pairs:
        assert not re.search(r"\b(le|la|de|ne|je|ce|beau|nouveau) [aeiouéhœ]", french), french
        assert not re.search(r"\b(l'|d'|n'|j'|cet |bel |nouvel )[^aeiouéhœ]", french), french
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]", english), english
        assert (" not " in english) == (" pas " in french)


def test_minibatches_visit_every_example_once_an_epoch(rng):
    found = list(data.minibatches(10, 4, epochs=2, rng=rng))
    assert [len(rows) for rows in found] == [4, 4, 2] * 2
    for epoch in found[:3], found[3:]:
        assert sorted(np.concatenate(epoch)) == list(range(10))
    assert not np.array_equal(np.concatenate(found[:3]), np.concatenate(found[3:]))


def test_idx_files_are_read_back_as_they_were(tmp_path):
    (tmp_path / "a.gz").write_bytes(idx(BYTES))
    np.testing.assert_array_equal(data.read_idx(tmp_path / "a.gz"), BYTES)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"not gzip", "is not a whole gzip file"),
        (idx(BYTES)[:-9], "is not a whole gzip file"),
        (
            gzip.compress(b"\0\0\x0d\x01rest", mtime=0),
            "does not begin like an idx file of bytes, got 00000d01",
        ),
        (gzip.compress(b"\0\0\x08\x01\0\0\0\x05abc", mtime=0), "must hold 5 values, got 3"),
    ],
)
def test_a_broken_idx_file_is_named_in_the_error(tmp_path, raw, message):
    path = tmp_path / "a.gz"
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=re.escape(str(path)) + " " + message):
        data.read_idx(path)


def test_a_data_set_is_downloaded_checked_and_then_kept(cache, mirror, capsys):
    d = data.idx_dataset("tiny")
    assert d.name == "tiny" and d.x_train.shape == (2, 3, 4) and d.y_test.tolist() == [3, 7]
    np.testing.assert_allclose(d.x_test, BYTES / 255, rtol=1e-6)
    assert "train-images-idx3-ubyte.gz [####################]" in capsys.readouterr().err
    for file in mirror.iterdir():
        file.unlink()
    assert data.idx_dataset("tiny").y_train.tolist() == [3, 7]


def test_a_changed_download_is_refused_and_leaves_nothing_behind(cache, mirror):
    name = data.PARTS["x_train"]
    (mirror / name).write_bytes(idx(BYTES + 1))
    with pytest.raises(
        ValueError, match="the file was changed; put the file with SHA-256 .* by hand"
    ):
        data.idx_dataset("tiny")
    assert list((cache / "tiny").iterdir()) == []


def test_a_mirror_that_does_not_answer_names_the_place_for_the_file(cache, mirror):
    (mirror / data.PARTS["x_train"]).unlink()
    target = str(cache / "tiny" / data.PARTS["x_train"])
    with pytest.raises(ConnectionError, match=f"did not answer .*{re.escape(target)} by hand"):
        data.idx_dataset("tiny")


def test_a_folder_named_by_dlcore_data_comes_first(cache, mirror, monkeypatch, tmp_path):
    (tmp_path / "mine").mkdir()
    mirror.rename(tmp_path / "mine" / "tiny")
    monkeypatch.setenv("DLCORE_DATA", str(tmp_path / "mine"))
    assert data.idx_dataset("tiny", download=False).y_train.tolist() == [3, 7]


def test_without_files_or_permission_to_download_the_folders_are_named(cache):
    with pytest.raises(FileNotFoundError, match=re.escape(str(cache))):
        data.mnist(download=False)
    assert data.handwritten().name == "digits"


def test_images_and_labels_of_different_number_are_refused(cache, mirror, monkeypatch):
    raw = idx(np.zeros(3, np.uint8))
    name = data.PARTS["y_train"]
    (mirror / name).write_bytes(raw)
    monkeypatch.setitem(data.SHA256, f"tiny/{name}", hashlib.sha256(raw).hexdigest())
    with pytest.raises(ValueError, match=r"tiny train: images \(2, 3, 4\) and labels \(3,\)"):
        data.idx_dataset("tiny")


def test_every_file_of_both_data_sets_has_a_checksum_and_a_mirror():
    wanted = {
        f"{name}/{file}" for name in ("mnist", "fashion-mnist") for file in data.PARTS.values()
    }
    assert set(data.SHA256) == wanted
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in data.SHA256.values())
    assert all(url.startswith("https://") for url in data.MIRROR.values())


def test_the_real_mnist_has_its_known_sizes():
    folder = os.environ.get("DLCORE_DATA")
    if not folder or not (Path(folder) / "mnist").is_dir():
        pytest.skip("DLCORE_DATA names no folder with mnist")
    d = data.handwritten()
    assert d.name == "mnist" and d.x_train.shape == (60000, 28, 28) and len(d.y_test) == 10000
    assert np.bincount(d.y_train).tolist()[:3] == [5923, 6742, 5958]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.toy_translation(0), "train must be >= 1 and test >= 2, got 0 and 500"),
        (lambda: data.toy_translation(5, 1), "train must be >= 1 and test >= 2, got 5 and 1"),
        (lambda: data.digits(test=1797), "test must lie between 1 and 1796 images, got 1797"),
        (lambda: data.clouds(1), "classes must be >= 2"),
        (lambda: data.clouds(spread=0), "spread > 0, got 3, 50, 0"),
        (lambda: next(data.minibatches(0, 1, 1, None)), "must be >= 1, got 0, 1, 1"),
    ],
)
def test_mistakes_are_named_in_the_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
