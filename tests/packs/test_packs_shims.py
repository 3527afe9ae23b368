"""The modules that packs import, and what they do here."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from darkroom.diffusion.sampling.model_sampling import Discrete
from darkroom.diffusion.sampling.schedules import sigmas_for
from darkroom.engine.events import Preview, Progress, Text
from darkroom.packs.aliases import HOLLOW, MODULES, PACKAGES
from darkroom.packs.host import QuietHost
from tests.nodes.making import make
from tests.packs.making import Bench, loaded, node, write_pack

NUMERICS = {
    name: case
    for name, case in json.loads((Path(__file__).parents[1] / "data" / "golden" / "nodes.json").read_text()).items()
    if case["node"] == "ImageScale" and case["inputs"]["width"] and case["inputs"]["height"]
}

PACK = """
from server import PromptServer
import comfy.utils, latent_preview, comfy.model_management
from comfy_execution.utils import get_executing_context
from PIL import Image

class Told:
    INPUT_TYPES = classmethod(lambda cls: {"required": {"value": ("INT",)}})
    RETURN_TYPES, FUNCTION, OUTPUT_NODE = ("INT",), "run", True

    def run(self, value):
        server = PromptServer.instance
        seen = (server.client_id, server.last_node_id, get_executing_context())
        server.send_sync("told", {"node": server.last_node_id}, server.client_id)
        server.send_progress_text("working", "1")
        bar = comfy.utils.ProgressBar(4)
        bar.update(1)
        bar.update_absolute(3, 5, ("JPEG", Image.new("RGB", (4, 4)), 512))
        hooked = []
        comfy.utils.set_progress_bar_global_hook(lambda value, total, preview, node_id=None: hooked.append(value))
        try:
            comfy.utils.ProgressBar(2).update(2)
        finally:
            comfy.utils.set_progress_bar_global_hook(None)
        return {"ui": {"text": [str(seen), str(hooked)]}, "result": (1,)}

NODE_CLASS_MAPPINGS = {"Told": Told}
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    host = QuietHost(job="job", node="somewhere", client="client", queue_remaining=3)
    with loaded(write_pack(tmp_path / "packs", "a", PACK), base=tmp_path, host=host) as made:
        assert not made.loaded.failures
        yield made


def shim(name: str) -> Any:
    return importlib.import_module(name)


@pytest.mark.parametrize("name", [*MODULES, *PACKAGES, *HOLLOW])
def test_every_public_module_can_be_imported_and_says_what_it_lacks(bench: Bench, name: str) -> None:
    module = shim(name)
    assert not hasattr(module, "no_such_member")
    if name != "server":
        with pytest.raises(AttributeError, match="a pack asked for"):
            _ = module.no_such_member
    assert sys.modules[name] is module


def test_importing_a_package_gives_its_modules_too(bench: Bench) -> None:
    assert shim("comfy").samplers is shim("comfy.samplers")


def test_the_public_names_are_gone_afterwards(tmp_path: Path) -> None:
    with loaded(base=tmp_path):
        shim("comfy.cli_args")
    with pytest.raises(ModuleNotFoundError):
        shim("comfy.cli_args")
    assert not hasattr(sys.modules["nodes"], "MAX_RESOLUTION")


def test_a_running_node_tells_and_asks_through_the_server(bench: Bench) -> None:
    shown = bench.run({"1": node("Told", value=1)}).ui["1"]["text"]
    context = "ExecutionContext(prompt_id='job', node_id='1', list_index=0)"
    assert shown == [f"('client', '1', {context})", "[2]"]
    assert bench.host.sent == [("told", {"node": "1"}, "client")]
    assert [each.text for each in bench.of(Text)] == ["working"]
    assert [(each.node, each.value, each.maximum) for each in bench.of(Progress)] == [("1", 1, 4), ("1", 3, 5)]
    assert bench.of(Preview)[0].picture().size == (4, 4)


def test_outside_of_nodes_the_server_goes_through_the_host(bench: Bench) -> None:
    server = shim("server").PromptServer.instance
    assert (server.client_id, server.last_node_id, server.last_prompt_id) == ("client", "somewhere", "job")
    assert server.prompt_queue.get_tasks_remaining() == 3
    server.prompt_queue.set_flag("free_memory", True)
    server.send_sync(3, b"text")
    server.send_sync(2, ("PNG", Image.new("RGB", (8, 4)), 4))
    shim("comfy.utils").ProgressBar(2, node_id="9").update(1)
    server.send_progress_text("line", "9")
    host = bench.host
    assert host.freed == [(False, True)]
    assert host.sent[0] == (3, b"text", None)
    assert host.sent[1][0] == 1
    assert host.sent[1][1][:8] == b"\0\0\0\2\x89PNG"
    assert (host.progressed, host.told) == ([(1, 2, None, "9")], [("line", "9")])
    assert server.port == 8188
    assert server.supports
    assert server.number == 0
    assert asyncio.run_coroutine_threadsafe(asyncio.sleep(0, "ran"), server.loop).result(5) == "ran"
    with pytest.raises(AttributeError, match="another process"):
        _ = server.user_manager


def test_folders_are_ours_and_what_a_pack_adds_our_own_nodes_find(bench: Bench, tmp_path: Path) -> None:
    paths = shim("folder_paths")
    loras = tmp_path / "models" / "loras"
    more, own = tmp_path / "more", tmp_path / "own"
    for path in (loras / "sub" / "a.safetensors", more / "b.safetensors", more / "c.odd", own / "x.y"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    assert paths.get_filename_list("loras") == ["sub/a.safetensors"]
    paths.add_model_folder_path("loras", str(more))
    assert paths.get_filename_list("loras") == ["b.safetensors", "sub/a.safetensors"]
    paths.folder_names_and_paths["loras"][1].add(".odd")
    assert list(bench.files.names("loras")) == ["b.safetensors", "c.odd", "sub/a.safetensors"]
    assert bench.files.path("loras", "c.odd") == more / "c.odd"
    paths.folder_names_and_paths["own"] = ([str(own)], {".y"})
    assert paths.get_filename_list("own") == ["x.y"]
    assert bench.files.path("own", "x.y") == own / "x.y"
    assert paths.get_full_path("loras", "b.safetensors") == str(more / "b.safetensors")
    assert paths.get_full_path("loras", "none") is None
    assert paths.get_full_path("loras", "../more/b.safetensors") is None
    assert paths.get_folder_paths("unet") == paths.get_folder_paths("diffusion_models")
    with pytest.raises(FileNotFoundError, match="'none' is no file"):
        paths.get_full_path_or_raise("loras", "none")
    with pytest.raises(KeyError):
        paths.get_filename_list("no such folder")
    assert ".safetensors" in paths.supported_pt_extensions
    assert paths.models_dir == str(tmp_path / "models")
    assert paths.folder_names_and_paths["custom_nodes"][0] == [str(tmp_path / "packs")]
    assert paths.filename_list_cache == {}


def test_paths_of_input_output_and_temp(bench: Bench, tmp_path: Path) -> None:
    paths = shim("folder_paths")
    assert paths.base_path == str(tmp_path)
    assert paths.get_output_directory() == paths.get_directory_by_type("output") == str(tmp_path / "output")
    assert (paths.get_input_directory(), paths.get_temp_directory()) == (
        str(tmp_path / "input"),
        str(tmp_path / "temp"),
    )
    assert paths.get_user_directory() == str(tmp_path / "user")
    assert paths.get_annotated_filepath("a.png [output]") == str(tmp_path / "output" / "a.png")
    assert paths.get_annotated_filepath("a.png", "/other") == "/other/a.png"
    with pytest.raises(ValueError, match="leads out"):
        paths.get_annotated_filepath("../../etc/passwd")
    assert not paths.exists_annotated_filepath("a.png")
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "a.png").write_bytes(b"")
    assert paths.exists_annotated_filepath("a.png [input]")
    output = paths.get_output_directory()
    wanted = (f"{output}/sub", "pic_8", 1, "sub", "sub/pic_8")
    assert paths.get_save_image_path("sub/pic_%width%", output, 8, 8) == wanted
    assert paths.filter_files_content_types(["a.png", "b.mp4", "c.wav", "d.glb"], ["image", "audio", "model"]) == [
        "a.png",
        "c.wav",
        "d.glb",
    ]
    assert paths.filter_files_extensions(["b.x", "a.X", "c.y"], [".x"]) == ["a.X", "b.x"]
    assert paths.recursive_search(str(tmp_path / "input"))[0] == ["a.png"]


def test_numbers_of_utils(bench: Bench, tmp_path: Path) -> None:
    utils = shim("comfy.utils")
    x = torch.arange(24.0).reshape(1, 2, 3, 4) / 24
    assert utils.common_upscale(x, 8, 6, "nearest-exact", "disabled").shape == (1, 2, 6, 8)
    assert utils.common_upscale(x[:, :, None], 8, 8, "bilinear", "center").shape == (1, 2, 1, 8, 8)
    assert torch.equal(
        utils.common_upscale(x[:, :, None], 8, 8, "bicubic", "center")[:, :, 0],
        utils.common_upscale(x, 8, 8, "bicubic", "center"),
    )
    batch = torch.arange(3.0)
    assert utils.repeat_to_batch_size(batch, 5).tolist() == [0, 1, 2, 0, 1]
    assert utils.repeat_to_batch_size(batch, 2).tolist() == [0, 1]
    assert utils.resize_to_batch_size(batch, 2).tolist() == [0, 2]
    assert utils.resize_to_batch_size(batch, 6).tolist() == [0, 0, 1, 1, 2, 2]
    weights = {"model.a": torch.ones(2, 3), "model.b": torch.zeros(1), "other": torch.zeros(1)}
    assert utils.calculate_parameters(weights, "model.") == 7
    assert set(utils.state_dict_prefix_replace(dict(weights), {"model.": "m."})) == {"m.a", "m.b", "other"}
    assert set(utils.state_dict_prefix_replace(dict(weights), {"model.": "m."}, filter_keys=True)) == {"m.a", "m.b"}
    file = tmp_path / "w.safetensors"
    utils.save_torch_file(weights, str(file), metadata={"k": "v"})
    tensors, metadata = utils.load_torch_file(str(file), safe_load=True, return_metadata=True)
    assert torch.equal(tensors["model.a"], weights["model.a"])
    assert metadata == {"k": "v"}
    layer = torch.nn.Linear(1, 1)
    utils.set_attr(layer, "bias", torch.nn.Parameter(torch.ones(1)))
    utils.copy_to_param(layer, "weight", torch.full((1, 1), 2.0))
    assert (layer.bias.item(), layer.weight.item()) == (1, 2)


@pytest.mark.parametrize("name", NUMERICS)
def test_common_upscale_gives_the_recorded_numbers(bench: Bench, name: str) -> None:
    given, (wanted,) = NUMERICS[name]["inputs"], NUMERICS[name]["outputs"]
    image = make(given["image"]).movedim(-1, 1)
    size = (given["width"], given["height"], given["upscale_method"], given["crop"])
    scaled = shim("comfy.utils").common_upscale(image, *size).movedim(1, -1)
    expected = torch.tensor(wanted["values"]).reshape(wanted["shape"])
    tolerance = 1 / 255 + 1e-6 if given["upscale_method"] == "lanczos" else 1e-5
    assert (scaled - expected).abs().max() <= tolerance


def test_a_pickle_is_not_read_unless_the_user_allows_it(bench: Bench, tmp_path: Path) -> None:
    torch.save({"a": torch.ones(1)}, tmp_path / "w.pt")
    with pytest.raises(Exception, match="pickle"):
        shim("comfy.utils").load_torch_file(str(tmp_path / "w.pt"), safe_load=False)


def test_tiles_put_together_are_the_whole(bench: Bench) -> None:
    utils = shim("comfy.utils")
    x = torch.rand((2, 3, 40, 50), generator=torch.Generator().manual_seed(1))
    double = lambda tile: tile.repeat_interleave(2, 2).repeat_interleave(2, 3)
    tiles = utils.get_tiled_scale_steps(50, 40, 16, 16, 4)
    bar = utils.ProgressBar(2 * tiles)
    scaled = utils.tiled_scale(x, double, 16, 16, 4, upscale_amount=2, pbar=bar)
    assert torch.allclose(scaled, double(x), atol=1e-6)
    assert bar.current == 2 * tiles


def test_names_of_samplers_and_sigmas(bench: Bench) -> None:
    samplers = shim("comfy.samplers")
    assert samplers.KSampler.SAMPLERS is samplers.SAMPLER_NAMES
    assert "euler" in samplers.KSAMPLER_NAMES
    assert "uni_pc" not in samplers.KSAMPLER_NAMES
    assert set(samplers.SCHEDULER_HANDLERS) == set(samplers.KSampler.SCHEDULERS)
    table = torch.linspace(0.03, 14, 1000)
    sampling = Discrete("eps", table, table.log())
    sigmas = samplers.calculate_sigmas(sampling, "karras", 5)
    assert torch.equal(sigmas, sigmas_for(sampling, "karras", 5))
    own = lambda n, sigma_min, sigma_max: torch.tensor([sigma_max, sigma_min * 0])
    samplers.SCHEDULER_HANDLERS["own"] = samplers.SchedulerHandler(own, use_ms=False)
    assert samplers.calculate_sigmas(sampling, "own", 1)[-1] == 0


def test_devices_and_cancelling(bench: Bench) -> None:
    management = shim("comfy.model_management")
    assert management.intermediate_device() == torch.device("cpu")
    device = management.get_torch_device()
    assert management.is_device_cpu(device) == (device.type == "cpu")
    for name in ("unet_offload_device", "text_encoder_device", "vae_device", "vae_offload_device"):
        assert isinstance(getattr(management, name)(), torch.device)
    assert isinstance(management.should_use_fp16(), bool)
    assert isinstance(management.unet_dtype(), torch.dtype)
    assert management.get_free_memory() > 0
    assert management.get_total_memory("cpu") > 0
    assert management.cast_to_device(torch.ones(1), "cpu", torch.float16).dtype == torch.float16
    assert management.current_loaded_models == []
    management.load_models_gpu([object()])
    management.soft_empty_cache()
    management.unload_all_models()
    assert bench.host.freed == [(True, False)]
    management.throw_exception_if_processing_interrupted()
    management.interrupt_current_processing()
    assert management.processing_interrupted()
    with pytest.raises(management.InterruptProcessingException):
        management.throw_exception_if_processing_interrupted()
    with pytest.raises(management.OOM_EXCEPTION):
        raise torch.OutOfMemoryError


def test_our_nodes_can_be_called_as_classes(bench: Bench, tmp_path: Path) -> None:
    nodes = shim("nodes")
    assert nodes.MAX_RESOLUTION == 16384
    assert nodes.NODE_CLASS_MAPPINGS["EmptyLatentImage"] is nodes.EmptyLatentImage
    assert "Told" in nodes.NODE_CLASS_MAPPINGS
    (latent,) = nodes.EmptyLatentImage().generate(64, 32, 2)
    assert latent["samples"].shape == (2, 4, 4, 8)
    (image,) = nodes.EmptyImage().generate(8, 8, 1, color=255)
    scaler = nodes.ImageScale()
    assert getattr(scaler, scaler.FUNCTION)(image, "bilinear", 4, 4, "disabled")[0].shape == (1, 4, 4, 3)
    saved = nodes.SaveImage().save_images(image, "pic", prompt={}, extra_pnginfo=None)
    assert saved["ui"]["images"][0]["filename"] == "pic_00001_.png"
    assert (tmp_path / "output" / "pic_00001_.png").is_file()
    (tmp_path / "input").mkdir()
    Image.new("RGB", (3, 2), "red").save(tmp_path / "input" / "red.png")
    picture, mask = nodes.LoadImage().load_image("red.png")
    assert (picture.shape, mask.shape) == ((1, 2, 3, 3), (1, 64, 64))
    assert nodes.LoadImage.INPUT_TYPES()["required"]["image"][0] == ["red.png"]
    assert nodes.KSampler.INPUT_TYPES()["required"]["sampler_name"][0][0] == "euler"
    assert nodes.VAEDecode.RETURN_TYPES == ("IMAGE",)
    conditioning = [[torch.ones(1, 2, 3), {}]]
    assert len(nodes.ConditioningCombine().combine(conditioning, conditioning)[0]) == 2
    assert callable(nodes.common_ksampler)
    nodes.interrupt_processing()
    assert bench.host.is_cancelled
    with pytest.raises(AttributeError, match=r"Darkroom has no nodes\.VAELoaderFromMars"):
        _ = nodes.VAELoaderFromMars


def test_the_rest_of_what_light_packs_use(bench: Bench, tmp_path: Path) -> None:
    assert shim("comfy.cli_args").args.preview_method.value == "auto"
    assert shim("comfy.cli_args").args.no_such_option is None
    helpers = shim("node_helpers")
    before = [[torch.zeros(1), {"a": [1]}]]
    assert helpers.conditioning_set_values(before, {"a": [2]}, append=True)[0][1] == {"a": [1, 2]}
    assert before[0][1] == {"a": [1]}
    rgba, rgb = torch.zeros(1, 2, 2, 4), torch.zeros(1, 2, 2, 3)
    assert helpers.image_alpha_fix(rgba, rgb)[1][..., 3].min() == 1
    assert helpers.image_alpha_fix(rgb, rgba)[1].shape[-1] == 3
    Image.new("RGB", (2, 2)).save(tmp_path / "a.png")
    assert helpers.pillow(Image.open, tmp_path / "a.png").size == (2, 2)
    types = shim("comfy.comfy_types")
    assert (types.IO.ANY != "IMAGE") is False
    assert types.IO.IMAGE != "MASK"
    assert (types.IO.NUMBER != "INT") is False
    sd1 = shim("comfy.latent_formats").SD15()
    assert sd1.process_out(sd1.process_in(torch.ones(1))).item() == pytest.approx(1)
    previewer = shim("latent_preview").get_previewer("cpu", sd1)
    format, picture, longest = previewer.decode_latent_to_preview_image("JPEG", torch.zeros(1, 4, 2, 3))
    assert (format, picture.size, longest) == ("JPEG", (3, 2), 512)
    noise = shim("comfy.sample").prepare_noise(torch.zeros(2, 4, 2, 2), 5)
    assert torch.equal(noise, torch.randn((2, 4, 2, 2), generator=torch.Generator().manual_seed(5)))
    validate = shim("comfy_execution.validation").validate_node_input
    assert validate("INT", "INT,FLOAT")
    assert not validate("INT,STRING", "INT", strict=True)


def test_a_graph_builder_names_edits_and_writes_its_nodes(bench: Bench) -> None:
    utils = shim("comfy_execution.graph_utils")
    graph = utils.GraphBuilder(prefix="p.")
    a = graph.node("A", value=1)
    b = graph.node("B", id="b", x=a.out(0))
    assert graph.node("B", id="b") is b is graph.lookup_node("b")
    b.set_input("y", 2)
    assert b.get_input("y") == 2
    b.set_input("y", None)
    b.set_override_display_id("7")
    assert graph.finalize() == {
        "p.1": {"class_type": "A", "inputs": {"value": 1}},
        "p.b": {"class_type": "B", "inputs": {"x": ["p.1", 0]}, "override_display_id": "7"},
    }
    graph.replace_node_output("1", 0, ["9", 1])
    graph.remove_node("1")
    assert graph.finalize()["p.b"]["inputs"] == {"x": ["9", 1]}
    moved = utils.add_graph_prefix(
        {"1": {"class_type": "A", "inputs": {"x": ["1", 0], "y": ["2", 0]}}}, [["1", 0]], "q."
    )
    assert moved == ({"q.1": {"class_type": "A", "inputs": {"x": ["q.1", 0], "y": ["2", 0]}}}, (["q.1", 0],))
