import pytest

from agent.knowledge.toml_lines import line_of

TEXT = '''# [[entry]] in a comment
[[entry]]
id = "a"  # [[entry]]
text = """
[[entry]]
id = "in a text"
"""
[entry.when]
facts = [
    "x",
]

[[ entry ]]
id = "b"
[entry.when]
role = ["client"]
[remedy.x]
text = 'y'
'''


@pytest.mark.parametrize(
    ("table", "number", "key", "line"),
    [
        ("entry", 1, None, 2),
        ("entry", 1, "id", 3),
        ("entry", 1, "facts", 9),
        ("entry", 2, None, 13),
        ("entry", 2, "role", 16),
        ("entry", 2, "facts", 13),
        ("remedy.x", 1, "text", 18),
        ("remedy.y", 1, "text", 4),
        ("remedy.y", 1, None, 1),
    ],
)
def test_a_key_is_found_in_its_own_table(table: str, number: int, key: str | None, line: int) -> None:
    """Comments and texts of several lines hold no tables; what is not found falls back."""
    assert line_of(TEXT, table, number, key) == line
