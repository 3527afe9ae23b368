"""Put trained networks into one checkpoint file in Stable Diffusion 1's layout: `python -m starter.export`."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import CLIPTextModel

from darkroom.diffusion.families.sd1 import original_checkpoint, original_text, original_unet, original_vae
from starter.colours import colours_header
from starter.latents import SCALED, scaled_autoencoder
from starter.networks import new_autoencoder, new_text_model, new_unet
from starter.text import compact_rows, full_table, used_ids
from starter.training import CACHE, averaged

CHECKPOINT = Path(__file__).resolve().parent.parent / "models" / "checkpoints" / "starter.safetensors"
TOKENS = "embeddings.token_embedding.weight"
HEADER = {
    "modelspec.sai_model_spec": "1.0.0",
    "modelspec.architecture": "stable-diffusion-v1",
    "modelspec.implementation": "https://github.com/CompVis/stable-diffusion",
    "modelspec.title": "Darkroom starter",
    "modelspec.description": "A small latent diffusion model of postcards, 128x128 pixels: a sky, a ground and one to "
    "three coloured things, for example 'a red house on a meadow at sunset'.",
    "modelspec.resolution": "128x128",
    "modelspec.prediction_type": "epsilon",
    "modelspec.license": "The licence of the repository it ships with; trained from random weights on pictures that "
    "the repository draws itself, no other data.",
    "darkroom.training": "python -m starter.train_autoencoder, python -m starter.train_unet, python -m starter.export",
}


@dataclass(frozen=True, slots=True)
class Starter:
    """The three trained networks, the text model still with the compact vocabulary of the captions."""

    autoencoder: AutoencoderKL
    unet: UNet2DConditionModel
    text: CLIPTextModel


def new_starter() -> Starter:
    """Networks of the starter's shape with random weights."""
    return Starter(new_autoencoder(), new_unet(), new_text_model(vocabulary=len(used_ids())))


def file_state(starter: Starter) -> dict[str, Tensor]:
    """All weights under the file's names, in half precision."""
    text = dict(starter.text.state_dict())
    text[TOKENS] = full_table(text[TOKENS])
    state = original_checkpoint(starter.unet.state_dict(), starter.autoencoder.state_dict(), text)
    return {name: value.detach().cpu().half().contiguous() for name, value in state.items()}


def write(state: Mapping[str, Tensor], file: Path, header: Mapping[str, str]) -> None:
    """Write a safetensors file by way of a temporary one; ValueError names a weight that half precision cannot hold."""
    for name, value in state.items():
        if not torch.isfinite(value).all():
            raise ValueError(f"{name} is not finite in half precision; train on with a lower rate before exporting")
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    save_file(dict(state), temporary, dict(header))
    temporary.chmod(0o644)  # safetensors writes files that only their owner can read
    temporary.replace(file)


def _fill(
    network: nn.Module, state: Mapping[str, Tensor], renamed: Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]]
) -> None:
    """Load the weights that `renamed` finds for each of the network's names."""
    own = network.state_dict()
    sources = zip(own.items(), renamed(own), strict=True)
    network.load_state_dict({name: state[source].reshape(value.shape) for (name, value), source in sources})


def read(file: Path = CHECKPOINT) -> Starter:
    """The networks of an exported checkpoint, in float32."""
    state = {name: value.float() for name, value in load_file(file).items()}
    table = next(iter(original_text({TOKENS: torch.empty(0)})))
    state[table] = compact_rows(state[table])
    starter = new_starter()
    _fill(starter.unet, state, original_unet)
    _fill(starter.autoencoder, state, original_vae)
    _fill(starter.text, state, original_text)
    return starter


def trained(folder: Path = CACHE) -> Starter:
    """The averaged weights of the runs in `folder`; the autoencoder as the U-Net saw it (latents scaled)."""
    starter = new_starter()
    starter.autoencoder.load_state_dict(scaled_autoencoder(folder / SCALED).state_dict())
    starter.unet.load_state_dict(averaged(folder / "unet.pt", "unet"))
    starter.text.load_state_dict(averaged(folder / "unet.pt", "text"))
    return starter


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=CACHE, help="where the training runs are")
    parser.add_argument("--out", type=Path, default=CHECKPOINT)
    options = parser.parse_args()
    starter = trained(options.folder)
    write(file_state(starter), options.out, HEADER | colours_header(starter.autoencoder))
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
