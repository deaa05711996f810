"""Security settings that belong together, files that are renewed or wrong, and tokens from an endpoint."""

import base64
import json
import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import errors as aiokafka_errors
from kafka import errors as kafka_errors

from stream.errors import AccessRefused, BrokerUnavailable, SettingsError
from stream.kafka.certificates import Certificates
from stream.kafka.refusals import refusal
from stream.kafka.security import aiokafka_security, kafka_python_security
from stream.kafka.tokens import TokenRefused, TokenSource
from stream.settings import PREFIX, Settings, load_settings
from tests.certificates import Authority
from tests.token_endpoint import TokenEndpoint, token_endpoint

PASSWORD = "planted-password"
SASL = {"security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512"}
USER = {"sasl_username": "score", "sasl_password": PASSWORD}
OAUTH = SASL | {"sasl_mechanism": "OAUTHBEARER"}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"security_protocol": "SSL"},
        {"security_protocol": "SSL", "ssl_ca_file": "ca.pem", "ssl_certificate_file": "both.pem"},
        SASL | USER,
        {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN", **USER},
        OAUTH | {"sasl_token_url": "file:///var/run/token"},
        OAUTH | USER | {"sasl_token_url": "https://login.test/token", "sasl_token_scope": "kafka"},
        OAUTH | USER | {"sasl_token_url": "http://127.0.0.1:8000/token"},
    ],
)
def test_what_belongs_together_is_taken(given: dict[str, Any]) -> None:
    assert load_settings(**given).security_protocol == given.get("security_protocol", "PLAINTEXT")


@pytest.mark.parametrize(
    ("given", "complaints"),
    [
        (USER, ["SASL_USERNAME: has no meaning", "SASL_PASSWORD: has no meaning"]),
        (
            {"ssl_ca_file": "ca.pem"},
            ["SSL_CA_FILE: has no meaning with BRANDPULSE_SECURITY_PROTOCOL=PLAINTEXT"],
        ),
        (USER | {"security_protocol": "SSL"}, ["SASL_USERNAME: has no meaning", "SASL_PASSWORD: has"]),
        ({"security_protocol": "SASL_SSL"}, ["SASL_MECHANISM: SASL_SSL needs one"]),
        (SASL, ["SASL_USERNAME: BRANDPULSE_SASL_MECHANISM=SCRAM-SHA-512 needs it", "SASL_PASSWORD: "]),
        (SASL | USER | {"sasl_password": ""}, ["SASL_PASSWORD: "]),
        (SASL | USER | {"sasl_token_url": "https://a.test"}, ["SASL_TOKEN_URL: has no meaning with this"]),
        (OAUTH, ["SASL_TOKEN_URL: ", "SASL_USERNAME: ", "SASL_PASSWORD: "]),
        (OAUTH | USER | {"sasl_token_url": "file:///token"}, ["SASL_USERNAME: has no meaning with this"]),
        (OAUTH | {"sasl_token_url": "file:"}, ["SASL_TOKEN_URL: is neither"]),
        (OAUTH | USER | {"sasl_token_url": "ftp://a.test/t"}, ["SASL_TOKEN_URL: is neither"]),
        (OAUTH | USER | {"sasl_token_url": "https:///t"}, ["SASL_TOKEN_URL: is neither"]),
        (OAUTH | USER | {"sasl_token_url": "https://[::1/t"}, ["SASL_TOKEN_URL: is no URL"]),
        (OAUTH | USER | {"sasl_token_url": "http://a.test/t"}, ["SASL_TOKEN_URL: http:// would show"]),
        (OAUTH | USER | {"sasl_token_url": f"https://a:{PASSWORD}@b.test"}, ["SASL_TOKEN_URL: holds cred"]),
        ({"security_protocol": "SSL", "ssl_key_file": "k.pem"}, ["SSL_KEY_FILE: needs BRANDPULSE_SSL_CERT"]),
        ({"security_protocol": "TLS"}, ["SECURITY_PROTOCOL: Input should be 'PLAINTEXT', 'SSL', "]),
        (SASL | USER | {"sasl_mechanism": "GSSAPI"}, ["SASL_MECHANISM: Input should be 'PLAIN', 'SCRAM-"]),
    ],
)
def test_every_contradiction_is_told_at_once_and_no_secret(
    given: dict[str, Any], complaints: list[str]
) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(**given)
    message = str(refused.value)
    for complaint in complaints:
        assert f"{PREFIX}{complaint}" in message
    assert PASSWORD not in message


def test_without_security_nothing_is_asked_for() -> None:
    plain = {"security_protocol": "PLAINTEXT"}
    assert aiokafka_security(Settings()) == kafka_python_security(Settings()) == plain


def test_each_client_gets_the_user_name_as_it_needs_it() -> None:
    settings = load_settings(**SASL, sasl_username="a=b,c", sasl_password=PASSWORD)
    assert aiokafka_security(settings)["sasl_plain_username"] == "a=b,c"
    assert kafka_python_security(settings)["sasl_plain_username"] == "a=3Db=2Cc"
    plain = settings.model_copy(update={"sasl_mechanism": "PLAIN"})
    assert kafka_python_security(plain)["sasl_plain_username"] == "a=b,c"


def test_the_context_shows_our_certificate_and_checks_the_brokers(authority: Authority) -> None:
    ours = authority.issue("score", key_password=PASSWORD)
    settings = load_settings(
        security_protocol="SSL",
        ssl_ca_file=authority.file,
        ssl_certificate_file=ours.certificate,
        ssl_key_file=ours.key,
        ssl_key_password=PASSWORD,
    )
    context = aiokafka_security(settings)["ssl_context"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) == 1
    assert kafka_python_security(settings)["ssl_context"] is context


def test_files_that_cannot_be_used_are_named(authority: Authority, tmp_path: Path) -> None:
    ours, other = authority.issue("score", key_password=PASSWORD), authority.issue("other")
    junk, nowhere = tmp_path / "junk", tmp_path / "nowhere"
    junk.write_text("no PEM")
    good: dict[str, Any] = {"ssl_certificate_file": ours.certificate, "ssl_key_file": ours.key}
    good["ssl_key_password"] = PASSWORD
    for wrong, complaint in (
        ({"ssl_ca_file": nowhere}, "SSL_CA_FILE: .*nowhere: No such file"),
        ({"ssl_ca_file": junk}, "SSL_CA_FILE: the file holds no certificate"),
        ({"ssl_certificate_file": nowhere}, "SSL_CERTIFICATE_FILE: .*nowhere: No such file"),
        ({"ssl_key_file": nowhere}, "SSL_KEY_FILE: .*nowhere: No such file"),
        ({"ssl_key_file": other.key}, "do not fit together .KEY_VALUES_MISMATCH."),
        ({"ssl_key_file": junk}, "do not fit together .no PEM"),
        ({"ssl_certificate_file": junk}, "do not fit together .no PEM"),
        ({"ssl_key_password": "wrong"}, "do not fit together .no PEM, no key, or not the key's password"),
        ({"ssl_key_password": None}, "do not fit together .no PEM, no key, or not the key's password"),
        ({"ssl_key_password": "x" * 2000}, "do not fit together"),
        ({"ssl_ca_file": tmp_path}, "SSL_CA_FILE: .*: Is a directory"),
    ):
        settings = load_settings(**{"security_protocol": "SSL", **good, **wrong})
        with pytest.raises(SettingsError, match=complaint) as refused:
            Certificates(settings)
        assert PASSWORD not in str(refused.value)


def test_renewed_files_come_into_the_same_context(
    authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ours, trusted = tmp_path / "both.pem", tmp_path / "authorities.pem"
    _write(ours, authority.issue("first").keystore.read_bytes())
    _write(trusted, authority.file.read_bytes())
    files = {"ssl_ca_file": trusted, "ssl_certificate_file": ours}
    certificates = Certificates(load_settings(security_protocol="SSL", **files))
    context = certificates.context()
    assert _name_shown(context, authority) == "first"

    next_authority = Authority(tmp_path / "next").file.read_bytes()
    _write(trusted, authority.file.read_bytes() + next_authority)
    _write(ours, authority.issue("second").keystore.read_bytes())
    assert certificates.context() is context
    assert len(context.get_ca_certs()) == 2
    assert _name_shown(context, authority) == "second"

    for broken, content in ((ours, b"half written"), (trusted, b""), (ours, None)):
        caplog.clear()
        if content is None:
            broken.unlink()
        else:
            _write(broken, content)
        assert certificates.context() is context
        assert "going on with the former certificates" in caplog.text
        assert _name_shown(context, authority) == "second"


def _write(path: Path, content: bytes) -> None:
    """Later than before, whatever the clock of the file system resolves."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_bytes(content)
    os.utime(path, ns=(0, before + 1_000_000_000))


def _name_shown(context: ssl.SSLContext, authority: Authority) -> str:
    """The common name of the certificate that a client with this context shows to a server."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(authority.issue("broker").keystore)
    server_context.load_verify_locations(authority.file)
    server_context.verify_mode = ssl.CERT_REQUIRED
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(down, up, server_hostname="broker.test")
    server = server_context.wrap_bio(up, down, server_side=True)
    done = 0
    while done < 2:
        done = sum(map(_shook_hands, (client, server)))
    shown = server.getpeercert()
    assert shown is not None
    subject: Any = shown["subject"]
    return str(dict(part[0] for part in subject)["commonName"])


def _shook_hands(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    with token_endpoint() as endpoint:
        yield endpoint


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def source(url: str, clock: _Clock, scope: str | None = "kafka") -> TokenSource:
    return TokenSource(url, ("sc:ore", PASSWORD), scope, ssl.create_default_context(), clock)


def test_a_token_is_fetched_once_and_again_before_it_expires(endpoint: TokenEndpoint) -> None:
    endpoint.answers += [
        (200, json.dumps({"access_token": name, "expires_in": 100}).encode()) for name in ("one", "two")
    ]
    clock = _Clock()
    tokens = source(endpoint.url, clock)
    assert [tokens.token(), tokens.token()] == ["one", "one"]
    clock.now = 79.0
    assert tokens.token() == "one"
    clock.now = 80.0
    assert tokens.token() == "two"
    client = base64.b64encode(f"sc%3Aore:{PASSWORD}".encode()).decode()
    form = {"grant_type": ["client_credentials"], "scope": ["kafka"]}
    assert endpoint.asked == [(f"Basic {client}", form)] * 2


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, b"planted-password", TokenRefused, "HTTP status 401"),
        (400, b"", TokenRefused, "HTTP status 400"),
        (503, b"", OSError, "HTTP status 503"),
        (302, b"", OSError, "HTTP status 302"),
        (200, b"", OSError, "holds no token .JSONDecodeError."),
        (200, b"[]", OSError, "holds no token .TypeError."),
        (200, b"{}", OSError, "holds no token .KeyError."),
        (200, b'{"access_token": "t", "expires_in": "soon"}', OSError, "holds no token .ValueError."),
        (200, b"\xff", OSError, "holds no token .UnicodeDecodeError."),
    ],
)
def test_an_endpoint_that_gives_no_token_is_an_error_without_secrets(
    endpoint: TokenEndpoint, status: int, body: bytes, kind: type[OSError], words: str
) -> None:
    endpoint.answers.append((status, body))
    with pytest.raises(OSError, match=words) as refused:
        source(endpoint.url, _Clock(), scope=None).token()
    assert type(refused.value) is kind
    assert PASSWORD not in repr(refused.value)
    assert len(endpoint.asked) == 1
    assert "scope" not in endpoint.asked[0][1]


def test_an_endpoint_that_is_away_is_an_outage() -> None:
    with pytest.raises(OSError, match="refused"):
        source("http://127.0.0.1:9/token", _Clock()).token()


def test_a_token_in_a_file_is_read_at_each_use(tmp_path: Path) -> None:
    file = tmp_path / "to ken"
    tokens = source(file.as_uri(), _Clock())
    with pytest.raises(FileNotFoundError):
        tokens.token()
    for token in ("one", "two"):
        file.write_text(f"{token}\n")
        assert tokens.token() == token
    file.write_bytes(b"\xff")
    with pytest.raises(OSError, match="holds no token"):
        tokens.token()


def test_what_a_person_must_mend_is_told_from_an_outage() -> None:
    hidden = BrokerUnavailable("cannot open transactions")
    hidden.__cause__ = aiokafka_errors.TransactionalIdAuthorizationFailed()
    for error, words in (
        (hidden, "docs/security.md"),
        (aiokafka_errors.GroupAuthorizationFailedError("brandpulse-score"), "brandpulse-score"),
        (kafka_errors.TopicAuthorizationFailedError("reviews"), "reviews"),
        (kafka_errors.SaslAuthenticationFailedError(), "refuses our credentials"),
        (aiokafka_errors.SaslAuthenticationFailed(), "refuses our credentials"),
        (TokenRefused("HTTP status 401"), "HTTP status 401: look at BRANDPULSE_SASL_TOKEN_URL"),
        (AccessRefused("as it is"), "as it is"),
    ):
        refused = refusal(error)
        assert refused is not None
        assert words in str(refused)
        assert refused.exit_code == 2
    for error in (
        aiokafka_errors.NotLeaderForPartitionError(),
        PermissionError(),
        ssl.SSLEOFError(),
        ValueError(),
    ):
        assert refusal(error) is None
