"""The smallest package that gives the notebook's results, and the parameters that do what editing the notebook does.

proved(notebook, recording, choices, progress)   ->   (Conversion(...), the choices it was made with)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nb2prod.analysis import analyze
from nb2prod.converting.once import Conversion, attempt
from nb2prod.knowledge import load_knowledge
from nb2prod.model.choices import Choices
from nb2prod.model.notebook import Notebook
from nb2prod.model.recording import Recording
from nb2prod.model.verdict import Trial
from nb2prod.proving import proof_of, search_for, secret_variables, seeded_alike
from nb2prod.proving.trials import Bench

Progress = Callable[[str], None]


def proved(notebook: Notebook, recording: Recording, choices: Choices, progress: Progress) -> tuple[Conversion, Choices]:
    """The smallest package that gives the notebook's results, with parameters that do what editing the notebook does; any other value is left
    in the code, which the choices given back say."""
    conversion = attempt(notebook, recording, choices, frozenset())
    if conversion.verdict.outcome == "different":
        progress("looking for what is missing")
        conversion = mended(conversion, choices)
    if conversion.verdict.outcome != "same" or not choices.trial_seconds:
        return conversion, choices
    progress("trying the parameters")
    trials = try_parameters(conversion, choices)
    unlike = tuple(trial.parameter for trial in trials if trial.outcome == "different")
    if unlike:
        conversion, choices = proved(notebook, recording, replace(choices, fixed=(*choices.fixed, *unlike)), progress)
    kept = tuple(trial for trial in trials if trial.outcome == "different") + conversion.verdict.trials if unlike else trials
    return replace(conversion, verdict=replace(conversion.verdict, trials=kept)), choices


def try_parameters(conversion: Conversion, choices: Choices) -> tuple[Trial, ...]:
    """The parameters of a proved package with other values."""
    notebook, analysis, plan, recording = conversion.notebook, conversion.analysis, conversion.plan, conversion.recording
    assert recording is not None
    secrets = secret_variables(notebook, analysis, plan)
    return Bench(notebook, analysis, plan, conversion.project, seeded_alike(choices), secrets).trials(recording)


def mended(conversion: Conversion, choices: Choices) -> Conversion:
    """The first of ever larger packages that gives the notebook's results; the one given where none does."""
    notebook, recording = conversion.notebook, conversion.recording
    assert recording is not None
    proof = proof_of(notebook, conversion.analysis, conversion.plan, choices)
    search = search_for(notebook, recording, proof, lambda restore: analyze(notebook, load_knowledge(), recording, choices, restore))
    for restoration in search.restorations():
        again = attempt(notebook, recording, replace(choices, whole=restoration.whole), restoration.statements)
        if again.verdict.outcome == "same":
            return replace(again, verdict=replace(again.verdict, restored=restoration.told))
    return conversion
