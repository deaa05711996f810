import gc
import weakref
from collections.abc import Iterator

import pytest

from stream.scoring.garbage import MADE_BEFORE_A_SEARCH, search_seldom


class Node:
    """May point to itself."""

    me: "Node"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


def test_cycles_made_later_are_still_found_though_seldom() -> None:
    search_seldom()
    assert gc.isenabled()
    node = Node()
    node.me = node
    gone = weakref.ref(node)
    del node
    kept = [[] for _ in range(MADE_BEFORE_A_SEARCH // 2)]  # type: ignore[var-annotated]
    assert gone() is not None
    kept += [[] for _ in range(MADE_BEFORE_A_SEARCH)]
    assert gone() is None


def test_what_exists_is_searched_no_more() -> None:
    node = Node()
    search_seldom()
    assert gc.get_freeze_count() > 1000
    assert all(found is not node for found in gc.get_objects())
