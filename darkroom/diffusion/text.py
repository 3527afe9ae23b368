"""CLIP's text model: prompts to conditionings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from transformers import CLIPTextConfig, CLIPTextModel

from darkroom.diffusion import patches as changes
from darkroom.diffusion.conditioning import Conditioning
from darkroom.diffusion.devices import Placement
from darkroom.diffusion.embeddings import EXTENSIONS, chosen
from darkroom.diffusion.families.shapes import TextShape
from darkroom.diffusion.families.table import Family
from darkroom.diffusion.model import run, shared_parts
from darkroom.diffusion.tokens import CLIP_L, Lookup, Token, Tokenized, TokenLayout, Vectors, tokenize
from darkroom.diffusion.weights import fill, read_weights, unpickled
from darkroom.files.weights import BadWeights, PickledWeights

logger = logging.getLogger(__name__)

IGNORED = ("embeddings.position_ids", "text_projection", "logit_scale")
"""What some files hold beside the network: a count 0..76, and parts that only image search needs."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A CLIP text model with all that encoding must know.

    shape: its widths; layout: how its chunks look
    last_layer: the layer whose output is used, counted from the end: -1 is the last, -2 the last but one
    embeddings: finds a textual inversion embedding by name, as vectors of any width
    patches: changes to its weights; `network` itself never changes
    """

    network: nn.Module
    shape: TextShape
    family: Family
    placement: Placement
    source: Path
    layout: TokenLayout = CLIP_L
    last_layer: int = -1
    embeddings: Lookup | None = None
    patches: changes.Patches = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Numbers per token."""
        return self.shape.width

    @property
    def nbytes(self) -> int:
        return sum(size for _, size in self.shared_parts())

    def shared_parts(self) -> tuple[tuple[int, int], ...]:
        """(identity, bytes) of what this value keeps alive: patched copies share the base, and each other's patches."""
        return shared_parts(self.network, self.patches)

    def with_last_layer(self, last_layer: int) -> Clip:
        """The same model, read at another layer: -1 is the last. Deeper than the model has counts as the last."""
        return replace(self, last_layer=last_layer if -self.shape.layers <= last_layer < 0 else -1)

    def with_patches(self, added: Mapping[str, changes.Change], strength: float) -> Clip:
        """A new model whose weights differ by strength * change; keys are parameter names of `network`."""
        return replace(self, patches=changes.added(self.patches, added, strength))

    def with_embeddings(self, embeddings: Lookup | None) -> Clip:
        """The same model with another place to look for textual inversion embeddings."""
        return replace(self, embeddings=embeddings)

    def tokenize(self, text: str) -> Tokenized:
        """The prompt as chunks; its `warnings` name embeddings that were left out."""
        return tokenize(text, self.layout, self._fitting_vectors)

    def encode(self, text: str) -> Conditioning:
        """The prompt as a conditioning: one tensor (1, 77 * chunks, width), and "pooled_output" (1, width).

        Left-out embeddings are logged as warnings.
        """
        tokens = self.tokenize(text)
        for warning in tokens.warnings:
            logger.warning(warning)
        return self.encode_tokens(tokens)

    @torch.no_grad()
    def encode_tokens(self, tokens: Tokenized) -> Conditioning:
        """What `encode` does after tokenizing."""
        chunks = list(tokens.chunks)
        if tokens.weighted:
            chunks += tokenize("", self.layout).chunks
        states, last = self._states(chunks)
        if tokens.weighted:
            *states_of_text, empty = states
            weights = states.new_tensor([[weight for _, weight in chunk] for chunk in tokens.chunks])[..., None]
            states = (torch.stack(states_of_text) - empty) * weights + empty
        end = next(i for i, (token, _) in enumerate(tokens.chunks[0]) if i and _is_id(token, self.layout.end))
        pooled = last[:1, end].float().cpu()
        return [[states.reshape(1, -1, self.width).float().cpu(), {"pooled_output": pooled}]]

    def _states(self, chunks: Sequence[Sequence[Token]]) -> tuple[Tensor, Tensor]:
        """The states of the chosen layer and of the last, both after the final norm: (chunks, 77, width)."""
        overrides = changes.patched(self.network, self.patches)
        ids = [[token if isinstance(token, int) else self.layout.pad for token, _ in chunk] for chunk in chunks]
        placed = torch.tensor(ids, device=self.placement.device)
        with self._vectors_in_place(chunks):
            answer = run(self.network, overrides, (placed,), {"output_hidden_states": True})
        last: Tensor = answer.last_hidden_state
        if self.last_layer == -1:
            return last, last
        norm = self.network.get_submodule("final_layer_norm")
        own = {name.rpartition(".")[2]: new for name, new in overrides.items() if name.startswith("final_layer_norm.")}
        chosen: Tensor = functional_call(norm, own, (answer.hidden_states[self.last_layer],))
        return chosen, last

    @contextmanager
    def _vectors_in_place(self, chunks: Sequence[Sequence[Token]]) -> Iterator[None]:
        """While this is open, embedding vectors stand where the chunks have them in place of ids."""
        vectors = [
            (row, column, token)
            for row, chunk in enumerate(chunks)
            for column, (token, _) in enumerate(chunk)
            if not isinstance(token, int)
        ]
        if not vectors:
            yield
            return

        def put(module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
            changed = output.clone()
            for row, column, vector in vectors:
                changed[row, column] = vector.to(changed.device, changed.dtype)
            return changed

        handle = self.network.get_submodule("embeddings.token_embedding").register_forward_hook(put)
        try:
            yield
        finally:
            handle.remove()

    def _fitting_vectors(self, name: str) -> Vectors | None:
        if self.embeddings is None:
            return None
        vectors = self.embeddings(name)
        if vectors is None or len(vectors) == 0 or vectors[0].shape[-1] != self.width:
            return None
        return vectors


def _is_id(token: Any, wanted: int) -> bool:
    return isinstance(token, int) and token == wanted


def build_clip(
    tensors: Mapping[str, Tensor],
    shape: TextShape,
    config: Mapping[str, Any],
    family: Family,
    place: Placement,
    path: Path,
) -> Clip:
    """A text model from tensors with the names of transformers 5. Raises BadWeights."""
    make: Callable[[], Any] = lambda: CLIPTextModel(CLIPTextConfig(**config))
    network = fill(make, tensors, place, path, "CLIP text model")
    embeddings = network.get_submodule("embeddings")
    embeddings.register_buffer(
        "position_ids", torch.arange(shape.positions, device=place.device)[None], persistent=False
    )
    layout = replace(CLIP_L, length=min(CLIP_L.length, shape.positions))
    return Clip(network, shape, family, place, path, layout)


def without_old_prefix(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Names as transformers 5 has them: "text_model." at the start went away, and position ids are no weights."""
    names = {name: name.removeprefix("text_model.") for name in tensors}
    return {short: tensors[name] for name, short in names.items() if not short.startswith(IGNORED)}


def embeddings_in(path_of: Callable[[str], Path | None], *, allow_pickle: bool = False) -> Lookup:
    """A lookup for `Clip.with_embeddings` that reads files, by name with or without its extension.

    path_of: a name to its file, None where there is none
    A file that cannot be read is logged and counts as missing.
    """

    def look_up(name: str) -> Vectors | None:
        path = next((found for each in EXTENSIONS if (found := path_of(name + each)) is not None), None)
        if path is None:
            return None
        try:
            return list(read_embedding(path, allow_pickle=allow_pickle))
        except BadWeights as error:
            logger.warning(str(error))
            return None

    return look_up


def read_embedding(path: Path | str, *, allow_pickle: bool = False) -> Tensor:
    """The vectors of a textual inversion file: (vectors, width). CLIP-L's where it has several. Raises BadWeights.

    Pickles come in three forms: tensors by name, a list of such, and the trainer's own state ("string_to_param").
    """
    path = Path(path)
    try:
        tensors: Mapping[str, Tensor] = read_weights(path).tensors
    except PickledWeights:
        if not allow_pickle:
            raise
        tensors = _pickled_vectors(unpickled(path))
    name = chosen({name: tuple(tensor.shape) for name, tensor in tensors.items()})
    if name is None:
        raise BadWeights(path, "holds no vectors of a textual inversion", "choose a textual inversion embedding")
    tensor = tensors[name]
    return tensor[None] if tensor.ndim == 1 else tensor


def _pickled_vectors(content: Any) -> dict[str, Tensor]:
    """The tensors of the first mapping that has any: the trainer's parameters, else those of each part in turn."""
    if isinstance(content, Mapping):
        own = {str(name): each.detach() for name, each in content.items() if isinstance(each, Tensor)}
        parameters = content.get("string_to_param")
        return own if parameters is None else _pickled_vectors(parameters)
    parts = map(_pickled_vectors, content) if isinstance(content, list | tuple) else iter(())
    return next((part for part in parts if part), {})
