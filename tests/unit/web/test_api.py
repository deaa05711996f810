"""The API as a client meets it: answers, what they leave out, what they refuse and how they say it."""

import asyncio
import io
from typing import Any

import pytest

from stream.web.series import HOUR_MS
from stream.web.values import HourRow
from tests.unit.web.samples import NOW_MS, Stage, alert_value, correction_value, label_value, take_brand

MARKUP = ('<img src=x onerror=alert(1)>"\r\nSet-Cookie: a=b' + "'" * 200)[:200]


def get(site: Stage, path: str, **headers: str) -> Any:
    return site.client().get(f"/api/v1{path}", headers={n.replace("_", "-"): v for n, v in headers.items()})


def post(site: Stage, path: str, body: Any = None) -> Any:
    return site.client().post(f"/api/v1{path}", json=body)


def refused(answer: Any, status: int) -> Any:
    """The problem of an answer."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    return problem


def hour(number: int, negative: int = 10, positive: int = 50) -> HourRow:
    unit = 1 << 20
    return HourRow(
        number * HOUR_MS,
        (negative, 0, positive),
        (negative * unit, 0, positive * unit),
        (negative, *[0] * 14, positive),
        1,
    )


class TestBrands:
    def test_pages_of_brands(self, site: Stage) -> None:
        for number in range(5):
            take_brand(site.view, f"Brand {number}", reviews=number)
        first = get(site, "/brands?limit=3").json()
        second = get(site, f"/brands?limit=3&cursor={first['next']}").json()
        assert [each["brand_key"] for each in first["brands"] + second["brands"]] == [
            f"brand {number}" for number in (4, 3, 2, 1, 0)
        ]
        assert (first["total"], second["next"]) == (5, None)

    def test_a_search_does_not_ask_for_case_or_width(self, site: Stage) -> None:
        take_brand(site.view, "Acme Audio")
        take_brand(site.view, "Bolt")
        assert [each["brand"] for each in get(site, "/brands?q=ＡＵＤ").json()["brands"]] == ["Acme Audio"]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=many", "limit"),
            ("sort=colour", "sort"),
            ("order=up", "order"),
            ("window=2h", "window"),
            ("cursor=nonsense", "cursor"),
            ("q=" + "x" * 201, "q"),
            ("page=2", "page"),
        ],
    )
    def test_what_is_not_understood_is_named(self, site: Stage, query: str, field: str) -> None:
        problem = refused(get(site, f"/brands?{query}"), 422)
        assert [each["field"] for each in problem["errors"]] == [field]
        assert "nonsense" not in problem["detail"]

    def test_a_cursor_of_another_list_is_refused(self, site: Stage) -> None:
        for number in range(3):
            take_brand(site.view, f"Brand {number}")
        cursor = get(site, "/brands?limit=1").json()["next"]
        assert "sort" in refused(get(site, f"/brands?limit=1&sort=net&cursor={cursor}"), 422)["detail"]

    def test_one_brand_by_any_spelling(self, site: Stage) -> None:
        take_brand(site.view, "Acme Audio")
        site.view.take_alert(b"a", alert_value("a", brand="acme audio"))
        found = get(site, "/brands/%20ACME%C2%A0audio").json()
        assert found["brand"] == "Acme Audio"
        assert [alert["alert_id"] for alert in found["alerts"]] == ["a"]
        assert found["minutes"]["step"] == 60_000

    @pytest.mark.parametrize("name", ["AC/DC", "a/series", "50%2F", "?x#y", "..", "ß", MARKUP])
    def test_any_name_can_be_asked_for(self, site: Stage, name: str) -> None:
        from urllib.parse import quote

        take_brand(site.view, name)
        answer = get(site, f"/brands/{quote(name, safe='').replace('..', '%2E%2E')}")
        assert answer.json()["brand"] == name
        assert answer.headers["content-type"] == "application/json"

    def test_an_unknown_brand_has_near_names(self, site: Stage) -> None:
        take_brand(site.view, "Acme Audio")
        for path in ("/brands/acme%20adio", "/brands/acme%20adio/reviews", "/brands/acme%20adio/series"):
            assert refused(get(site, path), 404)["near"] == ["Acme Audio"]

    def test_a_name_that_is_not_text_is_refused(self, site: Stage) -> None:
        assert refused(get(site, "/brands/%FF"), 422)["errors"][0]["field"] == "brand"

    def test_an_unknown_path_is_a_problem_too(self, site: Stage) -> None:
        refused(get(site, "/nothing"), 404)
        assert refused(site.client().delete("/api/v1/brands"), 405)["title"] == "Method not allowed"

    def test_before_the_topics_are_read_nothing_is_shown(self, site: Stage) -> None:
        take_brand(site.view, "Acme")
        site.view.caught_up = False
        for path in ("/brands", "/brands/acme", "/alerts", "/live"):
            assert get(site, path).headers["retry-after"] == "1"
            refused(get(site, path), 503)


class TestReviews:
    def test_recent_ones_with_what_was_said_of_them(self, site: Stage) -> None:
        take_brand(site.view, "Acme")
        for number in range(3):
            site.view.take_label(b"acme", 0, number, label_value(number))
        site.view.take_correction(correction_value(2, replaces="reviews-0-1"))
        found = get(site, "/brands/acme/reviews?limit=2").json()["reviews"]
        assert [each["event_id"] for each in found] == ["reviews-0-2", "reviews-0-1"]
        assert found[1]["replaced_by"] == "reviews-0-2"
        assert found[0]["text"] == "Stopped charging after the update."


class TestEtags:
    @pytest.mark.parametrize(
        "path", ["/brands", "/brands/acme", "/brands/acme/reviews", "/alerts", "/pipeline"]
    )
    def test_what_has_not_changed_is_not_sent_again(self, site: Stage, path: str) -> None:
        take_brand(site.view, "Acme")
        etag = get(site, path).headers["etag"]
        answer = get(site, path, if_none_match=f'"other", {etag}')
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
        assert get(site, path, if_none_match='"other"').status_code == 200

    def test_a_change_is_sent(self, site: Stage) -> None:
        take_brand(site.view, "Acme")
        etag = get(site, "/brands/acme").headers["etag"]
        take_brand(site.view, "Bolt")
        assert get(site, "/brands/acme", if_none_match=etag).status_code == 304
        site.view.take_alert(b"a", alert_value("a"))
        assert get(site, "/brands/acme", if_none_match=etag).status_code == 200
        etag = get(site, "/brands/acme").headers["etag"]
        post(site, "/alerts/a/note", {"note": "seen"})
        assert get(site, "/brands/acme", if_none_match=etag).status_code == 200


class TestSeries:
    def test_steps_are_sums_of_hours(self, site: Stage) -> None:
        take_brand(site.view, "Acme")
        for number in range(8):
            site.archive.add("acme", hour(number))
        found = get(site, "/brands/acme/series?from=0&to=1970-01-01T12:00:00Z&step=6h").json()
        assert [point["counts"]["positive"] for point in found["points"]] == [300, 100]
        assert [point["late"] for point in found["points"]] == [6, 2]
        assert found["to"] == 12 * HOUR_MS

    def test_a_step_without_reviews_estimates_nothing(self, site: Stage) -> None:
        take_brand(site.view, "Acme")
        (point,) = get(site, "/brands/acme/series?from=0&to=1").json()["points"]
        assert (point["shares"], point["net"], point["intervals"], point["enough"]) == (
            None,
            None,
            None,
            False,
        )

    @pytest.mark.parametrize("hours", [1, 5_000])
    def test_short_or_long_all_steps_are_there(self, site: Stage, hours: int) -> None:
        take_brand(site.view, "Acme")
        found = get(site, f"/brands/acme/series?from=0&to={hours * HOUR_MS}").json()["points"]
        assert [point["start"] for point in found] == list(range(0, hours * HOUR_MS, HOUR_MS))

    def test_the_default_is_a_week_until_now(self, site: Stage) -> None:
        take_brand(site.view, "Acme")
        found = get(site, "/brands/acme/series").json()
        assert (found["to"], found["to"] - found["from"]) == (NOW_MS, 7 * 24 * HOUR_MS)

    def test_a_brand_that_is_history_is_still_found(self, site: Stage) -> None:
        site.archive.add("gone", hour(1))
        assert get(site, "/brands/Gone/series?from=0&to=7200000").json()["brand"] == "gone"

    @pytest.mark.parametrize("zone", ["+01:00", "%2B01:00"])
    def test_a_plus_sign_may_be_forgotten(self, site: Stage, zone: str) -> None:
        take_brand(site.view, "Acme")
        found = get(site, f"/brands/acme/series?from=1970-01-01T01:00:00{zone}&to=1970-01-01T02:00:00{zone}")
        assert (found.json()["from"], found.json()["to"]) == (0, HOUR_MS)

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("from=5&to=5", "from"),
            ("from=2026-01-01T00:00:00Z&to=2025-01-01T00:00:00Z", "from"),
            ("from=yesterday", "from"),
            ("to=2026-01-01T00:00:00", "to"),
            ("to=99999999999999999999999", "to"),
            ("to=-1", "to"),
            ("step=2h", "step"),
            ("from=0&to=253402300799999", "step"),
            ("format=xml", "format"),
            ("until=1", "until"),
        ],
    )
    def test_bad_ranges_and_steps_are_named(self, site: Stage, query: str, field: str) -> None:
        take_brand(site.view, "Acme")
        problem = refused(get(site, f"/brands/acme/series?{query}"), 422)
        assert [each["field"] for each in problem["errors"]] == [field]

    def test_history_away_is_said_and_live_windows_go_on(self, site: Stage) -> None:
        take_brand(site.view, "Acme")
        site.archive.is_away = True
        answer = get(site, "/brands/acme/series")
        assert answer.headers["retry-after"] == "5"
        assert "live windows go on" in refused(answer, 503)["detail"]
        assert get(site, "/brands/acme").status_code == 200
        assert get(site, "/pipeline").json()["history"] == "away"
        assert site.client().get("/readyz").json()["history"] == "away"
        site.archive.is_away = False
        assert get(site, "/brands/acme/series").status_code == 503, (
            "nobody waits for it until it was seen again"
        )
        asyncio.run(site.site.history.look())
        assert get(site, "/brands/acme/series").status_code == 200

    def test_csv_is_no_formula_to_a_spreadsheet(self, site: Stage) -> None:
        take_brand(site.view, '=cmd|"x"')
        answer = get(site, "/brands/%3Dcmd%7C%22x%22/series?from=0&to=1&format=csv")
        head, line = answer.text.splitlines()
        assert head.startswith("brand,start,negative,neutral,positive,negative_share")
        assert line.startswith('"\'=cmd|""x""",1970-01-01T00:00:00+00:00,0,0,0,')
        assert answer.headers["content-type"].startswith("text/csv")

    def test_the_name_of_a_download_breaks_no_header(self, site: Stage) -> None:
        from urllib.parse import quote

        take_brand(site.view, MARKUP)
        headers = get(site, f"/brands/{quote(MARKUP, safe='')}/series?from=0&to=1&format=csv").headers
        assert headers["content-disposition"].startswith("attachment; filename*=UTF-8''%3Cimg%20src")
        assert headers["content-disposition"].isascii()
        assert "set-cookie" not in headers

    def test_parquet_has_the_same_rows(self, site: Stage) -> None:
        parquet = pytest.importorskip("pyarrow.parquet", reason="the extra parquet is not installed")
        take_brand(site.view, "Acme")
        site.archive.add("acme", hour(0))
        answer = get(site, "/brands/acme/series?from=0&to=7200000", accept="application/vnd.apache.parquet")
        table = parquet.read_table(io.BytesIO(answer.content))
        assert table.column("positive").to_pylist() == [50, 0]
        assert table.column("net").to_pylist()[1] is None
        assert str(table.schema.field("start").type) == "timestamp[ms, tz=UTC]"

    @pytest.mark.parametrize(
        ("accept", "content_type"),
        [
            ("*/*", "application/json"),
            ("text/html, text/csv;q=0.5, application/json;q=0.1", "text/csv; charset=utf-8"),
            ("text/*", "text/csv; charset=utf-8"),
            ("text/csv;q=0, */*;q=0.1", "application/json"),
            ("text/csv;q=nonsense, application/*", "application/json"),
        ],
    )
    def test_the_form_is_the_one_that_is_liked_best(
        self, site: Stage, accept: str, content_type: str
    ) -> None:
        take_brand(site.view, "Acme")
        answer = get(site, "/brands/acme/series", accept=accept)
        assert (answer.headers["content-type"], answer.headers["vary"]) == (content_type, "Accept")

    def test_a_form_that_nobody_has_is_refused(self, site: Stage) -> None:
        take_brand(site.view, "Acme")
        refused(get(site, "/brands/acme/series", accept="image/png"), 406)


class TestAlerts:
    @pytest.fixture
    def alerts(self, site: Stage) -> Stage:
        for number in range(4):
            state, severity = ("opened", "closed")[number % 2], ("notice", "critical")[number // 2]
            value = alert_value(f"a{number}", opened_at=number, state=state, severity=severity)
            site.view.take_alert(b"", value)
        site.view.take_alert(b"", alert_value("b", brand="bolt", opened_at=9))
        return site

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["b", "a3", "a2", "a1", "a0"]),
            ("state=open", ["b", "a2", "a0"]),
            ("state=closed", ["a3", "a1"]),
            ("severity=critical&brand=ACME", ["a3", "a2"]),
            ("brand=nobody", []),
        ],
    )
    def test_those_that_match_the_newest_first(self, alerts: Stage, query: str, expected: list[str]) -> None:
        found = get(alerts, f"/alerts?{query}").json()
        assert [alert["alert_id"] for alert in found["alerts"]] == expected

    def test_pages_of_alerts(self, alerts: Stage) -> None:
        first = get(alerts, "/alerts?limit=3").json()
        second = get(alerts, f"/alerts?limit=3&cursor={first['next']}").json()
        assert [alert["alert_id"] for alert in second["alerts"]] == ["a1", "a0"]
        assert second["next"] is None

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("state=shut", "state"),
            ("cursor=WyJhIiwxXQ", "cursor"),
            ("cursor=W10", "cursor"),
            ("limit=0", "limit"),
        ],
    )
    def test_what_is_not_understood_is_named(self, alerts: Stage, query: str, field: str) -> None:
        problem = refused(get(alerts, f"/alerts?{query}"), 422)
        assert [each["field"] for each in problem["errors"]] == [field]

    def test_one_with_its_reviews_wherever_they_are(self, site: Stage) -> None:
        driver = {"confidence": 0.9, "created_at": 1, "copies": 1}
        drivers = [driver | {"event_id": f"reviews-0-{n}", "label_offset": 10 + n} for n in range(4)]
        site.view.take_alert(b"a", alert_value("a", drivers=drivers))
        site.view.take_label(b"acme", 3, 10, label_value(0))
        site.labels.values = {(3, 11): label_value(1), (3, 12): label_value(77), (3, 13): b"no label"}
        found = get(site, "/alerts/a").json()["driver_reviews"]
        assert [each["review"] and each["review"]["event_id"] for each in found] == [
            "reviews-0-0",
            "reviews-0-1",
            None,
            None,
        ]

    def test_it_is_acknowledged_once_and_noted_often(self, alerts: Stage) -> None:
        first = post(alerts, "/alerts/a0/acknowledge", {"by": "Kim"}).json()
        assert post(alerts, "/alerts/a0/acknowledge").json()["acknowledged_at"] == first["acknowledged_at"]
        post(alerts, "/alerts/a0/note", {"note": "firmware"})
        assert post(alerts, "/alerts/a0/note", {"note": "<b>update</b>"}).status_code == 200
        found = get(alerts, "/alerts/a0").json()
        assert (found["acknowledged_by"], found["note"]) == ("Kim", "<b>update</b>")
        assert [alert["note"] for alert in get(alerts, "/alerts?state=open").json()["alerts"]][
            -1
        ] == "<b>update</b>"

    @pytest.mark.parametrize(
        ("path", "body", "field"),
        [
            ("note", {}, "note"),
            ("note", {"note": "x" * 2_001}, "note"),
            ("note", {"note": 5}, "note"),
            ("note", {"note": "x", "more": 1}, "more"),
            ("acknowledge", {"by": "x" * 101}, "by"),
            ("acknowledge", [], "body"),
        ],
    )
    def test_a_body_that_is_not_understood_is_named(
        self, alerts: Stage, path: str, body: object, field: str
    ) -> None:
        problem = refused(post(alerts, f"/alerts/a0/{path}", body), 422)
        assert [each["field"] for each in problem["errors"]] == [field]

    def test_an_unknown_alert(self, alerts: Stage) -> None:
        refused(get(alerts, "/alerts/nobody"), 404)
        refused(post(alerts, "/alerts/nobody/acknowledge"), 404)
        refused(get(alerts, "/alerts/%FF"), 422)

    def test_without_the_database_nothing_can_be_said(self, alerts: Stage) -> None:
        alerts.archive.is_away = True
        answer = post(alerts, "/alerts/a0/note", {"note": "x"})
        assert answer.headers["retry-after"] == "5"
        refused(answer, 503)
        assert get(alerts, "/alerts/a0").status_code == 200
