"""The LoRA that ships: trained by hooks that change nothing at first, named as kohya names, and it fits the starter."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from starter.networks import new_unet
from starter.train_lora import LORA, LowRank, attach, dusk, file_state

SIZE_LIMIT = 500_000
CHANNELS = (16, 16)


def _tiny() -> nn.Module:
    torch.manual_seed(0)
    return new_unet(CHANNELS, text_width=16).eval()


def test_a_fresh_lora_changes_nothing_and_a_trained_one_does() -> None:
    inputs = (torch.randn(1, 4, 8, 8), torch.tensor([5]), torch.randn(1, 77, 16))
    unet = _tiny()
    with torch.no_grad():
        before = unet(*inputs).sample
        changes = attach(unet, rank=2)
        assert torch.equal(unet(*inputs).sample, before)
        for parameter in changes.parameters():
            parameter.add_(0.1)
        assert not torch.allclose(unet(*inputs).sample, before)


def test_its_names_are_kohyas_and_each_layer_has_down_up_and_alpha() -> None:
    changes = attach(_tiny(), rank=2)
    state = file_state(dict(changes.state_dict()), rank=2)
    layers = {name.split(".")[0] for name in state}
    assert "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k" in layers
    assert {name.split(".", 1)[1] for name in state} == {"lora_down.weight", "lora_up.weight", "alpha"}
    assert len(state) == 3 * len(layers)


def test_a_layer_without_a_matrix_is_refused() -> None:
    with pytest.raises(TypeError, match="GroupNorm"):
        LowRank(nn.GroupNorm(2, 4), 2)


def test_dusk_dims_and_turns_grey_violet() -> None:
    grey = np.full((1, 2, 2, 3), 128, np.uint8)
    red, green, blue = dusk(grey)[0, 0, 0]
    assert blue > green
    assert red > green
    assert dusk(grey).mean() < grey.mean()


def test_the_shipped_lora_fits_the_starter_and_is_small() -> None:
    assert LORA.stat().st_size <= SIZE_LIMIT
    state = load_file(LORA)
    expected = file_state(dict(attach(new_unet(), rank=4).state_dict()), rank=4)
    assert {name: value.shape for name, value in state.items()} == {name: v.shape for name, v in expected.items()}
    assert all(value.dtype == torch.float16 and torch.isfinite(value).all() for value in state.values())
