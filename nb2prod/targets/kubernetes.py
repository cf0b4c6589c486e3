"""A job -> a Kubernetes CronJob for each schedule, which runs the project's container image.

    Schedule("0 6 * * 1-5", "Europe/Berlin")   ->   kind: CronJob, spec: {schedule: 0 6 * * 1-5, timeZone: Europe/Berlin, ...}

Without a schedule it is a Job, to be created by hand.
"""

from __future__ import annotations

from typing import Any

from nb2prod.model.job import Feature, Job, Schedule, Target, Validator
from nb2prod.model.project import File
from nb2prod.targets.documents import check_documents, without_nothing, yaml_text
from nb2prod.targets.launch import SKIPPED, image, label, run_seconds, scheduler_retries
from nb2prod.targets.moments import at_change, either_only, plain_cron
from nb2prod.targets.pods import container, container_words, metadata, pod_security, volumes

POLICIES = {"skip": "Forbid", "allow": "Allow", "queue": "Allow"}


def render(job: Job) -> tuple[File, ...]:
    """`jobs/kubernetes/NAME.yaml`."""
    name = label(job)
    names = [name, *(f"{name}-{number}" for number in range(2, len(job.schedules) + 1))]
    documents = [_cron_job(job, schedule, one) for schedule, one in zip(job.schedules, names, strict=False)]
    if not documents:
        documents = [{"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata(job, name), "spec": _job(job)}]
    about = (
        f"{job.name} on Kubernetes. Its image is {image(job)}: build and push it, then\n  kubectl apply -f jobs/kubernetes/{job.name}.yaml"
    )
    return (File(f"jobs/kubernetes/{job.name}.yaml", yaml_text(about, *documents)),)


def _cron_job(job: Job, schedule: Schedule, name: str) -> dict[str, Any]:
    spec = {
        "schedule": plain_cron(schedule),
        "timeZone": schedule.timezone,
        "concurrencyPolicy": POLICIES[job.overlap],
        "startingDeadlineSeconds": 300,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"spec": _job(job)},
    }
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata(job, name), "spec": without_nothing(spec)}


def _job(job: Job) -> dict[str, Any]:
    """One run: a bad parameter (2) is never tried again; a run that goes on elsewhere (75) is no failure."""
    seconds = run_seconds(job) * (scheduler_retries(job) + 1)
    rules = [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [2, SKIPPED]}}]
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": pod_security(),
        "containers": [container(job, container_words(job))],
        "volumes": volumes(job),
    }
    spec: dict[str, Any] = {"activeDeadlineSeconds": seconds} if seconds else {}
    return {**spec, "backoffLimit": scheduler_retries(job), "podFailurePolicy": {"rules": rules}, "template": {"spec": pod}}


TARGET = Target(
    name="kubernetes",
    summary="a CronJob of Kubernetes for each schedule",
    expresses=frozenset(Feature) - {Feature.queue, Feature.catchup, Feature.logical_date, Feature.emails, Feature.tasks},
    render=render,
    check=check_documents,
    validators=(Validator(("kubernetes-validate", "--strict"), (".yaml",)),),
    trouble=either_only,
    clock=at_change("leaves a skipped time out, and runs in both of two equal hours"),
)
