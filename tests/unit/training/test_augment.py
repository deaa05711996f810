"""Changed texts keep what matters: they are never blank, swaps change names alone, seeds decide."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.config import TrainingConfig
from training.texts.augment import augment, changes, drop_punctuation, join_words, misspell, swap_names
from training.texts.names import ANY_PRODUCT, BRANDS

ALL = TrainingConfig(swap_names=1.0, misspell=1.0, drop_punctuation=1.0, join_words=1.0)
texts = st.lists(st.text(min_size=1, max_size=80).filter(str.strip), min_size=1, max_size=8)


@given(texts, st.text(max_size=5))
def test_equal_seeds_give_equal_texts_none_of_them_blank(originals: list[str], seed: str) -> None:
    changed = augment(originals, seed, changes(ALL))
    assert changed == augment(originals, seed, changes(ALL))
    assert len(changed) == len(originals)
    assert all(map(str.strip, changed))


@given(texts)
def test_nothing_changes_where_nothing_is_asked_for(originals: list[str]) -> None:
    nothing = TrainingConfig(swap_names=0, misspell=0, drop_punctuation=0, join_words=0)
    assert augment(originals, "seed", changes(nothing)) == originals


@pytest.mark.parametrize("seed", range(20))
def test_names_change_and_the_other_words_stay(seed: int) -> None:
    text = "My Sony headphones beat your SONY ones, but the case is bad."
    found = re.fullmatch(
        r"My (?P<brand>.+?) (?P<product>.+) beat your (?P=brand) ones, but the case is bad\.",
        swap_names(text, random.Random(seed)),
    )
    assert found
    assert found["brand"] != "Sony"
    assert found["product"].endswith(ANY_PRODUCT)


def test_brands_give_way_to_known_and_to_made_up_names() -> None:
    choose = random.Random(0)
    found = {swap_names("sony", choose) for _ in range(200)}
    assert found & set(BRANDS)
    assert found - set(BRANDS)


@given(texts, st.integers(0, 5))
def test_style_changes_hardly_change_the_letters(originals: list[str], seed: int) -> None:
    for text in originals:
        choose = random.Random(seed)
        letters = [letter for letter in text if letter.isalnum()]
        assert [letter for letter in join_words(text, choose) if letter.isalnum()] == letters
        assert [letter for letter in drop_punctuation(text, choose) if letter.isalnum()] == letters
        assert abs(len(misspell(text, choose)) - len(text)) <= 3
