"""ControlNets in both layouts, and how a conditioning carries them."""

from pathlib import Path

import pytest
import torch

from darkroom.diffusion.checkpoints import load_checkpoint
from darkroom.diffusion.control import ControlNet, apply_control, load_controlnet
from darkroom.files.weights import BadWeights
from tests.diffusion import small

X = small.latents(2, 4, 8, 8)
TIMESTEP = torch.tensor([30.0, 600.0])
CONTEXT = small.latents(2, 77, small.CONTEXT, seed=8)
HINT = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> ControlNet:
    path = tmp_path_factory.mktemp("control") / "canny.safetensors"
    return load_controlnet(small.save(path, small.original_controlnet(small.controlnet())))


def test_either_layout_answers_as_the_diffusers_network_does(net: ControlNet, tmp_path: Path) -> None:
    network = small.controlnet()
    other = load_controlnet(small.save(tmp_path / "diffusers.safetensors", small.tensors(network)))
    skips, middle = network(X, TIMESTEP, CONTEXT, HINT, return_dict=False)
    for loaded in (net, other):
        with loaded.bind() as call:
            found_skips, found_middle = call(X, TIMESTEP, CONTEXT, HINT)
        assert len(found_skips) == len(skips) == 4
        assert all(torch.equal(a, b) for a, b in zip(found_skips, skips, strict=True))
        assert torch.equal(found_middle, middle)
        assert (loaded.family.name, loaded.context_width) == ("sd1", small.CONTEXT)


def test_its_answers_fit_the_unet_of_the_same_widths(net: ControlNet, tmp_path: Path) -> None:
    model = load_checkpoint(small.save(tmp_path / "model.safetensors", small.original_checkpoint())).model
    with model.bind() as network, net.bind() as control:
        residuals = control(X, TIMESTEP, CONTEXT, HINT)
        steered = network(X, TIMESTEP, CONTEXT, residuals)
        assert steered.shape == X.shape
        assert not torch.allclose(steered, network(X, TIMESTEP, CONTEXT), atol=1e-3)


def test_applying_it_gives_new_entries_and_leaves_the_old_ones(net: ControlNet) -> None:
    image = torch.rand(1, 64, 64, 3)
    conditioning = [[CONTEXT[:1], {"pooled_output": None}], [CONTEXT[1:], {"strength": 0.5}]]
    steered = apply_control(conditioning, net, image, 0.8, 0.1, 0.9)
    assert [set(options) for _, options in conditioning] == [{"pooled_output"}, {"strength"}]
    for (before, options), (after, new) in zip(conditioning, steered, strict=True):
        assert after is before
        link = new["control"]
        assert (link.net, link.image, link.strength, link.previous) == (net, image, 0.8, None)
        assert (link.start_percent, link.end_percent) == (0.1, 0.9)
        assert new["control_apply_to_uncond"] is False
        assert options.items() <= new.items()


def test_nets_form_a_chain_and_strength_0_adds_nothing(net: ControlNet) -> None:
    image = torch.rand(1, 64, 64, 3)
    once = apply_control([[CONTEXT, {}]], net, image, 0.8, to_uncond=True)
    twice = apply_control(once, net, image, 0.3)
    assert twice[0][1]["control"].previous is once[0][1]["control"]
    assert once[0][1]["control_apply_to_uncond"] is True
    assert apply_control(once, net, image, 0.0) == once


@pytest.mark.parametrize("name", ["control_v11e_sd15_shuffle", "control_v11e_sd15_shuffle_fp16"])
def test_a_net_for_shuffled_pictures_answers_the_same_everywhere(name: str, net: ControlNet, tmp_path: Path) -> None:
    pooled = load_controlnet(
        small.save(tmp_path / f"{name}.safetensors", small.original_controlnet(small.controlnet()))
    )
    with pooled.bind() as everywhere, net.bind() as by_place:
        mine, plain = (call(X, TIMESTEP, CONTEXT, HINT) for call in (everywhere, by_place))
    for ours, theirs in zip((*mine[0], mine[1]), (*plain[0], plain[1]), strict=True):
        torch.testing.assert_close(ours, theirs.mean(dim=(2, 3), keepdim=True))


def test_files_that_are_no_controlnet_of_this_family_are_refused(tmp_path: Path) -> None:
    vae = small.save(tmp_path / "vae.safetensors", small.tensors(small.vae()))
    with pytest.raises(BadWeights, match="is a VAE, not a ControlNet"):
        load_controlnet(vae)
    xl = {**small.tensors(small.controlnet()), "add_embedding.linear_1.weight": torch.zeros(8, 2816)}
    with pytest.raises(BadWeights, match="Stable Diffusion XL ControlNet, which this version cannot load"):
        load_controlnet(small.save(tmp_path / "xl.safetensors", xl))
    cut = small.original_controlnet(small.controlnet())
    del cut["control_model.zero_convs.1.0.bias"]
    with pytest.raises(BadWeights, match=r"lacks 1 tensor \(controlnet_down_blocks\.1\.bias\)"):
        load_controlnet(small.save(tmp_path / "cut.safetensors", cut))
