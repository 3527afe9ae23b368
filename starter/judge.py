"""Tell what a picture shows: a small convolutional network, fitted on drawn postcards, that scores generated ones.

Its heads: the sky, the ground, and for every kind of thing its colour or that it is absent.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from starter.dataset import UNSEEN, to_network
from starter.postcards import EDITION, draw
from starter.scene import Colour, Ground, Kind, Scene, Sky, random_scene
from starter.training import CACHE, generator_at

FILE = f"judge{EDITION}.pt"
FIRST_SEED = UNSEEN // 2  # neither the starter's training pictures nor the unseen ones
SKIES, GROUNDS, KINDS, COLOURS = list(Sky), list(Ground), list(Kind), list(Colour)
ABSENT = len(COLOURS)


class Judge(nn.Module):
    """(batch, 3, 64, 64) pictures to the logits of (sky, ground, colour or absence of each kind)."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 24, 48, 64, 96)
        layers: list[nn.Module] = []
        for inner, outer in pairwise(widths):
            layers += [nn.Conv2d(inner, outer, 3, stride=2, padding=1), nn.GroupNorm(8, outer), nn.SiLU()]
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.sizes = [len(SKIES), len(GROUNDS), *[ABSENT + 1] * len(KINDS)]
        self.heads = nn.Sequential(nn.Linear(96 * 16, 256), nn.SiLU(), nn.Linear(256, sum(self.sizes)))

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        """One logit tensor (batch, choices) per question."""
        answers: Tensor = self.heads(self.features(pictures))
        return torch.split(answers, self.sizes, dim=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge sees: a sky, a ground, and the colour of every kind that it finds."""

    sky: Sky
    ground: Ground
    colours: dict[Kind, Colour]


def truth(scene: Scene) -> list[int]:
    """The right answers to the judge's questions."""
    colours = {thing.kind: COLOURS.index(thing.colour) for thing in scene.things}
    return [SKIES.index(scene.sky), GROUNDS.index(scene.ground), *[colours.get(kind, ABSENT) for kind in KINDS]]


def half_size(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """(batch, 128, 128, 3) to (batch, 64, 64, 3)."""
    return np.stack([cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA) for picture in pictures])


def _softened(batch: Tensor, rng: np.random.Generator) -> Tensor:
    """Blur, shift brightness a little and add noise, by chance: generated pictures are softer than drawn ones."""
    blurred = functional.avg_pool2d(batch, 3, stride=1, padding=1, count_include_pad=False)
    share = torch.from_numpy(rng.random((len(batch), 1, 1, 1), np.float32))
    gain = torch.from_numpy(rng.uniform(0.94, 1.06, (len(batch), 1, 1, 1)).astype(np.float32))
    noise = torch.from_numpy(rng.standard_normal(batch.shape, np.float32))
    return (batch + (blurred - batch) * share) * gain + 0.03 * noise


def fit(drawings: int = 16000, epochs: int = 7, batch: int = 64) -> Judge:
    """A judge fitted on `drawings` postcards (about two minutes on two cores)."""
    torch.manual_seed(0)
    seeds = range(FIRST_SEED, FIRST_SEED + drawings)
    pictures = np.concatenate([half_size(draw(random_scene(seed), seed)[None]) for seed in seeds])
    answers = torch.tensor([truth(random_scene(seed)) for seed in seeds])
    judge = Judge()
    steps = epochs * drawings // batch
    optimiser = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
    for step in range(steps):
        rng = generator_at(0, step)
        chosen = rng.choice(drawings, batch, replace=False)
        logits = judge(_softened(to_network(pictures[chosen], torch.device("cpu")), rng))
        right = answers[torch.from_numpy(chosen)]
        losses = [functional.cross_entropy(answer, right[:, index]) for index, answer in enumerate(logits)]
        optimiser.zero_grad()
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return judge.eval()


def fitted(folder: Path = CACHE) -> Judge:
    """The judge, fitted once and then read from `folder`."""
    file = folder / FILE
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        temporary = file.with_suffix(".tmp")
        torch.save(fit().state_dict(), temporary)
        temporary.replace(file)
    judge = Judge()
    judge.load_state_dict(torch.load(file, weights_only=True))
    return judge.eval()


@torch.no_grad()
def verdicts(judge: Judge, pictures: npt.NDArray[np.uint8]) -> list[Verdict]:
    """What (batch, 128, 128, 3) pictures show, each question answered on its own."""
    logits = judge(to_network(half_size(pictures), torch.device("cpu")))
    rows = torch.stack([answer.argmax(dim=1) for answer in logits], dim=1).tolist()
    return [
        Verdict(
            SKIES[sky],
            GROUNDS[ground],
            {kind: COLOURS[colour] for kind, colour in zip(KINDS, colours, strict=True) if colour != ABSENT},
        )
        for sky, ground, *colours in rows
    ]


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of right answers, 0..1.

    sky, ground: of pictures. kind: of things asked for, found in the picture. colour: of things asked for, found in
    the right colour. strangers: things nobody asked for, per picture.
    """

    sky: float
    ground: float
    kind: float
    colour: float
    strangers: float


def score(scenes: list[Scene], seen: list[Verdict]) -> Score:
    """Compare what was asked with what the judge saw."""
    pairs = list(zip(scenes, seen, strict=True))
    things = [(thing, verdict) for scene, verdict in pairs for thing in scene.things]
    found = [thing.kind in verdict.colours for thing, verdict in things]
    coloured = [verdict.colours.get(thing.kind) is thing.colour for thing, verdict in things]
    strangers = [len(verdict.colours.keys() - {thing.kind for thing in scene.things}) for scene, verdict in pairs]
    return Score(
        sky=float(np.mean([verdict.sky is scene.sky for scene, verdict in pairs])),
        ground=float(np.mean([verdict.ground is scene.ground for scene, verdict in pairs])),
        kind=float(np.mean(found)),
        colour=float(np.mean(coloured)),
        strangers=float(np.mean(strangers)),
    )


def accuracy(judge: Judge, count: int = 1000) -> Score:
    """The judge's own score on drawn postcards that it was not fitted on."""
    seeds = range(UNSEEN, UNSEEN + count)
    scenes = [random_scene(seed) for seed in seeds]
    pictures = np.stack([draw(scene, seed) for scene, seed in zip(scenes, seeds, strict=True)])
    return score(scenes, verdicts(judge, pictures))
