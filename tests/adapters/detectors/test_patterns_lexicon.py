import pytest

from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.lexicon import Lexicon
from adapters.detectors.patterns.tables import Tables, header_line

LEXICON = Lexicon(
    {
        "dob": "dob|d.o.b|date of birth|né le",
        "card": "card|card number",
        "id": "身份证",
        "number": "number",
        "phone": "t:",
    }
)


@pytest.mark.parametrize(
    ("text", "group", "words"),
    [
        ("DOB 1/2/3", "dob", ["dob"]),
        ("customerDob and user_dob", "dob", ["dob", "dob"]),
        ("dateOfBirth, DATE-OF-BIRTH", "dob", ["dateofbirth", "date-of-birth"]),
        ("D.O.B. here", "dob", ["d.o.b"]),
        ("two cards", "card", ["cards"]),
        ("card_number", "card", ["card_number"]),
        ("我的身份证号", "id", ["身份证"]),
        ("T: 12", "phone", ["t:"]),
        ("né le 3 mars", "dob", ["né le"]),
    ],
)
def test_words_are_found_whole(text: str, group: str, words: list[str]) -> None:
    found = LEXICON.find(text)

    assert [word.text for word in found[group]] == words
    assert all(text[word.start : word.end].lower() == word.text for word in found[group])


@pytest.mark.parametrize("text", ["cardboard", "discard", "dobby", "http:", "date of the birth"])
def test_parts_of_words_are_no_words(text: str) -> None:
    assert LEXICON.find(text) == {}


def test_longest_phrase_hides_the_words_inside_it() -> None:
    found = LEXICON.find("card number")

    assert set(found) == {"card"}


def test_label_stands_directly_before_its_value() -> None:
    text = "card number is: 123, dob of the person who came 456"
    document = Document(text, LEXICON)

    card = document.nearest("card", text.index("123"), text.index("123") + 3, before=30, after=0)
    dob = document.nearest("dob", text.index("456"), text.index("456") + 3, before=40, after=0)

    assert card is not None
    assert card[1]
    assert dob is not None
    assert not dob[1]


def test_label_of_another_line_does_not_count() -> None:
    text = "card number\nsomething else\n123"

    found = Document(text, LEXICON).nearest("card", len(text) - 3, len(text), before=60, after=0)

    assert found is None


@pytest.mark.parametrize(
    ("text", "cell", "header"),
    [
        ("id,name\n7,Ada", "Ada", "name"),
        ("id;name\n7;Ada", "Ada", "name"),
        ("id\tname\n7\tAda", "Ada", "name"),
        ("| id | name |\n|---|---|\n| 7 | Ada |", "Ada", "name"),
        ('id,note,name\n7,"a, b",Ada', "Ada", "name"),
        ("INSERT INTO t (id, full_name) VALUES (7, 'Ada');", "Ada", "full_name"),
        ("Please look:\nid,name\n7,Ada\n\nName of the ship, and Bob", "Bob", ""),
    ],
)
def test_cells_know_their_header(text: str, cell: str, header: str) -> None:
    assert Tables(text).header_of(text.index(cell)) == header


def test_first_line_heads_a_table_only_with_rows_of_its_shape() -> None:
    assert header_line("id,name\n7,Ada\n") == "id,name"
    assert header_line("Dear Ada, hello\nhow are you") == ""
