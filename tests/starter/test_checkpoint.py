"""What ships: names as in Stable Diffusion 1, half precision, small, and read back as it was written."""

from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from safetensors import safe_open
from safetensors.torch import load_file

from darkroom.diffusion.families.recognise import recognise_file
from starter.export import CHECKPOINT, HEADER, file_state, new_starter, read, write
from starter.text import compact_tokens, token_ids, used_ids

MODELS = CHECKPOINT.parent.parent
SIZE_LIMIT = 24_000_000


def test_export_and_read_are_inverse(tmp_path: Path) -> None:
    starter = new_starter()
    file = tmp_path / "starter.safetensors"
    write(file_state(starter), file, HEADER)
    again = read(file)
    pairs = ((starter.unet, again.unet), (starter.autoencoder, again.autoencoder), (starter.text, again.text))
    for network, copy in pairs:
        for name, value in network.state_dict().items():
            assert torch.equal(value.half(), copy.state_dict()[name].half()), name


def test_diffusers_own_converters_understand_the_names() -> None:
    starter = new_starter()
    state = file_state(starter)
    unet = convert_ldm_unet_checkpoint(dict(state), dict(starter.unet.config))
    fresh = UNet2DConditionModel.from_config(starter.unet.config)
    fresh.load_state_dict(unet)
    autoencoder = convert_ldm_vae_checkpoint(dict(state), dict(starter.autoencoder.config))
    assert set(autoencoder) == set(starter.autoencoder.state_dict())
    for name, value in starter.autoencoder.state_dict().items():
        assert torch.equal(autoencoder[name].float().flatten(), value.half().float().flatten()), name


def test_a_weight_that_half_precision_cannot_hold_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"big\.weight"):
        write({"big.weight": torch.tensor([1e6]).half()}, tmp_path / "x.safetensors", {})
    assert not list(tmp_path.iterdir())


def test_captions_fit_clips_window_and_strange_words_are_refused() -> None:
    assert len(token_ids("a red house")) == 77
    assert compact_tokens(["a red house on a meadow at sunset", ""]).max() < len(used_ids())
    with pytest.raises(ValueError, match="zebra"):
        compact_tokens(["a zebra"])


def test_the_shipped_checkpoint_is_half_precision_and_complete() -> None:
    state = load_file(CHECKPOINT)
    assert {value.dtype for value in state.values()} == {torch.float16}
    assert all(torch.isfinite(value).all() for value in state.values())
    assert set(state) == set(file_state(new_starter()))
    recognised = recognise_file(CHECKPOINT)
    assert (recognised.kind, recognised.family, recognised.prediction) == ("checkpoint", "sd1", "eps")
    with safe_open(CHECKPOINT, "pt") as opened:
        assert {"modelspec.title", "modelspec.license", "darkroom.training"} <= set(opened.metadata())


def test_all_shipped_models_together_stay_small() -> None:
    assert sum(file.stat().st_size for file in MODELS.rglob("starter*") if file.is_file()) <= SIZE_LIMIT
