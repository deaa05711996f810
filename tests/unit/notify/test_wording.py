"""What people read, and that no brand's name does anything there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.notify.wording import message, safe
from stream.web.dashboard.addresses import alert_address
from tests.unit.notify.samples import alert


def test_a_share_is_told_with_its_interval_and_its_window() -> None:
    assert message(alert(), "").get("text") == (
        "*Critical* alert opened: share of negative reviews of `Acme Audio`\n"
        "42.5% of 1,200 reviews (95 % interval 40.0% to 45.0%), expected 10.0%; q = 0.0012\n"
        "Window of 1h: 2026-09-21 13:13 UTC to 2026-09-21 14:13 UTC; opened 2026-09-21 14:13 UTC"
    )


def test_a_volume_is_told_in_reviews() -> None:
    volume = alert(
        state="updated",
        kind="volume",
        observed=1_200,
        expected=34.56,
        interval={"low": 1_100, "high": 1_300.5},
    )
    text = message(volume, "")["text"]
    assert "alert updated: number of reviews of `Acme Audio`" in text
    assert "1,200 reviews (95 % interval 1,100 to 1,300.5), expected 34.6; q" in text


@pytest.mark.parametrize("public_url", ["https://brands.example.org", "https://brands.example.org/"])
def test_it_links_to_the_page_of_the_alert(public_url: str) -> None:
    address = f"https://brands.example.org{alert_address('a/1 <x>')}"
    assert message(alert("a/1 <x>"), public_url)["text"].endswith(f"\n<{address}|Open in the dashboard>")
    assert "<" not in message(alert("a/1 <x>"), "")["text"]


NASTY = [
    "<!channel>",
    "@channel @here",
    "<https://evil.example|Acme>",
    "![](https://evil.example/pixel.png)",
    "`* _x_ *`",
    "a\nb\r\u2028c\x00d",
    "\u202egnol",
    "&lt;!here&gt;",
    "x" * 5_000,
]


@pytest.mark.parametrize("brand", NASTY)
def test_a_brand_stays_within_its_code_span(brand: str) -> None:
    first, *others = message(alert(brand=brand), "")["text"].split("\n")
    shown = first.removeprefix("*Critical* alert opened: share of negative reviews of `")
    assert len(shown) < len(first) <= 1_000
    assert shown.endswith("`")
    assert not set("`<>@\r\u2028\u202e") & set(shown[:-1])
    assert len(others) == 2


@given(st.text())
def test_any_name_is_one_printable_line_without_entities_of_its_own(name: str) -> None:
    shown = safe(name)
    assert shown.isprintable()
    assert not set("`<>@") & set(shown)
    assert shown.count("&") == shown.count("&amp;") + shown.count("&lt;") + shown.count("&gt;")


@pytest.mark.parametrize("time_ms", [-1, 2**62])
def test_a_time_that_is_none_is_told_as_it_is(time_ms: int) -> None:
    assert f"opened {time_ms} ms" in message(alert(opened_at=time_ms), "")["text"]
