"""What the table of stages is made from: samples of stacks, and the operations that a graph has."""

import importlib.metadata

import pytest

from stream.settings import DEFAULT_BUNDLE
from tests.benchmarks.stages import Spent, stages_table
from tests.benchmarks.stages_operations import operations, peak_per_second
from tests.benchmarks.stages_sampling import OTHER, STAGES, by_stage, parse, stage_of, watch

POOL = "_worker (concurrent/futures/thread.py:83)"
RAW = f"""\
thread (7): score_0;{POOL};run (stream/scoring/pipeline.py:85);decode_review (stream/scoring/decode.py:30) 3
thread (7): score_0;{POOL};_score (stream/scoring/classifier.py:99);pad (stream/scoring/batching.py:42) 2
thread (7): score_0;_worker (concurrent/futures/thread.py:81) 40
thread (8): watchdog;Event.wait (threading.py:629);Condition.wait (threading.py:331) 40
thread (9): MainThread;Runner.run (asyncio/runners.py:118) 4
"""


def test_the_innermost_known_frame_says_the_stage_and_who_waits_counts_nowhere() -> None:
    assert by_stage(parse(RAW.splitlines())) == {"decode": 3, "sort and pad": 2, OTHER: 4}


@pytest.mark.parametrize(
    ("frame", "stage"),
    [
        ("OnnxScorer.score (stream/scoring/inference.py:49)", "model"),
        ("WordTokenizer.encode (stream/scoring/tokenizer.py:56)", "tokenise"),
        ("BatchBuilder.append (aiokafka/producer/message_accumulator.py:77)", "send"),
        ("TransactionManager.begin (aiokafka/producer/transaction_manager.py:9)", "commit"),
        ("PartitionRecords._unpack_records (aiokafka/consumer/fetcher.py:216)", "fetch"),
        ("ChunkConsumer.ack (stream/kafka/transport.py:100)", "ack"),
        ("ChunkConsumer.getmany (stream/kafka/transport.py:70)", OTHER),
    ],
)
def test_frames_belong_to_the_stage_that_they_work_for(frame: str, stage: str) -> None:
    assert stage_of(["<module> (stream/__main__.py:1)", frame]) == stage


def test_stages_add_up_to_the_process_and_empty_ones_are_left_out() -> None:
    real = Spent(dict.fromkeys(STAGES, 0.0) | {"model": 70.0, "decode": 4.0}, 15.0, 3.0, 9_000.0)
    rest = Spent(dict.fromkeys(STAGES, 0.0) | {"decode": 4.0}, 15.0, 3.0, 30_000.0)
    assert stages_table(real, rest).splitlines()[2:] == [
        "| decode | 4.0 | 4.0 |",
        "| model | 70.0 | 0.0 |",
        "| **the worker's process** | **74.0** | **4.0** |",
        "| the broker, beside it | 15.0 | 15.0 |",
        "| its compiler | 3.0 | 3.0 |",
        "| reviews a second while py-spy looked on | 9,000 | 30,000 |",
    ]


def test_operations_follow_from_the_sizes_and_are_the_same_in_int8() -> None:
    # 2 directions, 4 gates, 80 states from 80 inputs and 80 states; 4 x 80 pooled states to 3 labels.
    counted = operations(DEFAULT_BUNDLE / "model.onnx")
    assert (counted.a_token, counted.a_review) == (2 * 2 * 4 * 80 * (80 + 80), 2 * 4 * 80 * 3)
    assert operations(DEFAULT_BUNDLE / "model.int8.onnx") == counted
    assert counted.of(tokens=10, reviews=1) == 10 * counted.a_token + counted.a_review


@pytest.mark.parametrize("whole", [False, True])
def test_the_peak_is_that_of_a_product(whole: bool) -> None:
    assert peak_per_second(whole=whole, seconds=0.0) > 0


def test_who_cannot_be_watched_is_named() -> None:
    try:
        importlib.metadata.version("py-spy")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("py-spy is not installed")
    with pytest.raises(RuntimeError, match=f"cannot watch process {2**22 + 1}"):
        watch(2**22 + 1, 1)
