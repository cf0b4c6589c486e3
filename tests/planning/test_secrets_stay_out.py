"""No file of a project shows a secret of its notebook, wherever in the notebook it stood."""

from __future__ import annotations

from pathlib import Path

from notebook_files import write_notebook

from nb2prod.model.choices import Choices
from nb2prod.pipeline import convert

CELLS = (
    "# Scores\nThe key is AIzaSyA1234567890abcdefghijklmnopqrstuv.",
    "API_KEY = 'sk-abcdefghijklmnopqrstuvwx'\nDB = 'postgresql://me:hunter2@db/x'",
    "# it was ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "x = len(API_KEY + DB)\n# or ghp_abcdefghijklmnopqrstuvwxyz0123456789\nprint(x)  # AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "def login(user, password): return f'{user}{len(password)}'\ny = login('me', password='pa55word!')\nprint(y)",
    "unused = 'AKIAABCDEFGHIJKLMNOP'",
)
SECRETS = ("AIzaSy", "sk-abc", "hunter2", "ghp_abc", "pa55word!", "AKIAABC")


def test_no_file_shows_a_secret(tmp_path: Path) -> None:
    conversion = convert(write_notebook(tmp_path / "scores.ipynb", *CELLS), Choices(run=False))
    texts = {file.path: file.content for file in conversion.project.files if isinstance(file.content, str)}
    assert [(path, secret) for path, text in texts.items() for secret in SECRETS if secret in text] == []
    assert [(p.name, p.default) for p in conversion.plan.parameters if p.secret] == [
        ("api_key", None),
        ("db", None),
        ("password_secret", None),
    ]
