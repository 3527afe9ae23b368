"""What is known of a value before anything runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one output without computing it; None means unknown.

    family: "sd1", "sdxl", ... of a model, CLIP, VAE, LoRA, ControlNet or conditioning
    channels: of a latent, or the latent channels that a model or VAE works on
    width, height: pixels (a latent's are those of the picture it stands for)
    context_width: numbers per token of a conditioning, or what a model's cross-attention takes
    source: the file that the value comes from, for messages
    """

    type: str | None = None
    family: str | None = None
    channels: int | None = None
    width: int | None = None
    height: int | None = None
    batch: int | None = None
    context_width: int | None = None
    prediction: str | None = None
    source: str | None = None
    value: object = None
    """The value itself where it is a plain number, text or switch that is known now."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a node's own check found. came, wanted, remedy: phrases, put together by the engine into one message."""

    input: str | None
    came: str
    wanted: str
    remedy: str
    warning: bool = False
    type: str = "custom_validation_failed"
