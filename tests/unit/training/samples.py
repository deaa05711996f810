"""Small labelled reviews, written for the tests: enough to train on for a second."""

import random
from pathlib import Path

import pytest

_PHRASES = {
    1: ["broke after a day", "a waste of money", "it never worked", "the strap tore at once"],
    3: ["it is okay", "average, nothing special", "does its job, no more", "neither good nor bad"],
    5: ["works like a charm", "I love it", "great sound and a bright screen", "would buy it again"],
}


def write_reviews(path: Path) -> Path:
    """Write a parquet file with text, stars and split: 96 training, 24 validation and 24 test rows."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra training (pyarrow)")
    import pyarrow

    choose = random.Random(0)
    rows = []
    for split, count in (("train", 96), ("validation", 24), ("test", 24)):
        for i in range(count):
            stars = (1, 3, 5)[i % 3]
            text = ". ".join(choose.choices(_PHRASES[stars], k=choose.randint(1, 3)))
            rows.append({"text": text, "stars": stars, "split": split})
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path
