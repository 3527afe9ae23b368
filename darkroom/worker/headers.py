"""What weight files are, told from their headers alone: family, kind, precision, size."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from darkroom.diffusion.families.recognise import LORA_INPUT_ENDS, recognise
from darkroom.diffusion.families.table import FAMILIES
from darkroom.engine.run import Files
from darkroom.files.weights import BITS, BadWeights, Header, PickledWeights, read_header

LONGEST_TITLE = 200
TITLE = "modelspec.title"


def facts_of(files: Files, folder: str, name: str) -> dict[str, Any]:
    """What is known of a file; "trouble" says why nothing is, "format" what it is where that is no safetensors."""
    try:
        path = files.path(folder, name)
        if path.is_dir():
            return {"format": "folder"}
        header = read_header(path)
    except PickledWeights:
        return {"format": "pickle"}
    except BadWeights as error:
        return {"trouble": f"{error.what}; {error.remedy}"}
    except (OSError, KeyError) as error:
        return {"trouble": f"cannot be read ({type(error).__name__})"}
    return known_of(header)


def known_of(header: Header) -> dict[str, Any]:
    """family, title of the family, kind, precision, parameters, and for a LoRA its rank; unknown ones are left out."""
    shapes = header.shapes
    told = recognise(shapes, header.metadata)
    family = FAMILIES.get(told.family or "")
    rank = next((shape[0] for name, shape in shapes.items() if name.endswith(LORA_INPUT_ENDS) and shape), None)
    found = {
        "format": "safetensors",
        "kind": told.kind,
        "family": told.family,
        "family_title": family.title if family else None,
        "prediction": told.prediction,
        "inpainting": told.input_channels == 9 or None,
        "precision": precision_of(header),
        "parameters": sum(math.prod(shape) for shape in shapes.values()),
        "rank": rank if told.kind == "lora" else None,
        "title": header.metadata.get(TITLE, "")[:LONGEST_TITLE] or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def precision_of(header: Header) -> str | None:
    """The type that most of the file's bytes have, as safetensors writes it."""
    held: Counter[str] = Counter()
    for info in header.tensors.values():
        held[info.dtype] += math.prod(info.shape) * BITS.get(info.dtype, 0)
    return held.most_common(1)[0][0] if held else None
