"""What the figures were measured on."""

import importlib.metadata
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from export.bundle import read_bundle
from stream.kafka.jars import KAFKA_VERSION
from stream.settings import Settings


def machine(settings: Settings, source: str) -> list[tuple[str, str]]:
    """Name and value of everything that a reader needs to compare."""
    bundle = read_bundle(settings.bundle)
    manifest = bundle.manifest
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        ("date", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
        ("processor", f"{_cpu()}, {os.cpu_count()} cores"),
        ("memory", f"{memory_gib:.0f} GiB"),
        (
            "load before the run",
            f"{os.getloadavg()[0]:.1f} (1-minute average; 0: nobody else)",
        ),
        ("Python", platform.python_version()),
        ("onnxruntime", importlib.metadata.version("onnxruntime")),
        ("Kafka", f"{KAFKA_VERSION}, one embedded node on the same cores"),
        ("bundle", f"{manifest.name}@{bundle.digest[:12]}, variant {manifest.default_variant['cpu']}"),
        ("texts", source),
    ]


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def peak_mib(pid: int) -> float:
    """The most memory that the process ever had resident, MiB (VmHWM of proc(5))."""
    return _status_mib(pid, "VmHWM")


def resident_mib(pid: int) -> float:
    """The memory that the process has resident, MiB (VmRSS of proc(5))."""
    return _status_mib(pid, "VmRSS")


def _status_mib(pid: int, field: str) -> float:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
    )
    return int(status[field].split()[0]) / 1024
