"""Generated prose with names, and the tweets of the corpus as people wrote them."""

from training.generated_names import generated
from training.named_text import as_written


def test_the_same_seed_gives_the_same_prose() -> None:
    assert list(generated(7, 1)) == list(generated(7, 1))
    assert list(generated(7, 1)) != list(generated(8, 1))


def test_marks_stand_on_whole_words_that_begin_with_a_capital() -> None:
    for text in generated(7, 2):
        for start, end, _ in text.spans:
            marked = text.text[start:end]
            assert marked == marked.strip()
            assert not marked[0].islower()
            assert not text.text[start - 1 : start].isalnum()
            assert not text.text[end : end + 1].isalnum()


def test_handles_are_joined_and_no_names() -> None:
    text = "RT @ Ada_L: met Grace & lt; 3 # Lisbon"
    spans = [(3, 4, "PERSON"), (5, 10, "PERSON"), (16, 21, "PERSON"), (32, 38, "LOCATION")]

    joined, kept = as_written(text, spans)

    assert joined == "RT @Ada_L: met Grace &lt; 3 #Lisbon"
    assert [joined[start:end] for start, end, _ in kept] == ["Grace", "Lisbon"]
