"""What the stages of a proved package do, recorded in one more run of it: the cases of its tests and the contracts of its tables.

with_recorded(conversion, choices, None)   ->   the conversion with `tests/recorded/*.json`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nb2prod.codegen.checks import checks_of, confirmed, with_checks, with_reasons
from nb2prod.codegen.contracts import with_contracts
from nb2prod.codegen.properties import checks_file, properties_of, with_properties
from nb2prod.codegen.recorded import orders_for_cases, told_of_missing, with_cases
from nb2prod.converting.merging import code_of, merged_with
from nb2prod.converting.once import Conversion
from nb2prod.model.choices import Choices
from nb2prod.model.plan import Plan
from nb2prod.model.project import Project
from nb2prod.proving import proof_of, prove, secret_variables
from nb2prod.recording import Runner
from nb2prod.renewing import Earlier, as_it_lies, cases_as_generated

CASE_SECONDS = 120.0  # how long the recording of the stages may take; a package that takes longer has none


def with_recorded(conversion: Conversion, choices: Choices, earlier: Earlier | None) -> Conversion:
    """The conversion with tests of its stages, from one more run of the package; where hands edited it, of the package with their edits."""
    renewal, merged = merged_with(conversion, choices, earlier)
    cases: Mapping[str, str] = {}
    about: Mapping[str, Any] = {}
    if renewal.edited:
        cases, about = recorded_stages(conversion, as_it_lies(conversion.plan, renewal), merged, choices)
        cases = cases_as_generated(cases, renewal.names)
    if not cases:
        cases, about = recorded_stages(conversion, conversion.plan, conversion.project, choices)
    plan, notebook, analysis = conversion.plan, conversion.notebook, conversion.analysis
    generated = {new: old for old, new in renewal.names.functions.items()}
    tables = {generated.get(name, name): told for name, told in about.get("tables", {}).items()}
    checks = confirmed(checks_of(plan, analysis, notebook), about.get("held", ()))
    contracted = still_proved(conversion, with_contracts(conversion.project, plan, notebook, tables), choices)
    project = with_checks(contracted, plan, checks)
    project = with_cases(project, plan, cases)
    named = {**about, "why": {generated.get(name, name): why for name, why in about.get("why", {}).items()}}
    missing = told_of_missing(project, plan, cases, named)
    decisions = with_reasons(analysis.decisions, checks)
    analysis = replace(analysis, decisions=decisions, diagnostics=(*analysis.diagnostics, *missing))
    held = [replace(one, stage=generated.get(one.stage, one.stage)) for one in about.get("properties", ())]
    return replace(conversion, analysis=analysis, project=with_properties(project, plan, held))


def still_proved(conversion: Conversion, changed: Project, choices: Choices) -> Project:
    """The changed project where it was run and gives the notebook's results too, else that of the conversion: what is claimed is what is written."""
    if code_of(changed) == code_of(conversion.project):
        return changed
    notebook, analysis, plan, recording = conversion.notebook, conversion.analysis, conversion.plan, conversion.recording
    assert recording is not None
    proof = proof_of(notebook, analysis, plan, choices)
    proven = prove(notebook, analysis, changed, proof, recording, secret_variables(notebook, analysis, plan))
    return changed if proven.verdict.outcome == "same" else conversion.project


def recorded_stages(conversion: Conversion, plan: Plan, project: Project, choices: Choices) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    """What the stages of a package do, and what held for their tables, of the notebook's assertions and of what their code shows, as the plan
    names them."""
    assert conversion.recording is not None
    project = with_checks(project, plan, checks_of(plan, conversion.analysis, conversion.notebook))
    shown = properties_of(plan, project)
    project = replace(project, files=(*project.files, *([checks_file()] if shown else [])))
    asked = {"properties": [one.told for one in shown]}
    orders = {**orders_for_cases(plan, conversion.notebook, conversion.recording), **asked}
    limited = replace(choices, timeout=min(choices.timeout, CASE_SECONDS))
    secrets = secret_variables(conversion.notebook, conversion.analysis, plan)
    cases, about = Runner(limited).record_stages(conversion.notebook, project, orders, secrets)
    return cases, {**about, "properties": [shown[place] for place in about.get("properties", ())]}
