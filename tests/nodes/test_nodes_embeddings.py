"""`embedding:name` in a prompt: the file is read, watched, and missed before the run."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from darkroom.diffusion.checkpoints import load_checkpoint
from darkroom.diffusion.text import Clip
from darkroom.engine.check import check
from darkroom.engine.execute import Executor
from darkroom.engine.problems import Problem
from darkroom.engine.read import read_api
from darkroom.engine.results import Shown
from darkroom.engine.running.cache import Cache
from darkroom.engine.running.report import Outcome
from darkroom.engine.spec import NodeSpec
from darkroom.files.folders import Folders
from nodes.conditioning import encode_text
from nodes.library import library
from tests.diffusion import small
from tests.engine.toys import toy, wire
from tests.nodes.making import HandRun
from tests.nodes.test_nodes_facts import SD1_UNET, TEXT, VAE, write_header

CAT = 2368


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    path = tmp_path_factory.mktemp("text") / "model.safetensors"
    return load_checkpoint(small.save(path, small.original_checkpoint())).clip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "models" / "embeddings"
    (made / "cats").mkdir(parents=True)
    return made


def vector(token: int = CAT) -> torch.Tensor:
    return small.text().embeddings.token_embedding.weight[token].detach().clone()[None]


def states(clip: Clip, text: str, run: HandRun) -> torch.Tensor:
    found: torch.Tensor = encode_text(clip, text=text, run=run)[0][0]
    return found


@pytest.mark.parametrize(
    "text", ["a embedding:kitty", "a (embedding:kitty:1.0)", "a embedding:kitty.safetensors", "a embedding:cats/kitty"]
)
def test_a_named_embedding_stands_in_the_prompt(text: str, clip: Clip, folder: Path, tmp_path: Path) -> None:
    for place in (folder, folder / "cats"):
        save_file({"emb_params": vector()}, place / "kitty.safetensors")
    assert torch.equal(states(clip, text, HandRun(tmp_path)), clip.encode("a cat")[0][0])


def test_commas_after_a_name_are_text(clip: Clip, folder: Path, tmp_path: Path) -> None:
    save_file({"emb_params": vector()}, folder / "kitty.safetensors")
    wanted = clip.with_embeddings({"kitty": vector()}.get).encode("embedding:kitty, red")[0][0]
    assert torch.equal(states(clip, "embedding:kitty, red", HandRun(tmp_path)), wanted)


def test_missing_misfit_and_unreadable_names_are_dropped(clip: Clip, folder: Path, tmp_path: Path) -> None:
    save_file({"emb_params": torch.zeros(1, 768)}, folder / "wide.safetensors")
    torch.save({"x": vector()}, folder / "old.pt")
    (folder / "bad.safetensors").write_bytes(b"")
    wanted = clip.encode("a embedding: red")[0][0]
    for name in ("nobody", "wide", "old", "bad", "../kitty", "/etc/passwd"):
        dropped = clip.encode(f"a embedding:{name} red")[0][0]
        assert torch.equal(states(clip, f"a embedding:{name} red", HandRun(tmp_path)), dropped)
        assert not torch.equal(dropped, wanted)


def test_a_pickled_embedding_is_read_once_the_user_allows_it(clip: Clip, folder: Path, tmp_path: Path) -> None:
    torch.save({"string_to_param": {"*": vector()}}, folder / "old.pt")
    run = HandRun(tmp_path)
    run.files = Folders(tmp_path, allow_pickle=True)
    assert torch.equal(states(clip, "a embedding:old", run), clip.encode("a cat")[0][0])


class Bench:
    """Our prompt node between toys, with real folders."""

    def __init__(self, clip: Clip, base: Path) -> None:
        encode = library().get("CLIPTextEncode")
        assert encode is not None
        specs: list[NodeSpec] = [
            encode,
            toy("Clip", lambda: clip),
            toy("Words", lambda: "a embedding:kitty"),
            toy("Show", lambda value: Shown({"shape": [0]}), [wire("value")], outputs=0, final=True),
        ]
        self.executor = Executor({each.id: each for each in specs}, Folders(base), Cache(1 << 30), guard=True)

    def run(self, text: Any) -> Outcome:
        prompt = {
            "clip": {"class_type": "Clip", "inputs": {}},
            "words": {"class_type": "Words", "inputs": {}},
            "encode": {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["clip", 0]}},
            "show": {"class_type": "Show", "inputs": {"value": ["encode", 0]}},
        }
        outcome = self.executor.run(read_api(prompt), targets=["encode", "show"])
        assert outcome.outcome == "done", outcome.error
        return outcome


@pytest.mark.parametrize("text", ["a embedding:kitty", ["words", 0]])
def test_a_changed_embedding_encodes_its_prompt_anew(text: Any, clip: Clip, folder: Path, tmp_path: Path) -> None:
    bench = Bench(clip, tmp_path)
    plain = clip.encode("a")[0][0]
    assert torch.equal(bench.run(text).outputs["encode"][0][0][0][0], plain)
    assert "encode" not in bench.run(text).ran
    save_file({"emb_params": vector()}, folder / "kitty.safetensors")
    assert torch.equal(bench.run(text).outputs["encode"][0][0][0][0], clip.encode("a cat")[0][0])
    assert "encode" not in bench.run(text).ran
    save_file({"emb_params": vector(2368 + 1).repeat(2, 1)}, folder / "kitty.safetensors")
    again = bench.run(text)
    assert "encode" in again.ran
    assert not torch.equal(again.outputs["encode"][0][0][0][0], clip.encode("a cat")[0][0])


def test_another_embedding_does_not_run_the_prompt_again(clip: Clip, folder: Path, tmp_path: Path) -> None:
    bench = Bench(clip, tmp_path)
    save_file({"emb_params": vector()}, folder / "kitty.safetensors")
    bench.run("a embedding:kitty")
    save_file({"emb_params": vector()}, folder / "other.safetensors")
    assert "encode" not in bench.run("a embedding:kitty").ran


@pytest.fixture
def checked(tmp_path: Path, folder: Path) -> Path:
    path = tmp_path / "models" / "checkpoints" / "sd1.safetensors"
    path.parent.mkdir(parents=True)
    write_header(path, {**SD1_UNET, **VAE, **TEXT})
    write_header(folder / "kitty.safetensors", {"emb_params": (2, 768)})
    write_header(folder / "cats" / "wide.safetensors", {"emb_params": (2, 1024)})
    write_header(folder / "both.safetensors", {"clip_g": (2, 1280), "clip_l": (2, 768)})
    write_header(folder / "cube.safetensors", {"weight": (2, 3, 4)})
    (folder / "old.pt").write_bytes(b"\x80\x02}q\x00.")
    (folder / "empty.safetensors").write_bytes(b"")
    return tmp_path


def problems(base: Path, text: Any, **more: Any) -> list[Problem]:
    prompt = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd1.safetensors"}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["1", 1]}},
        "3": {"class_type": "PrimitiveStringMultiline", "inputs": {"value": "embedding:kity"}},
    }
    return check(read_api(prompt), library(), Folders(base, **more), targets=["2"])


@pytest.mark.parametrize(
    "text", ["a cat", "embedding:kitty", "embedding:kitty, red", "(embedding:both.safetensors:1.2)"]
)
def test_a_prompt_whose_embeddings_are_there_has_no_problem(text: str, checked: Path) -> None:
    assert problems(checked, text) == []


def test_a_missing_embedding_is_a_warning_with_the_nearest_name(checked: Path) -> None:
    for text in ("a embedding:kity, red", ["3", 0]):
        (found,) = problems(checked, text)
        assert (found.warning, found.node, found.input) == (True, "2", "text")
        assert 'it names the embedding "kity", and there is no such file' in str(found)
        assert 'perhaps "kitty' in str(found)
    assert len(problems(checked, "embedding:a1 embedding:b2 embedding:a1 embedding:kitty")) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cats/wide", "has 1024 numbers per token"),
        ("cube", "holds no vectors"),
        ("empty", "is empty"),
        ("old", "start with --allow-pickle"),
    ],
)
def test_an_embedding_that_will_be_left_out_is_a_warning(name: str, said: str, checked: Path) -> None:
    (found,) = problems(checked, f"embedding:{name}")
    assert found.warning
    assert said in str(found)
    assert "the picture is made without it" in str(found)


def test_a_pickle_that_the_user_allows_is_no_problem(checked: Path) -> None:
    assert problems(checked, "embedding:old", allow_pickle=True) == []
