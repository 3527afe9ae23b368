"""The text model is taught the colour that stands before each thing, and no other colour of the caption."""

import numpy as np
import torch

from starter.binding import binding_loss, coloured_words
from starter.captions import caption
from starter.networks import new_noise_schedule, new_text_model
from starter.scene import Colour, random_scene
from starter.text import compact_tokens, used_ids
from starter.train_unet import CHANCE_OF_NO_CAPTION, captions_of, cell_weights, noise_weights, spread_timesteps


def test_each_thing_is_paired_with_the_colour_before_it() -> None:
    tokens = compact_tokens(["night over a green meadow with a blue tree and a red hot air balloon", ""])
    rows, _, colours = coloured_words(tokens)
    assert rows == [0, 0]
    assert [list(Colour)[colour] for colour in colours] == [Colour.BLUE, Colour.RED]


def test_the_pairs_are_those_of_the_scene() -> None:
    for seed in range(200):
        scene = random_scene(seed)
        _, _, colours = coloured_words(compact_tokens([caption(scene, seed)]))
        assert [list(Colour)[colour] for colour in colours] == [thing.colour for thing in scene.things]


def test_a_batch_without_captions_has_nothing_to_bind() -> None:
    text = new_text_model(vocabulary=len(used_ids()))
    tokens = compact_tokens(["", ""])
    assert binding_loss(text, text(tokens).last_hidden_state, tokens) == 0


def test_the_loss_falls_when_the_states_point_to_the_right_colours() -> None:
    text = new_text_model(vocabulary=len(used_ids()))
    tokens = compact_tokens(["a red house on snow at dawn"])
    rows, columns, _ = coloured_words(tokens)
    states = torch.zeros(1, 77, 64)
    red = compact_tokens(["red"])[0, 1]
    states[rows, columns] = text.get_input_embeddings().weight[red].detach()
    assert binding_loss(text, states, tokens) < binding_loss(text, -states, tokens)


def test_timesteps_of_a_batch_cover_the_range_and_lean_to_noise() -> None:
    timesteps = spread_timesteps(np.random.default_rng(0), 64)
    assert timesteps.min() < 100
    assert 940 < timesteps.max() < 1000
    assert timesteps.mean() > 500


def test_some_captions_are_dropped_for_guidance() -> None:
    texts = captions_of(range(2000), np.random.default_rng(0))
    assert abs(texts.count("") / 2000 - CHANCE_OF_NO_CAPTION) < 0.03


def test_cells_that_show_a_colour_weigh_more_and_the_mean_stays_one() -> None:
    areas = np.zeros((2, 16, 16), np.uint8)
    areas[0, 4:8, 4:8] = 255
    weights = cell_weights(areas)
    assert weights.shape == (2, 1, 16, 16)
    assert np.isclose(weights.mean(), 1)
    assert np.isclose(weights[0, 0, 5, 5] / weights[1, 0, 5, 5], 5)


def test_the_noisiest_timesteps_weigh_most() -> None:
    weights = noise_weights(new_noise_schedule().alphas_cumprod)
    assert weights[999] > 3 * weights[500] > 3 * weights[10]
