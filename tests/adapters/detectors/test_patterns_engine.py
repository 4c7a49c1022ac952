from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.detectors.patterns.catalogue import default_engine
from adapters.detectors.patterns.engine import PatternEngine
from adapters.detectors.patterns.rule import PatternRule, pii
from tests.adapters.detectors.marked_text import operative
from tests.adapters.detectors.shipped import context_engine

PLANTED = (
    ("CREDIT_CARD", "4111 1111 1111 1111"),
    ("EMAIL", "ada@example.org"),
    ("IBAN", "DE89370400440532013000"),
    ("SSN", "123-45-6789"),
    ("NATIONAL_ID", "390.533.447-05"),
    ("CRYPTO_ADDRESS", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
)
SURROUNDINGS = st.text(
    st.characters(exclude_categories=("Cs", "Nd", "Nl", "No"), exclude_characters="@"), max_size=120
)


@given(before=SURROUNDINGS, after=SURROUNDINGS, planted=st.sampled_from(PLANTED))
def test_planted_value_has_code_point_offsets_in_every_script(
    before: str, after: str, planted: tuple[str, str]
) -> None:
    entity_type, value = planted
    text = f"{before}\n {value} \n{after}"
    start = len(before) + 2

    found = operative(default_engine().find(text))

    assert (start, start + len(value), entity_type) in found


@given(text=st.text(max_size=400))
def test_spans_lie_in_the_text_and_are_in_order(text: str) -> None:
    for engine in (default_engine(), context_engine()):
        findings = engine.find(text)

        places = [(finding.span.start, finding.span.end) for finding in findings]
        assert places == sorted(places)
        assert all(end <= len(text) for _, end in places)


@given(text=st.text(max_size=300))
def test_random_text_gives_no_sensitive_number(text: str) -> None:
    certain = {"CREDIT_CARD", "IBAN", "SSN", "CRYPTO_ADDRESS", "PASSPORT", "VEHICLE_ID"}

    found = operative(default_engine().find(text))

    assert not [hit for hit in found if hit[2] in certain]


@settings(max_examples=20)
@given(size=st.integers(0, 9000), unit=st.sampled_from(("word ", "wörd ", "字", "line of text\n")))
def test_value_is_found_wherever_it_stands_in_a_long_text(size: int, unit: str) -> None:
    text = unit * (size // len(unit)) + " mail ada@example.org and " + unit * 2000
    start = text.index("ada@")

    found = operative(default_engine().find(text))

    assert (start, start + 15, "EMAIL") in found
    assert len([hit for hit in found if hit[2] == "EMAIL"]) == 1


def test_header_of_a_long_table_labels_its_last_row() -> None:
    rows = "".join(f"{at},Ada,x\n" for at in range(3000))
    text = f"id,name,ssn\n{rows}9,Ada,123456789\n"

    found = operative(default_engine().find(text))

    start = text.index("123456789")
    assert (start, start + 9, "SSN") in found


def test_same_text_gives_the_same_findings() -> None:
    text = "DOB: 4/18/60, card 4111 1111 1111 1111, Dr. Grace Hopper, 10117 Berlin"

    first, second = default_engine().find(text), default_engine().find(text)

    assert first == second


def test_explanation_tells_validator_context_and_steps_but_not_the_match() -> None:
    text = "my card is 4111 1111 1111 1111"

    (finding,) = default_engine().find(text)

    explanation = finding.explanation
    assert explanation.validator == "luhn: valid"
    assert explanation.context[0].word == "card"
    assert explanation.context[0].distance == 4
    assert explanation.steps[-1][1] == finding.score
    assert "4111" not in repr(explanation)
    assert finding.detector == "patterns"


def test_personal_data_in_a_locator_is_reported_beside_it() -> None:
    text = "https://example.org/?card=4111111111111111"

    found = operative(default_engine().find(text))

    assert {hit[2] for hit in found} == {"URL", "CREDIT_CARD"}


def test_empty_text_has_no_findings() -> None:
    assert default_engine().find("") == []
    assert context_engine().find("") == []


def test_labelled_number_that_fails_its_check_is_told_below_its_operating_point() -> None:
    text = "NHS number 943 476 5918"

    (finding,) = [hit for hit in default_engine().find(text) if hit.rule == "gb-nhs-number"]

    assert not finding.is_operative
    assert finding.explanation.validator == "modulus 11: invalid"


def test_value_far_from_its_words_is_not_even_checked() -> None:
    checked: list[str] = []

    def is_one(value: str) -> bool:
        checked.append(value)
        return True

    rule = PatternRule(
        info=pii("a-serial", "DEVICE_ID", "Serial", "Labelled letters and digits."),
        pattern=r"[a-z0-9]{6,}",
        check=is_one,
        check_name="any",
        context=("device-serial",),
        needs_label=True,
        labelled=0.9,
    )
    filler = "another1 " * 2000

    found = PatternEngine([rule]).find(f"{filler}\nserial number: c02xl0gt\n{filler}")

    assert [finding.rule for finding in found] == ["a-serial"]
    assert "C02XL0GT" in checked
    assert len(checked) < 20
