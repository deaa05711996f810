"""Every role on a Kafka that lets nobody in without leave: each way in, each permission, each refusal."""

import asyncio
import dataclasses
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from stream.errors import AccessRefused
from stream.kafka.admin import connect
from stream.kafka.connection import brokers_answer
from stream.loop import new_event_loop
from stream.settings import PREFIX, Settings
from tests.certificates import Authority
from tests.integration.processes import PATIENCE_SECONDS, Place, Worker, assert_refuses, place_for
from tests.secured import Secured, documented_permissions, secured_kafka, unsecured_token
from tests.token_endpoint import token_endpoint

pytestmark = pytest.mark.kafka
REVIEWS = 300
WORKERS = ("score", "brands", "history", "notify", "web")
ROLES = ("topics", "feed", *WORKERS, "replay")
ODD_USER = "te=am,score"
PASSWORDS = {user: f"planted-{number}-password" for number, user in enumerate(("key", "owner", *ROLES))} | {
    "nobody": "planted-nobodys-password",
    ODD_USER: "planted-odd-password",
}
WEBHOOK = "http://127.0.0.1:9/planted-webhook"
API_TOKEN = "planted-token-of-the-api-0123456789"
SECRET = "planted-"


@pytest.fixture(scope="module")
def secured(embedded_kafka: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured_kafka(tmp_path_factory.mktemp("secured"), PASSWORDS) as kafka:
        yield kafka


Environment = Mapping[str, str]


def with_tls(secured: Secured, _role: str, _directory: Path) -> Environment:
    return secured.environment("TLS")


def with_certificates(secured: Secured, _role: str, _directory: Path) -> Environment:
    return secured.environment("MUTUAL")


def with_plain(secured: Secured, _role: str, _directory: Path) -> Environment:
    return secured.environment("SASL", "PLAIN", "owner")


def with_tokens(secured: Secured, _role: str, directory: Path) -> Environment:
    file = directory / "token"
    file.write_text(unsecured_token("owner"))
    return secured.environment("SASL", "OAUTHBEARER") | {f"{PREFIX}SASL_TOKEN_URL": file.as_uri()}


def with_scram_and_nothing_but_its_permissions(secured: Secured, role: str, directory: Path) -> Environment:
    """The password lies in a file, as an orchestrator mounts it."""
    told = dict(secured.environment("SASL", "SCRAM-SHA-512", role))
    file = directory / f"{role}.password"
    file.write_text(told.pop(f"{PREFIX}SASL_PASSWORD") + "\n")
    return told | {f"{PREFIX}SASL_PASSWORD_FILE": str(file)}


Ask = Callable[[Settings], bool]
WayIn = Callable[[Secured, str, Path], Environment]
WAYS: Sequence[WayIn] = (
    with_tls,
    with_certificates,
    with_plain,
    with_tokens,
    with_scram_and_nothing_but_its_permissions,
)


@dataclasses.dataclass
class Stage:
    """The roles, each with its own way in, and all that they print."""

    secured: Secured
    way: WayIn
    place: Place
    printed: str = ""

    def environment(self, role: str) -> dict[str, str]:
        tokens = self.place.directory / "tokens"
        tokens.write_text(f"read {API_TOKEN}\nwrite {API_TOKEN}-too\n")
        return {
            **_without_settings(),
            **self.way(self.secured, role, self.place.directory),
            f"{PREFIX}TOKENS_FILE": str(tokens),
            f"{PREFIX}TOPIC_PREFIX": self.place.prefix,
            f"{PREFIX}LOG_LEVEL": "debug",
            f"{PREFIX}WEBHOOK_URL": WEBHOOK,
        }

    def command(self, role: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [sys.executable, "-m", "stream", *arguments],
            env=self.environment(role),
            capture_output=True,
            text=True,
            check=False,
        )
        self.printed += done.stdout + done.stderr
        return done

    def start(self, role: str) -> Worker:
        """A worker of the role, in a directory of its own; its end is that of `place`."""
        directory = self.place.directory / role
        directory.mkdir()
        options = ("--threads", "1") if role == "score" else ()
        place = dataclasses.replace(self.place, directory=directory, role=role, options=options)
        environment = self.environment(role)
        return place.start("--brokers", environment[f"{PREFIX}BROKERS"], **environment)


def _without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


@pytest.fixture
def stage(
    request: pytest.FixtureRequest, secured: Secured, topic_prefix: str, tmp_path: Path
) -> Iterator[Stage]:
    way: WayIn = getattr(request, "param", with_scram_and_nothing_but_its_permissions)
    for role in ROLES:
        needed = [each for each in documented_permissions() if each.role == role]
        secured.grant(role, needed, topic_prefix)
    with place_for(secured.broker.bootstrap, topic_prefix, tmp_path, "score") as place:
        yield Stage(secured, way, place)


@pytest.mark.parametrize("stage", WAYS, ids=lambda way: way.__name__, indirect=True)
def test_reviews_reach_the_database_each_way_and_no_secret_is_printed(stage: Stage) -> None:
    made = stage.command("topics", "topics", "create", "--partitions", "2")
    assert made.returncode == 0, made.stderr
    fed = stage.command("feed", "feed", "--story", "--limit", str(REVIEWS), "--rate", "0")
    assert fed.returncode == 0, fed.stderr
    alone = stage.way is with_scram_and_nothing_but_its_permissions
    workers = {}
    # `web` is the last: it asks for the lag of the others, and is not patient with those that just begin.
    for role in sorted(WORKERS if alone else WORKERS[:3], key="web".__eq__):
        workers[role] = stage.start(role)
        workers[role].until_ready()
    workers["score"].until(lambda: sum(stage.place.committed().values()) == REVIEWS)
    history = workers["history"]
    history.until(lambda: "brandpulse_history_written_total{" in history.get("/metrics")[1])
    for role, worker in workers.items():
        for page in ("/metrics", "/healthz", "/readyz"):
            stage.printed += worker.get(page)[1]
        assert worker.terminate() == 0, role
        stage.printed += worker.log
    for role, arguments in (
        ("replay", ("replay", "--from", "0", "--verify")),
        ("topics", ("topics", "describe")),
        ("topics", ("topics", "check")),
        ("score", ("score", "--help")),
    )[: 4 if alone else 1]:
        done = stage.command(role, *arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    assert "stopping: " in stage.printed
    assert "figures of the pipeline are not known" not in stage.printed
    assert SECRET not in stage.printed
    assert "Traceback" not in stage.printed
    token = stage.place.directory / "token"
    assert not token.exists() or token.read_text() not in stage.printed


@pytest.mark.parametrize("role", [*WORKERS, "replay", "feed", "topics"])
def test_a_user_without_permissions_is_refused_and_told_where_they_are_listed(
    stage: Stage, role: str
) -> None:
    stage.place.create_topics()
    arguments = {
        "feed": ("feed", "--story", "--limit", "1"),
        "topics": ("topics", "check"),
        "replay": ("replay", "--from", "0", "--verify"),
    }
    stranger = dataclasses.replace(
        stage, way=lambda secured, _, __: secured.environment("SASL", "PLAIN", "nobody")
    )
    if role in arguments:
        done = stranger.command(role, *arguments[role])
        code, said = done.returncode, done.stdout + done.stderr
    else:
        worker = stranger.start(role)
        code, said = worker.exit_code(), worker.log
    assert code == 2, said
    assert re.search("docs/security.md lists for its role|this user may not see it", said)
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("role", "missing"),
    [
        ("score", "TRANSACTIONAL_ID"),
        ("score", "GROUP"),
        ("brands", "TRANSACTIONAL_ID"),
        ("history", "GROUP"),
        ("notify", "GROUP"),
    ],
)
def test_a_user_that_lacks_one_permission_is_refused(stage: Stage, role: str, missing: str) -> None:
    stage.place.create_topics()
    stage.secured.grant(
        ODD_USER,
        [each for each in documented_permissions() if each.role == role and each.resource != missing],
        stage.place.prefix,
    )
    odd = dataclasses.replace(
        stage, way=lambda secured, _, __: secured.environment("SASL", "SCRAM-SHA-512", ODD_USER)
    )
    worker = odd.start(role)
    assert worker.exit_code() == 2, worker.log
    assert "docs/security.md lists for its role" in worker.log
    assert SECRET not in worker.log


def test_a_password_that_was_changed_makes_a_worker_unready_and_ends_nothing(stage: Stage) -> None:
    stage.place.create_topics()
    worker = stage.start("score")
    worker.until_ready()
    stage.secured.set_password("score", "planted-other-password")
    worker.until(lambda: "new connections are refused" in worker.log)
    worker.until(lambda: worker.get("/readyz")[0] == 503)
    stage.secured.set_password("score", PASSWORDS["score"])
    worker.until_ready()
    assert worker.terminate() == 0
    assert SECRET not in worker.log


def settings_of(environment: Environment, **changes: str) -> Settings:
    told = {name.removeprefix(PREFIX).lower(): value for name, value in environment.items()}
    return Settings(**told | {name: value or None for name, value in changes.items()})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def answer() -> Iterator[Ask]:
    """Whether brokers answer, asked in an event loop such as the workers have."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        yield lambda settings: runner.run(brokers_answer(settings, PATIENCE_SECONDS))


@pytest.mark.parametrize("listener", ["SASL", "CLEAR"])
@pytest.mark.parametrize(
    ("mechanism", "user"), [("PLAIN", "owner"), ("SCRAM-SHA-512", "owner"), ("SCRAM-SHA-512", ODD_USER)]
)
def test_both_client_families_log_in(
    answer: Ask, secured: Secured, listener: str, mechanism: str, user: str
) -> None:
    settings = settings_of(secured.environment(listener, mechanism, user))
    assert answer(settings)
    with connect(settings) as admin:
        assert admin.brokers() == 1


@pytest.mark.parametrize(
    ("port", "like", "changes", "words"),
    [
        ("TLS", "TLS", {"ssl_ca_file": ""}, "name the authority that signed it by BRANDPULSE_SSL_CA_FILE"),
        (
            "STRANGER",
            "TLS",
            {},
            "certificate is not valid for '127.0.0.1'.*name the broker in BRANDPULSE_BROKERS",
        ),
        ("EXPIRED", "TLS", {}, "certificate has expired.*renew it"),
        (
            "MUTUAL",
            "TLS",
            {},
            "breaks TLS off .*CERTIFICATE_REQUIRED.*BRANDPULSE_SSL_CERTIFICATE_FILE is set",
        ),
        ("TLS", "", {}, "speaks TLS: BRANDPULSE_SECURITY_PROTOCOL must be SSL or SASL_SSL there"),
        ("SASL", "CLEAR", {}, "speaks TLS: "),
        (
            "CLEAR",
            "",
            {},
            "must be SASL_PLAINTEXT there, and BRANDPULSE_SASL_MECHANISM one of OAUTHBEARER, PLAIN",
        ),
        ("SASL", "TLS", {}, "must be SASL_SSL there"),
        ("CLEAR", "TLS", {}, "speaks no TLS: BRANDPULSE_SECURITY_PROTOCOL=SSL is for another port"),
        ("TLS", "SASL", {}, "takes no SASL there"),
        ("SASL", "SASL", {"sasl_password": "planted-wrong"}, "refuses our credentials"),
        ("SASL", "SASL", {"sasl_username": "unknown"}, "refuses our credentials"),
        (
            "SASL",
            "SASL",
            {"sasl_password": "planted-wrong", "sasl_mechanism": "PLAIN"},
            "refuses our credentials",
        ),
        ("SASL", "SASL", {"sasl_mechanism": "SCRAM-SHA-256"}, "does not take this BRANDPULSE_SASL_MECHANISM"),
    ],
)
def test_what_keeps_us_out_is_said(
    answer: Ask, secured: Secured, port: str, like: str, changes: dict[str, str], words: str
) -> None:
    """A client `like` one of another listener, or like none, knocks at `port`."""
    mechanism = "SCRAM-SHA-512" if like in ("SASL", "CLEAR") else ""
    told = secured.environment(like, mechanism, "owner") if like else {}
    settings = settings_of(told, brokers=secured.at(port), **changes)
    with pytest.raises(AccessRefused, match=words) as refused:
        answer(settings)
    assert secured.at(port) in str(refused.value)
    with pytest.raises(AccessRefused, match=words), connect(settings):
        pass
    assert SECRET not in str(refused.value)


def test_a_certificate_of_another_authority_or_out_of_date_is_refused(
    answer: Ask, secured: Secured, tmp_path: Path
) -> None:
    strange = Authority(tmp_path / "strange").issue("owner")
    old = secured.authority.issue("old", expired=True)
    for identity, reason in ((strange, "UNKNOWN_CA|BAD_CERTIFICATE|UNKNOWN"), (old, "EXPIRED|UNKNOWN")):
        settings = settings_of(
            secured.environment("MUTUAL"),
            ssl_certificate_file=str(identity.certificate),
            ssl_key_file=str(identity.key),
            ssl_key_password="",
        )
        with pytest.raises(AccessRefused, match=f"breaks TLS off .*({reason})"):
            answer(settings)


def test_a_token_that_the_broker_or_the_endpoint_does_not_like_is_said(
    answer: Ask, secured: Secured, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(unsecured_token("owner", seconds=-60))
    told = secured.environment("SASL", "OAUTHBEARER")
    with pytest.raises(AccessRefused, match="does not believe the token of BRANDPULSE_SASL_TOKEN_URL"):
        answer(settings_of(told, sasl_token_url=file.as_uri()))
    with token_endpoint() as endpoint:
        body = json.dumps({"access_token": unsecured_token("owner"), "expires_in": 60}).encode()
        endpoint.answers += [(401, b""), (503, b""), (200, body)]
        settings = settings_of(
            told, sasl_token_url=endpoint.url, sasl_username="owner", sasl_password="planted-secret"
        )
        with pytest.raises(AccessRefused, match="HTTP status 401: look at BRANDPULSE_SASL_TOKEN_URL"):
            answer(settings)
        assert not answer(settings), "an endpoint that is away is waited for"
        assert answer(settings)
        with connect(settings) as admin:
            assert admin.brokers() == 1


def test_one_broker_that_lets_us_in_is_enough(answer: Ask, secured: Secured) -> None:
    both = f"{secured.at('STRANGER')},{secured.at('TLS')},127.0.0.1:9"
    settings = settings_of(secured.environment("TLS"), brokers=both)
    assert all(answer(settings) for _ in range(5))


def test_a_worker_that_is_refused_at_the_start_exits_at_once(stage: Stage, tmp_path: Path) -> None:
    for number, (changes, words) in enumerate(
        (
            (
                {"SASL_PASSWORD_FILE": str(_written(tmp_path / "wrong", "planted-wrong"))},
                "refuses our credentials",
            ),
            ({"SSL_CA_FILE": str(tmp_path / "nowhere")}, "BRANDPULSE_SSL_CA_FILE: .*No such file"),
            ({"SECURITY_PROTOCOL": "SSL"}, "BRANDPULSE_SASL_PASSWORD: has no meaning"),
            ({"SASL_PASSWORD_FILE": str(tmp_path / "nowhere")}, "BRANDPULSE_SASL_PASSWORD_FILE: cannot read"),
        )
    ):
        place = dataclasses.replace(stage.place, directory=tmp_path / str(number))
        place.directory.mkdir()
        worker = place.start(
            "--brokers",
            stage.secured.at("SASL"),
            **stage.environment("score") | {f"{PREFIX}{name}": value for name, value in changes.items()},
        )
        assert_refuses(worker)
        assert re.search(words, worker.log), worker.log
        assert SECRET not in worker.log


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
