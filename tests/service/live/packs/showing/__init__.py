"""Nodes that show what they do while they run."""

import time

from comfy.model_management import throw_exception_if_processing_interrupted
from comfy.utils import ProgressBar
from comfy_execution.graph_utils import ExecutionBlocker, GraphBuilder
from PIL import Image

from server import PromptServer


class Count:
    """Takes a number of steps of some seconds each, and can be interrupted between them."""

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"steps": ("INT", {"default": 2}), "seconds": ("FLOAT", {"default": 0.0})},
            "optional": {"after": ("*",), "name": ("STRING", {"default": ""})},
        }

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"

    def run(self, steps, seconds, after=None, name=""):
        bar = ProgressBar(steps)
        for step in range(steps):
            throw_exception_if_processing_interrupted()
            time.sleep(seconds)
            bar.update_absolute(step + 1, steps)
        return (steps,)


class Show:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("*",)}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    OUTPUT_NODE = True

    def run(self, value):
        return {"ui": {"text": [str(value)]}, "result": (value,)}

    @classmethod
    def VALIDATE_INPUTS(cls, input_types):
        return True


class Twice:
    """Becomes two counts, the second after the first."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"steps": ("INT", {"default": 2})}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"

    def run(self, steps):
        graph = GraphBuilder()
        first = graph.node("Count", "first", steps=steps, seconds=0.0)
        second = graph.node("Count", "second", steps=steps, seconds=0.0, after=first.out(0))
        return {"result": (second.out(0),), "expand": graph.finalize()}


class Fail:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"words": ("STRING", {"default": "no"})}, "optional": {"after": ("*",)}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"

    def run(self, words, after=None):
        raise ValueError(words)


class Block:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"message": ("STRING", {"default": ""})}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"

    def run(self, message):
        return (ExecutionBlocker(message or None),)


class Tell:
    """Shows a text, and a green picture in the making, at itself."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"text": ("STRING", {"default": ""})}, "hidden": {"id": "UNIQUE_ID"}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"

    def run(self, text, id):
        PromptServer.instance.send_progress_text(text, id)
        ProgressBar(3).update_absolute(1, 3, ("JPEG", Image.new("RGB", (640, 320), "green"), 512))
        time.sleep(0.3)  # a preview of a node that has ended is not shown any more
        return (len(text),)


class Send:
    """Sends a whole picture, as packs do that save to the socket."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"colour": ("STRING", {"default": "green"})}}

    RETURN_TYPES = ()
    FUNCTION = "run"
    OUTPUT_NODE = True

    def run(self, colour):
        ProgressBar(1).update_absolute(1, 1, ("PNG", Image.new("RGB", (640, 320), colour), None))
        return {}


NODE_CLASS_MAPPINGS = {each.__name__: each for each in (Count, Show, Twice, Fail, Block, Tell, Send)}
