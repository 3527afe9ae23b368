"""What clients hear of a run, and in which order (section 2 of the interface), from a real server and worker."""

import threading
from collections.abc import Callable
from typing import Any

from benchmarks.live import LiveServer
from tests.service.live.driving import Client, kinds, node

STATE = ("progress_state", "status")


def count(name: str, steps: int = 2, seconds: float = 0.0) -> dict[str, Any]:
    return {"1": node("Count", steps=steps, seconds=seconds, name=name), "2": node("Show", value=["1", 0])}


def test_a_run_is_told_step_by_step(connect: Callable[..., Client]) -> None:
    client = connect("mine")
    said = client.run(count("steps"))
    assert kinds(said, *STATE) == [
        *("execution_start", "execution_cached"),
        *("executing", "progress", "progress", "executing", "executed"),
        *("execution_success", "executing"),
    ]
    # status at its begin or accept, and once more between success and the last word
    assert "status" in kinds(said[kinds(said).index("execution_success") :])
    assert kinds(said)[-1] == "executing"
    job = said[-1][1]["prompt_id"]
    assert all(data["prompt_id"] == job for type, data in said if type != "status")
    found = dict(said)
    assert found["execution_cached"]["nodes"] == []
    assert isinstance(found["execution_start"]["timestamp"], int)
    assert found["progress"] == {"value": 2, "max": 2, "prompt_id": job, "node": "1"}
    assert found["executed"] == {"node": "2", "display_node": "2", "output": {"text": ["2"]}, "prompt_id": job}
    executing = [data for type, data in said if type == "executing"]
    assert executing == [
        {"node": "1", "display_node": "1", "prompt_id": job},
        {"node": "2", "display_node": "2", "prompt_id": job},
        {"node": None, "prompt_id": job},
    ]


def test_progress_state_lists_every_node_that_is_not_pending(connect: Callable[..., Client]) -> None:
    said = connect("mine").run(count("states"))
    states = [data["nodes"] for type, data in said if type == "progress_state"]
    place = {"node_id": "1", "display_node_id": "1", "parent_node_id": None, "real_node_id": "1"}
    job = said[-1][1]["prompt_id"]
    assert states[0] == {"1": {"value": 0, "max": 1, "state": "running", "prompt_id": job, **place}}
    assert {"value": 1, "max": 2, "state": "running", "prompt_id": job, **place} in [each["1"] for each in states]
    assert states[-1]["1"] == {"value": 2, "max": 2, "state": "finished", "prompt_id": job, **place}
    assert states[-1]["2"]["state"] == "finished"
    before_executing = said[kinds(said).index("executing") - 1]
    assert before_executing[0] == "progress_state"


def test_a_cached_run_tells_its_nodes_at_once_and_shows_its_outputs_again(connect: Callable[..., Client]) -> None:
    client = connect("mine")
    client.run(count("cached"))
    said = client.run(count("cached"))
    assert kinds(said, *STATE) == [
        *("execution_start", "execution_cached", "executed", "execution_success", "executing")
    ]
    found = dict(said)
    assert sorted(found["execution_cached"]["nodes"]) == ["1", "2"]
    assert found["executed"]["output"] == {"text": ["2"]}


def test_a_failure_is_told_with_its_node_and_inputs(server: LiveServer, connect: Callable[..., Client]) -> None:
    client, other = connect("mine"), connect("other")
    prompt = {
        "1": node("Count", steps=1, seconds=0.0, name="before"),
        "5": node("Fail", words="not <b>today</b>", after=["1", 0]),
        "2": node("Show", value=["5", 0]),
    }
    said = client.run(prompt)
    assert kinds(said, *STATE) == [
        *("execution_start", "execution_cached", "executing", "progress", "executing"),
        *("execution_error", "executing"),
    ]
    error = dict(said)["execution_error"]
    assert (error["node_id"], error["node_type"], error["executed"]) == ("5", "Fail", ["1"])
    assert error["exception_type"] == "ValueError"
    assert error["exception_message"].startswith("not <b>today</b>")
    assert error["current_inputs"] == {"words": ["not <b>today</b>"], "after": [1]}
    assert any("raise ValueError(words)" in line for line in error["traceback"])
    assert [data for type, data in said if type == "progress_state"][-1]["nodes"]["5"]["state"] == "error"
    assert set(kinds(other.said)) == {"status"}
    entry = server.get(f"/history/{error['prompt_id']}")[error["prompt_id"]]
    assert entry["status"]["messages"][-1] == ["execution_error", error]


def test_an_interruption_is_told_to_all_clients(server: LiveServer, connect: Callable[..., Client]) -> None:
    client, other = connect("mine"), connect("other")
    job = client.post(count("interrupted", 2000, 0.005))
    client.wait("progress", prompt_id=job)
    server.post("/interrupt", {"prompt_id": job})
    entry = client.end_of(job)
    told = client.wait("execution_interrupted", prompt_id=job)
    assert (told["node_id"], told["node_type"], told["executed"]) == ("1", "Count", [])
    assert other.wait("execution_interrupted") == told
    assert set(kinds(other.said)) == {"status", "execution_interrupted"}
    assert kinds(client.of(job), *STATE)[-2:] == ["execution_interrupted", "executing"]
    assert "execution_error" not in kinds(client.of(job))
    assert entry["status"]["messages"][-1] == ["execution_interrupted", told]
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    server.post("/interrupt", {"prompt_id": "nothing of that name"})
    assert client.run(count("after the interruption"))[-2][0] in ("status", "execution_success")


def test_two_clients_hear_of_their_own_jobs_only(connect: Callable[..., Client]) -> None:
    clients = [connect("mine"), connect("yours")]
    jobs: dict[str, str] = {}

    def work(client: Client) -> None:
        jobs[client.id] = client.post(count(client.id, 5, 0.02))

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.end_of(jobs[client.id])
    for client in clients:
        mine = [data["prompt_id"] for type, data in client.said if type != "status"]
        assert set(mine) == {jobs[client.id]}
        assert kinds(client.said).count("executed") == 1
        assert kinds(client.said).count("progress") >= 2
        remaining = [data["status"]["exec_info"]["queue_remaining"] for type, data in client.said if type == "status"]
        assert {1, 2} <= set(remaining)


def test_a_job_without_a_client_tells_its_progress_to_all(server: LiveServer, connect: Callable[..., Client]) -> None:
    client = connect("mine")
    job = server.queue(count("nobody's"))
    server.finished(job)
    client.wait("progress", prompt_id=job)
    assert set(kinds(client.of(job))) == {"progress_state", "progress"}


def test_a_client_that_comes_back_learns_which_node_runs(server: LiveServer, connect: Callable[..., Client]) -> None:
    client = connect("mine")
    job = client.post(count("away", 200, 0.01))
    client.wait("progress", prompt_id=job)
    client.close()
    again = Client(server, client.id)
    try:
        again.wait("executing")
        assert again.said[0] == (
            "status",
            {"status": {"exec_info": {"queue_remaining": 1}}, "sid": client.id},
        )
        assert again.said[1] == ("executing", {"node": "1", "prompt_id": job})
        again.wait("progress", prompt_id=job)
        again.end_of(job)
        assert kinds(again.of(job), *STATE)[-3:] == ["executed", "execution_success", "executing"]
    finally:
        again.close()


def test_nodes_made_by_a_node_are_shown_at_that_node(connect: Callable[..., Client]) -> None:
    client = connect("mine")
    said = client.run({"8": node("Twice", steps=3), "9": node("Show", value=["8", 0])})
    running = [data for type, data in said if type == "executing" and data["node"]]
    made = [data["node"] for data in running if data["node"] not in ("8", "9")]
    assert len(made) == 2
    assert all(id.startswith("8.") for id in made)
    assert {data["display_node"] for data in running} == {"8", "9"}
    states = [data["nodes"] for type, data in said if type == "progress_state"][-1]
    for id in made:
        assert (states[id]["display_node_id"], states[id]["parent_node_id"]) == ("8", "8")
        assert (states[id]["real_node_id"], states[id]["state"]) == ("8", "finished")
    last = {data["node"]: data["value"] for type, data in said if type == "progress"}
    assert last == dict.fromkeys(made, 3)
    assert dict(said)["executed"]["output"] == {"text": ["3"]}


def test_a_blocker_with_words_tells_them_and_the_run_goes_on(connect: Callable[..., Client]) -> None:
    client = connect("mine")
    prompt = {
        "1": node("Block", message="no picture was given"),
        "2": node("Show", value=["1", 0]),
        "3": node("Count", steps=1, seconds=0.0, name="other branch"),
        "4": node("Show", value=["3", 0]),
    }
    said = client.run(prompt)
    (error,) = [data for type, data in said if type == "execution_error"]
    assert (error["node_id"], error["node_type"]) == ("2", "Show")
    assert error["exception_type"] == "ExecutionBlocked"
    assert error["exception_message"] == "Execution Blocked: no picture was given"
    assert (error["traceback"], error["current_inputs"], error["current_outputs"]) == ([], [], [])
    assert "timestamp" not in error
    assert [data["node"] for type, data in said if type == "executed"] == ["4"]
    assert "execution_success" in kinds(said)


def test_a_blocker_without_words_is_silent(connect: Callable[..., Client]) -> None:
    said = connect("mine").run({"1": node("Block", message=""), "2": node("Show", value=["1", 0])})
    assert not {"execution_error", "executed"} & set(kinds(said))
    assert "execution_success" in kinds(said)
