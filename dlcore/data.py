"""Every data set as NumPy arrays: installed, found in a folder, or downloaded with a check."""

import gzip
import hashlib
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

import numpy as np

MIRROR = {
    "mnist": "https://storage.googleapis.com/cvdf-datasets/mnist",
    "fashion-mnist": "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
}
PARTS = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}
SHA256 = {
    f"{name}/{file}": digest
    for name, digests in {
        "mnist": [
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ],
        "fashion-mnist": [
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ],
    }.items()
    for file, digest in zip(PARTS.values(), digests)
}


def rows(text: str) -> list:
    """One list of words for each part between commas."""
    return [row.split() for row in text.split(",")]


SPECIAL = ["<pad>", "<start>", "<end>"]  # tokens 0, 1 and 2 of both languages
# English one and many, French one and many, gender; the first 8 are animals and do things.
NOUNS = rows("""cat cats chat chats m, dog dogs chien chiens m, bird birds oiseau oiseaux m,
cow cows vache vaches f, mouse mice souris souris f, horse horses cheval chevaux m,
bee bees abeille abeilles f, elephant elephants éléphant éléphants m,
house houses maison maisons f, tree trees arbre arbres m, apple apples pomme pommes f,
flower flowers fleur fleurs f, book books livre livres m, church churches église églises f,
boat boats bateau bateaux m, hotel hotels hôtel hôtels m, egg eggs œuf œufs m""")
# English, French masculine and feminine, then both of many; the first 4 stand before the noun.
ADJECTIVES = rows("""small petit petite petits petites, big grand grande grands grandes,
beautiful beau belle beaux belles, new nouveau nouvelle nouveaux nouvelles,
red rouge rouge rouges rouges, green vert verte verts vertes, blue bleu bleue bleus bleues,
white blanc blanche blancs blanches, black noir noire noirs noires, heavy lourd lourde lourds
lourdes, strange étrange étrange étranges étranges""")
# English, English after "he", French after je, il, nous, vous and ils.
VERBS = rows("""see sees vois voit voyons voyez voient, follow follows suis suit suivons suivez
suivent, hear hears entends entend entendons entendez entendent, avoid avoids évite évite évitons
évitez évitent, watch watches regarde regarde regardons regardez regardent""")
PRONOUNS = rows("I je 0, he il 1, she elle 1, we nous 2, you vous 3, they ils 4")
# In the order of the adjectives; the last stands after "ne … pas" in place of the third.
ARTICLES = rows("""the the le la les les, this these ce cette ces ces, a - un une des des,
a - de de de de""")
ELIDED = dict(rows("a an, le l', la l', de d', ne n', je j', ce cet, beau bel, nouveau nouvel"))


class Dataset(NamedTuple):
    """Images (n, i, j) as float32 in [0, 1] and integer labels (n), split in two."""

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def digits(test=360, rng=None) -> Dataset:
    """The 1,797 handwritten 8 by 8 digits that scikit-learn ships; `test` of them held out."""
    from sklearn.datasets import load_digits

    rng = rng or np.random.default_rng(0)
    bunch = load_digits()
    x, y = (bunch.images / 16).astype(np.float32), bunch.target.astype(np.intp)
    if not 0 < test < len(x):
        raise ValueError(f"test must lie between 1 and {len(x) - 1} images, got {test}")
    order = rng.permutation(len(x))
    train, held = order[test:], order[:test]
    return Dataset("digits", x[train], y[train], x[held], y[held])


def mnist(download=True) -> Dataset:
    """MNIST, 60,000 and 10,000 digits of 28 by 28 pixels {cite}`lecun1998gradient`."""
    return idx_dataset("mnist", download)


def fashion_mnist(download=True) -> Dataset:
    """Fashion-MNIST, clothes in the format of MNIST {cite}`xiao2017fashion`."""
    return idx_dataset("fashion-mnist", download)


def handwritten() -> Dataset:
    """MNIST where a folder holds it already, otherwise the small digits; nothing is downloaded."""
    try:
        return mnist(download=False)
    except FileNotFoundError:
        return digits()


def clouds(classes=3, n=50, spread=0.6, rng=None):
    """Gaussian point clouds round the corners of a regular polygon of radius 1.5.

    Returns points (classes * n, 2) and labels (classes * n), class after class.
    """
    if classes < 2 or n < 1 or not spread > 0:
        raise ValueError(
            f"classes must be >= 2, n >= 1 and spread > 0, got {classes}, {n}, {spread}"
        )
    rng = rng or np.random.default_rng(0)
    angle = np.pi / 2 + 2 * np.pi * np.arange(classes) / classes
    corners = 1.5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    labels = np.repeat(np.arange(classes), n)
    return corners[labels] + spread * rng.normal(size=(classes * n, 2)), labels


class Translation(NamedTuple):
    """The words of two languages, and sentences (n, t) in them as numbers, 0 after the end."""

    english: list
    french: list
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def toy_translation(train=8000, test=500, rng=None) -> Translation:
    """English sentences and their French, from a small grammar; no sentence comes twice.

    One pair in 20 of a noun and an adjective is held out: half of the test sentences have one,
    no training sentence does. The French stands between <start> and <end>.
    """
    if train < 1 or test < 2:
        raise ValueError(f"train must be >= 1 and test >= 2, got {train} and {test}")
    rng = rng or np.random.default_rng(0)
    held = rng.random((len(NOUNS), len(ADJECTIVES))) < 0.05
    parts, sizes = ({}, {}, {}), (train, test - test // 2, test // 2)
    while any(len(part) < size for part, size in zip(parts, sizes)):
        pairs, english, french = sentence(rng)
        kind = 2 if any(held[pair] for pair in pairs) else len(parts[0]) == train
        if len(parts[kind]) < sizes[kind] and english not in parts[0]:
            parts[kind][english] = ("<start>", *french, "<end>")
    pairs = parts[0] | parts[1] | parts[2]
    english, x = numbered(list(pairs))
    french, y = numbered(list(pairs.values()))
    return Translation(english, french, x[:train], y[:train], x[train:], y[train:])


def sentence(rng):
    """Its pairs (noun, adjective), its English words and its French words."""
    form, pairs, subject, sujet = phrase(rng, rng.integers(3), 8)
    if rng.random() < 0.4:
        *subject, sujet, form = PRONOUNS[rng.integers(6)]
        form, pairs, sujet = int(form), [], [sujet]
    negated, article = rng.random() < 0.3, rng.integers(3)
    _, others, thing, chose = phrase(rng, article + (negated and article == 2), len(NOUNS))
    base, third, *forms = VERBS[rng.integers(len(VERBS))]
    verb, verbe = [third if form == 1 else base], [forms[form]]
    if negated:
        verb, verbe = ["does" if form == 1 else "do", "not", base], ["ne", *verbe, "pas"]
    english, french = [*subject, *verb, *thing], [*sujet, *verbe, *chose]
    return pairs + others, spoken(english, "aeiou"), spoken(french, "aeiouhéœ")


def phrase(rng, article: int, nouns: int):
    """One of the first nouns: its verb's form, its pair if any, its English and French words."""
    many, noun, adjective = rng.integers(2), rng.integers(nouns), rng.integers(-5, len(ADJECTIVES))
    *forms, gender = NOUNS[noun]
    english, french, form = [forms[many]], [forms[2 + many]], 2 * many + (gender == "f")
    the, le = ARTICLES[article][many], ARTICLES[article][2 + form]
    if adjective < 0:
        return 1 + 3 * many, [], [the, *english], [le, *french]
    (word, *forms), before = ADJECTIVES[adjective], adjective < 4
    french.insert(0 if before else 1, forms[form])
    le = "de" if before and le == "des" else le
    return 1 + 3 * many, [(noun, adjective)], [the, word, *english], [le, *french]


def spoken(words: list, vowels: str) -> tuple:
    """The words as they sound, some of them otherwise before a vowel; "-" is none."""
    words = [word for word in words if word != "-"]
    pairs = zip(words, [*words[1:], " "])
    return tuple(ELIDED.get(a, a) if b[0] in vowels else a for a, b in pairs)


def numbered(sentences: list):
    """All words, the special ones first, and each sentence as a row of their places, then 0."""
    words = SPECIAL + sorted({word for row in sentences for word in row} - set(SPECIAL))
    place = {word: i for i, word in enumerate(words)}
    ids = np.zeros((len(sentences), max(map(len, sentences))), int)
    for row, sentence in zip(ids, sentences):
        row[: len(sentence)] = [place[word] for word in sentence]
    return words, ids


def spelled(ids, words: list) -> str:
    """The sentence that the ids stand for, without <start>, <end> and padding."""
    return " ".join(words[i] for i in ids if words[i] not in SPECIAL).replace("' ", "'")


def minibatches(n: int, size: int, epochs: int, rng):
    """Index arrays over n examples, each epoch anew; the last may be short."""
    if n < 1 or size < 1 or epochs < 1:
        got = f"got {n}, {size}, {epochs}"
        raise ValueError(f"n, size and epochs must be >= 1, {got}")
    for _ in range(epochs):
        order = rng.permutation(n)
        yield from (order[start : start + size] for start in range(0, n, size))


def folders() -> list[Path]:
    """Where files are looked for, in this order; downloads go to the last one."""
    named = os.environ.get("DLCORE_DATA")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dlcore"
    return [*([Path(named)] if named else []), cache]


def idx_dataset(name: str, download=True) -> Dataset:
    """A data set in MNIST's four files, pixels scaled to [0, 1]."""
    parts = {key: read_idx(locate(f"{name}/{file}", download)) for key, file in PARTS.items()}
    for half in "train", "test":
        x, y = parts[f"x_{half}"], parts[f"y_{half}"]
        if x.ndim != 3 or y.shape != x.shape[:1]:
            raise ValueError(f"{name} {half}: images {x.shape} and labels {y.shape} do not match")
        parts[f"x_{half}"] = x.astype(np.float32) / np.float32(255)
        parts[f"y_{half}"] = y.astype(np.intp)
    return Dataset(name, **parts)


def locate(file: str, download=True) -> Path:
    """The path of `file` (as in SHA256) on this machine, downloaded there if it may be."""
    for folder in folders():
        if (folder / file).exists():
            return folder / file
    target = folders()[-1] / file
    if not download:
        raise FileNotFoundError(f"{file} is in none of {', '.join(map(str, folders()))}")
    name, part = file.split("/")
    fetch(f"{MIRROR[name]}/{part}", target, SHA256[file])
    return target


def fetch(url: str, target: Path, sha256: str):
    """Download with a progress line; only a file with the right SHA-256 gets its name."""
    by_hand = f"put the file with SHA-256 {sha256} at {target} by hand"
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with urllib.request.urlopen(url, timeout=30) as reply:
            copy_with_progress(reply, part, target.name)
        digest = hashlib.sha256(part.read_bytes()).hexdigest()
        if digest != sha256:
            raise ValueError(f"{url} has SHA-256 {digest}: the file was changed; {by_hand}")
        part.replace(target)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as reason:
        raise ConnectionError(f"{url} did not answer ({reason}); {by_hand}") from reason
    finally:
        part.unlink(missing_ok=True)


def copy_with_progress(reply, path: Path, name: str):
    """Write the reply to `path`, showing on stderr how much has come."""
    size, done = int(reply.headers.get("Content-Length") or 0), 0
    with path.open("wb") as out:
        while block := reply.read(1 << 18):
            done += out.write(block)
            bar = "#" * (20 * done // size) if size else ""
            print(f"\r{name} [{bar:<20}] {done / 1e6:.1f} MB", end="", file=sys.stderr)
    print(file=sys.stderr)


def read_idx(path: Path) -> np.ndarray:
    """An array of bytes from MNIST's idx format: magic, sizes, then the values."""
    try:
        raw = gzip.decompress(path.read_bytes())
    except (OSError, EOFError) as reason:
        raise ValueError(f"{path} is not a whole gzip file: {reason}") from reason
    if len(raw) < 4 or raw[:3] != b"\0\0\x08":
        raise ValueError(f"{path} does not begin like an idx file of bytes, got {raw[:4].hex()}")
    shape = np.frombuffer(raw, ">u4", count=raw[3], offset=4).astype(int)
    values = np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3])
    if values.size != shape.prod():
        raise ValueError(f"{path} must hold {shape.prod()} values, got {values.size}")
    return values.reshape(shape)
