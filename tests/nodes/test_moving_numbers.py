"""The functions behind nodes that only move numbers, where no recording reaches."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from darkroom.diffusion import conditioning, edges, images, latents, masks, resize
from tests.nodes.making import image, latent, mask


class HalfVae:
    """Remembers what it is asked to encode."""

    factor = 8

    def __init__(self) -> None:
        self.seen: Tensor | None = None

    def encode(self, pixels: Tensor) -> Tensor:
        self.seen = pixels
        return torch.zeros(pixels.shape[0], 4, pixels.shape[1] // 8, pixels.shape[2] // 8)


def test_inpainting_blanks_the_hole_and_widens_the_noise_mask_only() -> None:
    vae = HalfVae()
    hole = torch.zeros(1, 33, 45)
    hole[:, 12:20, 16:24] = 1
    result = latents.encode_for_inpaint(vae, torch.ones(1, 33, 45, 3), hole, 6)
    assert vae.seen is not None
    assert vae.seen.shape == (1, 32, 40, 3)
    # 33 x 45 cut in the middle to 32 x 40: rows lose none at the top, columns two at the left.
    assert (vae.seen[0, 12:20, 14:22] == 0.5).all()
    assert (vae.seen == 0.5).sum() == 8 * 8 * 3
    assert result["samples"].shape == (1, 4, 4, 5)
    assert result["noise_mask"].shape == (1, 1, 32, 40)
    assert result["noise_mask"].sum() == (8 + 5) ** 2
    assert latents.encode_for_inpaint(vae, torch.ones(1, 33, 45, 3), hole, 0)["noise_mask"].sum() == 64


@pytest.mark.parametrize(("pictures", "holes"), [(1, 3), (4, 2), (3, 4)])
def test_masks_of_another_number_than_the_pictures_are_repeated_or_cut(pictures: int, holes: int) -> None:
    mask = torch.zeros(holes, 16, 16)
    mask[0, :8] = 1
    result = latents.encode_for_inpaint(HalfVae(), torch.ones(pictures, 16, 16, 3), mask, 0)
    assert len(result["samples"]) == len(result["noise_mask"]) == pictures
    assert [bool(each.any()) for each in result["noise_mask"]] == [i % holes == 0 for i in range(pictures)]


@pytest.mark.parametrize("amount", range(8))
def test_a_widened_mask_keeps_its_size(amount: int) -> None:
    hard = torch.zeros(1, 1, 16, 24)
    hard[..., 5:7, 5:7] = 0.6
    grown = masks.grow_for_inpaint(hard, amount)
    assert grown.shape == hard.shape
    assert set(grown.unique().tolist()) == {0.0, 1.0}
    assert grown.sum() == (2 + max(0, amount - 1)) ** 2


def brute_grow(values: Tensor, expand: int, tapered: bool) -> Tensor:
    height, width = values.shape
    result = torch.empty_like(values)
    choose = max if expand >= 0 else min
    for y in range(height):
        for x in range(width):
            near = [
                values[v, u].item()
                for v in range(height)
                for u in range(width)
                if (abs(v - y) + abs(u - x) if tapered else max(abs(v - y), abs(u - x))) <= abs(expand)
            ]
            result[y, x] = choose(near)
    return result


@pytest.mark.parametrize("tapered", [True, False])
@pytest.mark.parametrize("expand", [-3, -1, 0, 2, 50])
def test_growing_takes_the_extreme_within_the_distance(expand: int, tapered: bool) -> None:
    values = mask(1, 6, 9)
    assert masks.grow(values, expand, tapered)[0].equal(brute_grow(values[0], expand, tapered))


def test_growing_by_the_largest_amount_ends_quickly() -> None:
    assert masks.grow(mask(1, 8, 8), 16384, True).unique().numel() == 1


def test_a_channel_that_is_not_there_says_which_are() -> None:
    with pytest.raises(ValueError, match="no alpha; choose red, green or blue"):
        masks.from_image(image(1, 4, 4, 3), "alpha")


def test_a_batch_of_pictures_with_and_without_alpha_is_opaque_where_it_was_missing() -> None:
    both = images.batch(image(1, 4, 4, 3), image(2, 8, 8, 4))
    assert both.shape == (3, 4, 4, 4)
    assert (both[0, :, :, 3] == 1).all()


@pytest.mark.parametrize("method", ["nearest-exact", "bilinear", "area", "bicubic", "lanczos", "bislerp"])
def test_resizing_to_the_same_size_changes_nothing(method: str) -> None:
    values = image(1, 3, 8, 8)
    tolerance = 1 / 255 if method == "lanczos" else 1e-6
    assert (resize.resize(values, 8, 8, method) - values).abs().max() <= tolerance


@pytest.mark.parametrize("method", ["nearest-exact", "bilinear", "area", "bicubic", "lanczos", "bislerp"])
@pytest.mark.parametrize("size", [(1, 1), (3, 17), (40, 2)])
def test_any_size_can_be_made_of_any_other(method: str, size: tuple[int, int]) -> None:
    for crop in ("disabled", "center"):
        made = resize.resize(image(2, 3, 5, 9), *size, method, crop)
        assert made.shape == (2, 3, size[1], size[0])
        assert made.isfinite().all()


@pytest.mark.parametrize("size", [(1, 1000), (1000, 1)])
def test_of_a_tiny_picture_something_is_kept_whatever_the_aspect_ratio(size: tuple[int, int]) -> None:
    assert resize.resize(image(1, 3, 2, 2), *size, "bilinear", "center").shape == (1, 3, size[1], size[0])


def test_the_middle_is_kept_and_its_aspect_ratio_is_the_one_asked_for() -> None:
    values = torch.arange(100.0).expand(1, 1, 50, 100)
    assert resize.crop_to_aspect(values, 30, 30)[0, 0, 0].tolist() == list(range(25, 75))
    assert resize.crop_to_aspect(values, 100, 10).shape == (1, 1, 10, 100)


def test_bislerp_keeps_lengths_and_survives_zeros_and_opposites() -> None:
    one = torch.tensor([1.0, 0, 0, 0]).reshape(1, 4, 1, 1)
    other = torch.tensor([0, 1.0, 0, 0]).reshape(1, 4, 1, 1)
    between = resize.bislerp(torch.cat([one, other], 3), 4, 1)
    assert between.norm(dim=1).flatten().tolist() == pytest.approx([1, 1, 1, 1])
    angle = math.radians(90 * 0.25)
    assert between[0, :2, 0, 1].tolist() == pytest.approx([math.cos(angle), math.sin(angle)])
    opposite = resize.bislerp(torch.cat([one, -one], 3), 4, 1)
    assert opposite[0, 0, 0].tolist() == pytest.approx([1, 0.5, -0.5, -1])
    assert resize.bislerp(torch.zeros(1, 4, 3, 3), 7, 5).equal(torch.zeros(1, 4, 5, 7))


def test_compositing_beyond_the_edge_changes_what_overlaps_only() -> None:
    below, above = latent(1, 4, 4, 4), latent(2, 4, 4, 4, phase=1.0)
    result = latents.composite(below, above, 16, 24, 0)
    assert result["samples"].shape == (1, 4, 4, 4)
    assert result["samples"][:, :, 3:, 2:].equal(above["samples"][:1, :, :1, :2])
    assert result["samples"][:, :, :3].equal(below["samples"][:, :, :3])
    assert latents.composite(below, above, 800, 0, 0)["samples"].equal(below["samples"])
    assert result["batch_index"] == [3]


def test_pooled_vectors_are_mixed_where_there_are_two() -> None:
    one, two = torch.ones(1, 2, 3), torch.zeros(1, 4, 3)
    pooled = torch.full((1, 3), 4.0)
    mixed = conditioning.average([[one, {"pooled_output": pooled}]], [[two, {"pooled_output": 0 * pooled}]], 0.25)
    assert mixed[0][0].equal(torch.full((1, 2, 3), 0.25))
    assert mixed[0][1]["pooled_output"].equal(torch.ones(1, 3))
    for extra in ({}, {"pooled_output": None}):
        taken: dict[str, Any] = conditioning.average([[one, extra]], [[two, {"pooled_output": pooled}]], 0.25)[0][1]
        assert taken["pooled_output"].equal(pooled)
    kept: dict[str, Any] = conditioning.average([[one, {"pooled_output": pooled}]], [[two, {}]], 0.25)[0][1]
    assert kept["pooled_output"].equal(pooled)


def test_canny_draws_thin_lines_where_the_contrast_is_and_nothing_elsewhere() -> None:
    square = torch.zeros(2, 40, 40, 3)
    square[0, 10:30, 10:30] = 1
    drawn = edges.canny(square, 0.4, 0.8)
    assert drawn.shape == (2, 40, 40, 3)
    assert drawn.dtype == torch.float32
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert not drawn[1].any()
    lines = drawn[0, :, :, 0].numpy()
    assert not lines[14:26, 14:26].any()
    assert lines[20].sum() == 2
    assert 70 <= lines.sum() <= 84
    assert np.array_equal(drawn[0, :, :, 0], drawn[0, :, :, 2])


def test_canny_follows_a_fading_line_down_to_the_low_threshold() -> None:
    picture = torch.zeros(1, 32, 64, 3)
    picture[:, 16:] = torch.linspace(1, 0.0, 64)[None, None, :, None]
    both, high_only = (edges.canny(picture, low, 0.8)[0, :, :, 0].sum() for low in (0.2, 0.8))
    assert high_only > 5
    assert both > high_only + 5
    assert edges.canny(picture, 0.8, 0.2).equal(edges.canny(picture, 0.2, 0.8))
