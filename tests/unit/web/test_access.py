"""Who may read and who may write, how often, and what every answer carries."""

import os
from pathlib import Path

import pytest
from starlette.websockets import WebSocketDisconnect

from stream.errors import SettingsError
from stream.web.access import COOKIE, NOTHING, READ, WRITE, Tokens
from tests.unit.web.samples import BASE, Stage, alert_value, stage

READER, WRITER = "reader-reader-reader", "writer-writer-writer"
LINES = f"# ours\n\nread {READER}\nwrite   {WRITER}\n"
NOTE = "/api/v1/alerts/a/note"


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    path = tmp_path / "tokens.txt"
    path.write_text(LINES)
    return path


@pytest.fixture
def closed(tmp_path: Path, tokens: Path) -> Stage:
    """A site with tokens."""
    made = stage(tmp_path, tokens_file=tokens, host="0.0.0.0")
    made.view.take_alert(b"a", alert_value("a"))
    return made


class TestTokens:
    def test_a_line_is_a_right_and_a_token(self, tokens: Path) -> None:
        known = Tokens(tokens)
        assert [known.access(each) for each in (READER, WRITER, "", "x", READER[:-1], "ä\ud800")] == [
            READ,
            WRITE,
            *[NOTHING] * 4,
        ]

    def test_a_file_that_changes_is_read_again(self, tokens: Path) -> None:
        known = Tokens(tokens)
        tokens.write_text("read another-another-another\n")
        assert (known.access(READER), known.access("another-another-another")) == (NOTHING, READ)

    def test_a_change_for_the_worse_leaves_the_former_tokens(
        self, tokens: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        known = Tokens(tokens)
        tokens.write_text("read hush\n")
        assert known.access(READER) == READ
        tokens.unlink()
        assert known.access(READER) == READ
        assert "line 1" in caplog.text
        assert "hush" not in caplog.text

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("read reader-reader-reader\nhush", "line 2 is neither"),
            ("admin hush-hush-hush-hush", "line 1 is neither"),
            ("read hush-hush hush-hush-hush", "line 1 is neither"),
            ("read", "line 1 is neither"),
            ("read hush", "token of line 1 has less than 16"),
            ("read hush-hush-hush-hüsh", "token of line 1"),
            ("# hush\n\n", "holds no token"),
        ],
    )
    def test_a_file_that_is_none_is_refused_and_not_told(self, tokens: Path, text: str, says: str) -> None:
        tokens.write_text(text)
        with pytest.raises(SettingsError, match=says) as caught:
            Tokens(tokens)
        assert "hush" not in str(caught.value)

    def test_a_file_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"TOKENS_FILE: cannot read .*FileNotFoundError"):
            Tokens(tmp_path / "none")


class TestWithTokens:
    @pytest.mark.parametrize(
        "authorization", ["", "Bearer", "Bearer wrong", f"Basic {READER}", f"Bearer {READER}x", READER]
    )
    def test_without_a_known_one_nothing_is_read(self, closed: Stage, authorization: str) -> None:
        answer = closed.client(authorization=authorization).get("/api/v1/brands")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith('Bearer realm="brandpulse"')
        assert answer.headers["content-type"] == "application/problem+json"

    def test_a_reader_reads_and_does_not_write(self, closed: Stage) -> None:
        client = closed.client(authorization=f"bearer {READER}")
        assert client.get("/api/v1/brands").status_code == 200
        assert client.post(NOTE, json={"note": "x"}).status_code == 403

    def test_a_writer_does_both(self, closed: Stage) -> None:
        client = closed.client(authorization=f"Bearer {WRITER}")
        assert client.get("/api/v1/brands").status_code == 200
        assert client.post(NOTE, json={"note": "x"}).status_code == 503, "history was never opened here"

    @pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/login"])
    def test_what_says_nothing_of_brands_is_open(self, closed: Stage, path: str) -> None:
        assert closed.client().get(path).status_code in (200, 503)

    def test_a_page_for_people_sends_them_to_log_in(self, closed: Stage) -> None:
        answer = closed.client().get("/brand?key=acme")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fbrand%3Fkey%3Dacme")

    def test_a_browser_logs_in_by_cookie(self, closed: Stage) -> None:
        client = closed.client()
        answer = client.post("/login", data={"token": READER, "next": "/brand?key=acme"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/brand?key=acme")
        cookie = answer.headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/"))
        assert client.get("/api/v1/brands").status_code == 200
        client.post("/logout")
        client.cookies.clear()
        assert client.get("/api/v1/brands").status_code == 401

    @pytest.mark.parametrize(
        "after", ["//evil.example", "https://evil.example", "/\\evil.example", "/x\r\ny", ""]
    )
    def test_a_login_leads_to_no_other_server(self, closed: Stage, after: str) -> None:
        answer = closed.client().post("/login", data={"token": READER, "next": after})
        assert answer.headers["location"] == "/"

    def test_a_wrong_login_says_so_and_repeats_nothing(self, closed: Stage) -> None:
        answer = closed.client().post("/login", data={"token": "hush", "next": '"><script>'})
        assert answer.status_code == 403
        assert "not known" in answer.text
        assert "hush" not in answer.text
        assert "<script>" not in answer.text

    def test_the_page_of_another_site_writes_nothing(self, closed: Stage) -> None:
        client = closed.client(cookie=f"{COOKIE}={WRITER}", origin="https://evil.example")
        assert client.post(NOTE, json={"note": "x"}).status_code == 403
        client = closed.client(cookie=f"{COOKIE}={WRITER}", origin="http://127.0.0.1:8080")
        assert client.post(NOTE, json={"note": "x"}).status_code == 503

    def test_the_page_of_another_site_opens_no_socket(self, closed: Stage) -> None:
        for origin, opened in (("https://evil.example", False), ("http://127.0.0.1:8080", True)):
            client = closed.client(cookie=f"{COOKIE}={READER}", origin=origin)
            # There is no dashboard here: who gets in meets a router that has no sockets.
            with (
                pytest.raises(WebSocketDisconnect) as refused,
                client.websocket_connect(f"ws{BASE.removeprefix('http')}/socket"),
            ):
                pass
            assert (refused.value.code == 1008) != opened

    def test_the_address_that_people_use_may_be_another(self, tmp_path: Path, tokens: Path) -> None:
        made = stage(tmp_path, tokens_file=tokens, public_url="https://Brands.example/board")
        client = made.client(authorization=f"Bearer {WRITER}", origin="https://brands.example")
        assert client.post(NOTE, json={"note": "x"}).status_code == 404


class TestWithoutTokens:
    def test_this_machine_may_do_everything(self, site: Stage) -> None:
        site.view.take_alert(b"a", alert_value("a"))
        assert site.client(base="http://localhost:8080").post(NOTE, json={"note": "x"}).status_code == 200

    @pytest.mark.parametrize(
        "options", [{"base": "http://evil.example:8080"}, {"origin": "https://evil.example"}]
    )
    def test_a_web_page_that_reaches_this_machine_writes_nothing(
        self, site: Stage, options: dict[str, str]
    ) -> None:
        site.view.take_alert(b"a", alert_value("a"))
        client = site.client(**options)
        assert client.get("/api/v1/alerts").status_code == 200
        assert client.post(NOTE, json={"note": "x"}).status_code == 403

    def test_elsewhere_nobody_writes_and_a_warning_says_so(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        made = stage(tmp_path, host="0.0.0.0")
        made.view.take_alert(b"a", alert_value("a"))
        assert "nobody may write" in caplog.text
        assert made.client().get("/api/v1/alerts").status_code == 200
        answer = made.client().post(NOTE, json={"note": "x"})
        assert (answer.status_code, "TOKENS_FILE" in answer.text) == (403, True)


class TestEveryAnswer:
    @pytest.mark.parametrize(
        "path", ["/api/v1/brands", "/api/v1/nothing", "/healthz", "/openapi.json", "/login", "/"]
    )
    def test_carries_headers_that_keep_browsers_careful(self, site: Stage, path: str) -> None:
        headers = site.client().get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]

    def test_other_origins_are_let_in_by_name_only(self, tmp_path: Path) -> None:
        asking = {"origin": "https://ours.example", "access_control_request_method": "GET"}
        assert (
            "access-control-allow-origin"
            not in stage(tmp_path).client(**asking).get("/api/v1/brands").headers
        )
        made = stage(tmp_path, cors_origins="https://ours.example/, https://more.example")
        answer = made.client(**asking).options("/api/v1/brands")
        assert answer.headers["access-control-allow-origin"] == "https://ours.example"
        other = made.client(origin="https://evil.example").get("/api/v1/brands")
        assert "access-control-allow-origin" not in other.headers

    def test_a_client_that_asks_too_often_waits(self, tmp_path: Path) -> None:
        made = stage(tmp_path, api_requests_per_second=1.0)
        client = made.client()
        answers = [client.get("/api/v1/brands") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[-1].headers["retry-after"] == "1"
        assert made.client(host="10.0.0.9").get("/api/v1/brands").status_code == 200
        assert client.get("/healthz").status_code == 200 or client.get("/healthz").status_code == 503
        made.clock[0] += 1
        assert client.get("/api/v1/brands").status_code == 200

    def test_each_token_has_a_quota_of_its_own(self, tmp_path: Path, tokens: Path) -> None:
        made = stage(tmp_path, tokens_file=tokens, api_requests_per_second=1.0)
        reader, writer = (made.client(authorization=f"Bearer {each}") for each in (READER, WRITER))
        assert [reader.get("/api/v1/brands").status_code for _ in range(3)] == [200, 200, 429]
        assert writer.get("/api/v1/brands").status_code == 200
        assert [
            made.client(authorization=f"Bearer {n}").get("/api/v1/brands").status_code for n in range(3)
        ] == [
            401,
            401,
            429,
        ], "guesses share the quota of their address"

    def test_a_body_is_small_and_says_how_small(self, site: Stage) -> None:
        site.view.take_alert(b"a", alert_value("a"))
        assert site.client().post(NOTE, json={"note": "x" * 70_000}).status_code == 413
        chunked = site.client().post(NOTE, content=iter([b'{"note":', b'"x"}']))
        assert chunked.status_code == 411

    def test_what_is_answered_is_counted(self, site: Stage) -> None:
        client = site.client()
        client.get("/api/v1/brands/none")
        client.get("/api/v1/none")
        metrics = client.get("/metrics").text
        assert 'web_requests_total{route="/brands/{brand}",status="404"} 1.0' in metrics
        assert 'web_requests_total{route="none",status="404"} 1.0' in metrics


def test_tokens_that_only_their_times_tell_apart_are_read_again(tokens: Path) -> None:
    known = Tokens(tokens)
    tokens.write_text(LINES.replace(READER, READER[::-1]))
    os.utime(tokens, ns=(1, 1))
    assert known.access(READER) == NOTHING
