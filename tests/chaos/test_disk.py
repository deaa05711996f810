"""The disk is as full as it says, and has room again."""

from pathlib import Path

import pytest

from stream.brands.store import BrandStore
from stream.errors import DiskFailed
from tests.chaos.disk import disk_at


def test_a_full_disk_takes_nothing_until_there_is_room_again(tmp_path: Path) -> None:
    place = tmp_path / "small"
    with disk_at(place) as disk:
        if disk is None:
            pytest.skip("no file system can be mounted here: that needs root")
        (place / "before").write_bytes(bytes(100_000))
        disk.fill()
        with pytest.raises(OSError, match="No space left on device"):
            (place / "meanwhile").write_bytes(bytes(100_000))
        assert (place / "before").read_bytes() == bytes(100_000)
        disk.free()
        (place / "after").write_bytes(bytes(100_000))
    assert not list(place.iterdir())


def write_much(store: BrandStore) -> None:
    for number in range(1_000):
        store.write({b"acme": bytes(100_000)}, number, 0)


def test_a_store_on_a_full_disk_says_so_in_one_line(tmp_path: Path) -> None:
    place = tmp_path / "small"
    with disk_at(place) as disk:
        if disk is None:
            pytest.skip("no file system can be mounted here: that needs root")
        store = BrandStore(place / "brands", "1" * 36, 0)
        disk.fill()
        with pytest.raises(DiskFailed, match=r"make room there .* nothing is lost"):
            write_much(store)
        with pytest.raises(DiskFailed):
            store.close()
