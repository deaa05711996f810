"""Without a card every test of this directory that needs one is skipped, and the reason is shown."""

import pytest

from export.bundle import Bundle, read_bundle
from stream.scoring.rows import Row
from stream.settings import load_settings
from tests.benchmarks.corpus import load_corpus
from tests.benchmarks.model import token_rows
from tests.gpu.card import why_no_card

TEXTS = 4_000


@pytest.fixture(scope="session")
def card() -> None:
    """Skips where there is no card."""
    reason = why_no_card()
    if reason is not None:
        pytest.skip(f"no GPU here: {reason}")


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    """The bundle that ships, or that of BRANDPULSE_BUNDLE."""
    return read_bundle(load_settings().bundle)


@pytest.fixture(scope="session")
def rows(bundle: Bundle) -> list[Row]:
    """Token ids of 4,000 texts of real lengths, mixed."""
    return token_rows(bundle, load_corpus(), TEXTS)
