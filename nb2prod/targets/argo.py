"""A job -> a CronWorkflow of Argo Workflows, which runs the project's container image.

    Schedule("0 6 * * 1-5", "Europe/Berlin")   ->   kind: CronWorkflow, spec: {schedules: [0 6 * * 1-5], timezone: Europe/Berlin, ...}

`schedules` needs Argo 3.6 or newer. Without a schedule it is a Workflow, to be submitted by hand.
"""

from __future__ import annotations

from typing import Any

from nb2prod.model.job import Feature, Job, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.documents import check_documents, without_nothing, yaml_text
from nb2prod.targets.launch import (
    CONTAINER,
    each_task,
    earlier_tasks,
    image,
    label,
    label_of,
    literal,
    run_seconds,
    scheduler_retries,
    values_folder,
)
from nb2prod.targets.moments import at_change, either_only, one_zone, plain_cron
from nb2prod.targets.pods import container, escaped, metadata, pod_security, volumes

POLICIES = {"skip": "Forbid", "allow": "Allow", "queue": "Allow"}
PLANNED = "{{workflow.scheduledTime}}"
MARK, RUN = "\x00", "\x01"


def render(job: Job) -> tuple[File, ...]:
    """`jobs/argo/NAME.yaml`. Raises ChoiceError for schedules in several zones, which no CronWorkflow has."""
    name = label(job)
    workflow = _workflow(job, name)
    document: dict[str, Any] = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": metadata(job, name), "spec": workflow}
    if job.schedules:
        spec = {
            "schedules": [plain_cron(schedule) for schedule in job.schedules],
            "timezone": one_zone(job.schedules, "a CronWorkflow of Argo"),
            "concurrencyPolicy": POLICIES[job.overlap],
            "startingDeadlineSeconds": 300,
            "workflowSpec": workflow,
        }
        document = {**document, "kind": "CronWorkflow", "spec": without_nothing(spec)}
    about = (
        f"{job.name} on Argo Workflows. Its image is {image(job)}: build and push it, then\n  argo cron create jobs/argo/{job.name}.yaml"
    )
    return (File(f"jobs/argo/{job.name}.yaml", yaml_text(about, document)),)


def _workflow(job: Job, name: str) -> dict[str, Any]:
    planned = (MARK,) if job.schedules else ()
    asked = each_task(job, CONTAINER, values_folder(job, CONTAINER.directory, RUN), *planned)
    templates = [_template(job, f"{name}-{label_of(task)}" if job.tasks else name, given) for task, given in asked.items()]
    if job.tasks:
        waiting = {label_of(task): list(map(label_of, earlier)) for task, earlier in earlier_tasks(job).items()}
        steps = [without_nothing({"name": one, "template": f"{name}-{one}", "dependencies": earlier}) for one, earlier in waiting.items()]
        templates = [{"name": name, "dag": {"tasks": steps}}, *templates]
    for value in job.environment.values():
        literal(value, ("{{",), "argo")
    return {
        "entrypoint": name,
        "automountServiceAccountToken": True,
        "securityContext": pod_security(),
        "volumes": volumes(job),
        "templates": templates,
    }


def _template(job: Job, name: str, asked: list[str]) -> dict[str, Any]:
    """What runs one task."""
    seconds, retries = run_seconds(job), scheduler_retries(job)
    template = {
        "name": name,
        "activeDeadlineSeconds": seconds or None,
        "retryStrategy": (
            {
                "limit": retries,
                "retryPolicy": "OnFailure",
                "backoff": {"duration": str(job.retry_delay_seconds)},
                "expression": "lastRetry.exitCode not in ['2', '75']",
            }
            if retries
            else None
        ),
        "container": container(job, [_filled(word) for word in escaped(asked)]),
    }
    return without_nothing(template)


def _filled(word: str) -> str:
    """The word, which must not look like one of Argo's templates, with those that are ours. Raises ChoiceError."""
    return literal(word, ("{{",), "argo").replace(MARK, PLANNED).replace(RUN, "{{workflow.name}}")


TARGET = Target(
    name="argo",
    summary="a CronWorkflow of Argo Workflows",
    expresses=frozenset(Feature) - {Feature.queue, Feature.catchup, Feature.emails},
    render=render,
    check=check_documents,
    validators=(Validator(("argo", "lint", "--offline"), (".yaml",)),),
    trouble=either_only,
    clock=at_change("leaves a skipped time out, and runs in both of two equal hours"),
    between="claim",
    apart=frozenset({Feature.skip}),
)
