"""`nb2prod check`: the findings of notebooks for editors, hooks and continuous integration, against what was there before.

    nb2prod check share/ --baseline nb2prod-baseline.json   ->   share/churn.ipynb cell 4 line 2: NB203 warning: ...      (exit code 1)

Nothing of a notebook is run. A baseline holds how often a notebook has a finding, and only what is more than that is told.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from nb2prod.commands.findings import FORMS, Found, beyond, counted, found_in
from nb2prod.commands.options import NOTEBOOK, choices_from, result_choices, survey_choices, terms_from
from nb2prod.commands.surveyed import code_of, found
from nb2prod.commands.terminal import DONE, FINDINGS, WRONG_USE, complain, counted_progress, loudness, say
from nb2prod.errors import ChoiceError, SaveError
from nb2prod.model.diagnostic import Severity
from nb2prod.model.survey import ANALYSED
from nb2prod.saving import write_whole

ORDER = tuple(severity.value for severity in (Severity.note, Severity.warning, Severity.error))


@click.command(name="check")
@click.argument("notebooks", nargs=-1, required=True, type=NOTEBOOK, metavar="NOTEBOOK...")
@click.option("--format", "form", type=click.Choice(list(FORMS)), default="text", show_default=True, help="How to tell the findings.")
@click.option(
    "--fail-on", type=click.Choice(ORDER[::-1]), default="warning", show_default=True, help="The least severe finding that counts."
)
@click.option("--select", multiple=True, metavar="CODE", help="Only findings whose code begins so, such as NB2. May be repeated.")
@click.option("--ignore", multiple=True, metavar="CODE", help="No findings whose code begins so. May be repeated.")
@click.option("--baseline", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Tell only what FILE does not know.")
@click.option("--write-baseline", is_flag=True, help="Write what is found now to the baseline, and find nothing wrong.")
@click.option("--fix", is_flag=True, help="Take away saved outputs that show a secret or cannot come from the code.")
@survey_choices
@result_choices
@loudness
def check(notebooks: tuple[Path, ...], form: str, **asked: Any) -> int:
    """What production should not have in each notebook; exit code 1 where there is something."""
    baseline: Path | None = asked["baseline"]
    if asked["write_baseline"] and baseline is None:
        raise ChoiceError("--write-baseline needs a file to write", "name it: --baseline nb2prod-baseline.json")
    known = {} if baseline is None or asked["write_baseline"] else read_baseline(baseline)
    finds, codes = look_for(notebooks, asked)
    if baseline is not None and asked["write_baseline"]:
        write_baseline(baseline, counted(finds))
        return max(code for code in codes if code != FINDINGS)
    new = beyond(finds, known)
    text = FORMS[form](new)
    if text:
        click.echo(text)
    least = ORDER.index(asked["fail_on"])
    return max(
        [*(code for code in codes if code != FINDINGS), FINDINGS if any(ORDER.index(one.severity) >= least for one in new) else DONE]
    )


def look_for(notebooks: tuple[Path, ...], asked: dict[str, Any]) -> tuple[list[Found], list[int]]:
    """Every finding that was asked for, after what is safe was mended where that was asked for; and the exit codes of the notebooks."""
    from nb2prod.surveying import survey

    paths, named = found(notebooks), {str(word) for word in notebooks}
    choices, terms = choices_from(asked), terms_from(asked)
    finds: list[Found] = []
    codes = [DONE]
    with counted_progress("checking", len(paths)) as step:
        surveys = survey(paths, terms, choices)
        if asked["fix"]:
            surveys = iter(_mended(list(surveys), lambda changed: survey(changed, terms, choices)))
        for one in surveys:
            step()
            code = code_of(one, named)
            if one.outcome != ANALYSED:
                complain(one.why, one.hint)
                code = WRONG_USE if code else DONE  # a notebook that was not looked at must not pass
            codes.append(code)
            finds += found_in(one)
    chosen = tuple(asked["select"]) or ("",)
    return [one for one in finds if one.code.startswith(chosen) and not one.code.startswith(tuple(asked["ignore"]) or (" ",))], codes


def _mended(surveys: list[Any], again: Any) -> list[Any]:
    """The surveys after the safe fixes, with those notebooks looked at again that were changed."""
    from nb2prod.commands.fixing import fix_outputs

    changed = [Path(one.path) for one in surveys if one.outcome == ANALYSED and fix_outputs(one)]
    for path in changed:
        say(f"{path}: saved outputs taken away")
    fresh = {one.path: one for one in again(changed)}
    return [fresh.get(one.path, one) for one in surveys]


def read_baseline(path: Path) -> dict[str, dict[str, int]]:
    """What was there before: how often each notebook has each finding. Raises ChoiceError for a file that is no baseline."""
    try:
        data = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
        return {str(name): {str(key): int(count) for key, count in found.items()} for name, found in data["notebooks"].items()}
    except FileNotFoundError:
        raise ChoiceError(f"{path}: there is no such baseline", "make one with --write-baseline") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ChoiceError(f"{path}: this is no baseline ({error})", "make a new one with --write-baseline") from None


def write_baseline(path: Path, counts: dict[str, dict[str, int]]) -> None:
    """Write it whole or not at all. Raises SaveError."""
    text = json.dumps({"tool": "nb2prod", "notebooks": counts}, indent=1, ensure_ascii=False) + "\n"
    try:
        write_whole(path, text.encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise SaveError(f"{path}: {error.strerror}", "choose a file in a folder you may write to") from None
