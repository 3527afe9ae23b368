"""Conditioning: what the sampler is asked to show, and where."""

from __future__ import annotations

from typing import Annotated

from darkroom import diffusion
from darkroom.engine.define import Choice, Int, node
from darkroom.engine.facts import Facts
from darkroom.engine.run import Run
from nodes.embeddings import Prompt, embedding_troubles, with_embeddings
from nodes.known import Given, facts, passed
from nodes.wires import LARGEST_SIDE, Clip, Conditioning, Fraction, Mask, Offset, Strength

LastLayer = Annotated[int, Int(min=-24, max=-1, step=1)]
AreaSide = Annotated[int, Int(min=64, max=LARGEST_SIDE, step=8)]
CondArea = Annotated[str, Choice(["default", "mask bounds"])]


def encoded(given: Given) -> tuple[Facts, ...]:
    clip = facts(given, "clip")
    return (Facts("CONDITIONING", family=clip.family, context_width=clip.context_width, source=clip.source),)


@node(
    "CLIPTextEncode",
    category="conditioning",
    display_name="CLIP Text Encode (Prompt)",
    order="text clip",
    facts=encoded,
    troubles=lambda given: embedding_troubles(given, "text"),
)
def encode_text(clip: Clip, *, text: Prompt, run: Run) -> Conditioning:
    """Turn a prompt into the numbers that tell the sampler what to show.

    text: words; (word:1.2) weighs more, (word:0.8) less; embedding:name is a file in models/embeddings
    clip: the text model of the checkpoint
    """
    return with_embeddings(clip, text, run).encode(text)


@node("CLIPSetLastLayer", category="conditioning", display_name="CLIP Set Last Layer", facts=passed("clip"))
def set_last_layer(clip: Clip, *, stop_at_clip_layer: LastLayer = -1) -> Clip:
    """Let the text model stop some layers before its end ("clip skip"), as some checkpoints were trained.

    stop_at_clip_layer: -1 is the last layer, -2 the one before it
    """
    return clip.with_last_layer(stop_at_clip_layer)


@node(
    "ConditioningCombine",
    category="conditioning",
    display_name="Conditioning (Combine)",
    facts=passed("conditioning_1"),
)
def combine(conditioning_1: Conditioning, conditioning_2: Conditioning) -> Conditioning:
    """Follow two prompts at once: the network is asked about each, and its answers are averaged."""
    return diffusion.conditioning.combine(conditioning_1, conditioning_2)


@node(
    "ConditioningAverage",
    category="conditioning",
    display_name="ConditioningAverage",
    facts=passed("conditioning_to"),
)
def average(
    conditioning_to: Conditioning, conditioning_from: Conditioning, *, conditioning_to_strength: Fraction = 1.0
) -> Conditioning:
    """Mix two prompts into one that lies between them.

    conditioning_to_strength: 1 is all conditioning_to, 0 all conditioning_from
    """
    return diffusion.conditioning.average(conditioning_to, conditioning_from, conditioning_to_strength)


@node(
    "ConditioningConcat", category="conditioning", display_name="Conditioning (Concat)", facts=passed("conditioning_to")
)
def concat(conditioning_to: Conditioning, conditioning_from: Conditioning) -> Conditioning:
    """Put the words of one prompt behind those of another, each encoded by itself so that they mix less."""
    return diffusion.conditioning.concat(conditioning_to, conditioning_from)


@node(
    "ConditioningSetArea",
    category="conditioning",
    display_name="Conditioning (Set Area)",
    facts=passed("conditioning"),
)
def set_area(
    conditioning: Conditioning,
    *,
    width: AreaSide = 64,
    height: AreaSide = 64,
    x: Offset = 0,
    y: Offset = 0,
    strength: Strength = 1.0,
) -> Conditioning:
    """Let a prompt act in a rectangle of the picture only.

    width, height: of the rectangle, in pixels
    x, y: of its upper left corner, in pixels
    strength: its weight against other prompts that cover the same place
    """
    return diffusion.conditioning.set_area(conditioning, width, height, x, y, strength)


@node(
    "ConditioningSetMask",
    category="conditioning",
    display_name="Conditioning (Set Mask)",
    facts=passed("conditioning"),
)
def set_mask(
    conditioning: Conditioning, mask: Mask, *, strength: Strength = 1.0, set_cond_area: CondArea = "default"
) -> Conditioning:
    """Let a prompt act where a mask is.

    strength: its weight against other prompts that cover the same place
    set_cond_area: "mask bounds" shows the network only the rectangle around the mask
    """
    return diffusion.conditioning.set_mask(conditioning, mask, strength, set_cond_area != "default")
