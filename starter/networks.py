"""The three networks of the starter, as diffusers and transformers build them, in Stable Diffusion 1's shape.

The loader of the product reads every width from tensor shapes, so its rules bind these numbers: GroupNorm has
min(32, base channels // 4) groups, the U-Net 8 attention heads at every level, the text model hidden // 64 heads.
"""

from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

LATENT_CHANNELS = 4
LATENT_FACTOR = 8  # pixels per latent cell, along each side
LATENT_SCALE = 0.18215  # Stable Diffusion 1 multiplies latents by this; arXiv:2112.10752, and its v1 configuration
TRAINING_TIMESTEPS = 1000

AUTOENCODER_CHANNELS = (16, 16, 32, 64)
UNET_CHANNELS = (48, 96, 144)
TEXT_WIDTH = 64
TEXT_LAYERS = 3
TEXT_POSITIONS = 77
VOCABULARY = 49408
TEXT_END = 49407


def groups(base_channels: int) -> int:
    """GroupNorm groups of a whole network whose first level has `base_channels`."""
    return min(32, base_channels // 4)


def new_autoencoder(channels: tuple[int, ...] = AUTOENCODER_CHANNELS) -> AutoencoderKL:
    """A KL autoencoder: (batch, 3, 8h, 8w) pictures in -1..1 to (batch, 4, h, w) latents and back."""
    return AutoencoderKL(
        block_out_channels=channels,
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels),
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=groups(channels[0]),
        scaling_factor=LATENT_SCALE,
    )


def new_unet(channels: tuple[int, ...] = UNET_CHANNELS, text_width: int = TEXT_WIDTH) -> UNet2DConditionModel:
    """A noise predictor on (batch, 4, h, w) latents; all levels but the first attend to the text."""
    attending = len(channels) - 1
    return UNet2DConditionModel(
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        block_out_channels=channels,
        down_block_types=("DownBlock2D",) + ("CrossAttnDownBlock2D",) * attending,
        up_block_types=("CrossAttnUpBlock2D",) * attending + ("UpBlock2D",),
        layers_per_block=1,
        attention_head_dim=8,
        cross_attention_dim=text_width,
        norm_num_groups=groups(channels[0]),
    )


def new_text_model(width: int = TEXT_WIDTH, layers: int = TEXT_LAYERS, vocabulary: int = VOCABULARY) -> CLIPTextModel:
    """CLIP's text transformer: (batch, 77) token ids to (batch, 77, width) contexts."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=layers,
            num_attention_heads=max(1, width // 64),
            max_position_embeddings=TEXT_POSITIONS,
            hidden_act="quick_gelu",
            bos_token_id=vocabulary - 2,
            eos_token_id=vocabulary - 1,
            pad_token_id=vocabulary - 1,
        )
    )


def new_noise_schedule() -> DDPMScheduler:
    """Stable Diffusion 1's schedule: 1000 steps, beta from 0.00085 to 0.012, linear in its square root."""
    return DDPMScheduler(
        num_train_timesteps=TRAINING_TIMESTEPS, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"
    )
