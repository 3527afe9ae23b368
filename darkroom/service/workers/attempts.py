"""A job on a worker: what is sent, and what is known of it while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from darkroom.frames.messages import Json, RunJob
from darkroom.service.contracts import Hub, Job
from darkroom.service.socket.messages import METADATA_FEATURE, JobMessages
from darkroom.service.workers.options import Options
from darkroom.service.workers.scrub import texts_of


@dataclass(slots=True)
class Attempt:
    """cancelled: a person wants it to end; given_back: it ends only because the server stops
    lost: the lease went to another worker, so whatever comes of this attempt is dropped
    secrets: texts that nobody hears of, whatever the worker says
    """

    job: Job
    messages: JobMessages
    secrets: tuple[str, ...] = ()
    cancelled: bool = False
    given_back: bool = False
    lost: bool = False
    is_over: bool = False
    """The worker said its last word."""
    flushing: bool = False
    """A held-back progress_state will be sent soon."""

    @property
    def where(self) -> str:
        """How far it came, as the end of "the worker died"."""
        node = self.messages.node
        return " before its first node ran" if node is None else " while {1} (node {0}) ran".format(*node)


def attempt_at(job: Job, hub: Hub, secrets: Json) -> Attempt:
    """A claimed job, about to run. secrets: by tag"""
    with_metadata = partial(_feature, hub, job.client)
    watched = lambda: hub.count > 0
    messages = JobMessages(job.id, job.prompt, job.targets, job.client, with_metadata=with_metadata, watched=watched)
    return Attempt(job, messages, texts_of(secrets))


def in_words(error: Json) -> str:
    """The data of execution_error as a line of the log."""
    node = f"{error['node_type']} (node {error['node_id']}): " if error["node_id"] else ""
    return f"{node}{error['exception_type']}: {str(error['exception_message']).strip().partition(chr(10))[0]}"


def order_of(job: Job, secrets: Json, options: Options) -> RunJob:
    """What the worker is told."""
    wanted = job.extra_data.get("preview_method")
    return RunJob(
        job=job.id,
        token=job.token,
        prompt=job.prompt,
        targets=list(job.targets),
        extra_pnginfo=job.extra_data.get("extra_pnginfo") or {},
        client=job.client,
        preview=wanted if wanted in ("none", "auto", "latent2rgb", "taesd") else options.preview,
        preview_size=options.preview_size,
        attempt=job.attempts,
        metadata=options.metadata,
        secrets=secrets,
    )


def _feature(hub: Hub, client: str | None) -> bool:
    return client is not None and bool(hub.feature(client, METADATA_FEATURE))
