"""LoRA files in every spelling change exactly the weights they name, by exactly strength * alpha / rank * up @ down."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from darkroom.diffusion.checkpoints import Checkpoint, load_checkpoint
from darkroom.diffusion.lora import apply_lora, load_lora, match_lora
from darkroom.diffusion.patches import patched
from darkroom.files.weights import BadWeights
from tests.diffusion import small

ATTENTION = "mid_block.attentions.0.transformer_blocks.0.attn2."
ORIGINAL_ATTENTION = "middle_block.1.transformer_blocks.0.attn2."
TEXT = "encoder.layers.1.self_attn."
RANK = 3


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    path = tmp_path_factory.mktemp("lora") / "model.safetensors"
    return load_checkpoint(small.save(path, small.original_checkpoint()))


def pair(rows: int, columns: int, seed: int) -> tuple[Tensor, Tensor]:
    return small.latents(rows, RANK, seed=seed), small.latents(RANK, columns, seed=seed + 1)


def underscored(name: str) -> str:
    return name.replace(".", "_")


SPELLINGS: dict[str, tuple[str, str, str]] = {
    "kohya, diffusers paths": ("lora_unet_" + underscored(ATTENTION), ".lora_up.weight", ".lora_down.weight"),
    "kohya, original paths": ("lora_unet_" + underscored(ORIGINAL_ATTENTION), ".lora_up.weight", ".lora_down.weight"),
    "lycoris": ("lycoris_" + underscored(ATTENTION), ".lora_up.weight", ".lora_down.weight"),
    "peft": ("unet." + ATTENTION, ".lora_B.weight", ".lora_A.weight"),
    "peft with adapter name": ("base_model.model." + ATTENTION, ".lora_B.default.weight", ".lora_A.default.weight"),
    "original paths": ("diffusion_model." + ORIGINAL_ATTENTION, ".lora_B.weight", ".lora_A.weight"),
    "bare": (ATTENTION, ".lora.up.weight", ".lora.down.weight"),
    "linear layers": ("unet." + ATTENTION, ".lora_linear_layer.up.weight", ".lora_linear_layer.down.weight"),
    "old diffusers": ("unet." + ATTENTION + "processor.", "_lora.up.weight", "_lora.down.weight"),
    "old diffusers, bare": (ATTENTION + "processor.", "_lora.up.weight", "_lora.down.weight"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_reaches_the_same_weight(spelling: str, checkpoint: Checkpoint, tmp_path: Path) -> None:
    start, up_end, down_end = SPELLINGS[spelling]
    up, down = pair(64, small.CONTEXT, 1)
    out_up, out_down = pair(64, 64, 5)
    separator = "_" if start.startswith(("lora_", "lycoris_")) else "."
    out = "to_out" if "processor" in start else f"to_out{separator}0"
    content = {f"{start}to_k{up_end}": up, f"{start}to_k{down_end}": down}
    content |= {f"{start}{out}{up_end}": out_up, f"{start}{out}{down_end}": out_down}
    lora = load_lora(small.save(tmp_path / "lora.safetensors", content))
    match = match_lora(checkpoint.model, checkpoint.clip, lora)
    assert match.unmatched == ()
    assert set(match.model) == {f"{ATTENTION}to_k.weight", f"{ATTENTION}to_out.0.weight"}
    model, clip = apply_lora(checkpoint.model, checkpoint.clip, lora, 0.5, 0.5)
    merged = patched(model.network, model.patches)
    base = checkpoint.model.network.get_parameter(f"{ATTENTION}to_k.weight")
    torch.testing.assert_close(merged[f"{ATTENTION}to_k.weight"], base + 0.5 * up @ down)
    assert clip is checkpoint.clip


TEXT_SPELLINGS: dict[str, tuple[str, str, str]] = {
    "kohya": ("lora_te_text_model_" + underscored(TEXT) + "q_proj", ".lora_up.weight", ".lora_down.weight"),
    "kohya, first of two": (
        "lora_te1_text_model_" + underscored(TEXT) + "q_proj",
        ".lora_up.weight",
        ".lora_down.weight",
    ),
    "peft": (f"text_encoder.text_model.{TEXT}q_proj", ".lora_B.weight", ".lora_A.weight"),
    "peft, transformers 5": (f"text_encoder.{TEXT}q_proj", ".lora_B.weight", ".lora_A.weight"),
    "peft, alone": (f"base_model.model.text_model.{TEXT}q_proj", ".lora_B.weight", ".lora_A.weight"),
    "peft, alone, transformers 5": (f"base_model.model.{TEXT}q_proj", ".lora_B.weight", ".lora_A.weight"),
    "peft, wrapped": (
        f"text_encoder.base_model.model.text_model.{TEXT}q_proj",
        ".lora_B.default.weight",
        ".lora_A.default.weight",
    ),
    "diffusers": (
        f"text_encoder.text_model.{TEXT}q_proj",
        ".lora_linear_layer.up.weight",
        ".lora_linear_layer.down.weight",
    ),
    "old diffusers": (f"text_encoder.text_model.{TEXT}to_q", "_lora.up.weight", "_lora.down.weight"),
    "encoder's name": (f"text_encoders.clip_l.transformer.text_model.{TEXT}q_proj", ".lora_B.weight", ".lora_A.weight"),
}


@pytest.mark.parametrize("spelling", TEXT_SPELLINGS)
def test_every_spelling_reaches_the_text_model(spelling: str, checkpoint: Checkpoint, tmp_path: Path) -> None:
    start, up_end, down_end = TEXT_SPELLINGS[spelling]
    up, down = pair(64, 64, 9)
    lora = load_lora(small.save(tmp_path / "lora.safetensors", {start + up_end: up, start + down_end: down}))
    model, clip = apply_lora(checkpoint.model, checkpoint.clip, lora, 1.0, 2.0)
    assert model is checkpoint.model
    assert clip is not None
    reference = small.text()
    wanted = reference.get_parameter(f"{TEXT}q_proj.weight") + 2 * up @ down
    torch.testing.assert_close(patched(clip.network, clip.patches)[f"{TEXT}q_proj.weight"], wanted)
    with torch.no_grad():
        reference.get_parameter(f"{TEXT}q_proj.weight").copy_(wanted)
    ids = torch.tensor([[token for token, _ in clip.tokenize("a boat").chunks[0]]])
    torch.testing.assert_close(clip.encode("a boat")[0][0], reference(ids).last_hidden_state)
    assert match_lora(checkpoint.model, None, lora).unmatched == ()


def both(**extra: Tensor) -> dict[str, Tensor]:
    up, down = pair(64, small.CONTEXT, 1)
    text_up, text_down = pair(64, 64, 3)
    start, text_start = "lora_unet_" + underscored(ATTENTION) + "to_k", TEXT_SPELLINGS["kohya"][0]
    content = {f"{start}.lora_up.weight": up, f"{start}.lora_down.weight": down, f"{start}.alpha": torch.tensor(1.5)}
    content |= {f"{text_start}.lora_up.weight": text_up, f"{text_start}.lora_down.weight": text_down}
    return content | extra


def test_a_merged_run_equals_weights_merged_by_hand_and_the_base_stays_bitwise(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    content = both()
    up, down = pair(64, small.CONTEXT, 1)
    lora = load_lora(small.save(tmp_path / "lora.safetensors", content))
    before = small.tensors(checkpoint.model.network), small.tensors(checkpoint.clip.network)
    model, clip = apply_lora(checkpoint.model, checkpoint.clip, lora, 0.8, 0.8)
    reference = small.unet()
    with torch.no_grad():
        reference.get_parameter(f"{ATTENTION}to_k.weight").add_(0.8 * (1.5 / RANK) * up @ down)
    x, timestep, context = small.latents(1, 4, 8, 8), torch.tensor([5.0]), small.latents(1, 77, 64, seed=2)
    with model.bind() as network:
        torch.testing.assert_close(network(x, timestep, context), reference(x, timestep, context).sample)
    assert clip is not None
    clip.encode("a (red:1.2) boat")
    for held, network in zip(before, (model.network, clip.network), strict=True):
        assert all(torch.equal(held[name], tensor) for name, tensor in network.state_dict().items())


def test_stacked_loras_add_up(checkpoint: Checkpoint, tmp_path: Path) -> None:
    lora = load_lora(small.save(tmp_path / "lora.safetensors", both()))
    twice, _ = apply_lora(*apply_lora(checkpoint.model, checkpoint.clip, lora, 0.5, 0), lora, 0.25, 0)
    once, _ = apply_lora(checkpoint.model, checkpoint.clip, lora, 0.75, 0)
    name = f"{ATTENTION}to_k.weight"
    torch.testing.assert_close(patched(twice.network, twice.patches)[name], patched(once.network, once.patches)[name])


def test_strength_0_gives_back_what_came(checkpoint: Checkpoint, tmp_path: Path) -> None:
    lora = load_lora(small.save(tmp_path / "lora.safetensors", both()))
    model, clip = apply_lora(checkpoint.model, checkpoint.clip, lora, 0, 0)
    assert model is checkpoint.model
    assert clip is checkpoint.clip
    model, clip = apply_lora(checkpoint.model, checkpoint.clip, lora, 0, 1)
    assert model is checkpoint.model
    assert clip is not checkpoint.clip
    model, clip = apply_lora(checkpoint.model, None, lora, 1, 1)
    assert model is not checkpoint.model
    assert clip is None


def test_at_strength_0_for_the_text_a_model_without_clip_will_do(
    checkpoint: Checkpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lora = load_lora(small.save(tmp_path / "lora.safetensors", both()))
    alone = {name: tensor for name, tensor in small.original_checkpoint().items() if not name.startswith("cond_stage")}
    bare = load_checkpoint(small.save(tmp_path / "model.safetensors", alone))
    with caplog.at_level(logging.WARNING):
        model, clip = apply_lora(bare.model, bare.clip, lora, 1, 0)
    assert set(model.patches) == {f"{ATTENTION}to_k.weight"}
    assert clip is bare.clip
    assert not caplog.records
    with pytest.raises(BadWeights, match="holds no text model"):
        apply_lora(bare.model, bare.clip, lora, 1, 1)


def test_a_convolution_takes_plain_and_tucker_factors_and_whole_differences(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    name = "down_blocks.0.resnets.0.conv1"
    up, down = small.latents(32, RANK, 1, 1, seed=1), small.latents(RANK, 32, 3, 3, seed=2)
    mid, narrow = small.latents(RANK, RANK, 3, 3, seed=3), small.latents(RANK, 32, 1, 1, seed=4)
    whole, bias = small.latents(32, 32, 3, 3, seed=5), small.latents(32, seed=6)
    start = "lora_unet_" + underscored(name)
    files: list[tuple[dict[str, Tensor], Callable[[], Tensor]]] = [
        (
            {".lora_up.weight": up, ".lora_down.weight": down},
            lambda: (up.flatten(1) @ down.flatten(1)).reshape(32, 32, 3, 3),
        ),
        (
            {".lora_up.weight": up, ".lora_down.weight": narrow, ".lora_mid.weight": mid},
            lambda: torch.einsum("or,rshw,si->oihw", up[..., 0, 0], mid, narrow[..., 0, 0]),
        ),
        ({".diff": whole, ".diff_b": bias}, lambda: whole),
    ]
    for ends, difference in files:
        path = small.save(tmp_path / "conv.safetensors", {start + end: tensor for end, tensor in ends.items()})
        model, _ = apply_lora(checkpoint.model, None, load_lora(path), 0.5, 0)
        merged = patched(model.network, model.patches)
        base = checkpoint.model.network.get_parameter(f"{name}.weight")
        torch.testing.assert_close(merged[f"{name}.weight"], base + 0.5 * difference())
        assert ("bias" in "".join(merged)) == (".diff_b" in ends)


def test_tensors_that_fit_nothing_give_one_warning_each(
    checkpoint: Checkpoint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    strange = {
        "lora_unet_nowhere.lora_up.weight": torch.zeros(2, 2),
        "lora_unet_nowhere.lora_down.weight": torch.zeros(2, 2),
        "lora_unet_mid_block_resnets_0_conv1.hada_w1_a": torch.zeros(2, 2),
        "lora_unet_mid_block_resnets_1_conv1.lora_up.weight": torch.zeros(2, 2),
        "lora_unet_mid_block_attentions_0_proj_in.lora_up.weight": torch.zeros(64, 2),
        "lora_unet_mid_block_attentions_0_proj_in.lora_down.weight": torch.zeros(2, 64),
        "lora_unet_mid_block_attentions_0_proj_in.dora_scale": torch.zeros(64),
    }
    lora = load_lora(small.save(tmp_path / "lora.safetensors", both(**strange)))
    with caplog.at_level(logging.WARNING):
        model, _ = apply_lora(checkpoint.model, checkpoint.clip, lora, 1, 1)
    named = [name for name in strange if any(name in record.getMessage() for record in caplog.records)]
    assert named == list(strange)
    assert len(caplog.records) == len(strange)
    assert set(model.patches) == {f"{ATTENTION}to_k.weight"}


def test_a_lora_of_another_family_is_refused_with_both_names(checkpoint: Checkpoint, tmp_path: Path) -> None:
    start = "lora_unet_" + underscored(ATTENTION) + "to_k"
    up, down = pair(64, 2048, 1)
    path = small.save(tmp_path / "xl.safetensors", {f"{start}.lora_up.weight": up, f"{start}.lora_down.weight": down})
    with pytest.raises(BadWeights, match=r"Stable Diffusion XL LoRA and does not fit model\.safetensors"):
        apply_lora(checkpoint.model, checkpoint.clip, load_lora(path), 1, 1)


def test_a_file_without_lora_weights_is_refused(tmp_path: Path) -> None:
    path = small.save(tmp_path / "vae.safetensors", small.tensors(small.vae()))
    with pytest.raises(BadWeights, match="is a VAE without any LoRA weights"):
        load_lora(path)
