"""Nodes that count their runs on disk, and slow ones whose results are tensors."""

import os
import time
from pathlib import Path

HERE = Path(__file__).parent


class Counted:
    """Appends a line to a file each time it runs."""

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"name": ("STRING", {"default": "runs"}), "value": ("INT", {"default": 0})},
            "optional": {"after": ("*",)},
        }

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"

    def run(self, name, value, after=None):
        with (HERE / name).open("a") as file:
            file.write(f"{os.getpid()}\n")
        return (value,)


class Note:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("*",)}}

    RETURN_TYPES = ()
    FUNCTION = "run"
    OUTPUT_NODE = True

    def run(self, value):
        return {"ui": {"text": [str(value)]}}


class Wait:
    """Counts itself, and passes a value on once a file "<name>-go" lies beside this one."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("*",), "name": ("STRING",)}}

    RETURN_TYPES = ("*",)
    FUNCTION = "run"

    def run(self, value, name):
        with (HERE / name).open("a") as file:
            file.write(f"{os.getpid()}\n")
        while not (HERE / f"{name}-go").exists():
            time.sleep(0.02)
        return (value,)


NODE_CLASS_MAPPINGS = {each.__name__: each for each in (Counted, Note, Wait)}
