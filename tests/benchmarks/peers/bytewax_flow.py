"""Bytewax: its Kafka operators around `flat_map_batch`; recovery from snapshots. At least once."""

from datetime import timedelta

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from tests.benchmarks.peers.command import Options, options
from tests.benchmarks.peers.model import Model, label_values


def create_flow(given: Options) -> Dataflow:
    model = Model(given.bundle)

    def score(batch: list[KafkaSourceMessage[None, bytes]]) -> list[KafkaSinkMessage[None, bytes]]:
        values = [message.value for message in batch]
        return [KafkaSinkMessage(None, label) for label in label_values(model, values)]

    flow = Dataflow("score")
    brokers = [given.brokers]
    reviews = kop.input("reviews", flow, brokers=brokers, topics=[given.source], batch_size=given.batch)
    labels = op.flat_map_batch("score", reviews.oks, score)
    kop.output("labels", labels, brokers=brokers, topic=given.target)
    return flow


def main(given: Options) -> None:
    given.state.mkdir(parents=True, exist_ok=True)
    if not any(given.state.iterdir()):
        init_db_dir(given.state, 1)
    cli_main(
        create_flow(given),
        epoch_interval=timedelta(seconds=1),
        recovery_config=RecoveryConfig(given.state),
    )


if __name__ == "__main__":
    main(options())
