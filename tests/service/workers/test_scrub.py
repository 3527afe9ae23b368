"""What is secret of a job is in nothing that its worker says, whoever hears or keeps it."""

from __future__ import annotations

from darkroom.frames.messages import JobDone, JobEvent, LogLine, PackMessage
from darkroom.service.workers.scrub import HIDDEN, said, texts_of

SECRETS = texts_of({"API_KEY_COMFY_ORG": "key-1234567890", "AUTH_TOKEN_COMFY_ORG": "key-1234567890-and-more"})
ERROR = {
    "message": "401 for key-1234567890",
    "traceback": ["key-1234567890-and-more"],
    "inputs": {"a": ["key-1234567890"]},
}


def test_events_errors_results_lines_and_messages_of_packs_hold_no_secret() -> None:
    told = [
        said(JobEvent("a", 1, "node_failed", ERROR), SECRETS),
        said(JobDone("a", 1, "failed", ui={"1": {"text": ["key-1234567890"]}}, error=ERROR), SECRETS),
        said(LogLine("printed key-1234567890-and-more"), SECRETS),
        said(PackMessage("x", {"key-1234567890": ["key-1234567890"]}), SECRETS),
    ]
    assert all("1234567890" not in repr(each) and HIDDEN in repr(each) for each in told)
    assert "and-more" not in repr(told)


def test_without_secrets_and_for_short_ones_nothing_is_changed() -> None:
    event = JobEvent("a", 1, "text", {"text": "yes", "value": 1, "none": None})
    assert said(event, ()) is event
    assert texts_of({"API_KEY_COMFY_ORG": "yes", "AUTH_TOKEN_COMFY_ORG": None}) == ()
    assert said(event, SECRETS) == event
