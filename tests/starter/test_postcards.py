"""Postcards and captions say the same thing, and say it again for the same seed."""

import numpy as np
import pytest

from starter.captions import caption, parse
from starter.dataset import coloured_areas, repainted
from starter.postcards import compose, draw
from starter.scene import ANYWHERE, Colour, Ground, Kind, Scene, Sky, Thing, random_scene, standing_kinds
from starter.things import PALETTE


def test_the_same_seed_draws_the_same_postcard() -> None:
    scene = random_scene(5)
    assert scene == random_scene(5)
    assert np.array_equal(draw(scene, 5), draw(scene, 5))
    assert not np.array_equal(draw(scene, 5), draw(scene, 6))


def test_a_postcard_is_a_square_of_bytes_of_the_side_asked_for() -> None:
    picture = draw(random_scene(1), 1, side=64)
    assert picture.shape == (64, 64, 3)
    assert picture.dtype == np.uint8


def test_scenes_hold_one_to_three_different_things_that_fit_their_ground() -> None:
    for seed in range(500):
        scene = random_scene(seed)
        kinds = [thing.kind for thing in scene.things]
        assert 1 <= len(kinds) <= 3
        assert len(set(kinds)) == len(kinds)
        standing = [kind for kind in kinds if kind not in ANYWHERE]
        assert set(standing) <= set(standing_kinds(scene.ground))
        assert len(standing) <= 2


@pytest.mark.parametrize("seed", range(8))
def test_every_frame_stays_mostly_inside_the_picture(seed: int) -> None:
    frames = compose(random_scene(seed), 0.67, np.random.default_rng(seed))
    for frame in frames.values():
        assert 0.1 < frame.x < 0.9
        assert frame.base > frame.height
        assert frame.base < 1.0


@pytest.mark.parametrize("colour", list(Colour))
def test_a_house_is_painted_in_its_colour(colour: Colour) -> None:
    scene = Scene(Sky.DAY, Ground.SNOW, (Thing(Kind.HOUSE, colour),))
    others = [Scene(Sky.DAY, Ground.SNOW, (Thing(Kind.HOUSE, other),)) for other in Colour if other is not colour]
    # Where houses of different colours differ, there are the walls.
    walls = np.any([np.any(draw(scene, 3) != draw(other, 3), axis=2) for other in others], axis=0)
    mean = draw(scene, 3)[walls].mean(axis=0) / 255
    nearest = min(Colour, key=lambda name: float(np.abs(mean - np.array(PALETTE[name])).sum()))
    assert nearest is colour


@pytest.mark.parametrize("sky", list(Sky))
@pytest.mark.parametrize("ground", list(Ground))
def test_skies_differ_above_and_grounds_below_the_horizon(sky: Sky, ground: Ground) -> None:
    thing = (Thing(Kind.BALLOON, Colour.RED),)
    here = draw(Scene(sky, ground, thing), 4).astype(int)
    for other in Sky:
        if other is not sky:
            there = draw(Scene(other, ground, thing), 4).astype(int)
            assert np.abs(here[:40, :20] - there[:40, :20]).mean() > 10
    for below in Ground:
        if below is not ground:
            there = draw(Scene(sky, below, thing), 4).astype(int)
            assert np.abs(here[100:] - there[100:]).mean() > 10


def test_captions_parse_back_to_their_scene() -> None:
    wordings = set()
    for seed in range(1500):
        scene = random_scene(seed)
        text = caption(scene, seed + 1)
        wordings.add(text.split()[0])
        assert parse(text) == scene
    assert len(wordings) > 10


@pytest.mark.parametrize(
    ("text", "missing"),
    [("a red house at sunset", "ground"), ("a red house on a meadow", "sky"), ("a meadow at sunset", "thing")],
)
def test_a_caption_with_a_gap_is_refused_by_the_name_of_the_gap(text: str, missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        parse(text)


def test_the_coloured_areas_are_where_a_thing_shows_its_colour() -> None:
    balloon = Scene(Sky.DAY, Ground.SEA, (Thing(Kind.BALLOON, Colour.RED),))
    areas = coloured_areas(balloon, 7)
    assert areas.shape == (16, 16)
    assert areas[11:].max() == 0  # the sea
    assert 10 < (areas > 200).sum() < 80
    assert all(repainted(balloon).things[0].colour is not thing.colour for thing in balloon.things)
