import logging
import os
from collections.abc import Iterator

import orjson
import pytest

from stream import logs
from stream.settings import load_settings


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    frameworks = {name: logging.getLogger(name).level for name in ("faust", "mode", "aiokafka", "kafka")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, old in frameworks.items():
        logging.getLogger(name).setLevel(old)


def test_human_lines_have_time_level_logger_and_message(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(load_settings())
    logging.getLogger("stream.score").info("committed partition=%d offset=%d", 3, 41)
    line = capsys.readouterr().err
    assert line[:4].isdigit()
    assert line.endswith(f"Z INFO [{os.getpid()}] stream.score committed partition=3 offset=41\n")


def test_a_message_cannot_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(load_settings())
    logging.getLogger("stream").warning("brand=%s", "a\n2026-01-01T00:00:00Z ERROR forged")
    assert capsys.readouterr().err.count("\n") == 1


def test_json_lines_can_be_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(load_settings(log_format="json"))
    try:
        raise ValueError("boom")
    except ValueError:
        logging.getLogger("stream").exception("failed offset=%d", 7)
    line = orjson.loads(capsys.readouterr().err)
    assert (line["level"], line["logger"], line["message"]) == ("error", "stream", "failed offset=7")
    assert line["process"] == os.getpid()
    assert "ValueError: boom" in line["error"]


def test_the_level_is_a_setting(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(load_settings(log_level="error"))
    logging.getLogger("stream").warning("hidden")
    logging.getLogger("faust").warning("hidden")
    assert capsys.readouterr().err == ""


def test_frameworks_are_quiet_below_warning(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(load_settings(log_level="debug"))
    for name in ("faust.app", "mode.supervisors", "aiokafka.consumer", "aiohttp.access"):
        logging.getLogger(name).info("noise")
    assert capsys.readouterr().err == ""


def _record(name: str, message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, None)


def test_an_absent_broker_is_said_once_in_ten_seconds() -> None:
    times = iter([0.0, 0.1, 9.9, 10.0])
    quiet = logs.BrokerAwayFilter(lambda: next(times))
    records = [_record("aiokafka", "Unable connect to node with id %s: %s", 1, "refused") for _ in range(4)]
    assert [quiet.filter(record) for record in records] == [True, False, False, True]
    assert records[0].getMessage() == ("broker away, retrying: Unable connect to node with id 1: refused")
    assert records[0].levelname == "WARNING"


def test_a_rebalance_is_not_news() -> None:
    record = _record("aiokafka.x", "Heartbeat failed for group %s because it is rebalancing", "score")
    assert not logs.BrokerAwayFilter(lambda: 0.0).filter(record)


def test_other_errors_pass_untouched() -> None:
    quiet = logs.BrokerAwayFilter(lambda: 0.0)
    for record in (_record("aiokafka", "Topic %s not found", "x"), _record("stream", "Unable connect to x")):
        assert quiet.filter(record)
        assert record.levelname == "ERROR"


def test_a_connection_that_broke_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(load_settings())
    try:
        raise ConnectionResetError("closed by the other side")
    except ConnectionResetError:
        logging.getLogger("kafka.net.transport").exception("Error receiving socket")
    [line] = capsys.readouterr().err.splitlines()
    assert "Error receiving socket: ConnectionResetError('closed by the other side')" in line
