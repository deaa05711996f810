"""Fixtures of the training tests."""

from pathlib import Path

import pytest

from tests.unit.training.samples import write_reviews


@pytest.fixture(scope="session")
def reviews_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A parquet file of small labelled reviews."""
    return write_reviews(tmp_path_factory.mktemp("data") / "reviews.parquet")
