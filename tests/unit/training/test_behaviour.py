"""The behaviour suite itself: it finds fault with bad models, none with a perfect one, and repeats."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from training.behaviour.cases import Directed, Labelled, Unchanged, all_cases, template_count
from training.behaviour.expand import expand, fill, lines
from training.behaviour.perturb import bare, joined_sentences, joined_words, typos
from training.behaviour.reasoning import WORD_ORDER
from training.behaviour.suite import SEED, Predict, SuiteReport, run_suite
from training.behaviour.swapping import SWAPS
from training.behaviour.table import markdown
from training.behaviour.uncertain import UNCERTAIN
from training.data import LABELS

EVEN = (1.0, 1.0, 1.0)
NEGATIVE, NEUTRAL, POSITIVE = range(3)
UNSURE = [0.3, 0.4, 0.3]


def by_rule(rule: dict[str, int]) -> Predict:
    """A model that is certain of the label of the first key found in a text, and else of positive."""

    def predict(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        found = [next((rule[key] for key in rule if key in text.lower()), POSITIVE) for text in texts]
        return np.eye(3)[found]

    return predict


def oracle(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Right about every labelled text and whatever is made of it; unsure of all others."""
    known: dict[str, int] = {}
    for case in all_cases(SEED):
        if isinstance(case, Labelled):
            known[case.text] = case.accepted[0]
        elif isinstance(case, Unchanged):
            known[case.changed] = known[case.text]
        else:
            known.setdefault(case.changed, case.label)
    for swap in SWAPS:  # some of whose texts are labelled ones
        every = np.array(swap.texts(), dtype=object).reshape(len(swap.carriers), len(swap.names))
        for row in every:
            said = {known[text] for text in row if text in known}
            known.update(dict.fromkeys(row, said.pop()) if said else {})
    return np.array([np.eye(3)[known[text]] if text in known else UNSURE for text in texts])


def failing(report: SuiteReport) -> dict[str, float]:
    return {result.capability: result.rate for result in report.capabilities if result.failures}


def test_an_oracle_passes_everything() -> None:
    report = run_suite(oracle, EVEN)
    assert failing(report) == {}
    assert [swap.flips for swap in report.swaps] == [0, 0]
    assert all(kind.rate == 0 and kind.p90 == pytest.approx(0.4) for kind in report.uncertain)


def test_always_positive_fails_what_has_complaints_and_changes_nothing() -> None:
    report = run_suite(by_rule({}), EVEN)
    rates = failing(report)
    assert rates["complaints"] == 1
    assert rates["word order"] == 0.5
    assert "praise" not in rates
    of_labels = {result.capability for result in report.capabilities if result.test == "MFT"}
    assert rates.keys() == of_labels - {"praise"}
    assert min(rates.values()) > 0.1
    assert [swap.flips for swap in report.swaps] == [0, 0]
    assert all(kind.rate == 1 for kind in report.uncertain)


def test_always_negative_fails_too() -> None:
    rates = failing(run_suite(lambda texts: np.eye(3)[[NEGATIVE] * len(texts)], EVEN))
    assert rates["praise"] == 1
    assert rates["negation"] > 0.4
    assert rates["contrast"] > 0.3


def test_words_without_their_order_are_not_enough() -> None:
    """Whatever single words say, both texts of a pair get one label, so half are wrong."""
    rule = {"hate": NEGATIVE, "awful": NEGATIVE, "useless": NEGATIVE, "bad": NEGATIVE, "not ": NEGATIVE}
    assert failing(run_suite(by_rule(rule), EVEN))["word order"] == 0.5


@pytest.mark.parametrize("template", lines(WORD_ORDER))
def test_both_texts_of_a_pair_have_the_same_words(template: str) -> None:
    complaint, praise = (Counter(bare(half).split()) for half in template.split(" || "))
    assert complaint == praise


def test_a_model_that_shouting_or_a_slip_confuses_is_found() -> None:
    def predict(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        return np.eye(3)[[NEGATIVE if text.isupper() else POSITIVE for text in texts]]

    rates = failing(run_suite(predict, EVEN))
    assert rates["upper case"] == 1
    assert "typos" not in rates


def test_a_probability_that_moves_the_wrong_way_is_found() -> None:
    def predict(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        return np.array([UNSURE if text.endswith("!!!") else np.eye(3)[POSITIVE] for text in texts])

    report = run_suite(predict, EVEN)
    intensity = next(result for result in report.capabilities if result.capability == "intensity")
    assert {failure.found for failure in intensity.failures} == {"positive 0.30"}
    assert 0.2 < intensity.rate < 0.5


def test_a_brand_held_to_be_bad_is_counted_against_every_other() -> None:
    swap = next(swap for swap in SWAPS if swap.capability == "brand swap")
    result = next(
        s for s in run_suite(by_rule({"sony": NEGATIVE}), EVEN).swaps if s.capability == "brand swap"
    )
    assert result.flips == len(swap.carriers) * (len(swap.names) - 1)
    assert result.pairs == len(swap.carriers) * len(swap.names) * (len(swap.names) - 1) // 2
    assert result.off_majority == pytest.approx(1 / len(swap.names))
    assert result.disfavoured[0] == "Sony"
    assert len(result.examples) == len(swap.carriers)
    assert {(flip.label, flip.other_label) for flip in result.examples} == {("positive", "negative")}


def test_label_weights_choose_the_label() -> None:
    def predict(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        return np.tile([0.5, 0.1, 0.4], (len(texts), 1))

    assert failing(run_suite(predict, EVEN))["praise"] == 1
    assert "praise" not in failing(run_suite(predict, (1.0, 1.0, 1.5)))


def test_equal_seeds_give_equal_cases_and_others_do_not() -> None:
    assert all_cases(1) == all_cases(1)
    assert all_cases(1) != all_cases(2)


def test_there_are_thousands_of_cases_from_hundreds_of_templates_and_none_twice() -> None:
    cases = all_cases(SEED)
    assert template_count() > 300
    assert len(cases) > 3000
    assert len(set(cases)) == len(cases)
    labelled = Counter(case.text for case in cases if isinstance(case, Labelled))
    assert labelled.most_common(1)[0][1] == 1
    swapped = Counter(text for swap in SWAPS for text in swap.texts())
    assert swapped.most_common(1)[0][1] == 1


def test_every_text_is_filled_and_clean() -> None:
    texts = [text for swap in SWAPS for text in swap.texts()]
    for case in all_cases(SEED):
        texts += [case.text] if isinstance(case, Labelled) else [case.text, case.changed]
    texts += [text for block in UNCERTAIN.values() for text in lines(block)]
    assert [text for text in texts if set(text) & set("{}|") or text != text.strip() or not text] == []


def test_negative_and_positive_are_balanced() -> None:
    counts = Counter(case.accepted for case in all_cases(SEED) if isinstance(case, Labelled))
    assert 0.8 < counts[(NEGATIVE,)] / counts[(POSITIVE,)] < 1.3


def test_every_label_is_directed_somewhere() -> None:
    directed = {(c.capability, LABELS[c.label]) for c in all_cases(SEED) if isinstance(c, Directed)}
    names = ("intensity", "added remark")
    assert directed == {(name, label) for name in names for label in ("negative", "positive")}


def test_a_slot_that_occurs_twice_is_filled_alike() -> None:
    texts = expand("{kettle|lamp} or {kettle|lamp}, {a|b}", seed=1, most=99)
    assert sorted(texts) == [f"{word} or {word}, {letter}" for word in ("kettle", "lamp") for letter in "ab"]


def test_an_unknown_slot_is_refused() -> None:
    with pytest.raises(KeyError, match="nothing"):
        expand("a {nothing}", seed=1, most=1)


def test_the_article_follows_the_word() -> None:
    assert fill("A {x}, a {y}", {"x": "iron", "y": "lamp"}) == "An iron, a lamp"


def test_changes_of_form_by_example() -> None:
    assert bare("I don't like it, at ALL!") == "i dont like it at all"
    assert joined_sentences("Good. Works, too.") == "Good.Works,too."
    assert joined_words("two words", 1) == "twowords"
    assert joined_words("one", 1) == "one"


def test_a_typo_spares_short_words_and_first_letters() -> None:
    slipped = [typos("it is a kettle", seed) for seed in range(20)]
    assert all(text.startswith("it is a k") and abs(len(text) - 14) <= 1 for text in slipped)
    assert len(set(slipped)) > 5
    assert typos("not bad at all", 1) == "not bad at all"


def test_the_report_names_every_part_and_shows_as_many_examples_as_asked() -> None:
    report = run_suite(by_rule({"sony": NEGATIVE}), EVEN)
    text = markdown(report, examples=2)
    for result in report.capabilities:
        assert f"| {result.capability} | {result.test} | {result.cases} | {len(result.failures)} |" in text
        assert text.count(f"\n- {result.capability}: ") == min(2, len(result.failures))
    assert "| brand swap | 40 |" in text
    assert "| other language, praise | 30 | 1.00 | 1.00 | 100% |" in text
    assert "Examples" not in markdown(report, examples=0)
