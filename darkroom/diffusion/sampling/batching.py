"""Which conditionings share one network call, and how their answers become one x0 for each list.

What depends only on who acts (contexts, weights, hints) is made once for each set of them, not at every step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from darkroom.diffusion.resize import repeated, resize
from darkroom.diffusion.sampling.areas import Area, Cond
from darkroom.diffusion.sampling.contracts import ControlLink, ControlNetwork, Network, Residuals
from darkroom.diffusion.sampling.model_sampling import ModelSampling
from darkroom.diffusion.sizes import LATENT_FACTOR

MOST_REPEATS = 4
"""A text is repeated at most that often to reach the length of the others in its call."""


@dataclass(frozen=True, eq=False)
class Member:
    """One conditioning in a network call.

    list: which of the lists its answer belongs to
    share: its weight over the sum of the weights in its list; a number, or (1 or batch, 1, height, width) of the area
    """

    list: int
    area: Area | None
    share: float | Tensor


@dataclass(frozen=True, eq=False)
class Call:
    """One network call for several conditionings of the same size and nets.

    context: (members * batch, tokens, width), all images of the first member first
    control: each net with its hint of (members * batch, 3, height * 8, width * 8) and its strength
    """

    members: tuple[Member, ...]
    context: Tensor
    control: tuple[tuple[ControlNetwork, Tensor, float], ...]


class Answers:
    """What a network answers to several lists of conditionings: called with (x, sigma), gives one x0 for each list.

    It lives as long as a run, and remembers the calls it has prepared and whether they fit into the memory.
    """

    def __init__(
        self,
        network: Network,
        sampling: ModelSampling,
        lists: Sequence[Sequence[Cond]],
        size: tuple[int, int],
        nets: Mapping[int, ControlNetwork] | None = None,
    ) -> None:
        """size: height and width of the latent; nets: for the `id` of each ControlNet its network."""
        self._network, self._sampling = network, sampling
        self._conds = [(i, cond) for i, conds in enumerate(lists) for cond in conds]
        self._lists, self._size, self._nets = len(lists), size, nets or {}
        self._prepared: dict[tuple[tuple[int, ...] | None, ...], list[Call]] = {}
        self._most_members = len(self._conds)

    def __call__(self, x: Tensor, sigma: Tensor) -> list[Tensor]:
        scaled = self._sampling.scale_input(x, sigma)
        timestep = float(self._sampling.timestep(sigma))
        totals: list[Tensor | None] = [None] * self._lists
        calls = self._calls(float(sigma))
        while calls:
            try:
                self._add(calls[0], x, scaled, sigma, timestep, totals)
                calls = calls[1:]
            except torch.OutOfMemoryError:
                if len(calls[0].members) == 1:
                    raise
                self._most_members = len(calls[0].members) // 2
                self._prepared.clear()
                totals = [None] * self._lists
                calls = self._calls(float(sigma))
        return [torch.zeros_like(x) if total is None else total for total in totals]

    def _add(
        self, call: Call, x: Tensor, scaled: Tensor, sigma: Tensor, timestep: float, totals: list[Tensor | None]
    ) -> None:
        """Make one network call and add its answers, by their shares, to the totals of their lists."""
        crops = [scaled if member.area is None else member.area.of(scaled) for member in call.members]
        rows = crops[0] if len(crops) == 1 else torch.cat(crops)
        # Filled on the device: copying the number there would make the CPU wait for the last step.
        times = torch.full((len(rows),), timestep, device=rows.device)
        control = _steer(call.control, rows, times, call.context)
        raw = self._network(rows, times, call.context, control).to(torch.float32)
        for member, answer in zip(call.members, raw.chunk(len(call.members)), strict=True):
            part = x if member.area is None else member.area.of(x)
            x0 = self._sampling.denoised(answer, part, sigma)
            if not (isinstance(member.share, float) and member.share == 1):
                x0 = x0 * member.share
            total = totals[member.list]
            if member.area is None and total is None:
                totals[member.list] = x0
                continue
            if total is None:
                total = totals[member.list] = torch.zeros_like(x)
            (total if member.area is None else member.area.of(total)).add_(x0)

    def _calls(self, sigma: float) -> list[Call]:
        """The calls for those who act at sigma."""
        acting = tuple(cond.control_at(sigma) if cond.acts_at(sigma) else None for _, cond in self._conds)
        key = tuple(None if links is None else tuple(map(id, links)) for links in acting)
        if key not in self._prepared:
            self._prepared[key] = self._prepare(acting)
        return self._prepared[key]

    def _prepare(self, acting: Sequence[tuple[ControlLink, ...] | None]) -> list[Call]:
        present = [(i, cond, links) for (i, cond), links in zip(self._conds, acting, strict=True) if links is not None]
        shares = shares_of([(i, cond) for i, cond, _ in present], self._size)
        groups: list[list[int]] = []
        for n, (_, cond, links) in enumerate(present):
            for group in groups:
                first_cond, first_links = present[group[0]][1:]
                texts = [present[m][1].text for m in group]
                if (
                    len(group) < self._most_members
                    and self._extent(first_cond.area) == self._extent(cond.area)
                    and _same_links(first_links, links)
                    and repeats([*texts, cond.text]) is not None
                ):
                    group.append(n)
                    break
            else:
                groups.append([n])
        return [
            self._call(
                [present[n][1] for n in group],
                [Member(present[n][0], present[n][1].area, shares[n]) for n in group],
                present[group[0]][2],
            )
            for group in groups
        ]

    def _call(self, conds: Sequence[Cond], members: Sequence[Member], links: Sequence[ControlLink]) -> Call:
        texts = [cond.text for cond in conds]
        times = repeats(texts) or [1]  # alone a text of any length may stand
        context = torch.cat([text.repeat(1, n, 1) if n > 1 else text for text, n in zip(texts, times, strict=True)])
        height, width = self._extent(members[0].area)
        control = []
        for link in links:
            image = link.image[..., :3].movedim(-1, 1).to(context.device, torch.float32)
            hint = resize(image, width * LATENT_FACTOR, height * LATENT_FACTOR, "nearest-exact", "center")
            hint = repeated(hint, len(texts[0])).repeat(len(members), 1, 1, 1)
            control.append((self._nets[id(link.net)], hint, link.strength))
        return Call(tuple(members), context, tuple(control))

    def _extent(self, area: Area | None) -> tuple[int, int]:
        """Height and width of what the network is shown."""
        return self._size if area is None else (area.height, area.width)


def shares_of(conds: Sequence[tuple[int, Cond]], size: tuple[int, int]) -> list[float | Tensor]:
    """Each weight over the sum of the weights in its list, at each pixel; where nobody has weight the share is 0."""
    totals: dict[int, float | Tensor] = {}
    for i, cond in conds:
        total = totals.get(i, 1e-37)  # as the community's: keeps 0 / 0 out, changes nothing else
        if cond.area is None:
            totals[i] = total + cond.weight
        else:
            canvas = torch.zeros((1, 1, *size), device=cond.text.device) + total
            if isinstance(cond.weight, Tensor) and len(cond.weight) > len(canvas):
                canvas = canvas.repeat(len(cond.weight), 1, 1, 1)
            cond.area.of(canvas).add_(cond.weight)
            totals[i] = canvas
    shares: list[float | Tensor] = []
    for i, cond in conds:
        total = totals[i]
        if cond.area is not None and isinstance(total, Tensor):
            total = cond.area.of(total)
        shares.append(cond.weight / total)
    return shares


def repeats(texts: Sequence[Tensor]) -> list[int] | None:
    """How often each text's tokens must be repeated for all to have one length; None if some would be too often.

    Repeating all keys and values alike leaves attention's softmax-weighted mean what it was.
    """
    if len({text.shape[2] for text in texts}) > 1:
        return None
    lengths = [text.shape[1] for text in texts]
    times = [math.lcm(*lengths) // length for length in lengths]
    return times if max(times) <= MOST_REPEATS else None


def _same_links(a: Sequence[ControlLink], b: Sequence[ControlLink]) -> bool:
    return len(a) == len(b) and all(
        x.net is y.net and x.image is y.image and x.strength == y.strength for x, y in zip(a, b, strict=True)
    )


def _steer(
    control: Sequence[tuple[ControlNetwork, Tensor, float]], rows: Tensor, times: Tensor, context: Tensor
) -> Residuals | None:
    """The sum of what the nets would add to the U-Net."""
    total: Residuals | None = None
    for net, hint, strength in control:
        down, middle = net(rows, times, context, hint)
        if strength != 1:
            down, middle = tuple(part * strength for part in down), middle * strength
        if total is not None:
            down = tuple(a + b for a, b in zip(total[0], down, strict=True))
            middle = total[1] + middle
        total = (down, middle)
    return total
