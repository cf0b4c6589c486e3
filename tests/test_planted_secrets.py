"""Secrets of many kinds, planted where notebooks have them: in code that lives and code that does not, comments, prose and outputs; none is in any file."""

from __future__ import annotations

import gzip

import nbformat
import pytest

from nb2prod.model.choices import Choices
from nb2prod.pipeline import convert

HEX, MIXED = "0123456789abcdef" * 4, "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9" * 4
# Spelled in two parts, so that no scanner takes this file for a leak.
KINDS = {
    "AWS access key": "AKIA" + "ABCDEFGHIJKLMNOP",
    "AWS session key": "ASIA" + "ABCDEFGHIJKLMNOP",
    "Google API key": "AIza" + MIXED[:35],
    "Google client secret": "GOCSPX-" + MIXED[:28],
    "Google access token": "ya29." + MIXED[:40],
    "Alibaba access key": "LTAI" + MIXED[:20],
    "DigitalOcean token": "dop_v1_" + HEX,
    "GitHub personal token": "ghp_" + MIXED[:36],
    "GitHub app token": "ghs_" + MIXED[:36],
    "GitHub fine-grained token": "github_pat_" + MIXED[:60],
    "GitLab token": "glpat-" + MIXED[:20],
    "Atlassian token": "ATATT3" + MIXED[:60],
    "npm token": "npm_" + MIXED[:36],
    "PyPI token": "pypi-" + MIXED[:60],
    "Docker token": "dckr_pat_" + MIXED[:27],
    "RubyGems key": "rubygems_" + HEX[:48],
    "OpenAI key": "sk-" + MIXED[:48],
    "Anthropic key": "sk-ant-" + MIXED[:60],
    "Hugging Face token": "hf_" + MIXED[:34],
    "Groq key": "gsk_" + MIXED[:52],
    "Replicate token": "r8_" + MIXED[:37],
    "Perplexity key": "pplx-" + MIXED[:48],
    "Slack bot token": "xoxb-" + "123456789012-abcdefghij",
    "Slack app token": "xapp-" + "1-A0123-" + HEX[:30],
    "Slack webhook": "https://hooks.slack.com/services/" + "T0001/B0001/" + MIXED[:24],
    "Discord webhook": "https://discord.com/api/webhooks/" + "1234567890/" + MIXED[:68],
    "Telegram bot token": "123456789:" + "AA" + MIXED[:33],
    "Stripe live key": "sk_live_" + MIXED[:24],
    "Stripe restricted key": "rk_live_" + MIXED[:24],
    "Stripe webhook secret": "whsec_" + MIXED[:32],
    "Square token": "sq0atp-" + MIXED[:22],
    "Shopify token": "shpat_" + HEX[:32],
    "SendGrid key": "SG." + MIXED[:22] + "." + MIXED[:43],
    "Mailgun key": "key-" + HEX[:32],
    "Mailchimp key": HEX[:32] + "-us12",
    "Twilio key": "SK" + HEX[:32],
    "Brevo key": "xkeysib-" + HEX,
    "Databricks token": "dapi" + HEX[:32],
    "Vault token": "hvs." + MIXED[:90],
    "Grafana token": "glsa_" + MIXED[:40],
    "New Relic key": "NRAK-" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ1",
    "Postman key": "PMAK-" + HEX[:24] + "-" + HEX[:34],
    "Linear key": "lin_api_" + MIXED[:40],
    "Notion token": "ntn_" + MIXED[:46],
    "Figma token": "figd_" + MIXED[:40],
    "Supabase token": "sbp_" + HEX[:40],
    "Airtable token": "pat" + MIXED[:14] + "." + HEX,
    "Facebook token": "EAA" + MIXED[:100],
    "private key": "-----BEGIN RSA PRIVATE KEY-----\\n" + MIXED[:64] + "\\n-----END RSA PRIVATE KEY-----",
    "age key": "AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2,
    "JSON web token": "eyJ" + MIXED[:20] + "." + MIXED[:30] + "." + MIXED[:43],
    "bearer header": "Bearer " + MIXED[:40],
    "address with a password": "postgresql://me:" + "hunter2" + "@db.example.com/sales",
    "redis address": "redis://:" + "hunter2hunter2" + "@cache:6379/0",
    "Sentry address": "https://" + HEX[:32] + "@o1.ingest.example.com/42",
    "Azure storage": "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=" + MIXED[:86] + "==",
    "shared access signature": "https://x.blob.example.net/c?sv=2022&sig=" + MIXED[:43],
    "connection string": "Server=db;Uid=me;Pwd=" + "hunter2x" + ";Database=sales",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All files of a package whose notebook holds every kind, in five places each."""
    path = tmp_path_factory.mktemp("secrets") / "keys.ipynb"
    v4 = nbformat.v4
    cells = [v4.new_code_cell("def use(text):\n    return len(text)\ntotal = 0", id="start")]
    for number, text in enumerate(KINDS.values()):
        plain = text.replace("\\n", "\n")
        shown = v4.new_output("stream", name="stdout", text=f"using {plain}\n")
        cells += [
            v4.new_markdown_cell(f"# Step {number}\nwith {plain.splitlines()[0] if 'BEGIN' not in plain else 'a key'}", id=f"m{number}"),
            v4.new_code_cell(f'# was {text}\ntotal += use("{text}")', id=f"l{number}"),
            v4.new_code_cell(
                f'unused_{number} = "{text}"\nprint("using", unused_{number})', outputs=[shown], execution_count=1, id=f"d{number}"
            ),
        ]
    cells.append(v4.new_code_cell("print(total)", id="end"))
    nbformat.write(v4.new_notebook(cells=cells), path)
    project = convert(path, Choices(run=False, targets=("cron", "systemd", "airflow", "github"))).project
    return {file.path: text_of(file.content) for file in project.files}


def text_of(content: str | bytes) -> str:
    if isinstance(content, str):
        return content
    return (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8", "replace")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_file_holds_the_secret(kind: str, files: dict[str, str]) -> None:
    secret = KINDS[kind].split("\\n")[1 if "BEGIN" in KINDS[kind] else 0]
    assert [path for path, text in files.items() if secret in text] == []
