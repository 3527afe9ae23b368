"""The colours of the starter's latents, for previews while it samples; they travel in the checkpoint's header."""

import json

import cv2
import numpy as np
import torch
from diffusers import AutoencoderKL

from darkroom.diffusion.families.table import COLOURS_KEY
from darkroom.diffusion.preview import fitted
from starter.dataset import drawn, to_network
from starter.latents import encoded
from starter.networks import LATENT_FACTOR
from starter.postcards import SIDE

PICTURES = 64


def colours_header(autoencoder: AutoencoderKL) -> dict[str, str]:
    """Metadata with the linear map from latents to colours that fits drawn postcards best."""
    pictures = drawn(PICTURES)
    side = SIDE // LATENT_FACTOR
    small = np.stack([cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA) for picture in pictures])
    latents = encoded(autoencoder, pictures).float()
    return {COLOURS_KEY: json.dumps(fitted(latents, to_network(small, torch.device("cpu"))))}
