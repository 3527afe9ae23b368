"""Checkpoint files and folders become networks that compute what diffusers and transformers compute."""

import json
import pickle
from pathlib import Path

import pytest
import torch

from darkroom.diffusion.checkpoints import AbsentPart, load_checkpoint, load_diffusers
from darkroom.diffusion.vae import load_vae
from darkroom.diffusion.weights import read_weights
from darkroom.files.weights import BadWeights, PickledWeights
from tests.diffusion import small


@pytest.fixture(scope="module")
def checkpoint_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.save(tmp_path_factory.mktemp("checkpoints") / "small.safetensors", small.original_checkpoint())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("diffusers")
    small.unet().save_pretrained(place / "unet")
    small.vae().save_pretrained(place / "vae", variant="fp16")
    small.text().save_pretrained(place / "text_encoder")
    (place / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    (place / "scheduler").mkdir()
    (place / "scheduler" / "scheduler_config.json").write_text('{"prediction_type": "v_prediction"}')
    return place


X = small.latents(2, 4, 8, 8)
TIMESTEP = torch.tensor([30.0, 600.0])
CONTEXT = small.latents(2, 77, small.CONTEXT, seed=8)


def test_a_unet_from_an_original_checkpoint_answers_as_the_diffusers_network_does(checkpoint_file: Path) -> None:
    model = load_checkpoint(checkpoint_file).model
    with model.bind() as network:
        answer = network(X, TIMESTEP, CONTEXT)
    assert torch.equal(answer, small.unet()(X, TIMESTEP, CONTEXT).sample)
    assert answer.dtype == torch.float32
    assert (model.family.name, model.prediction, model.context_width) == ("sd1", "eps", small.CONTEXT)
    assert (model.latent_channels, model.latent_scale) == (4, 0.18215)


def test_a_diffusers_folder_gives_the_same_answers_as_the_file(checkpoint_file: Path, folder: Path) -> None:
    from_file, from_folder = load_checkpoint(checkpoint_file), load_diffusers(folder)
    with from_file.model.bind() as one, from_folder.model.bind() as other:
        assert torch.equal(one(X, TIMESTEP, CONTEXT), other(X, TIMESTEP, CONTEXT))
    assert torch.equal(from_file.clip.encode("a boat")[0][0], from_folder.clip.encode("a boat")[0][0])
    assert torch.equal(from_file.vae.decode(X), from_folder.vae.decode(X))
    assert from_folder.model.prediction == "v"


def test_weights_stored_in_fp16_are_cast_once_to_the_computing_format(tmp_path: Path) -> None:
    half = {name: tensor.half() for name, tensor in small.original_checkpoint().items()}
    model = load_checkpoint(small.save(tmp_path / "half.safetensors", half)).model
    reference = small.unet().half().to(model.placement.dtype)
    for name, parameter in model.network.named_parameters():
        assert parameter.dtype == model.placement.dtype
        assert torch.equal(parameter, reference.get_parameter(name)), name


def test_a_checkpoint_without_vae_and_text_loads_and_says_so_when_they_are_used(tmp_path: Path) -> None:
    only_unet = {k: v for k, v in small.original_checkpoint().items() if k.startswith("model.")}
    checkpoint = load_checkpoint(small.save(tmp_path / "unet.safetensors", only_unet))
    assert isinstance(checkpoint.vae, AbsentPart)
    assert checkpoint.vae.nbytes == 0
    with pytest.raises(BadWeights, match=r"unet\.safetensors: the file holds no VAE; add a Load VAE node"):
        checkpoint.vae.decode(X)
    with pytest.raises(BadWeights, match="holds no text model"):
        checkpoint.clip.encode("a boat")


@pytest.mark.parametrize(
    ("extra", "metadata", "wanted"),
    [
        ({"v_pred": torch.zeros(1)}, None, "v"),
        ({}, {"modelspec.prediction_type": "v"}, "v"),
        ({}, {"modelspec.prediction_type": "epsilon"}, "eps"),
    ],
)
def test_what_the_network_predicts_is_read_from_the_file(
    extra: dict[str, torch.Tensor], metadata: dict[str, str] | None, wanted: str, tmp_path: Path
) -> None:
    path = small.save(tmp_path / "model.safetensors", small.original_checkpoint(**extra), metadata)
    model = load_checkpoint(path).model
    assert model.prediction == wanted


def test_missing_unexpected_and_misshapen_tensors_are_named(tmp_path: Path) -> None:
    content = small.original_checkpoint()
    del content["model.diffusion_model.output_blocks.1.0.in_layers.2.weight"]
    content["model.diffusion_model.output_blocks.9.0.bias"] = torch.zeros(3)
    content["model.diffusion_model.out.2.bias"] = torch.zeros(7)
    path = small.save(tmp_path / "odd.safetensors", content)
    with pytest.raises(BadWeights) as caught:
        load_checkpoint(path)
    message = str(caught.value)
    assert "lacks 1 tensor (up_blocks.0.resnets.1.conv1.weight)" in message
    assert "has in addition 1 tensor (output_blocks.9.0.bias)" in message
    assert "conv_out.bias (7,) instead of (4,)" in message


def test_a_network_without_any_level_is_refused_by_what_it_lacks(tmp_path: Path) -> None:
    begun = {name: tensor for name, tensor in small.tensors(small.unet()).items() if "blocks" not in name}
    with pytest.raises(BadWeights, match=r"lacks the U-Net's down_blocks\.0\.resnets\.0\.conv1\.weight"):
        load_checkpoint(small.save(tmp_path / "begun.safetensors", begun))


def test_a_file_of_another_kind_or_family_is_refused_by_name(tmp_path: Path) -> None:
    vae = small.save(tmp_path / "vae.safetensors", small.tensors(small.vae()))
    with pytest.raises(BadWeights, match="is a VAE, not a checkpoint"):
        load_checkpoint(vae)
    xl = {"model.diffusion_model.input_blocks.0.0.weight": torch.zeros(320, 4, 3, 3)}
    xl["model.diffusion_model.label_emb.0.0.weight"] = torch.zeros(1280, 2816)
    with pytest.raises(BadWeights, match=r"Stable Diffusion XL .*cannot load"):
        load_checkpoint(small.save(tmp_path / "xl.safetensors", xl))
    content = small.original_checkpoint()
    content["model.diffusion_model.input_blocks.0.0.weight"] = torch.zeros(32, 9, 3, 3)
    with pytest.raises(BadWeights, match="9 input channels"):
        load_checkpoint(small.save(tmp_path / "inpaint.safetensors", content))


def test_a_pickled_checkpoint_is_refused_unless_allowed_and_then_only_tensors_are_read(tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    torch.save({"state_dict": small.original_checkpoint(), "global_step": 3}, path)
    with pytest.raises(PickledWeights, match="--allow-pickle"):
        load_checkpoint(path)
    with load_checkpoint(path, allow_pickle=True).model.bind() as network:
        assert torch.equal(network(X, TIMESTEP, CONTEXT), small.unet()(X, TIMESTEP, CONTEXT).sample)


class Payload:
    """A pickle that would run a command when it is opened without care."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("1 / 0",)


def test_code_in_an_allowed_pickle_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "evil.ckpt"
    torch.save({"state_dict": Payload()}, path)
    with pytest.raises(BadWeights, match="more than tensors"):
        read_weights(path, allow_pickle=True)


@pytest.mark.parametrize("kept", [3, 20, 300, 3000])
def test_a_pickle_cut_short_is_refused(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "cut.ckpt"
    torch.save({"a": torch.zeros(1000)}, path)
    for content in (path.read_bytes(), pickle.dumps({"a": [1.5] * 1000}, protocol=2)):
        path.write_bytes(content[:kept])
        with pytest.raises(BadWeights):
            read_weights(path, allow_pickle=True)


def test_half_a_diffusers_folder_is_refused_with_the_file_that_is_missing(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(BadWeights, match=r"model_index\.json: the file does not exist"):
        load_diffusers(tmp_path)
    (tmp_path / "model_index.json").write_text("{}")
    with pytest.raises(BadWeights, match="holds no U-Net"):
        load_diffusers(tmp_path)
    (tmp_path / "unet").mkdir()
    with pytest.raises(BadWeights, match=r"config\.json: the file does not exist"):
        load_diffusers(tmp_path)
    (tmp_path / "unet" / "config.json").write_text("[")
    with pytest.raises(BadWeights, match="no readable JSON"):
        load_diffusers(tmp_path)
    (tmp_path / "unet" / "config.json").write_text(json.dumps({"cross_attention_dim": 64}))
    with pytest.raises(BadWeights, match="holds no weights"):
        load_diffusers(tmp_path)


def test_a_vae_alone_loads_in_either_layout_and_from_old_files(tmp_path: Path) -> None:
    network = small.vae()
    state = small.tensors(network)
    wanted = network.decode(X).sample
    prefix = "first_stage_model."
    original = small.original_checkpoint()
    old_words = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    old = {}
    for name, tensor in state.items():
        for new, word in old_words.items():
            name = name.replace(f"attentions.0.{new}.", f"attentions.0.{word}.")
        old[name] = tensor
    files = {
        "diffusers": state,
        "old diffusers": old,
        "prefixed": {k: v for k, v in original.items() if k.startswith(prefix)},
        "bare": {k.removeprefix(prefix): v for k, v in original.items() if k.startswith(prefix)},
        "checkpoint": original,
    }
    for name, content in files.items():
        vae = load_vae(small.save(tmp_path / f"{name}.safetensors", content))
        pictures = vae.decode(X)
        assert torch.equal(pictures, ((wanted + 1) / 2).clamp(0, 1).movedim(1, -1)), name
        assert (vae.factor, vae.latent_channels) == (8, 4)
