from pathlib import Path

import pytest

from stream.errors import SettingsError
from stream.settings import DEFAULT_BUNDLE, PREFIX, Settings, load_settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


def test_the_defaults_work_as_they_are() -> None:
    settings = load_settings()
    assert settings.brokers == "127.0.0.1:9092"
    assert settings.bundle == DEFAULT_BUNDLE
    assert settings.topic("reviews") == "reviews"


def test_the_environment_is_read_and_a_flag_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRANDPULSE_PORT", "9000")
    monkeypatch.setenv("BRANDPULSE_TOPIC_PREFIX", "x-")
    monkeypatch.setenv("BRANDPULSE_DATA_DIR", "/elsewhere")
    settings = load_settings(port=0, brokers=None)
    assert settings.port == 0
    assert settings.topic("reviews") == "x-reviews"
    assert settings.data_dir == Path("/elsewhere")


def test_every_problem_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRANDPULSE_BROKER", "typo:9092")
    monkeypatch.setenv("BRANDPULSE_BROKERS", "no-port")
    monkeypatch.setenv("BRANDPULSE_PORT", "70000")
    with pytest.raises(SettingsError) as caught:
        load_settings(provider="tpu")
    message = str(caught.value)
    assert "BRANDPULSE_BROKER: no such setting" in message
    for name in ("BRANDPULSE_BROKERS", "BRANDPULSE_PORT", "BRANDPULSE_PROVIDER"):
        assert f"{name}: " in message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("brokers", ["host", "host:", ":9092", "host:port", "a:1,,b:2", ""])
def test_brokers_are_hosts_with_ports(brokers: str) -> None:
    with pytest.raises(SettingsError, match="is not host:port"):
        load_settings(brokers=brokers)


def test_several_brokers_may_be_spaced() -> None:
    assert load_settings(brokers="a:1, [::1]:2").brokers == "a:1,[::1]:2"


def test_settings_cannot_be_changed_later() -> None:
    with pytest.raises(Exception, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]


def test_every_setting_is_explained() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_a_secret_may_lie_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("postgresql://planted@db/history\n")
    monkeypatch.setenv("BRANDPULSE_DATABASE_URL_FILE", str(tmp_path / "url"))
    settings = load_settings()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://planted@db/history"
    assert "planted" not in repr(settings)


def test_a_secret_given_twice_or_in_no_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRANDPULSE_DATABASE_URL", "postgresql://planted@db/history")
    monkeypatch.setenv("BRANDPULSE_DATABASE_URL_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError) as refused:
        load_settings()
    message = str(refused.value)
    assert "DATABASE_URL is set as well" in message
    assert "cannot read the file (FileNotFoundError)" in message
    assert "planted" not in message


def test_so_may_every_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "brokers").write_text("kafka-1:9092\n")
    (tmp_path / "threads").write_text("3")
    monkeypatch.setenv("BRANDPULSE_BROKERS_FILE", str(tmp_path / "brokers"))
    monkeypatch.setenv("BRANDPULSE_THREADS_FILE", str(tmp_path / "threads"))
    settings = load_settings()
    assert (settings.brokers, settings.threads) == ("kafka-1:9092", 3)
    assert load_settings(threads=2).threads == 2


def test_a_file_of_a_file_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRANDPULSE_SSL_CA_FILE_FILE", "/etc/hosts")
    with pytest.raises(SettingsError, match="BRANDPULSE_SSL_CA_FILE_FILE: no such setting"):
        load_settings()
