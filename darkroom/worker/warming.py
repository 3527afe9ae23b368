"""Torch: for which device, with which settings, and loaded before the first job asks for it."""

from __future__ import annotations

import importlib
import logging
import os
import threading
from types import ModuleType
from typing import Any

from darkroom import diffusion
from darkroom.engine.running.cancel import CancelToken
from darkroom.worker.settings import WorkerSettings

HEAVY = (
    "torch",
    *(f"darkroom.diffusion.{name}" for name in ("checkpoints", "text", "vae", "sampling", "images", "preview")),
    "darkroom.worker.pictures",
)
WAIT_SECONDS = 0.05

_log = logging.getLogger(__name__)


def choose_device(settings: WorkerSettings) -> None:
    """Let this process see no other accelerator than its own; to be called before anything imports torch."""
    type, _, number = settings.device.partition(":")
    if type == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    elif type == "cuda" and number.isdigit():
        visible = [each for each in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if each]
        index = int(number)
        os.environ["CUDA_VISIBLE_DEVICES"] = visible[index] if index < len(visible) else number
    if settings.threads > 0:
        os.environ["OMP_NUM_THREADS"] = str(settings.threads)


class Warming:
    """Loads what the first job would have to, in a thread that starts now; only where the settings want it.

    Settings of torch and of the networks (deterministic, number formats) are made here too, so they are reason enough.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self._thread: threading.Thread | None = None
        if settings.warm or settings.deterministic or number_formats(settings):
            self._thread = threading.Thread(target=_warm, args=(settings,), name="warming", daemon=True)
            self._thread.start()

    def wait(self, cancel: CancelToken) -> None:
        """Wait until that is done, as two threads that import the same do not get there faster; or until a job is
        cancelled."""
        while self._thread is not None and not cancel.cancelled:
            self._thread.join(WAIT_SECONDS)
            if not self._thread.is_alive():
                self._thread = None


def number_formats(settings: WorkerSettings) -> dict[str, str]:
    """By part, in which format it shall compute; without those that are left to us."""
    asked = {"unet": settings.unet, "vae": settings.vae, "text": settings.text}
    return {part: format for part, format in asked.items() if format != "auto"}


def _warm(settings: WorkerSettings) -> None:
    torch = _imported("torch")
    if torch is None:
        return
    if settings.deterministic:
        torch.use_deterministic_algorithms(True, warn_only=True)
    if number_formats(settings):
        diffusion.devices.prefer(diffusion.devices.Precision(**number_formats(settings)))
    if settings.warm:
        for name in HEAVY:
            _imported(name)


def _imported(name: str) -> ModuleType | Any:
    try:
        return importlib.import_module(name)
    except Exception as error:
        _log.warning("%s cannot be loaded (%s: %s); nodes that need it will fail", name, type(error).__name__, error)
        return None
