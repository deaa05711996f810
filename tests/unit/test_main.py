"""The console command as a user meets it: help, exit codes, and one message instead of a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stream.__main__ import COMMANDS
from stream.events import EVENTS


def brandpulse(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BRANDPULSE_")}
    return subprocess.run(
        [sys.executable, "-m", "stream", *arguments],
        env=clean | {"NO_COLOR": "1", "COLUMNS": "120"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_command() -> None:
    done = brandpulse("--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in COMMANDS)


def test_help_of_a_command_has_an_example() -> None:
    assert "Example: brandpulse broker --port 9092" in brandpulse("broker", "--help").stdout
    assert (
        "Example: brandpulse topics create --partitions 24" in brandpulse("topics", "create", "--help").stdout
    )


def test_version() -> None:
    assert brandpulse("--version").stdout.startswith("brandpulse ")


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from stream.__main__ import create_app; create_app(); "
        "print(sorted({'faust', 'kafka', 'aiokafka', 'onnxruntime', 'torch', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_schemas_are_written(tmp_path: Path) -> None:
    done = brandpulse("schemas", str(tmp_path / "new"))
    assert done.returncode == 0
    assert len(list((tmp_path / "new" / "schemas").glob("*.schema.json"))) == len(EVENTS)
    assert (tmp_path / "new" / "asyncapi.yaml").read_text().startswith("asyncapi: 3.0.0")


def test_an_unknown_setting_is_one_message_and_exit_code_2() -> None:
    done = brandpulse("topics", "check", BRANDPULSE_BROKRES="127.0.0.1:1")
    assert done.returncode == 2
    assert done.stderr.startswith("brandpulse: BRANDPULSE_BROKRES: no such setting")
    assert "Traceback" not in done.stderr


def test_a_wrong_broker_address_is_named() -> None:
    done = brandpulse("topics", "check", "--brokers", "nowhere")
    assert done.returncode == 2
    assert "'nowhere' is not host:port" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--nodes", "2"], "an embedded cluster has 1 or 3 nodes"),
        (["--keep"], "--keep needs --data-dir"),
    ],
)
def test_a_broker_that_cannot_be_is_refused(arguments: list[str], says: str) -> None:
    done = brandpulse("broker", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_jars_that_cannot_be_fetched_are_an_outage_with_a_way_out(tmp_path: Path) -> None:
    pytest.importorskip("jgo", reason="the extra broker is not installed")
    nobody = "http://127.0.0.1:9"
    done = brandpulse(
        "broker", "--port", "0", XDG_CACHE_HOME=str(tmp_path), HTTPS_PROXY=nobody, HTTP_PROXY=nobody
    )
    assert done.returncode == 1
    assert "could not be fetched" in done.stderr
    assert f"copy {tmp_path}" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
