"""A review's own brand is hidden where it stands by itself, and nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.scoring.lines import LineFormat, decode_line, label_lines
from stream.scoring.masking import mask_brand
from stream.scoring.rows import Row, to_row
from tests.unit.scoring.fakes import BRAND_WORD, FakeScorer, fake_classifier

names = st.text("ABab&. é漢", min_size=1, max_size=8).filter(lambda name: name.strip() and not name.islower())


@pytest.mark.parametrize(
    ("text", "brand", "masked"),
    [
        ("Never buy Sony again", "Sony", "Never buy acme again"),
        ("Sony, SONY and Sonya; my-Sony's", "Sony", "acme, SONY and Sonya; my-acme's"),
        ("A Black & Decker drill", "Black & Decker", "A acme drill"),
        ("nothing works, nothing", "nothing", "nothing works, nothing"),
        ("no name here", "Sony", "no name here"),
        ("SonySony Sony", "Sony", "SonySony acme"),
        ("小米 很好", "小米", "acme 很好"),
    ],
)
def test_examples(text: str, brand: str, masked: str) -> None:
    assert mask_brand(text, brand, "acme") == masked


def test_without_a_word_nothing_changes() -> None:
    assert mask_brand("Sony", "Sony", "") == "Sony"


@given(st.lists(st.sampled_from(["x", " ", ", ", "works", "!", "\n"]), max_size=12), names, names)
def test_one_brand_for_another_is_the_same_text(pieces: list[str], one: str, other: str) -> None:
    def about(brand: str) -> str:
        return mask_brand("".join([*pieces, f" {brand} ", *pieces]), brand, "acme")

    assert about(one) == about(other)


def test_the_model_reads_no_brand_but_a_line_without_brand_is_read_as_it_is() -> None:
    seen: list[str] = []

    def encode(text: str) -> Row:
        seen.append(text)
        return to_row([1])

    lines = [
        decode_line(1, b'{"text": "Zonkra broke", "brand": "Zonkra"}'),
        decode_line(2, b'{"text": "an unknown shop"}'),
    ]
    assert len(list(label_lines(lines, fake_classifier(FakeScorer(), encoder=encode), LineFormat("m")))) == 2
    assert seen == [f"{BRAND_WORD} broke", "an unknown shop"]
