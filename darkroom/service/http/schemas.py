"""JSON schemas of bodies and answers, for openapi.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}
ANYTHING: Schema = {}
FREE: Schema = {"type": "object"}
IDS: Schema = {"type": "array", "items": STRING}


def record(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object with these keys, and perhaps others."""
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}


def listing(item: Schema) -> Schema:
    """A list of equal items."""
    return {"type": "array", "items": item}


def table(item: Schema) -> Schema:
    """An object whose values are alike."""
    return {"type": "object", "additionalProperties": item}


API_NODE = record({"class_type": STRING}, {"inputs": FREE, "_meta": FREE})

EXEC_INFO = record({"exec_info": record({"queue_remaining": {"type": "integer", "minimum": 0}})})

GRAPH = {"prompt": table(API_NODE), "workflow": record({"nodes": listing(FREE)}, {"links": listing(ANYTHING)})}
"""API JSON, or a drawn workflow as it is saved."""

OWN = record(
    {},
    {
        "run_to": {
            **IDS,
            "description": "nodes of any kind whose results are wanted; alone, they and what they need are all that "
            "runs. The id of a subgraph stands for all that it holds",
        }
    },
)
"""What is asked of this server and of no other."""

PROMPT_BODY = record(
    {},
    {
        **GRAPH,
        "client_id": {"type": "string", "maxLength": 256},
        "prompt_id": {"type": "string", "minLength": 1, "maxLength": 256},
        "number": NUMBER,
        "front": BOOLEAN,
        "extra_data": FREE,
        "partial_execution_targets": IDS,
        "darkroom": OWN,
    },
)
ACCEPTED = record({"prompt_id": STRING, "number": NUMBER, "node_errors": table(FREE)})
REFUSED_PROMPT = record(
    {
        "error": record({"type": STRING, "message": STRING, "details": STRING, "extra_info": FREE}),
        "node_errors": table(FREE),
    }
)

QUEUE_ITEM: Schema = {
    "type": "array",
    "description": "number, prompt_id, prompt, extra_data, ids of the outputs",
    "minItems": 5,
    "maxItems": 5,
}
QUEUE = record({"queue_running": listing(QUEUE_ITEM), "queue_pending": listing(QUEUE_ITEM)})
CLEAR_OR_DELETE = record({}, {"clear": BOOLEAN, "delete": IDS})
MOVE_BODY = record({"id": STRING}, {"before": {"type": ["string", "null"]}})
ORDER = record({"order": IDS})
INTERRUPT_BODY = record({}, {"prompt_id": STRING})
FREE_BODY = record({}, {"unload_models": BOOLEAN, "free_memory": BOOLEAN})

HISTORY_ENTRY = record(
    {
        "prompt": QUEUE_ITEM,
        "outputs": table(FREE),
        "meta": table(FREE),
        "status": record(
            {"status_str": {"enum": ["success", "error"]}, "completed": BOOLEAN, "messages": listing(ANYTHING)}
        ),
    }
)
HISTORY = table(HISTORY_ENTRY)

JOB = record(
    {"id": STRING, "status": {"enum": ["pending", "in_progress", "completed", "failed"]}, "priority": NUMBER},
    {
        "create_time": INTEGER,
        "execution_start_time": INTEGER,
        "execution_end_time": INTEGER,
        "execution_error": FREE,
        "outputs_count": INTEGER,
        "preview_output": FREE,
        "workflow_id": STRING,
    },
)
JOBS = record(
    {
        "jobs": listing(JOB),
        "pagination": record(
            {"offset": INTEGER, "limit": {"type": ["integer", "null"]}, "total": INTEGER, "has_more": BOOLEAN}
        ),
    }
)

NODE_INFO = record(
    {
        "input": FREE,
        "input_order": FREE,
        "output": listing(ANYTHING),
        "output_is_list": listing(BOOLEAN),
        "output_name": listing(ANYTHING),
        "name": STRING,
        "display_name": {"type": ["string", "null"]},
        "category": STRING,
        "output_node": BOOLEAN,
    }
)
FEATURES = record({"supports_preview_metadata": BOOLEAN, "max_upload_size": INTEGER}, {"extension": FREE})
DEVICE = record(
    {
        "name": STRING,
        "type": STRING,
        "index": {"type": ["integer", "null"]},
        "vram_total": INTEGER,
        "vram_free": INTEGER,
        "torch_vram_total": INTEGER,
        "torch_vram_free": INTEGER,
    }
)
SYSTEM_STATS = record({"system": FREE, "devices": listing(DEVICE)})

CHECK_BODY = record({}, {**GRAPH, "targets": IDS, "darkroom": OWN})
PROBLEM = record(
    {"type": STRING, "text": STRING, "remedy": STRING, "warning": BOOLEAN},
    {"node": {"type": ["string", "null"]}, "input": {"type": ["string", "null"]}},
)
PROBLEMS = record({"problems": listing(PROBLEM), "can_run": BOOLEAN, "targets": IDS})
STEP = record(
    {"node": STRING, "outcome": {"enum": ["ran", "cached", "blocked", "not needed", "not reached"]}},
    {"class_type": STRING, "reason": STRING, "seconds": NUMBER, "title": STRING},
)
EXPLAINED = record(
    {"id": STRING, "state": STRING, "steps": listing(STEP)},
    {"seconds": NUMBER, "error": FREE, "reason": {"type": ["string", "null"]}, "attempts": INTEGER},
)
WORKERS = record({"workers": listing(FREE), "running": FREE, "failures": listing(FREE)})
REFUSED = record({"error": STRING}, {"type": STRING, "details": STRING, "remedy": STRING})
