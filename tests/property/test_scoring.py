"""The laws of the scoring room."""

import json
import random
from collections import OrderedDict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2
from tokenizers import Tokenizer

from export.bundle import Bundle, read_bundle
from stream.events import Review
from stream.kafka.partitioner import partition_of
from stream.scoring.batching import pack
from stream.scoring.buckets import BucketScorer, bucket, bucket_shapes
from stream.scoring.cache import GenerationCache
from stream.scoring.classifier import Scorer
from stream.scoring.decode import Rejected, decode_review
from stream.scoring.fingerprint import fingerprints
from stream.scoring.inference import open_scorer
from stream.scoring.rows import pad, to_ids, to_row
from stream.scoring.tokenizer import WordTokenizer, load_tokenizer, part_of
from stream.settings import DEFAULT_BUNDLE
from tests.unit.scoring.fakes import FakeScorer

LENGTHS = st.lists(st.integers(1, 300), max_size=200)
# Characters that normalisers and splitters treat in a way of their own, beside the usual ones.
STRANGE = (
    "aZß'’İΣς1²½٣ﬁ¨\u0301\u0308\u0345\u200d\u200b\ufeff\u00ad\u3164\u1160"
    "\u2028\u2029\x85\xa0\x1c\x1f\t\r\n \u3000"
)
TEXTS = st.one_of(
    st.text(),
    st.text(STRANGE, max_size=60),
    st.lists(st.sampled_from(["sound", "don't", "AWFUL!!!", "5/5", "😀😀", "e\u0301"])).map(" ".join),
)


@given(LENGTHS, st.integers(1, 2000))
def test_packing_loses_doubles_and_overspends_nothing(lengths: list[int], budget: int) -> None:
    array = np.array(lengths, np.int64)
    batches = [batch.tolist() for batch in pack(array, budget)]
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(batches)
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


@given(LENGTHS, st.integers(1, 2000))
def test_packing_keeps_the_order_among_equals_and_goes_from_short_to_long(
    lengths: list[int], budget: int
) -> None:
    flat = [index for batch in pack(np.array(lengths, np.int64), budget) for index in batch.tolist()]
    assert flat == sorted(range(len(lengths)), key=lambda index: (lengths[index], index))


@given(LENGTHS, st.integers(1, 2000))
def test_no_batch_could_have_taken_the_next_row(lengths: list[int], budget: int) -> None:
    batches = [batch.tolist() for batch in pack(np.array(lengths, np.int64), budget)]
    for batch, following in pairwise(batches):
        assert (len(batch) + 1) * lengths[following[0]] > budget


@given(st.lists(st.lists(st.integers(1, 9999), min_size=1, max_size=30), min_size=1, max_size=30))
def test_padding_keeps_every_row_and_adds_only_padding(rows: list[list[int]]) -> None:
    ids, lengths = pad(list(map(to_row, rows)), pad_id=0)
    assert ids.shape == (len(rows), max(map(len, rows)))
    assert [ids[i, :n].tolist() for i, n in enumerate(lengths.tolist())] == rows
    assert all(not ids[i, n:].any() for i, n in enumerate(lengths.tolist()))


@given(st.lists(st.integers(1, 200), min_size=1, max_size=120), st.integers(1, 5000))
def test_buckets_are_few_hold_their_batch_and_were_all_warmed_up(lengths: list[int], budget: int) -> None:
    array = np.array(lengths, np.int64)
    shapes = bucket_shapes(budget, 200)
    assert len(shapes) <= 7 * 11
    assert shapes[0] == max(shapes, key=lambda shape: shape[0] * shape[1])
    for batch in pack(array, budget):
        rows, longest = len(batch), int(array[batch].max())
        shape = bucket(rows, longest, 200)
        assert shape in shapes
        assert rows <= shape[0] <= max(8, 2 * rows)
        assert longest <= shape[1] <= max(4, 2 * longest)


@given(st.lists(st.lists(st.integers(1, 9999), min_size=1, max_size=30), min_size=1, max_size=30))
def test_buckets_keep_the_rows_and_their_order(rows: list[list[int]]) -> None:
    batch = pad(list(map(to_row, rows)), pad_id=0)
    exact, seen = FakeScorer(), FakeScorer()
    in_buckets = BucketScorer(seen, pad_id=0, max_tokens=30).score(*batch)
    assert np.array_equal(in_buckets, exact.score(*batch))
    assert seen.batches == [bucket(len(rows), max(map(len, rows)), 30)]


@settings(max_examples=30)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_buckets_change_no_logit_of_the_model(
    bundle: Bundle, exact: Scorer, lengths: list[int], chance: random.Random
) -> None:
    manifest = bundle.manifest
    rows = [to_row(chance.randrange(1, 9000) for _ in range(length)) for length in lengths]
    batch = pad(rows, manifest.pad_id)
    in_buckets = BucketScorer(exact, manifest.pad_id, manifest.max_tokens)
    assert np.abs(in_buckets.score(*batch) - exact.score(*batch)).max() < 1e-5


def test_warming_up_scores_every_shape_once_the_largest_first() -> None:
    scorer = FakeScorer()
    assert BucketScorer(scorer, pad_id=0, max_tokens=200).warm_up(2048) == len(scorer.batches)
    assert scorer.batches == bucket_shapes(2048, 200)
    assert scorer.batches[0] == (2048, 4)


@given(st.integers(1, 20), st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=200))
def test_the_cache_is_right_bounded_and_keeps_what_was_used_last(
    capacity: int, steps: list[tuple[bool, int]]
) -> None:
    cache: GenerationCache[int, int] = GenerationCache(capacity)
    written: dict[int, int] = {}
    recent: OrderedDict[int, None] = OrderedDict()
    for value, (is_put, key) in enumerate(steps):
        if is_put:
            cache.put(key, value)
            written[key] = value
        elif (found := cache.get(key)) is None:
            continue
        else:
            assert found == written[key]
        recent[key] = None
        recent.move_to_end(key)
        assert len(cache) <= max(2, capacity)
    for key in list(recent)[-max(1, capacity // 2) :]:
        assert cache.get(key) == written[key]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(DEFAULT_BUNDLE)


@pytest.fixture(scope="module")
def exact(bundle: Bundle) -> Scorer:
    """The fp32 model of the bundle."""
    pytest.importorskip("onnxruntime", reason="needs the extra cpu (onnxruntime)")
    scorer = open_scorer(bundle, "cpu", "fp32", 2048)
    assert scorer is not None
    return scorer


@pytest.fixture(scope="module")
def own_tokenizer(bundle: Bundle) -> Tokenizer:
    """The bundle's tokenizer as it is on disk, truncation included."""
    return Tokenizer.from_file(str(bundle.tokenizer_file))


@pytest.fixture(scope="module")
def word_tokenizer(bundle: Bundle) -> WordTokenizer:
    return load_tokenizer(bundle.tokenizer_file, bundle.manifest.max_tokens, bundle.manifest.max_chars)


@given(TEXTS)
@example("sound\x85sound")
@example("a\x1cb\x1db\x1eb\x1fb")
@example("e \u0301")
@example("ΟΔΟΣ ΟΔΟΣ")
@example("1¨2 3")
@example("x" * 5000)
@example("good " * 500)
@example("!\U0001f600? " * 100)
def test_word_by_word_gives_the_ids_of_the_tokenizer_itself(
    bundle: Bundle, own_tokenizer: Tokenizer, word_tokenizer: WordTokenizer, text: str
) -> None:
    expected = own_tokenizer.encode(text[: bundle.manifest.max_chars], add_special_tokens=False).ids
    if not text.strip():
        return
    ids = to_ids(word_tokenizer.encode(text))
    assert ids == expected
    assert 1 <= len(ids) <= bundle.manifest.max_tokens


# What a word may consist of: letters, names that are one token, one of them across a hyphen, marks, digits.
BITS = (
    "great",
    "Adidas",
    "aiwa",
    "battery-pack",
    "battery",
    "-",
    "_",
    "5",
    "'s",
    "'",
    "!!!",
    ".",
    "’",
    "É",
    "(",
)


@given(
    st.lists(st.lists(st.sampled_from(BITS), min_size=1, max_size=6).map("".join), max_size=30).map(" ".join)
)
@example("adidas_ _adidas 5adidas adidas5 adidas's 'adidas adidas-adidas (Adidas)")
@example("battery-pack battery-pack's x-battery-pack battery-packs battery--pack BATTERY-PACK!")
def test_words_put_together_from_pieces_have_the_ids_of_the_tokenizer_itself(
    own_tokenizer: Tokenizer, bundle: Bundle, text: str
) -> None:
    # Each time a fresh one, that knows no whole word yet.
    manifest = bundle.manifest
    row = load_tokenizer(bundle.tokenizer_file, manifest.max_tokens, manifest.max_chars).encode(text)
    assert to_ids(row) == own_tokenizer.encode(text, add_special_tokens=False).ids


@given(st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20), min_size=1).map(" ".join))
def test_words_of_small_letters_have_the_ids_of_the_tokenizer_itself(
    own_tokenizer: Tokenizer, word_tokenizer: WordTokenizer, text: str
) -> None:
    assert to_ids(word_tokenizer.encode(text)) == own_tokenizer.encode(text, add_special_tokens=False).ids


def test_each_added_token_has_the_id_that_the_tokenizer_gives_it(
    own_tokenizer: Tokenizer, word_tokenizer: WordTokenizer
) -> None:
    for number, token in own_tokenizer.get_added_tokens_decoder().items():
        assert token.special or to_ids(word_tokenizer.encode(token.content)) == [number]


def test_words_of_an_unknown_kind_of_tokenizer_go_the_whole_way(bundle: Bundle, tmp_path: Path) -> None:
    spec = json.loads(bundle.tokenizer_file.read_bytes())
    replace = {"type": "Replace", "pattern": {"String": "o"}, "content": "a"}
    spec["normalizer"]["normalizers"].append(replace)
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps(spec))
    expected = Tokenizer.from_file(str(file)).encode("good sound", add_special_tokens=False).ids
    assert to_ids(load_tokenizer(file, 128, 2_000).encode("good sound")) == expected
    assert expected != Tokenizer.from_file(str(bundle.tokenizer_file)).encode("good sound").ids


def test_pieces_are_known_of_the_tokenizer_that_ships_and_of_no_other_kind(bundle: Bundle) -> None:
    spec = json.loads(bundle.tokenizer_file.read_bytes())
    assert part_of(spec)("(GREAT!!!)") == ["(", "great", "!!!)"]
    for change in (
        {"normalizer": None},
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}]}},
        {"pre_tokenizer": {"type": "Whitespace"}},
        {"model": {"type": "WordPiece"}},
        {"added_tokens": [{"content": "!!", "normalized": False, "single_word": True}]},
    ):
        assert part_of(spec | change)("(GREAT!!!)") == ("(GREAT!!!)",)


@pytest.mark.parametrize("blanks", [2000, 2001, 100_000])
def test_a_page_of_blanks_before_a_text_does_not_hide_it(word_tokenizer: WordTokenizer, blanks: int) -> None:
    for blank in " \n\u3000":
        assert word_tokenizer.encode(blank * blanks + "good sound") == word_tokenizer.encode("good sound")


def test_every_visible_character_has_an_id_and_every_blank_one_none(own_tokenizer: Tokenizer) -> None:
    characters = [chr(point) for point in range(0x30000) if not 0xD800 <= point < 0xE000]
    encodings = own_tokenizer.encode_batch_fast(characters, add_special_tokens=False)
    wrong = [
        hex(ord(character))
        for character, encoding in zip(characters, encodings, strict=True)
        if bool(encoding.ids) == character.isspace()
    ]
    assert wrong == []


@given(st.lists(TEXTS, max_size=40))
@example(["x" * 3_000, "", "sound " * 2_000] * 20)
def test_a_fingerprint_depends_on_nothing_but_its_text(texts: list[str]) -> None:
    together = fingerprints(texts)
    assert together == [found for text in texts for found in fingerprints([text])]


@given(TEXTS.filter(lambda text: len(text) < 200))
def test_how_a_text_is_spaced_makes_no_difference(text: str) -> None:
    assert fingerprints([text]) == fingerprints(["\n" + text.replace(" ", " \t") + " "])


def test_sketches_agree_as_far_as_texts_do() -> None:
    chance = random.Random(11)
    agreed = {"one word of twenty": 0, "every word": 0}
    for _ in range(500):
        words = [f"word{chance.randrange(2_000)}" for _ in range(20)]
        changed = list(words)
        changed[chance.randrange(20)] = "another"
        unrelated = [f"word{chance.randrange(2_000)}" for _ in range(20)]
        found = fingerprints([" ".join(each) for each in (words, changed, unrelated)])
        one, near, far = (bytes.fromhex(each.sketch) for each in found)
        agreed["one word of twenty"] += _agreeing(one, near)
        agreed["every word"] += _agreeing(one, far)
    # 18 of 22 pairs are in both; of unrelated bytes every 256th agrees. Six standard deviations each way.
    assert 0.77 < agreed["one word of twenty"] / 4_000 < 0.87
    assert agreed["every word"] / 4_000 < 0.01


@given(st.binary(max_size=60), st.integers(1, 200))
def test_keys_go_where_other_kafka_clients_send_them(key: bytes, partitions: int) -> None:
    assert partition_of(key, partitions) == (murmur2(key) & 0x7FFFFFFF) % partitions


def _agreeing(one: bytes, other: bytes) -> int:
    return sum(a == b for a, b in zip(one, other, strict=True))


SECRET = "xylophone"
SEEDS = [
    b'{"review_id":"xylophone","brand":"xylophone","text":"xylophone xylophone","stars":4}',
    b'{"review_id":"1","brand":"B","text":"\\u00e9\\ud83d\\ude00","created_at":"2026-01-02T03:04:05Z"}',
    b'{"text":"xylophone","title":"xylophone","brand":null,"stars":99,"created_at":"xylophone"}',
    b'{"review_id":1,"brand":["xylophone"],"text":{"xylophone":"xylophone"},"xylophone":[[["xylophone"]]]}',
    '{"review_id":"ü","brand":"\u202e","text":"xylophone 😀 \u200d","language":"xylophone"}'.encode(),
]
TOKENS = [b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\u", b"\\ud800", b"\\u0000", b"\x00", b"\xff"]
TOKENS += [
    b"null",
    b"true",
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"9" * 400,
    b"\xf0\x9f",
    b"\xed\xa0\x80",
    b"\n",
    b" ",
]


def mutated(rng: random.Random) -> bytes:
    value = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randint(1, 5)):
        place, length = rng.randrange(len(value) + 1), rng.randint(0, 8)
        match rng.randrange(5):
            case 0:
                del value[place : place + length]
            case 1:
                value[place:place] = rng.choice(TOKENS)
            case 2:
                value[place : place + length] = rng.randbytes(length)
            case 3:
                value[place : place + length] = rng.choice(TOKENS)
            case _:
                other = rng.choice(SEEDS)
                start = rng.randrange(len(other))
                value[place:] = other[start:]
    return bytes(value)


def test_a_hundred_thousand_mutated_payloads_have_one_outcome_each() -> None:
    rng = random.Random(20260)
    outcomes = {"undecodable": 0, "invalid": 0, "review": 0}
    for _ in range(100_000):
        value = mutated(rng)
        outcome = decode_review(value)
        if isinstance(outcome, Rejected):
            outcomes[outcome.reason] += 1
            assert outcome.detail
            assert SECRET[:5] not in outcome.detail, value
        else:
            assert isinstance(outcome, Review)
            assert outcome.text.strip()
            assert outcome.brand.strip()
            outcome.model_dump_json()  # it can be written again: no lone surrogate, no number that is none
            outcomes["review"] += 1
    assert sum(outcomes.values()) == 100_000
    assert min(outcomes.values()) > 1_000, outcomes


@given(st.binary(max_size=200))
def test_any_bytes_have_one_outcome(value: bytes) -> None:
    assert isinstance(decode_review(value), Review | Rejected)
