"""The real thing: text to image with the starter checkpoint, through a worker process."""

from datetime import datetime
from pathlib import Path
from random import Random

from PIL import Image

from darkroom.engine.read import read_any, read_json
from darkroom.engine.write import to_api
from darkroom.files.metadata import read_metadata
from darkroom.frames.messages import RunJob
from darkroom.worker.main import main
from nodes.library import library
from tests.worker.talking import process

ROOT = Path(__file__).parent.parent.parent


def test_text_to_image_runs_with_previews_and_is_saved_with_its_prompt(tmp_path: Path) -> None:
    document = read_json((ROOT / "workflows" / "text_to_image.json").read_bytes(), "text_to_image.json")
    loaded = read_any(
        document, "text_to_image.json", library(), values={("KSampler", "steps"): 4}, rng=Random(1), now=datetime.now()
    )
    prompt = to_api(loaded.graph)
    target = next(node.id for node in loaded.graph if node.type == "SaveImage")
    sampler = next(node.id for node in loaded.graph if node.type == "KSampler")
    with process(main, tmp_path, models=ROOT / "models", warm=True) as (talk, _):
        talk.send(RunJob("a", 1, prompt, [target], extra_pnginfo={"workflow": {"id": "x"}}, preview="auto"))
        done = talk.done()
        assert done.outcome == "done", done.error
        latent = talk.ask("value", job="a", node=sampler, slot=0)
        talk.send(RunJob("b", 1, prompt, [target], metadata=False))
        assert sampler in talk.done().cached
    (image,) = done.ui[target]["images"]
    path = tmp_path / "output" / image["subfolder"] / image["filename"]
    assert Image.open(path).size[0] >= 64
    assert set(read_metadata(path.read_bytes())) == {"prompt", "workflow"}
    steps = [each.data["value"] for each in talk.events("progress") if each.data["node"] == sampler]
    assert steps[-1] == 4
    assert talk.events("preview")[0].blob.startswith(b"\xff\xd8")
    assert latent.data["type"] == "LATENT" and latent.blob.startswith(b"\x89PNG")
