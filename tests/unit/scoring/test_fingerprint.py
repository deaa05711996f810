"""What fingerprints tell apart; their laws are in tests/property."""

import subprocess
import sys

import pytest

from stream.scoring.fingerprint import MIN_CHARS, MOST_CHARS, Fingerprint, fingerprints

TEXT = "The lid leaks, and nobody answers when I write."


def of(text: str) -> Fingerprint:
    (found,) = fingerprints([text])
    return found


def agreeing(one: str, other: str) -> int:
    """How many of the 8 bytes of their sketches agree."""
    pairs = zip(bytes.fromhex(of(one).sketch), bytes.fromhex(of(other).sketch), strict=True)
    return sum(a == b for a, b in pairs)


def test_fingerprints_are_the_same_in_every_process_and_version() -> None:
    assert of(TEXT) == Fingerprint("ae1b216ee88ca418", "3d16b931c55e8fb9")
    code = f"from stream.scoring.fingerprint import fingerprints; print(fingerprints([{TEXT!r}])[0].sketch)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == of(TEXT).sketch


@pytest.mark.parametrize(
    "same",
    [
        TEXT.upper(),
        f"  {TEXT}\n",
        TEXT.replace(" ", "  "),
        TEXT.replace(" ", "\t"),
        TEXT.replace(" ", "\u00a0"),
        TEXT.replace("l", "ｌ"),
    ],
)
def test_spelling_and_spacing_make_no_difference(same: str) -> None:
    assert of(same) == of(TEXT)


def test_one_character_makes_another_text_that_is_nearly_the_same() -> None:
    other = TEXT.replace("write.", "write!")
    assert of(other).text_digest != of(TEXT).text_digest
    assert 4 <= agreeing(other, TEXT) < 8


def test_a_short_text_has_no_digest() -> None:
    assert of("x" * (MIN_CHARS - 1)).text_digest is None
    assert of("x" * MIN_CHARS).text_digest is not None
    assert of("Great!" + " " * 100).text_digest is None


def test_the_order_of_words_counts() -> None:
    text = "this works and that one does not whatever they say about it"
    assert agreeing(text, " ".join(sorted(text.split()))) <= 3


@pytest.mark.parametrize("text", ["good", "!", "\u0301", "质量很好非常满意", "x" * 50_000, "ab " * 700_000])
def test_any_text_has_a_sketch(text: str) -> None:
    assert len(bytes.fromhex(of(text).sketch)) == 8


def test_long_texts_are_judged_by_their_beginning() -> None:
    long = "every word counts " * MOST_CHARS
    assert of(long) == of(long + "but not this")


def test_no_texts_have_none() -> None:
    assert fingerprints([]) == []
