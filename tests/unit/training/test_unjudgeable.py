"""Texts made up for training: as many as asked for, never blank, the same for the same seed."""

from hypothesis import given
from hypothesis import strategies as st

from training.texts.unjudgeable import unjudgeable_texts


@given(st.integers(0, 200), st.text(max_size=5))
def test_they_are_never_blank_and_the_same_for_a_seed(rows: int, seed: str) -> None:
    texts = unjudgeable_texts(rows, seed)
    assert texts == unjudgeable_texts(rows, seed)
    assert len(texts) == rows
    assert all(map(str.strip, texts))


def test_they_come_in_many_scripts_and_kinds() -> None:
    texts = unjudgeable_texts(400, "seed")
    assert any(text.isascii() and text.replace(" ", "").isalpha() for text in texts)
    assert any(any(character.isdigit() for character in text) for text in texts)
    assert len({hex(ord(text[0]))[:-2] for text in texts}) > 10
