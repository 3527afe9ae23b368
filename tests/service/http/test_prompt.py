"""POST /prompt beyond what was recorded."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from darkroom.engine.problems import Problem
from darkroom.frames.definitions import described
from darkroom.frames.messages import Answer, Ready
from darkroom.frames.report import problem_as_json
from darkroom.service.contracts import Limits, Service, State, WorkerGone
from darkroom.service.http.reports import MOST_DEPENDENT
from nodes.library import library
from tests.service.fakes import FakeStore, FakeWorkers, fake_service
from tests.service.http.golden import Client, golden_registry, golden_specs, served

SHOW = {"class_type": "GoldenShow", "inputs": {"value": ["1", 0]}}
GRAPH = {"1": {"class_type": "GoldenNumber", "inputs": {"value": "7"}}, "out": SHOW}


def posted(service: Service, body: Any, path: str = "/prompt") -> tuple[int, dict[str, Any]]:
    async def talk(client: Client) -> tuple[int, dict[str, Any]]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = await client.post(path, data=data)
        return response.status, await response.json()

    return served(service, talk)  # type: ignore[no-any-return]


def store_of(service: Service) -> FakeStore:
    assert isinstance(service.store, FakeStore)
    return service.store


def test_a_job_is_stored_with_the_types_of_its_inputs_and_without_secrets(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry())
    extra = {"api_key_comfy_org": "sk-1", "auth_token_comfy_org": "to-2", "preview_method": "auto"}
    status, body = posted(service, {"prompt": GRAPH, "client_id": "me", "prompt_id": "mine", "extra_data": extra})
    assert (status, body) == (200, {"prompt_id": "mine", "number": 0, "node_errors": {}})
    job = store_of(service).jobs["mine"]
    assert job.prompt["1"]["inputs"] == {"value": 7}
    assert job.targets == ("out",)
    assert job.client == "me"
    assert set(job.extra_data) == {"preview_method", "create_time", "client_id"}
    assert service.store.secrets("mine") == {"API_KEY_COMFY_ORG": "sk-1", "AUTH_TOKEN_COMFY_ORG": "to-2"}


def test_the_same_prompt_id_twice_is_one_job(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry())
    first = posted(service, {"prompt": GRAPH, "prompt_id": "a", "number": 4})
    assert posted(service, {"prompt": GRAPH, "prompt_id": "a"}) == first
    assert len(store_of(service).jobs) == 1


def test_a_number_orders_and_front_comes_first(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry())
    for id, more in (("a", {}), ("b", {"front": True}), ("c", {"number": 0.5})):
        posted(service, {"prompt": GRAPH, "prompt_id": id, **more})
    assert [job.id for job in sorted(store_of(service).jobs.values(), key=lambda job: job.number)] == ["b", "a", "c"]


def test_a_drawn_workflow_is_converted_and_kept_for_the_metadata(tmp_path: Path) -> None:
    drawing = {
        "nodes": [
            {
                "id": 1,
                "type": "GoldenNumber",
                "widgets_values": [5],
                "outputs": [{"name": "INT", "type": "INT", "links": [1]}],
            },
            {"id": 2, "type": "GoldenShow", "inputs": [{"name": "value", "type": "*", "link": 1}]},
        ],
        "links": [[1, 1, 0, 2, 0, "INT"]],
    }
    service = fake_service(tmp_path, golden_registry())
    status, body = posted(service, {"workflow": drawing})
    assert status == 200, body
    job = store_of(service).jobs[body["prompt_id"]]
    assert job.prompt["1"]["inputs"] == {"value": 5}
    assert job.prompt["2"]["inputs"] == {"value": ["1", 0]}
    assert [each["id"] for each in job.extra_data["extra_pnginfo"]["workflow"]["nodes"]] == [1, 2]


def test_only_chosen_outputs_run(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry())
    graph = {**GRAPH, "other": SHOW}
    status, body = posted(service, {"prompt": graph, "partial_execution_targets": ["other", "1"]})
    assert status == 200
    assert store_of(service).jobs[body["prompt_id"]].targets == ("other",)
    status, body = posted(service, {"prompt": graph, "partial_execution_targets": []})
    assert (status, body["error"]["type"]) == (400, "prompt_no_outputs")


def test_a_run_may_go_to_any_node_by_our_own_field(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry())
    number = {"class_type": "GoldenNumber", "inputs": {"value": 1}}
    graph = {**GRAPH, "other": SHOW, "7:1": number, "7:2:4": number, "70": number}

    def targets(**asked: Any) -> tuple[str, ...]:
        status, body = posted(service, {"prompt": graph, **asked})
        assert status == 200, body
        return tuple(store_of(service).jobs[body["prompt_id"]].targets)

    assert targets(darkroom={"run_to": ["1"]}) == ("1",)
    assert targets(darkroom={"run_to": ["7"]}) == ("7:1", "7:2:4")
    assert targets(darkroom={"run_to": ["1", "none"]}, partial_execution_targets=["other", "1"]) == ("other", "1")
    assert targets(darkroom={}) == ("out", "other")
    for wrong, kind in (
        ({"run_to": "1"}, "invalid_prompt"),
        ([], "invalid_prompt"),
        ({"run_to": ["no"]}, "prompt_no_outputs"),
    ):
        status, body = posted(service, {"prompt": graph, "darkroom": wrong})
        assert status == 400
        told = body["error"]
        assert (told["type"] if isinstance(told, dict) else body["type"]) == kind


def test_an_unknown_type_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    graph = {"3": {"class_type": "GoldenNumbr", "inputs": {}}, "out": SHOW}
    status, body = posted(fake_service(tmp_path, golden_registry()), {"prompt": graph})
    assert status == 400
    assert body["error"]["details"] == "Node ID '#3'"
    assert "GoldenNumber" in body["error"]["extra_info"]["text"]


def test_a_wrong_node_that_no_output_needs_stops_nothing(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry())
    graph = {**GRAPH, "9": {"class_type": "GoldenAdd", "inputs": {"a": ["404", 0], "b": ["1", 0, 3]}}}
    status, body = posted(service, {"prompt": graph})
    assert (status, body["node_errors"]) == (200, {})
    assert store_of(service).jobs[body["prompt_id"]].prompt["9"]["inputs"] == {}


def test_a_queue_that_is_full_takes_no_more(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry(), limits=Limits(queued_jobs=1))
    assert posted(service, {"prompt": GRAPH})[0] == 200
    status, body = posted(service, {"prompt": GRAPH})
    assert (status, body["error"]["type"]) == (429, "queue_full")


def pack(*answers: tuple[str, Any], on_prompt: bool = False) -> FakeWorkers:
    """Workers that know the golden pack."""
    hello = Ready(definitions=[described(spec) for spec in golden_specs()], on_prompt=on_prompt)
    return FakeWorkers(hello, dict(answers))


EVEN = {"1": {"class_type": "GoldenValidate", "inputs": {"even": 3, "other": 1}}, "out": SHOW}


def test_a_node_with_a_validator_of_its_own_is_judged_by_a_worker(tmp_path: Path) -> None:
    said = Problem(
        "custom_validation_failed", "3 is not even", "", "", "1", "GoldenValidate", None, "even", details="even - 3"
    )
    workers = pack(("check", Answer(1, {"problems": [problem_as_json(said)]})))
    status, body = posted(fake_service(tmp_path, library(), workers=workers), {"prompt": EVEN})
    assert status == 400
    assert [each["details"] for each in body["node_errors"]["1"]["errors"]] == ["even - 3"]
    assert body["node_errors"]["1"]["dependent_outputs"] == ["out"]
    assert workers.asked == [("check", {"prompt": EVEN, "targets": ["out"]})]


@pytest.mark.parametrize("trouble", [WorkerGone(), TimeoutError()])
def test_without_a_worker_such_a_graph_is_refused_for_now(trouble: Exception, tmp_path: Path) -> None:
    service = fake_service(tmp_path, library(), workers=pack(("check", trouble)))
    status, body = posted(service, {"prompt": EVEN})
    assert (status, body["error"]["type"]) == (503, "worker_gone")
    assert posted(service, {"prompt": GRAPH})[0] == 200


def test_a_file_that_was_just_uploaded_is_among_the_choices_of_a_pack(tmp_path: Path) -> None:
    fresh = [described(spec) for spec in golden_specs()]
    old = json.loads(json.dumps(fresh).replace('"constant", ', ""))
    workers = FakeWorkers(Ready(definitions=old), {"definitions": Answer(1, {"definitions": fresh})})
    graph = {"1": {"class_type": "GoldenChanged", "inputs": {"mode": "constant"}}, "out": SHOW}
    assert posted(fake_service(tmp_path, library(), workers=workers), {"prompt": graph})[0] == 200


def test_packs_may_change_a_body_and_their_failures_change_nothing(tmp_path: Path) -> None:
    changed = {"prompt": GRAPH, "prompt_id": "changed"}
    service = fake_service(
        tmp_path, library(), workers=pack(("on_prompt", Answer(1, {"body": changed})), on_prompt=True)
    )
    assert posted(service, {"prompt": {}})[1]["prompt_id"] == "changed"
    for failure in (Answer(1, error="no"), Answer(1, {"body": 3}), TimeoutError()):
        service = fake_service(tmp_path, library(), workers=pack(("on_prompt", failure), on_prompt=True))
        assert posted(service, {"prompt": GRAPH, "prompt_id": "same"})[1]["prompt_id"] == "same"


def test_queueing_tells_everyone_the_length_of_the_queue(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry())

    async def talk(client: Client) -> Any:
        socket = await client.ws_connect("/ws?clientId=me")
        assert (await socket.receive_json())["data"]["sid"] == "me"
        await client.post("/prompt", json={"prompt": GRAPH})
        return await socket.receive_json()

    assert served(service, talk) == {"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 1}}}}


def test_check_tells_everything_at_once_and_queues_nothing(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry())
    graph = {
        "1": {"class_type": "GoldenNumber", "inputs": {"value": 1000}},
        "2": {"class_type": "Nothing", "inputs": {}},
        "out": SHOW,
    }
    status, body = posted(service, {"prompt": graph}, "/api/darkroom/check")
    assert status == 200
    assert not body["can_run"]
    assert {each["type"] for each in body["problems"]} == {"invalid_prompt", "value_bigger_than_max"}
    assert all(each["text"] and each["remedy"] for each in body["problems"])
    assert not store_of(service).jobs


DEEP = b'{"prompt":' + b"[" * 5000 + b"]" * 5000 + b"}"

HOSTILE: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "invalid_json"),
    "no json": (b"{", 400, "invalid_json"),
    "no text": (b"\xff\xfe\x00", 400, "invalid_json"),
    "a list": (b"[]", 400, "invalid_json"),
    "a number": (b"3", 400, "invalid_json"),
    "null": (b"null", 400, "invalid_json"),
    "too deep": (DEEP, 400, "invalid_json"),
    "deep within the parser": (b'{"prompt":' + b"[" * 150 + b"]" * 150 + b"}", 400, "invalid_json"),
    "a number of many digits": (b'{"prompt":{},"number":' + b"9" * 5000 + b"}", 400, "invalid_json"),
    "a prompt that is a list": (b'{"prompt":[]}', 400, "invalid_prompt"),
    "a prompt that is text": (b'{"prompt":"x"}', 400, "invalid_prompt"),
    "a prompt that is null": (b'{"prompt":null}', 400, "no_prompt"),
    "a node that is null": (b'{"prompt":{"1":null}}', 400, "invalid_prompt"),
    "a node that is a list": (b'{"prompt":{"1":[1]}}', 400, "invalid_prompt"),
    "inputs that are a list": (b'{"prompt":{"1":{"class_type":"GoldenShow","inputs":[]}}}', 400, "invalid_prompt"),
    "a type that is a number": (b'{"prompt":{"1":{"class_type":5}}}', 400, "invalid_prompt"),
    "markup": (b'{"prompt":{"<b>":{"class_type":"<script>"}}}', 400, "invalid_prompt"),
    "proto": (b'{"prompt":{"__proto__":{"class_type":"__proto__"}}}', 400, "invalid_prompt"),
    "a surrogate type": (b'{"prompt":{"\\ud800":{"class_type":"\\udfff"}}}', 400, "invalid_prompt"),
    "an id that is a list": (b'{"prompt":{},"prompt_id":[]}', 400, "invalid_prompt"),
    "an id that is empty": (b'{"prompt":{},"prompt_id":""}', 400, "invalid_prompt"),
    "a surrogate id": (b'{"prompt":{},"prompt_id":"\\ud800"}', 400, "invalid_prompt"),
    "an id with NUL": (b'{"prompt":{},"prompt_id":"a\\u0000"}', 400, "invalid_prompt"),
    "a long id": (b'{"prompt":{},"prompt_id":"' + b"x" * 5000 + b'"}', 400, "invalid_prompt"),
    "a client that is an object": (b'{"prompt":{},"client_id":{}}', 400, "invalid_prompt"),
    "a number that is text": (b'{"prompt":{},"number":"soon"}', 400, "invalid_prompt"),
    "a number that is NaN": (b'{"prompt":{},"number":NaN}', 400, "invalid_prompt"),
    "a number that is infinite": (b'{"prompt":{},"number":1e999}', 400, "invalid_prompt"),
    "a huge number": (b'{"prompt":{},"number":1' + b"0" * 400 + b"}", 400, "invalid_prompt"),
    "targets that are text": (b'{"prompt":{},"partial_execution_targets":"a"}', 400, "invalid_prompt"),
    "targets of objects": (b'{"prompt":{},"partial_execution_targets":[{}]}', 400, "invalid_prompt"),
    "extra data as text": (b'{"prompt":{},"extra_data":"x"}', 400, "invalid_prompt"),
    "extra_pnginfo as text": (b'{"prompt":{},"extra_data":{"extra_pnginfo":"x"}}', 400, "invalid_prompt"),
    "a drawing without nodes": (b'{"workflow":{"nodes":5}}', 400, "invalid_prompt"),
    "a drawing of nonsense": (b'{"workflow":{"nodes":[5,null,{"id":{}}]}}', 400, "invalid_prompt"),
    "an empty drawing": (b'{"workflow":{"nodes":[],"links":[]}}', 400, "prompt_no_outputs"),
    "too many nodes": (json.dumps({"prompt": {str(n): {} for n in range(60)}}).encode(), 413, "too_large"),
    "too long a text": (
        json.dumps({"prompt": {"1": {"class_type": "GoldenRaise", "inputs": {"message": "x" * 20_000}}}}).encode(),
        413,
        "too_large",
    ),
    "too large": (b'{"prompt":{}}' + b" " * 200_000, 413, "too_large"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bad_body_is_refused_in_words_and_the_server_still_answers(name: str, tmp_path: Path) -> None:
    data, status, type = HOSTILE[name]
    limits = Limits(upload_bytes=100_000, graph_nodes=50, text_bytes=10_000)
    service = fake_service(tmp_path, golden_registry(), limits=limits)

    async def talk(client: Client) -> Any:
        refused = await client.post("/prompt", data=data)
        taken = await client.post("/prompt", data=json.dumps({"prompt": GRAPH}).encode())
        return refused.status, await refused.json(), taken.status

    got, body, after = served(service, talk)
    assert (got, body["error"]["type"], after) == (status, type, 200), body
    assert body["error"]["message"]


def test_nan_in_an_input_of_numbers_is_refused_and_elsewhere_shown_as_null(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry())
    graph = {"1": {"class_type": "GoldenAsync", "inputs": {"value": 1, "seconds": float("nan")}}, "out": SHOW}
    status, body = posted(service, {"prompt": graph})
    assert (status, body["node_errors"]["1"]["errors"][0]["type"]) == (400, "invalid_input_type")
    assert body["node_errors"]["1"]["errors"][0]["extra_info"]["received_value"] is None


def test_a_body_that_comes_too_slowly_is_refused(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry(), limits=Limits(body_seconds=0.1))

    async def talk(client: Client) -> Any:
        async def slowly() -> Any:
            yield b'{"prompt":'
            await asyncio.sleep(1)
            yield b"{}}"

        response = await client.post("/prompt", data=slowly())
        return response.status

    assert served(service, talk) == 408


def test_a_large_graph_is_checked_beside_the_loop(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry())
    chain: dict[str, Any] = {"0": {"class_type": "GoldenNumber", "inputs": {"value": 1}}}
    for index in range(1, 1000):
        chain[str(index)] = {"class_type": "GoldenAdd", "inputs": {"a": [str(index - 1), 0], "b": index}}
    chain["out"] = {"class_type": "GoldenShow", "inputs": {"value": ["999", 0]}}
    status, body = posted(service, {"prompt": chain})
    assert (status, body["node_errors"]) == (200, {})
    chain["500"]["inputs"]["b"] = "many"
    status, body = posted(service, {"prompt": chain})
    assert (status, list(body["node_errors"])) == (400, ["500"])
    assert all(job.state is State.QUEUED for job in store_of(service).jobs.values())


def test_the_errors_of_a_graph_grow_with_the_graph_and_not_with_its_square(tmp_path: Path) -> None:
    service = fake_service(tmp_path, golden_registry())
    wrong = {f"w{n}": {"class_type": "GoldenAsync", "inputs": {"value": [f"w{n + 1}", 0]}} for n in range(400)}
    wrong["w400"] = {"class_type": "GoldenNumber", "inputs": {}}
    ends = {f"o{n}": {"class_type": "GoldenShow", "inputs": {"value": ["w0", 0]}} for n in range(400)}
    status, body = posted(service, {"prompt": {**wrong, **ends}})
    assert status == 400 and len(body["node_errors"]) == 401
    told = [len(each["dependent_outputs"]) for each in body["node_errors"].values()]
    assert told[0] == 400 and sum(told) <= MOST_DEPENDENT
