"""Wildcards that compare oddly, inputs of any name, and one node that cannot be described.

With ODD_SECONDS in the environment it takes so long to load.
"""

import os
import time

time.sleep(float(os.environ.get("ODD_SECONDS", "0")))


class Any(str):
    def __ne__(self, other):
        return False

    __hash__ = str.__hash__


ANY = Any("*")


class AnyInputs(dict):
    """Claims every name."""

    def __contains__(self, name):
        return True

    def __getitem__(self, name):
        return (ANY,)


class Pass:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": (ANY,)}}

    RETURN_TYPES = (ANY,)
    FUNCTION = "run"

    def run(self, value):
        return (value,)


class Gather:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {}, "optional": AnyInputs(), "hidden": {"id": "UNIQUE_ID", "prompt": "PROMPT"}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "run"
    OUTPUT_NODE = True

    def run(self, id=None, prompt=None, **given):
        return {"ui": {"text": [f"{name}={given[name]}" for name in sorted(given)], "id": [id]}, "result": ("",)}


class Wants:
    """Wants a kind that nobody makes."""

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"thing": ("THING",), "either": ("INT,FLOAT",)}}

    RETURN_TYPES = ()
    FUNCTION = "run"
    OUTPUT_NODE = True

    def run(self, thing, either):
        return {"ui": {"text": [f"{thing} {either}"]}}


class Undescribable:
    @classmethod
    def INPUT_TYPES(cls):
        raise RuntimeError("no inputs today")

    RETURN_TYPES = ()
    FUNCTION = "run"

    def run(self):
        return ()


NODE_CLASS_MAPPINGS = {each.__name__: each for each in (Pass, Gather, Wants, Undescribable)}
