"""The parts of the page: what is asked, what is looked at, and what must be known to read it."""

from tests.benchmarks import growth_brands, growth_score
from tests.benchmarks.growth_figures import Part

PROCESSES = """\
The same backlog, worked off by `score --processes N` on the cores of this one machine, which they share
out among them; more processes than cores can only show what they cost."""

PARTITIONS = """\
One process of each role with all partitions. Each partition of labels has its own transactions, its own
stores and its own filter of known reviews."""

BRANDS = f"""\
One worker with one partition. Its changelog holds each brand once, as compaction leaves it, with
{growth_brands.LABELS_A_BRAND} labels of one day. {growth_brands.LABELS_FOLDED:,} labels of random
brands are folded and published, so with many brands nearly every label loads, stores and publishes
another one; the CPU is that of the whole process. Then kill -9, and a start with an empty directory:
until the group has let go of the dead worker (after `SESSION_TIMEOUT_SECONDS`), everything is read from
Kafka, and the next moment of each brand is known."""

TEXTS = """\
The pipeline with the shipped bundle in one thread, without Kafka. The model reads the first tokens of a
text only, so beyond them a word costs no more than to be passed over."""

BACKLOG = f"""\
One `score` process with a stand-in for the model drains a backlog in which {growth_score.DISTINCT:,}
texts come again and again, so most are answered by the cache of known texts. Rate between two looks,
memory at each; the start is left out."""

PARTS = (
    Part("processes", "Processes", "score processes", growth_score.PROCESSES_FIGURES, PROCESSES),
    Part("partitions", "Partitions", "partitions of each topic", growth_score.PARTITIONS_FIGURES, PARTITIONS),
    Part("brands", "Brands", "brands in one partition", growth_brands.FIGURES, BRANDS),
    Part("texts", "Length of texts", "words of a text", growth_score.TEXTS_FIGURES, TEXTS),
    Part("backlog", "A backlog", "reviews drained", growth_score.BACKLOG_FIGURES, BACKLOG),
)
