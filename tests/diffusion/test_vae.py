"""Pictures to latents and back."""

from pathlib import Path

import pytest
import torch

from darkroom.diffusion.families import sd1
from darkroom.diffusion.vae import Vae, load_vae
from darkroom.files.weights import BadWeights
from tests.diffusion import small


@pytest.fixture(scope="module")
def vae(tmp_path_factory: pytest.TempPathFactory) -> Vae:
    return load_vae(small.save(tmp_path_factory.mktemp("vae") / "vae.safetensors", small.tensors(small.vae())))


PIXELS = torch.rand(2, 40, 48, 3, generator=torch.Generator().manual_seed(5))


def test_encoding_takes_the_most_likely_latent_without_scaling(vae: Vae) -> None:
    wanted = small.vae().encode(PIXELS.movedim(-1, 1) * 2 - 1).latent_dist.mode()
    assert torch.equal(vae.encode(PIXELS), wanted)
    assert wanted.shape == (2, 4, 5, 6)


def test_sides_are_cut_evenly_to_multiples_of_eight_and_alpha_is_dropped(vae: Vae) -> None:
    padded = torch.rand(2, 46, 50, 4)
    padded[:, 3:43, 1:49, :3] = PIXELS
    before = padded.clone()
    assert torch.equal(vae.encode(padded), vae.encode(PIXELS))
    assert torch.equal(padded, before)


def test_decoded_pictures_are_between_0_and_1(tmp_path: Path) -> None:
    state = small.tensors(small.vae())
    state["decoder.conv_out.weight"] *= 20
    pictures = load_vae(small.save(tmp_path / "loud.safetensors", state)).decode(small.latents(1, 4, 4, 6))
    assert pictures.shape == (1, 32, 48, 3)
    assert pictures.min() == 0
    assert pictures.max() == 1
    assert pictures.is_contiguous()


def test_a_big_batch_is_worked_off_in_pieces(vae: Vae, monkeypatch: pytest.MonkeyPatch) -> None:
    latent = small.latents(5, 4, 4, 4)
    whole, encoded = vae.decode(latent), vae.encode(PIXELS)
    monkeypatch.setattr("darkroom.diffusion.vae.PIXELS_AT_ONCE", 2 * 32 * 32)
    sizes = []
    decode = vae.network.decode
    monkeypatch.setattr(vae.network, "decode", lambda piece: sizes.append(len(piece)) or decode(piece))
    torch.testing.assert_close(vae.decode(latent), whole)
    assert sizes == [2, 2, 1]
    torch.testing.assert_close(vae.encode(PIXELS), encoded)


def test_latents_of_another_model_and_tiny_pictures_are_refused(vae: Vae) -> None:
    with pytest.raises(ValueError, match="4 channels"):
        vae.decode(torch.zeros(1, 16, 8, 8))
    with pytest.raises(ValueError, match="at least 8 x 8"):
        vae.encode(torch.zeros(1, 7, 64, 3))
    with pytest.raises(ValueError, match="3 channels"):
        vae.encode(torch.zeros(1, 8, 8))


def test_files_without_a_fitting_vae_are_refused(tmp_path: Path) -> None:
    text = small.save(tmp_path / "text.safetensors", small.tensors(small.text()))
    with pytest.raises(BadWeights, match="is a text model and holds no VAE"):
        load_vae(text)
    state = {**small.tensors(small.vae()), "decoder.conv_in.weight": torch.zeros(32, 16, 3, 3)}
    with pytest.raises(BadWeights, match="16 latent channels"):
        load_vae(small.save(tmp_path / "flux.safetensors", state))
    del state["decoder.conv_out.weight"]
    with pytest.raises(BadWeights, match=r"lacks the VAE's decoder\.conv_out\.weight"):
        load_vae(small.save(tmp_path / "cut.safetensors", state))
    for whole, missing in (
        (small.tensors(small.vae()), r"encoder\.down_blocks\.0\.resnets\.0\.conv1\.weight"),
        (sd1.original_vae(small.tensors(small.vae())), r"encoder\.down\.0\.block\.0\.conv1\.weight"),
    ):
        decoder = {name: tensor for name, tensor in whole.items() if "encoder" not in name}
        with pytest.raises(BadWeights, match=f"lacks the VAE's {missing}"):
            load_vae(small.save(tmp_path / "decoder.safetensors", decoder))
