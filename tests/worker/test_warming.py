"""A worker sees its own device only, and its settings reach the networks."""

import os
from pathlib import Path

import pytest
import torch

from darkroom.diffusion import devices
from darkroom.engine.running.cancel import CancelToken
from darkroom.worker.settings import WorkerSettings
from darkroom.worker.warming import Warming, choose_device


@pytest.mark.parametrize(
    ("device", "visible", "chosen"),
    [("cpu", "0,1", ""), ("cuda:1", "", "1"), ("cuda:1", "4,6", "6"), ("cuda", "4,6", "4,6"), ("auto", "4", "4")],
)
def test_it_sees_no_other_accelerator(device: str, visible: str, chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    choose_device(WorkerSettings(device=device))
    assert os.environ["CUDA_VISIBLE_DEVICES"] == chosen


def test_number_formats_of_the_settings_are_what_networks_compute_in(tmp_path: Path) -> None:
    warming = Warming(WorkerSettings(base=tmp_path, unet="bf16", vae="fp16", warm=False))
    warming.wait(CancelToken())
    try:
        assert devices.placement("unet").dtype == devices.placement("control").dtype == torch.bfloat16
        assert devices.placement("vae").dtype == torch.float16
        assert devices.placement("text").dtype == torch.float32
        assert devices.placement("unet", devices.Precision(unet="fp32")).dtype == torch.float32
    finally:
        devices.prefer(devices.AUTO)


def test_a_cancelled_job_does_not_wait_for_it() -> None:
    cancel = CancelToken()
    cancel.cancel()
    Warming(WorkerSettings()).wait(cancel)
