"""A few toy nodes and a toy folder for the tests of definitions and checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from darkroom.engine.define import Anything, Choice, FileChoice, Float, Int, Text, Toggle, Wire, node
from darkroom.engine.facts import Facts, Trouble
from darkroom.engine.graph import Graph, Link, Node
from darkroom.engine.registry import Registry
from darkroom.engine.results import Shown

Model = Annotated["object", Wire("MODEL")]
Vae = Annotated["object", Wire("VAE")]
Latent = Annotated["dict", Wire("LATENT")]
Image = Annotated["Tensor", Wire("IMAGE", shape="batch height width 3")]  # noqa: F821
Mask = Annotated["Tensor", Wire("MASK")]  # noqa: F821
Number = Annotated[float, Wire("FLOAT,INT")]
Side = Annotated[int, Int(min=8, max=4096, step=8)]
Steps = Annotated[int, Int(min=1, max=10000)]
Guidance = Annotated[float, Float(min=0.0, max=100.0, step=0.1)]
Method = Annotated[str, Choice(["nearest", "bilinear", "area"])]
Checkpoint = Annotated[Path, FileChoice("checkpoints")]


class Loaded(NamedTuple):
    model: Model
    vae: Vae


class Drawn(NamedTuple):
    image: Image
    mask: Mask


def loader_facts(known: Mapping[str, Any]) -> tuple[Facts, ...]:
    path = known.get("name")
    if path is None:
        return Facts(), Facts()
    assert isinstance(path, Path)
    family = "sdxl" if "xl" in path.name else "sd1"
    return Facts(family=family, channels=4, source=path.name), Facts(family=family, channels=4)


@node("Load", category="toy", display_name="Load Model", facts=loader_facts)
def load(*, name: Checkpoint) -> Loaded:
    return Loaded(str(name), str(name))


def empty_facts(known: Mapping[str, Any]) -> tuple[Facts, ...]:
    return (Facts(channels=4, width=known.get("width"), height=known.get("height"), batch=1),)


@node("Empty", category="toy", display_name="Empty Latent", facts=empty_facts)
def empty(*, width: Side = 512, height: Side = 512) -> Latent:
    return {"size": (width, height)}


def sample_facts(known: Mapping[str, Any]) -> tuple[Facts, ...]:
    return (known.get("latent", Facts()),)


def sample_troubles(known: Mapping[str, Any]) -> list[Trouble]:
    model, latent = known.get("model", Facts()), known.get("latent", Facts())
    if model.channels is None or latent.channels in (None, model.channels):
        return []
    return [Trouble("latent", f"{latent.channels} channels come", f"{model.channels} channels", "use another latent")]


@node("Sample", category="toy", facts=sample_facts, troubles=sample_troubles)
def sample(
    model: Model,
    latent: Latent,
    noise_mask: Mask | None = None,
    *,
    steps: Steps = 20,
    cfg: Guidance = 8.0,
    method: Method = "nearest",
    loud: Annotated[bool, Toggle()] = False,
) -> Latent:
    return latent


@node("Decode", category="toy", display_name="VAE Decode")
def decode(samples: Latent, vae: Vae) -> Image:
    return samples


@node("Draw", category="toy", display_name="Draw Picture")
def draw(*, text: Annotated[str, Text(multiline=True)] = "", count: Annotated[int, Int(min=1)] = 1) -> Drawn:
    return Drawn(text, count)


@node("Invert", category="toy")
def invert(image: Image) -> Image:
    return image


@node("Blend", category="toy")
def blend(
    image: Image,
    mask: Mask,
    other: Image | None = None,
    *,
    amount: Annotated[float, Float(min=0, max=1)] = 0.5,
) -> Image:
    return image


@node("Five", category="toy", facts=lambda known: (Facts(value=known.get("value")),))
def five(*, value: Annotated[int, Int()] = 5) -> Annotated[int, Int()]:
    return value


@node("Half", category="toy")
def half(number: Number) -> Annotated[float, Float()]:
    return number / 2


@node("Save", category="toy", display_name="Save Picture", final=True)
def save(images: Image, *, prefix: Annotated[str, Text()] = "toy") -> Shown:
    return Shown({})


@node("Look", category="toy", final=True)
def look(anything: Anything) -> None:
    return None


def registry() -> Registry:
    return Registry.from_functions(load, empty, sample, decode, draw, invert, blend, five, half, save, look)


class ToyFiles:
    """Names in folders without a disk; counts how often each folder is listed."""

    def __init__(self, **folders: Sequence[str]) -> None:
        self.folders = folders or {"checkpoints": ("sd15.safetensors", "sub/juggernaut_xl.safetensors")}
        self.listings: Counter[str] = Counter()
        self.allow_pickle = False

    def names(self, folder: str) -> Sequence[str]:
        self.listings[folder] += 1
        return self.folders.get(folder, ())

    def path(self, folder: str, name: str) -> Path:
        plain = name.removesuffix(" [output]").replace("\\", "/")
        if plain not in self.folders.get(folder, ()) and not plain.startswith("hidden/"):
            raise FileNotFoundError(name)
        return Path("/toy") / folder / plain

    def stamp(self, path: Path) -> str:
        return str(path)

    def directory(self, kind: str) -> Path:
        return Path("/toy") / kind


def graph(**nodes: tuple[str, dict[str, Any]]) -> Graph:
    """`graph(a=("Invert", {"image": Link("b", 0)}), ...)`."""
    return Graph({id: Node(id, type, inputs) for id, (type, inputs) in nodes.items()})


def picture(**changes: tuple[str, dict[str, Any]]) -> Graph:
    """A right graph: load, sample, decode, save."""
    return graph(
        **{
            "load": ("Load", {"name": "sd15.safetensors"}),
            "empty": ("Empty", {"width": 512, "height": 768}),
            "sample": ("Sample", {"model": Link("load", 0), "latent": Link("empty", 0), "steps": 20, "cfg": 8.0,
                                  "method": "area", "loud": False}),
            "decode": ("Decode", {"samples": Link("sample", 0), "vae": Link("load", 1)}),
            "save": ("Save", {"images": Link("decode", 0), "prefix": "toy"}),
            **changes,
        }
    )  # fmt: skip
