"""Secrets by shape and by name; words that only look like them; texts that no file may show."""

from __future__ import annotations

import ast

import pytest
from analysis.programs import notebook_of

from nb2prod.knowledge.secrets import find_secrets, masked, secret_texts

FOUND = {
    'KEY = "AKIAABCDEFGHIJKLMNOP"': [("KEY", "AKIAABCDEFGHIJKLMNOP")],
    'f("ghp_abcdefghijklmnopqrstuvwxyz0123456789")': [("", "ghp_abcdefghijklmnopqrstuvwxyz0123456789")],
    'openai.api_key = "sk-abcdefghijklmnopqrst"': [("api_key", "sk-abcdefghijklmnopqrst")],
    'm = "AIzaSyA1234567890abcdefghijklmnopqrstuv"': [("m", "AIzaSyA1234567890abcdefghijklmnopqrstuv")],
    'login(token="hf_abcdefghijklmnopqrstuv")': [("token", "hf_abcdefghijklmnopqrstuv")],
    's = "xoxb-1234567890-abcdef"': [("s", "xoxb-1234567890-abcdef")],
    'connect("me", password="hunter2")': [("password", "hunter2")],
    'def f(user, pwd="hunter2"): pass': [("pwd", "hunter2")],
    'os.environ["API_TOKEN"] = "abcd-efgh"': [("API_TOKEN", "abcd-efgh")],
    'os.environ.setdefault("DB_PASSWORD", "hunter2")': [("DB_PASSWORD", "hunter2")],
    'config = {"user": "me", "clientSecret": "hunter2"}': [("clientSecret", "hunter2")],
    'url = "postgresql://me:hunter2@db/sales"': [("url", "postgresql://me:hunter2@db/sales")],
    'k = """-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----"""': [
        ("k", "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----")
    ],
}
LEFT_ALONE = [
    'token = "hello"', 'tokens = ["the", "cat"]', 'password = ""', 'password = getpass()', 'url = "https://example.com/a:b@c"', 'column = "password"',
    'password = "enter your password"', 'key = "name"', 'sort(key="age")', 'secretary = "Ann Lee"', 'c = "task-force-of-twenty-people"',
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), FOUND.items(), ids=FOUND.keys())
def test_secrets_are_found_with_the_name_they_are_given_to(source: str, expected: list[tuple[str, str]]) -> None:
    assert [(secret.name, secret.node.value) for secret in find_secrets(ast.parse(source))] == expected


@pytest.mark.parametrize("source", LEFT_ALONE)
def test_what_only_looks_like_a_secret_is_left_alone(source: str) -> None:
    assert list(find_secrets(ast.parse(source))) == []


def test_the_texts_no_file_may_show_are_those_of_all_code_and_comments() -> None:
    notebook = notebook_of(["password = 'test'\n# was ghp_abcdefghijklmnopqrstuvwxyz", "api_key = 'a1b2c3d4'"])
    assert secret_texts(notebook) == ("ghp_abcdefghijklmnopqrstuvwxyz", "a1b2c3d4", '"test"', "'test'")
    assert secret_texts(notebook, quoted=False) == ("ghp_abcdefghijklmnopqrstuvwxyz", "a1b2c3d4")
    assert masked("password = 'test'; tests = 'a1b2c3d4'", secret_texts(notebook)) == "password = ••••; tests = '••••'"
