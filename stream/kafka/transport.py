"""Chunks: Faust's consumer hands an agent up to a thousand records of one partition as one event.

Stock Faust spends about 100 microseconds on the way of each event; a chunk travels that way once.
Agents, group membership, rebalancing and flow control stay Faust's. What it does with offsets is
switched off: they are committed by `stream.kafka.delivery`, in the transaction that publishes the
outputs, and a second, plain commit could move them backwards.

Every method overridden here is private or half-private to faust-streaming, which is therefore pinned
to one version; `tests/contract` holds each assumption.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

import faust
from aiokafka import ConsumerRecord
from faust.serializers.schemas import Schema
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, AppT, Message
from faust.types.tuples import ConsumerMessage, ack_lock
from mode.utils.futures import notify

Chunk = Sequence[ConsumerRecord]
ChunkEvent = faust.EventT[Any]
"""A Faust event whose value is a chunk."""
SCHEME = "chunks"


class Assignment(Protocol):
    """What a role wants to hear about its partitions; the app passed to Faust carries one as `assignment`."""

    async def take_over(self, partitions: frozenset[int]) -> None:
        """Fence former owners of the partitions; called before their committed offsets are read."""

    def polled(self) -> None:
        """The consumer asked for records, whether or not it got any."""

    def suspended(self) -> None:
        """A rebalance or the end has begun: finish what is in work, drop what only waits."""


class ChunkApp(faust.App):
    """A Faust app whose source topic arrives in chunks."""

    assignment: Assignment
    source_topic: str
    chunk_records: int = 1000


class ChunkConsumer(driver.Consumer):
    """Faust's aiokafka consumer, yielding chunks and leaving offsets to transactions."""

    app: ChunkApp
    _seek_again = False

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _ReadCommittedThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109 - Faust's signature
        """Yield (partition, message) where the message's value is a chunk and its offset the chunk's last."""
        if self._seek_again and self.flow_active:
            await super().perform_seek()
            self._seek_again = False
        generation = self.app.consumer_generation_id
        records, active = await self._wait_next_records(timeout)
        self.app.assignment.polled()
        if records is None or self.should_stop:
            return
        if not self.flow_active or self._seek_again or self.app.consumer_generation_id != generation:
            # The fetch ran into a rebalance, or began in one. What it read is dropped here, so it must be
            # read again; the rebalance seeks as well, but perhaps before this fetch moved the position. To
            # hand out anything before that second seek would be to hand it out twice.
            self._seek_again = True
            return
        # A partition leaves the active ones while its stream's buffer is full, also during the fetch.
        wanted_tps = (active or set()) | self._buffered_partitions
        wanted = {tp: part for tp, part in records.items() if tp in wanted_tps}
        for tp, chunk in split_chunks(wanted, self.app.chunk_records):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            yield tp, _as_message(tp, chunk, generation)

    async def perform_seek(self) -> None:
        """Fence former owners, then seek to the committed offsets, which cannot change any more.

        Source: KIP-98, InitProducerId bumps the epoch and aborts what the former owner left open.
        """
        mine = frozenset(tp.partition for tp in self.assignment() if tp.topic == self.app.source_topic)
        await self.app.assignment.take_over(mine)
        self._seek_again = False
        # The first answer may be to a question that aiokafka asked by itself before the fence, since it gives
        # one to everybody who waits; the second is to a question of now.
        await self.seek_to_committed()
        await super().perform_seek()

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek to the committed offsets, and to the beginning of a partition that has none yet.

        aiokafka leaves the position of the latter alone. If a fetch moved it in a rebalance, what it read was
        dropped and would never be read again: the first reviews of a partition that was just added.
        """
        offsets = await super().seek_to_committed()
        new = [tp for tp, offset in offsets.items() if not offset and tp.topic == self.app.source_topic]
        if new:
            await self._thread.seek_to_beginning(*new)
        return offsets

    def stop_flow(self) -> None:
        """Stop delivering chunks, at the beginning of a rebalance or of the end."""
        super().stop_flow()
        self.app.assignment.suspended()

    def ack(self, message: Message) -> bool:
        """Forget a chunk whose transaction has committed; a rebalance waits until all are forgotten."""
        with ack_lock:
            if message.acked:
                return False
            message.acked = True
            self._unacked_messages.discard(message)
        notify(self._waiting_for_ack)
        return True

    async def force_commit(
        self,
        topics: object = None,  # noqa: ARG002
        start_new_transaction: bool = True,  # noqa: ARG002
    ) -> bool:
        """Commit nothing: offsets belong to the transactions."""
        return False

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Leave it to the watchdog to find out about progress: Faust sees no commit, and would complain."""

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Chunks are not acknowledged by offset, so there are no gaps to remember."""


class _ReadCommittedThread(driver.AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: driver.Transport) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust asks for it only in its own exactly-once mode, which does not work.
        consumer._isolation_level = "read_committed"
        return consumer


def check_group(app: ChunkApp) -> None:
    """Raise what keeps the worker out of its group for good, such as a missing permission.

    aiokafka tells whoever polls, but Faust does not poll before it has partitions, and would wait for ever.
    """
    consumer = app.consumer._thread._consumer  # type: ignore[attr-defined]
    if consumer is not None and consumer._coordinator is not None:
        consumer._coordinator.check_errors()


def unread(event: ChunkEvent) -> int:
    """How many records of its partition come after a chunk, as far as the consumer knows."""
    message = event.message
    end = event.app.consumer.highwater(message.tp)
    return max(0, (end or 0) - message.offset - 1)


class ChunkTransport(driver.Transport):
    """Transport `chunks://host:port`."""

    Consumer = ChunkConsumer


TRANSPORTS.aliases[SCHEME] = f"{__name__}:ChunkTransport"


class ChunkSchema(Schema[Any, Any]):
    """Passes the chunk on as it is; nothing is decoded inside Faust, where an error would be lost."""

    def compile(self, app: AppT, **_callbacks: Any) -> Callable[..., Awaitable[ChunkEvent]]:
        """The function that turns a message into an event."""

        async def decode(message: Message, **_options: object) -> ChunkEvent:
            return cast(faust.App, app).create_event(None, cast(Any, message.value), None, message)

        return decode


def split_chunks(records: Mapping[TP, Chunk], size: int) -> Iterator[tuple[TP, Chunk]]:
    """Cut each partition's records into chunks, round robin, so that no partition waits for another.

    >>> [(tp, list(chunk)) for tp, chunk in split_chunks({"a": [1, 2, 3], "b": [4]}, 2)]
    [('a', [1, 2]), ('b', [4]), ('a', [3])]
    """
    longest = max(map(len, records.values()), default=0)
    for start in range(0, longest, size):
        for tp, part in records.items():
            if start < len(part):
                yield tp, part[start : start + size]


def _as_message(tp: TP, chunk: Chunk, generation: int) -> ConsumerMessage:
    last = chunk[-1]
    return ConsumerMessage(
        tp.topic,
        tp.partition,
        last.offset,
        last.timestamp / 1000.0,
        last.timestamp_type,
        [],
        None,
        cast(Any, chunk),
        None,
        0,
        0,
        tp,
        generation_id=generation,
    )
