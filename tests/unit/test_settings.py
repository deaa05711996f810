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
