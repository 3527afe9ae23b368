"""A model is a value: patches make new models, and the base stays as it is, bit for bit."""

from pathlib import Path

import pytest
import torch

from darkroom.diffusion.checkpoints import load_checkpoint
from darkroom.diffusion.devices import AUTO, Precision, has_amx, placement
from darkroom.diffusion.model import Model
from darkroom.diffusion.patches import LowRank, Whole, added, patched
from tests.diffusion import small

X = small.latents(2, 4, 8, 8)
TIMESTEP = torch.tensor([30.0, 600.0])
CONTEXT = small.latents(2, 77, small.CONTEXT, seed=8)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return load_checkpoint(small.save(tmp_path / "model.safetensors", small.original_checkpoint())).model


def answer(model: Model) -> torch.Tensor:
    with model.bind() as network:
        return network(X, TIMESTEP, CONTEXT)


def test_a_patched_model_answers_as_a_network_with_those_weights_and_the_base_is_unchanged(model: Model) -> None:
    before = small.tensors(model.network)
    plain = answer(model)
    name = "conv_in.weight"
    change = small.latents(32, 4, 3, 3)
    changed = model.with_patches({name: Whole(change)}, 0.7).with_patches({name: Whole(change)}, -0.2)
    reference = small.unet()
    with torch.no_grad():
        reference.get_parameter(name).add_(change * 0.7).sub_(change * 0.2)
    torch.testing.assert_close(answer(changed), reference(X, TIMESTEP, CONTEXT).sample)
    assert not torch.allclose(answer(changed), plain, atol=1e-3)
    assert torch.equal(answer(model), plain)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.network.state_dict().items())
    assert changed.network is model.network


def test_the_base_weights_survive_a_run_that_fails(model: Model) -> None:
    before = small.tensors(model.network)
    changed = model.with_patches({"conv_in.bias": Whole(torch.ones(32))}, 1.0)
    with pytest.raises(RuntimeError), changed.bind() as network:
        network(X, TIMESTEP, CONTEXT[..., :5])
    assert all(torch.equal(before[name], tensor) for name, tensor in model.network.state_dict().items())


def test_a_patched_model_and_its_base_can_be_bound_together(model: Model) -> None:
    changed = model.with_patches({"conv_in.bias": Whole(torch.ones(32))}, 1.0)
    wanted = answer(model), answer(changed)
    with model.bind() as one, changed.bind() as other:
        assert torch.equal(other(X, TIMESTEP, CONTEXT), wanted[1])
        assert torch.equal(one(X, TIMESTEP, CONTEXT), wanted[0])


def test_a_change_is_summed_in_fp32_and_rounded_once() -> None:
    layer = torch.nn.Linear(4, 3, bias=False).to(torch.bfloat16)
    up, down = small.latents(3, 2, seed=1).half(), small.latents(2, 4, seed=2).half()
    found = patched(layer, added({}, {"weight": LowRank(up, down, alpha=1.0)}, 0.5))["weight"]
    exact = layer.weight.float() + 0.5 * (1.0 / 2) * (up.float() @ down.float())
    assert torch.equal(found, exact.to(torch.bfloat16))


def test_patched_copies_share_their_base_and_their_patches(model: Model) -> None:
    change = Whole(torch.ones(32))
    one = model.with_patches({"conv_in.bias": change}, 1.0)
    two = one.with_patches({"conv_out.bias": Whole(torch.ones(4))}, 1.0)
    assert model.nbytes == sum(p.numel() * p.element_size() for p in model.network.parameters())
    assert set(model.shared_parts()) < set(one.shared_parts()) < set(two.shared_parts())
    assert (one.nbytes - model.nbytes, two.nbytes - one.nbytes) == (32 * 4, 4 * 4)


def test_control_residuals_are_added_to_the_skips_and_the_middle(model: Model) -> None:
    skips = tuple(small.latents(2, 32, 8, 8, seed=i) for i in range(2))
    skips += (small.latents(2, 32, 4, 4, seed=3), small.latents(2, 64, 4, 4, seed=4))
    middle = small.latents(2, 64, 4, 4, seed=5)
    with model.bind() as network:
        steered = network(X, TIMESTEP, CONTEXT, (skips, middle))
    arguments = {"down_block_additional_residuals": skips, "mid_block_additional_residual": middle}
    assert torch.equal(steered, small.unet()(X, TIMESTEP, CONTEXT, **arguments).sample)


def test_the_network_computes_in_the_precision_asked_for_and_answers_in_fp32(tmp_path: Path) -> None:
    path = small.save(tmp_path / "model.safetensors", small.original_checkpoint())
    plain = load_checkpoint(path, precision=Precision(unet="fp32")).model
    half = load_checkpoint(path, precision=Precision(unet="bf16")).model
    assert half.placement.channels_last
    weight = half.network.get_parameter("conv_in.weight")
    assert weight.dtype == torch.bfloat16
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert half.nbytes * 2 == plain.nbytes
    found = answer(half)
    assert found.dtype == torch.float32
    assert found.is_contiguous()
    scale = answer(plain).abs().max()
    assert (found - answer(plain)).abs().max() < 0.05 * scale


def test_the_cpu_computes_in_bf16_where_it_has_tiles_for_it_and_in_fp32_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for tiles, dtype in ((True, torch.bfloat16), (False, torch.float32)):
        has_amx.cache_clear()
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda tiles=tiles: tiles)
        unet = placement("unet", AUTO)
        assert (unet.dtype, unet.channels_last, unet.device.type) == (dtype, tiles, "cpu")
        assert placement("control") == unet
        assert placement("vae").dtype == placement("text").dtype == torch.float32
    has_amx.cache_clear()


def test_a_gpu_is_used_in_fp16_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert placement("unet").device.type == "cuda"
    assert placement("unet").dtype == torch.float16
    assert placement("unet", Precision(device="cpu", unet="fp32")).dtype == torch.float32
    with pytest.raises(ValueError, match="choose auto, fp32, bf16, fp16"):
        placement("unet", Precision(unet="int3"))
