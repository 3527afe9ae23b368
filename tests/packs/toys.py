"""One pack whose classes do what the tests of behaviours need."""

SOURCE = '''
import asyncio
import math

import comfy.model_management
from comfy_execution.graph_utils import ExecutionBlocker, GraphBuilder, is_link
from comfy_api.latest import ComfyAPI, ComfyAPISync


class AnyType(str):
    def __ne__(self, other):
        return False

    def __eq__(self, other):
        return True


ANY = AnyType("*")
CALLS = []


class Flexible(dict):
    def __contains__(self, key):
        return True

    def __getitem__(self, key):
        return (ANY, {"lazy": key.startswith("lazy"), "rawLink": key.startswith("raw")})


def node(returns=("INT",), function="run", required=None, optional=None, hidden=None, **more):
    def make(cls):
        given = {"required": required or {}}
        if optional is not None:
            given["optional"] = optional
        if hidden is not None:
            given["hidden"] = hidden
        cls.INPUT_TYPES = classmethod(lambda cls: given)
        cls.RETURN_TYPES, cls.FUNCTION, cls.CATEGORY = returns, function, "toys"
        for name, value in more.items():
            setattr(cls, name, value)
        NODE_CLASS_MAPPINGS[cls.__name__] = cls
        return cls
    return make


NODE_CLASS_MAPPINGS = {}
INT = ("INT", {"default": 0})

@node(required={"value": INT})
class Number:
    def run(self, value):
        CALLS.append(value)
        return (value,)

@node(required={"value": ("INT", {"default": 0, "lazy": True, "forceInput": True})})
class PassLazy:
    def run(self, value):
        return (value,)

@node(required={"count": INT}, OUTPUT_IS_LIST=(True,))
class Range:
    def run(self, count):
        return (range(count),)

@node((), required={"value": (ANY,)}, OUTPUT_NODE=True)
class Show:
    def run(self, value):
        return {"ui": {"text": [value]}}

@node((), required={"value": (ANY,)}, OUTPUT_NODE=True, INPUT_IS_LIST=True)
class ShowAll:
    def run(self, value):
        return {"ui": {"text": [value]}}

@node(required={"mask": ("FLOAT", {"default": 0.5})},
      optional={"a": ("INT", {"lazy": True, "forceInput": True}), "b": ("INT", {"lazy": True, "forceInput": True})})
class Mix:
    def check_lazy_status(self, mask, a=None, b=None):
        wanted = []
        if mask < 1 and a is None:
            wanted.append("a")
        if mask > 0 and b is None:
            wanted.append("b")
        return wanted

    def run(self, mask, a=None, b=None):
        return (((a or 0) * (1 - mask)) + (b or 0) * mask,)

@node(required={}, optional={"a": ("INT", {"lazy": True, "forceInput": True})})
class AsyncLazy:
    async def check_lazy_status(self, a=None):
        await asyncio.sleep(0)
        return ["a"] if a is None else []

    async def run(self, a=None):
        return (a,)

@node(("STRING",), optional=Flexible())
class Variadic:
    def check_lazy_status(self, **values):
        return [name for name in values if name == "lazy_yes"]

    def run(self, **values):
        return (",".join(f"{name}={values[name]}" for name in sorted(values)),)

@node(required={"value": INT})
class TakesMore:
    def run(self, value, **values):
        return (value + sum(values.values()),)

@node(required={"n": INT}, optional={"gain": ("INT", {"default": 7})})
class OwnDefault:
    def run(self, n, gain=1):
        return (n * gain,)

@node(required={"n": ("INT", {"default": 0, "min": 0, "max": 10}), "m": INT})
class Kwargs:
    @classmethod
    def VALIDATE_INPUTS(cls, **kwargs):
        return True if kwargs["n"] in (None, 99) else "n is not 99"

    def run(self, n, m):
        return (n,)

@node(required={"value": INT}, hidden={"me": "UNIQUE_ID", "all": "PROMPT", "png": "EXTRA_PNGINFO"})
class KnowsItself:
    @classmethod
    def VALIDATE_INPUTS(cls, value, me, all, png):
        return f"{me} {all} {png}"

    def run(self, value, me, all, png):
        return (value,)

@node(required={"value": ("INT,FLOAT", {"forceInput": True})})
class Types:
    @classmethod
    async def VALIDATE_INPUTS(cls, input_types):
        await asyncio.sleep(0)
        return True if input_types.get("value") == "STRING" else f"got {input_types}"

    def run(self, value):
        return (len(value),)

@node(("STRING",), required={"text": ("STRING", {"default": "x"})})
class Words:
    def run(self, text):
        return (text,)

@node(required={"value": INT, "link": ("INT", {"forceInput": True})}, hidden={"id": "UNIQUE_ID", "all": "PROMPT"})
class Changed:
    seen = []

    @classmethod
    async def IS_CHANGED(cls, value, link, id, all):
        cls.seen.append((value, link, id, all))
        return float("nan") if value == 1 else math.nan if value == 3 else "same"

    def run(self, value, link, id, all):
        CALLS.append("changed")
        return (link,)

@node(required={"value": INT})
class BrokenChange:
    @classmethod
    def IS_CHANGED(cls):
        return "never reached, as value is passed too"

    def run(self, value):
        CALLS.append("broken change")
        return (value,)

@node(required={"count": INT, "total": INT})
class While:
    """A loop of two halves: a body that is built once more as long as the condition holds."""

    def run(self, count, total):
        if count <= 0:
            return (total,)
        graph = GraphBuilder()
        body = graph.node("TakesMore", id="body", value=total, more=graph.node("Number", value=count).out(0))
        rest = graph.node("While", id="rest", count=count - 1, total=body.out(0))
        return {"result": (rest.out(0),), "expand": graph.finalize()}

@node(required={"count": INT})
class CountTo:
    """A for loop, unrolled in one expansion."""

    def run(self, count):
        graph = GraphBuilder()
        total = 0
        for index in range(count):
            one = graph.node("Number", value=1).out(0)
            total = graph.node("TakesMore", id=f"add {index}", value=total, more=one).out(0)
        return {"result": (total,), "expand": graph.finalize()}

@node(("INT", "INT"), required={"n": INT})
class Mixed:
    def run(self, n):
        if n % 2:
            return (n, -n)
        graph = GraphBuilder()
        return {"result": (graph.node("Number", value=n * 100).out(0), n), "expand": graph.finalize()}

@node(required={"n": INT})
class SameIds:
    def run(self, n):
        return {"result": (["x", 0],), "expand": {"x": {"class_type": "Number", "inputs": {"value": n}}}}


RAW = ("INT", {"forceInput": True, "rawLink": True})

@node(required={"value": RAW}, hidden={"dyn": "DYNPROMPT", "me": "UNIQUE_ID"})
class Raw:
    def run(self, value, dyn, me):
        assert is_link(value)
        source = dyn.get_node(value[0])
        assert dyn.has_node(me) and not dyn.has_node("none") and value[0] in dyn.all_node_ids()
        assert dyn.get_parent_node_id(me) is None and dyn.get_display_node_id(me) == dyn.get_real_node_id(me) == me
        assert dyn.get_original_prompt()[me]["class_type"] == "Raw"
        return (source["inputs"]["value"],)

@node(required={"value": INT})
class Cycle:
    def run(self, value):
        graph = GraphBuilder()
        first = graph.node("TakesMore", id="first", value=0)
        second = graph.node("TakesMore", id="second", value=first.out(0))
        first.set_input("value", second.out(0))
        return {"result": (first.out(0),), "expand": graph.finalize()}

@node(required={"value": INT})
class FailInside:
    def run(self, value):
        graph = GraphBuilder()
        return {"result": (graph.node("Fail", value=value).out(0),), "expand": graph.finalize()}

@node(required={"value": INT})
class Fail:
    def run(self, value):
        raise RuntimeError(f"no {value}")

@node(required={"value": INT})
class BlockOdd:
    def run(self, value):
        return (ExecutionBlocker("odd") if value % 2 else value,)

@node(required={"count": INT}, OUTPUT_IS_LIST=(True,))
class ListWithHole:
    def run(self, count):
        return ([ExecutionBlocker(None) if each == 1 else each for each in range(count)],)

@node(("INT", "INT"), required={"value": INT})
class BlockAll:
    def run(self, value):
        return ExecutionBlocker(None)

@node(required={"value": INT})
class AsyncBlock:
    async def run(self, value):
        await asyncio.sleep(0)
        return {"result": ExecutionBlocker("not now")}


MEETING = {}

@node(required={"value": INT})
class Meet:
    """Two of these go on only once both have begun."""

    async def run(self, value):
        MEETING[value] = event = asyncio.Event()
        while len(MEETING) < 2:
            await asyncio.sleep(0)
        event.set()
        CALLS.append(f"meet {value}")
        return (value,)

@node(required={"value": INT})
class AsyncInside:
    async def run(self, value):
        await asyncio.sleep(0)
        graph = GraphBuilder()
        return {"result": (graph.node("Meet", value=value).out(0),), "expand": graph.finalize()}

@node(required={"value": INT})
class AsyncFail:
    async def run(self, value):
        await asyncio.wait_for(asyncio.sleep(30), 0.01) if value else None
        raise RuntimeError("async failure")

@node(required={"value": INT})
class WaitForever:
    async def run(self, value):
        CALLS.append("waiting")
        while True:
            comfy.model_management.throw_exception_if_processing_interrupted()
            await asyncio.sleep(0.001)

@node(required={"value": INT})
class StopItself:
    def run(self, value):
        comfy.model_management.interrupt_current_processing()
        comfy.model_management.throw_exception_if_processing_interrupted()
        return (value,)

@node(required={"value": INT}, hidden={"id": "UNIQUE_ID"})
class Count:
    def __init__(self):
        self.calls = 0

    def run(self, value, id):
        self.calls += 1
        return (self.calls,)

@node(required={"value": INT})
class Static:
    @staticmethod
    def run(value):
        return [value + 1]

@node(required={"value": INT}, function="make")
class OfClass:
    @classmethod
    def make(cls, value):
        return (value + 2,)

@node(("INT", "STRING"), required={"value": INT})
class TooFew:
    def run(self, value):
        return (value,)

@node(required={"value": INT})
class TooMany:
    def run(self, value):
        return (value, "more", "than", "wanted")

@node((), required={"value": INT}, OUTPUT_NODE=True)
class Nothing:
    def run(self, value):
        return None

@node(("INT",), required={"value": INT}, OUTPUT_NODE=True)
class UiOnly:
    def run(self, value):
        return {"ui": {"text": "ab"}}

@node(("STRING",), required={}, hidden={"png": "EXTRA_PNGINFO", "key": "API_KEY_COMFY_ORG", "odd": "SOMETHING"})
class Hidden:
    def run(self, png, key, odd="unfilled"):
        return (f"{png} {key} {odd}",)

@node(required={"value": INT})
class Progress:
    def run(self, value):
        ComfyAPISync().execution.set_progress(1, 2)
        return (value,)

@node(required={"value": INT})
class AsyncProgress:
    async def run(self, value):
        await ComfyAPI().execution.set_progress(value=1, max_value=2)
        return (value,)
'''
