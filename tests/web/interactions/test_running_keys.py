"""Runs by key, by button and by menu; stopping one."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from tests.web.editing import RUN_WAIT, Desk
from tests.web.gestures import Sketch, header, menu, press, select, show

BUSY = 10000
"""So many steps take longer than the test."""


def twins(sketch: Sketch, color: int) -> Sketch:
    """Two pictures, each shown; a colour of their own, so that nothing is reused from the test before."""
    for place, title in enumerate(("Left", "Right")):
        size = {"width": 64, "height": 64, "batch_size": 1, "color": color + place}
        sketch.node(title, "EmptyImage", 0, 300 * place, **size)
        sketch.node(f"Show {title}", "PreviewImage", 400, 300 * place)
        sketch.wire(f"{title}.IMAGE > Show {title}.images")
    return sketch


def test_control_enter_runs_everything(desk: Desk, sketch: Sketch) -> None:
    show(desk, twins(sketch, 1000))
    press(desk, "Control+Enter")
    for title in ("Show Left", "Show Right"):
        desk.expect_state(title, "done", "cached")
        expect(desk.node(title).get_by_role("img", name=re.compile("^Result"))).to_be_visible()
    desk.wait_until_idle()


def test_the_button_runs_everything(desk: Desk, sketch: Sketch) -> None:
    show(desk, twins(sketch, 2000))
    desk.run()
    for title in ("Show Left", "Show Right"):
        desk.expect_state(title, "done", "cached")
    desk.wait_until_idle()


def test_shift_enter_runs_only_to_the_selected_node(desk: Desk, sketch: Sketch) -> None:
    show(desk, twins(sketch, 3000))
    select(desk, "Show Right")
    press(desk, "Shift+Enter")
    desk.expect_state("Show Right", "done", "cached")
    desk.wait_until_idle()
    desk.expect_state("Left", "idle")
    desk.expect_state("Show Left", "idle")


def test_the_menu_of_a_node_runs_to_it(desk: Desk, sketch: Sketch) -> None:
    show(desk, twins(sketch, 4000))
    menu(desk, header(desk, "Show Left"), "Run to this node")
    desk.expect_state("Show Left", "done", "cached")
    desk.wait_until_idle()
    desk.expect_state("Show Right", "idle")


def busy(types: dict[str, Any], seed: int) -> Sketch:
    """A sampler that works for long."""
    sketch = Sketch(types)
    sketch.node("Model", "CheckpointLoaderSimple", 0, 0, ckpt_name="starter.safetensors")
    sketch.node("Words", "CLIPTextEncode", 300, 0, text="a red house")
    sketch.node("Latent", "EmptyLatentImage", 300, 240, width=64, height=64, batch_size=1)
    settings = {"seed": seed, "control_after_generate": "fixed", "steps": BUSY, "cfg": 3.0}
    settings |= {"sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    sketch.node("Sampler", "KSampler", 640, 0, **settings).node("Decode", "VAEDecode", 940, 0)
    sketch.node("Show", "PreviewImage", 1220, 0)
    return sketch.wire(
        "Model.MODEL > Sampler.model",
        "Model.CLIP > Words.clip",
        "Words.CONDITIONING > Sampler.positive",
        "Words.CONDITIONING > Sampler.negative",
        "Latent.LATENT > Sampler.latent_image",
        "Sampler.LATENT > Decode.samples",
        "Model.VAE > Decode.vae",
        "Decode.IMAGE > Show.images",
    )


def test_control_alt_enter_stops_the_run(desk: Desk, types: dict[str, Any]) -> None:
    show(desk, busy(types, 11))
    press(desk, "Control+Enter")
    desk.expect_state("Sampler", "running")
    press(desk, "Control+Alt+Enter")
    desk.expect_state("Sampler", "idle")
    desk.wait_until_idle()
    desk.expect_state("Show", "idle")


def test_the_button_stops_the_run(desk: Desk, types: dict[str, Any]) -> None:
    show(desk, busy(types, 12))
    desk.run()
    desk.expect_state("Sampler", "running")
    desk.stop.click(timeout=RUN_WAIT)
    desk.expect_state("Sampler", "idle")
    desk.wait_until_idle()
