"""Our nodes are defined as ComfyUI 0.8.0 defines them, and defining them costs nothing heavy."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from darkroom.diffusion.sampling.samplers import SAMPLERS
from darkroom.diffusion.sampling.schedules import SCHEDULES
from darkroom.engine.object_info import comparable, object_info
from darkroom.engine.spec import FileChoice, NodeSpec
from nodes.library import library
from nodes.sampler_names import RELATIVES, SAMPLER_NAMES, SCHEDULER_NAMES, available, relative

ROOT = Path(__file__).parent.parent.parent
RECORDED = json.loads((ROOT / "tests" / "data" / "comfyui_object_info.json").read_text())
NODES = library()


def without_file_lists(entry: dict[str, Any], spec: NodeSpec) -> dict[str, Any]:
    plain = comparable(entry)
    for kind in plain["input"].values():
        for name, given in kind.items():
            known = spec.input(name)
            if known is not None and isinstance(known.choices, FileChoice):
                given[0] = "files"
    return plain


@pytest.mark.parametrize("id", [spec.id for spec in NODES])
def test_a_node_is_described_as_recorded(id: str) -> None:
    spec = NODES.get(id)
    assert spec is not None
    assert without_file_lists(object_info(spec), spec) == without_file_lists(RECORDED[id], spec)


def test_the_library_has_every_node_so_far() -> None:
    assert len(NODES) == 50


def test_the_order_of_the_library_is_stable() -> None:
    assert [spec.id for spec in library()] == [spec.id for spec in NODES]
    assert [spec.id for spec in NODES][:3] == ["CheckpointLoaderSimple", "DiffusersLoader", "VAELoader"]


@pytest.mark.parametrize("id", [spec.id for spec in NODES])
def test_every_node_says_what_it_does(id: str) -> None:
    spec = NODES.get(id)
    assert spec is not None
    assert spec.description.endswith(".")
    assert len(spec.description) > 20


def test_the_sampler_list_keeps_every_recorded_name_and_the_scheduler_list_is_complete() -> None:
    recorded = RECORDED["KSampler"]["input"]["required"]
    assert list(SAMPLER_NAMES) == recorded["sampler_name"][0]
    assert list(SCHEDULER_NAMES) == recorded["scheduler"][0] == list(SCHEDULES)


def test_only_samplers_of_the_table_count_as_available() -> None:
    assert {name for name in SAMPLER_NAMES if available(name)} == set(SAMPLERS)
    assert {name for _, name in RELATIVES} <= set(SAMPLERS)


@pytest.mark.parametrize(
    ("wanted", "nearest"), [("dpmpp_2m_sde", "euler_ancestral"), ("dpm_2", "heun"), ("uni_pc", "dpmpp_2m")]
)
def test_an_absent_sampler_has_a_relative_that_is_there(wanted: str, nearest: str) -> None:
    assert relative(wanted) == nearest


CHECK_IMPORTS = """
import sys, time
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "diffusers", "transformers", "cv2", "PIL", "numpy"):
            raise ImportError(name + " is blocked here")
sys.meta_path.insert(0, Block())
begin = time.process_time()
from nodes.library import library
assert len(library()) > 40
print(time.process_time() - begin)
"""


def test_the_library_imports_quickly_and_without_torch_numpy_or_pillow() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK_IMPORTS], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 0.5
