"""The law of the tokenizer, against a reference of a few lines, for any string."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("tokenizers", reason="needs tokenizers")

from tokenizers import Tokenizer

from training.tokenizer import PAD, PAD_ID, UNKNOWN, encode, train_tokenizer

MAX_CHARS, MAX_TOKENS = 60, 24
TEXTS = ["The sound is good, the sound isn't great!!!", "Bad. Very bad: 100% bad 😀", "okay okay, it is okay"]
SPACES = "".join(chr(code) for code in range(0x110000) if chr(code).isspace())
TOKENIZER = train_tokenizer(TEXTS * 5, 120, MAX_CHARS, MAX_TOKENS, names=["zonkra", "beth", "good"])

any_text = st.text(max_size=90)
NAMES_AND_NEIGHBOURS = [
    "zonkra",
    "ZONKRA",
    "Beth",
    "beth",
    "elizabeth",
    "ｂｅｔｈ",
    "zonkra's",
    "good",
    " ",
    "  ",
    "\xa0",
    ".",
    "-",
    "'",
    "1",
    "é",
    "́",
    "😀",
    "a",
]
named_text = st.lists(st.sampled_from(NAMES_AND_NEIGHBOURS), max_size=20).map("".join)
dense_text = st.text(
    alphabet=SPACES + "aAbtheßİΣ´ﬁ\u0301\u0345\ufdfaㄱ가 !?.'’10٣½😀\u200d\ufe0f<pad>/w", max_size=90
)


def by_words(text: str) -> list[int]:
    ids = []
    for piece in text[:MAX_CHARS].split():
        piece_ids = TOKENIZER.encode(piece, add_special_tokens=False).ids
        assert piece_ids, f"a piece without ids: {piece!r}"
        ids += piece_ids
    return ids[:MAX_TOKENS]


@given(any_text | dense_text | named_text)
def test_a_text_is_the_concatenation_of_its_words(text: str) -> None:
    assert encode(TOKENIZER, [text], MAX_CHARS) == [by_words(text)]


def test_every_character_that_is_no_space_has_an_id() -> None:
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    visible = [character for character in characters if not character.isspace()]
    assert all(encode(TOKENIZER, visible, MAX_CHARS))
    assert not any(encode(TOKENIZER, list(SPACES), MAX_CHARS))


def test_normalisation_makes_no_character_vanish_into_spaces() -> None:
    for code in range(0x110000):
        if not 0xD800 <= code < 0xE000 and not chr(code).isspace():
            assert unicodedata.normalize("NFKC", chr(code)).split(), hex(code)


def test_the_law_survives_saving_and_loading() -> None:
    loaded = Tokenizer.from_str(TOKENIZER.to_str())
    assert encode(loaded, TEXTS, MAX_CHARS) == [by_words(text) for text in TEXTS]


def test_nobody_can_write_padding_into_a_review() -> None:
    assert TOKENIZER.token_to_id(PAD) == PAD_ID
    ids = encode(TOKENIZER, [f"{PAD} {UNKNOWN} <pad>"], MAX_CHARS)[0]
    assert PAD_ID not in ids


def test_equal_texts_give_an_equal_tokenizer() -> None:
    names = ["zonkra", "beth", "good"]
    again = {train_tokenizer(TEXTS * 5, 120, MAX_CHARS, MAX_TOKENS, names).to_str() for _ in range(5)}
    assert again == {TOKENIZER.to_str()}


def test_a_name_is_one_token_where_it_stands_as_a_word() -> None:
    alone = {name: encode(TOKENIZER, [name], MAX_CHARS)[0] for name in ("zonkra", "beth", "good")}
    assert all(len(ids) == 1 for ids in alone.values())
    assert encode(TOKENIZER, ["Zonkra!"], MAX_CHARS)[0][0] == alone["zonkra"][0]
    assert alone["beth"][0] not in encode(TOKENIZER, ["bethany"], MAX_CHARS)[0]


def test_case_and_width_do_not_matter() -> None:
    assert encode(TOKENIZER, ["GOOD"], MAX_CHARS) == encode(TOKENIZER, ["ｇｏｏｄ"], MAX_CHARS)
