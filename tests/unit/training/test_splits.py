"""Splits: copies stay together, rows know nothing of their order or of new rows, shares are as asked for."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.reading.splits import (
    SPLITS,
    assign_splits,
    count_straddling,
    describe_splits,
    group_copies,
    text_key,
)

_WORDS = [
    start + end
    for start in ("bat", "screw", "str", "ch", "cab", "li", "gr")
    for end in ("er", "ap", "ing", "le", "o", "ud")
]

texts = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from(_WORDS), min_size=1, max_size=30).map(" ".join),
        st.sampled_from(["Fine.", "fine", "FINE!", "", " ", "😀", "😀 "]),
    ),
    max_size=30,
)
LONG = (
    "The charger arrived in a dented box and the cable was a little shorter than the picture made me think, "
    "but it has charged my old phone every night for a year and it never got warm or made any noise at all."
)


def made_up(count: int) -> list[str]:
    """Texts of 5 to 40 random words: unlike each other."""
    choose = random.Random(1)
    return [" ".join(choose.choices(_WORDS, k=choose.randint(5, 40))) for _ in range(count)]


@given(texts, st.integers(0, 3))
def test_no_group_straddles_and_equal_keys_share_a_group(texts: list[str], seed: int) -> None:
    splits = assign_splits(texts, seed)
    assert set(splits) <= set(SPLITS)
    assert count_straddling(texts, splits) == (0, 0)
    by_key: dict[str, set[str]] = {}
    for text, split in zip(texts, splits, strict=True):
        by_key.setdefault(text_key(text), set()).add(split)
    assert all(len(names) == 1 for names in by_key.values())


@given(texts, st.randoms())
def test_the_order_of_rows_does_not_matter(texts: list[str], choose: random.Random) -> None:
    order = list(range(len(texts)))
    choose.shuffle(order)
    shuffled = [texts[row] for row in order]
    splits, groups = assign_splits(texts, 1), group_copies(texts)
    assert assign_splits(shuffled, 1) == [splits[row] for row in order]
    assert group_copies(shuffled) == [groups[row] for row in order]


@given(texts, texts)
def test_new_rows_move_no_row_but_copies(old: list[str], new: list[str]) -> None:
    before, after = assign_splits(old, 1), assign_splits(old + new, 1)
    group = group_copies(old + new)
    joined = set(group[len(old) :])
    moved = [row for row in range(len(old)) if before[row] != after[row]]
    assert all(group[row] in joined for row in moved)


@given(st.sampled_from([LONG, "Broke twice, never again", "Große Tasche"]), st.randoms())
def test_case_signs_and_spaces_make_no_other_text(text: str, choose: random.Random) -> None:
    copy = "".join(
        choose.choice([letter, letter.lower(), letter.upper()]) + choose.choice(["", " ", "!"])
        for letter in text
    )
    assert len(set(group_copies([text, *made_up(5), copy]))) == 6


@pytest.mark.parametrize(
    "copy",
    [
        LONG.replace("old phone", "new phone"),
        "Update: " + LONG,
        LONG[:130] + "... READ MORE",
        LONG.replace("the", "teh"),
        LONG.replace(" ", "", 12),
    ],
    ids=["word", "start", "cut", "typo", "joined"],
)
def test_long_texts_that_differ_a_little_are_copies(copy: str) -> None:
    groups = group_copies([LONG, *made_up(200), copy])
    assert groups[0] == groups[-1]
    assert len(set(groups)) == 201


def test_short_texts_are_copies_only_where_equal() -> None:
    groups = group_copies(["good product, works", "good product, worked", "GOOD product works"])
    assert groups[0] == groups[2] != groups[1]


def test_keys_are_letters_and_digits_in_compatibility_form() -> None:
    assert text_key("Don't  BUY ²_") == "dontbuy2"
    assert text_key("ＦＵＬＬ ﬁt") == "fullfit"
    assert text_key("GROSSE") == text_key("große")
    assert text_key(" 😀!") == "😀!"


def test_shares_are_roughly_as_asked_for_and_depend_on_the_seed() -> None:
    texts = made_up(5_000)
    counts = Counter(assign_splits(texts, 1))
    assert counts["train"] == pytest.approx(4_500, abs=90)
    assert counts["validation"] == pytest.approx(250, abs=65)
    assert counts["test"] == pytest.approx(250, abs=65)
    halves = Counter(assign_splits(texts, 1, (0.5, 0.0, 0.5)))
    assert halves["validation"] == 0
    assert halves["train"] == pytest.approx(2_500, abs=150)
    assert assign_splits(texts, 2) != assign_splits(texts, 1)


def test_a_seed_means_the_same_split_in_every_version() -> None:
    splits = assign_splits(made_up(40), 1)
    assert [row for row, split in enumerate(splits) if split != "train"] == [4, 7, 13, 14, 16, 17, 20, 23]


def test_straddling_groups_of_given_splits_are_counted() -> None:
    texts = ["Fine.", "fine", "FINE!", "Broke twice", "broke twice!", "It stays alone"]
    splits = ["train", "train", "test", "test", "test", "validation"]
    assert count_straddling(texts, splits) == (1, 3)
    assert describe_splits(texts, splits) == (
        "splits given: 2 train, 1 validation, 3 test; copies in several of them: 1 texts (3 rows)"
    )
