"""A job -> the container of one run, as Kubernetes and what is built on it want it: no privileges, a read-only root, the image's own command.

Job("churn", ..., resources=Resources("0.5", "1Gi"))   ->   {"name": "churn", "image": "churn:latest", "command": [...], ...}
"""

from __future__ import annotations

from typing import Any

from nb2prod.model.job import Job
from nb2prod.targets.documents import without_nothing
from nb2prod.targets.launch import CONTAINER, comment, image, label, variable, words

USER = 1000  # as in the project's Dockerfile


def container(job: Job, command: list[str]) -> dict[str, Any]:
    """The container that runs this command; what it writes beside its working directory goes to an empty /tmp."""
    limits = without_nothing({"cpu": job.resources.cpu, "memory": job.resources.memory})
    return without_nothing(
        {
            "name": label(job),
            "image": image(job),
            "command": command,
            "workingDir": CONTAINER.directory,
            "env": [{"name": variable(name), "value": value.replace("$(", "$$(")} for name, value in job.environment.items()],
            "resources": {"requests": limits, "limits": limits} if limits else None,
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
            "volumeMounts": [{"name": "work", "mountPath": CONTAINER.directory}, {"name": "tmp", "mountPath": "/tmp"}],
        }
    )


def container_words(job: Job) -> list[str]:
    """The command in a container."""
    return escaped(words(job, CONTAINER))


def escaped(command: list[str]) -> list[str]:
    """The words as a container takes them, where `$(NAME)` would be replaced by a variable."""
    return [word.replace("$(", "$$(") for word in command]


def pod_security() -> dict[str, Any]:
    return {"runAsNonRoot": True, "runAsUser": USER, "fsGroup": USER, "seccompProfile": {"type": "RuntimeDefault"}}


def volumes(job: Job) -> list[dict[str, Any]]:
    """The working directory (the claim with the data, or an empty one) and /tmp."""
    work = {"persistentVolumeClaim": {"claimName": job.host.claim}} if job.host.claim else {"emptyDir": {}}
    return [{"name": "work", **work}, {"name": "tmp", "emptyDir": {}}]


def metadata(job: Job, name: str) -> dict[str, Any]:
    """Its name, and who answers for it."""
    annotations = without_nothing({"owner": comment(job.owner), "contact": comment(job.contact)})
    labels = {"app.kubernetes.io/name": label(job), "app.kubernetes.io/managed-by": "nb2prod"}
    return without_nothing({"name": name, "labels": labels, "annotations": annotations})
