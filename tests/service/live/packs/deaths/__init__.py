"""Nodes that take their process down, or never return."""

import ctypes
import os
import resource
import signal
import sys
import time
from pathlib import Path


def segfault():
    ctypes.string_at(0)


def leave():
    os._exit(3)


def polite_leave():
    sys.exit(4)


def suicide():
    os.kill(os.getpid(), signal.SIGKILL)


def memory_error():
    raise MemoryError("no room for 7 elephants")


def allocate():
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * 4096 + 50_000_000, before[1]))
    try:
        return bytearray(1_000_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def hold_gil():
    ctypes.PyDLL(None).sleep(1000)


def loop():
    while True:
        pass


def stack():
    return stack()


WAYS = {
    each.__name__: each
    for each in (segfault, leave, polite_leave, suicide, memory_error, allocate, hold_gil, loop, stack)
}


class Die:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"way": (list(WAYS),)}}

    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    OUTPUT_NODE = True

    def run(self, way):
        WAYS[way]()
        return (1,)


class Say:
    """Shows a text. seconds: that it takes, in small steps."""

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"text": ("STRING", {"default": ""})},
            "optional": {"seconds": ("FLOAT", {"default": 0.0})},
        }

    RETURN_TYPES = ("STRING",)
    FUNCTION = "run"
    OUTPUT_NODE = True

    def run(self, text, seconds=0.0):
        time.sleep(seconds)
        return {"ui": {"text": [text], "pid": [os.getpid()]}, "result": (text,)}


NODE_CLASS_MAPPINGS = {"Die": Die, "Say": Say}
