"""`embedding:name` in prompts: the files that a text names, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from darkroom import diffusion
from darkroom.diffusion.counting import counted
from darkroom.diffusion.embeddings import EXTENSIONS, chosen, file_names
from darkroom.diffusion.tokens import embedding_names
from darkroom.engine.choices import mentioned, names_in
from darkroom.engine.define import FileMentions, Text
from darkroom.engine.facts import Trouble
from darkroom.engine.nearest import either, nearest
from darkroom.engine.run import Files, Run
from darkroom.engine.spec import FILES
from darkroom.files.weights import BadWeights, PickledWeights, read_header
from nodes.known import Given, facts, value
from nodes.wires import Clip

EMBEDDINGS = FileMentions("embeddings", file_names)

MOST_VECTORS = 1_000
"""Of an embedding, where a prompt is counted: a damaged file may claim any number."""

Prompt = Annotated[str, Text(multiline=True, dynamic_prompts=True, mentions=EMBEDDINGS)]


def with_embeddings(clip: Clip, text: str, run: Run) -> Clip:
    """The text model, knowing the embeddings that a prompt names."""
    found = mentioned(EMBEDDINGS, text, run.files)
    if not found:
        return clip
    return clip.with_embeddings(diffusion.text.embeddings_in(found.get, allow_pickle=run.files.allow_pickle))


def prompt_tokens(text: str, files: Files) -> dict[str, Any]:
    """How many tokens CLIP-L makes of a prompt, where each of its chunks begins, and what is left out of it.

    An embedding counts as many as it has vectors by its file's header; one, where that cannot be read.
    """
    found = mentioned(EMBEDDINGS, text, files)

    @cache
    def vectors(name: str) -> Sequence[None] | None:
        path = next((found[name + each] for each in EXTENSIONS if name + each in found), None)
        return None if path is None else [None] * _vector_count(path)

    count = counted(text, vectors)
    chunks = [{"start": chunk.start, "tokens": chunk.tokens} for chunk in count.chunks]
    return {"tokens": count.tokens, "room": count.room, "chunks": chunks, "warnings": list(count.warnings)}


def _vector_count(path: Path) -> int:
    try:
        shapes = read_header(path).shapes
    except BadWeights:
        return 1
    tensor = chosen(shapes)
    count = shapes[tensor][0] if tensor is not None and len(shapes[tensor]) > 1 else 1
    return min(count, MOST_VECTORS)


def embedding_troubles(given: Given, input: str) -> Iterator[Trouble]:
    """Embeddings that a prompt names and that will be left out: missing, unreadable, or of another width."""
    text, files = value(given, input, str), given.get(FILES)
    if text is None or files is None:
        return
    found = mentioned(EMBEDDINGS, text, files)
    width = facts(given, "clip").context_width
    for name in dict.fromkeys(each.strip(",") or each for each in embedding_names(text)):
        paths = (found.get(name + extension) for extension in EXTENSIONS)
        path = next((each for each in paths if each is not None), None)
        yield from _missing(input, name, files) if path is None else _unfit(input, name, path, width, files)


def _missing(input: str, name: str, files: Files) -> Iterator[Trouble]:
    there = names_in(EMBEDDINGS.folder, files)
    near = nearest(name, [*there, *(PurePosixPath(each).with_suffix("").as_posix() for each in there)], 3)
    remedy = "the picture is made without it; put the file into models/embeddings, or take the name out of the prompt"
    if near:
        remedy = f"perhaps {either(near)} is meant; otherwise {remedy}"
    came = f'it names the embedding "{name}", and there is no such file'
    yield Trouble(input, came, "the name of a file in the folder embeddings", remedy, warning=True)


def _unfit(input: str, name: str, path: Path, width: int | None, files: Files) -> Iterator[Trouble]:
    wanted = "a textual inversion embedding"
    try:
        shapes = read_header(path).shapes
    except PickledWeights as error:
        if not files.allow_pickle:
            yield Trouble(input, f'the embedding "{name}" {error.what}', wanted, _without(error.remedy), warning=True)
        return
    except BadWeights as error:
        yield Trouble(input, f'the embedding "{name}" {error.what}', wanted, _without(error.remedy), warning=True)
        return
    tensor = chosen(shapes)
    if tensor is None:
        came = f'the embedding "{name}" holds no vectors'
        yield Trouble(input, came, wanted, _without("choose another file"), warning=True)
    elif width is not None and shapes[tensor][-1] != width:
        came = f'the embedding "{name}" has {shapes[tensor][-1]} numbers per token'
        remedy = _without("choose an embedding made for this checkpoint's family")
        yield Trouble(input, came, f"{width}, as the text model has", remedy, warning=True)


def _without(remedy: str) -> str:
    return f"the picture is made without it; {remedy}"
