"""The whole project of a conversion: with job files, proof notes, report and manifest.

finish(conversion, choices)   ->   Project("churn", (File("REPORT.html", ...), ...), manifest)
"""

from __future__ import annotations

import json
from dataclasses import replace

from nb2prod.codegen.manifest import build_manifest
from nb2prod.codegen.report import render_report
from nb2prod.converting.merging import renewed
from nb2prod.converting.once import Conversion, job_of
from nb2prod.merging import PATH as ANCESTOR
from nb2prod.merging import pack
from nb2prod.model.choices import Choices
from nb2prod.model.dataflow import Decision
from nb2prod.model.project import File, Project
from nb2prod.proving import proof_of
from nb2prod.reading.project import PROOF, render_proof
from nb2prod.targets import emit, target_named
from nb2prod.understanding import as_seen, without_secrets


def finish(conversion: Conversion, choices: Choices) -> Project:
    """The whole project: with job files, proof notes, report and manifest."""
    if conversion.renewal is None:
        conversion = renewed(conversion, choices, None, lambda step: None, runs=False)
    assert conversion.renewal is not None
    names = conversion.renewal.names
    notebook, plan, verdict = conversion.notebook.as_seen, as_seen(conversion.plan, conversion.notebook), conversion.verdict
    lost = (finding for name in choices.targets for finding in emit(job_of(plan, choices), target_named(name))[1])
    analysis = replace(conversion.analysis, diagnostics=(*conversion.analysis.diagnostics, *lost), decisions=with_parameters(conversion))
    shown = replace(plan, results=tuple(replace(one, name=names.results.get(one.name, one.name)) for one in plan.results))
    manifest = build_manifest(notebook, analysis, shown, verdict)
    proof = replace(proof_of(notebook, conversion.analysis, plan, replace(choices, package=plan.package)), fields=dict(names.results))
    files = (
        *conversion.project.files,
        File(ANCESTOR, pack(conversion.renewal.ancestor)),
        File(PROOF, without_secrets(render_proof(proof), notebook)),
        File("REPORT.html", render_report(notebook, analysis, plan, manifest, verdict)),
        File("nb2prod.json", without_secrets(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", notebook)),
    )
    return Project(plan.package, tuple(sorted(files, key=lambda file: file.path)), manifest)


def with_parameters(conversion: Conversion) -> tuple[Decision, ...]:
    """The decisions, with the assignments that became parameters named as such."""
    places = {(p.cell, p.line): p.name for p in conversion.plan.parameters if p.variable}
    found = []
    for decision in conversion.analysis.decisions:
        name = places.get((decision.statement.cell, conversion.notebook.statement(decision.statement).span.start_line))
        became = name is not None and decision.live and decision.role == "code"
        found.append(replace(decision, role="parameter", reason=f"became the parameter `{name}`") if became else decision)
    return tuple(found)
