"""Which conditioning acts where and when, and which share a network call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from darkroom.diffusion.resize import resize
from darkroom.diffusion.sampling.areas import FEATHER, Area, ready, with_counterparts
from darkroom.diffusion.sampling.batching import Answers, repeats
from darkroom.diffusion.sampling.guidance import classifier_free
from darkroom.diffusion.sampling.model_sampling import discrete
from darkroom.diffusion.sampling.sample import guided
from tests.diffusion.sampling.toys import WIDTH, ToyControlNet, ToyLink, ToyModel, attend, text, wave

SIGMA = torch.tensor(3.0)
X = wave(2, 4, 24, 32, phase=0.3)


def answer(conditioning: list[Any], x: Tensor = X, control: Any = None) -> Tensor:
    """What one network call says about x for the first text of a conditioning; the oracle of this file."""
    model = discrete()
    context = conditioning[0].expand(len(x), -1, -1)
    timestep = model.timestep(SIGMA).expand(len(x))
    return model.denoised(attend(model.scale_input(x, SIGMA), timestep, context, control), x, SIGMA)


def told(
    positive: Sequence[Any], negative: Sequence[Any] = (), cfg: float = 1.0, x: Tensor = X, model: Any = None
) -> Tensor:
    with guided(model or ToyModel(), list(positive), list(negative), cfg, x) as denoise:
        return denoise(x, SIGMA)


def close(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a, b, atol=1e-5)


def test_guidance_goes_from_the_negative_answer_through_the_positive_one() -> None:
    expected = answer(text(1)) + (answer(text(0)) - answer(text(1))) * 7.5
    assert close(told([text(0)], [text(1)], 7.5), expected)


def test_positive_and_negative_share_one_call_and_say_what_they_say_alone() -> None:
    together, alone = ToyModel(), ToyModel()
    answers = Answers(together.network, together.sampling, [ready([text(0)], together.sampling, X)], (24, 32))
    assert close(answers(X, SIGMA)[0], answer(text(0)))
    with guided(together, [text(0)], [text(1)], 2.0, X) as denoise:
        batched = denoise(X, SIGMA)
    lists = [ready([entry], alone.sampling, X) for entry in (text(0), text(1))]
    apart = [Answers(alone.network, alone.sampling, [conds], (24, 32))(X, SIGMA)[0] for conds in lists]
    assert together.calls == [(4, 3)]
    assert close(batched, apart[1] + (apart[0] - apart[1]) * 2.0)


def test_at_scale_one_the_negative_is_not_asked() -> None:
    model = ToyModel()
    assert close(told([text(0)], [text(1)], 1.0, model=model), answer(text(0)))
    assert model.calls == [(2, 3)]


@pytest.mark.parametrize(("tokens", "calls"), [((6, 2), [(4, 6)]), ((4, 6), [(4, 12)]), ((10, 2), [(2, 10), (2, 2)])])
def test_texts_repeated_to_one_length_say_what_they_say_alone(
    tokens: tuple[int, int], calls: list[tuple[int, int]]
) -> None:
    model = ToyModel()
    first, second = text(0, tokens[0]), text(1, tokens[1])
    assert close(told([first], [second], 3.0, model=model), answer(second) + (answer(first) - answer(second)) * 3)
    assert model.calls == calls


def test_texts_are_repeated_at_most_four_times_and_only_to_the_same_width() -> None:
    def tokens(*lengths: int) -> list[Tensor]:
        return [torch.zeros(1, length, WIDTH) for length in lengths]

    assert repeats(tokens(77, 154)) == [2, 1]
    assert repeats(tokens(77, 308)) == [4, 1]
    assert repeats(tokens(77, 385)) is None
    assert repeats(tokens(3, 4)) == [4, 3]
    assert repeats(tokens(4, 5)) is None
    assert repeats([torch.zeros(1, 3, 4), torch.zeros(1, 3, 5)]) is None


def test_combined_conditionings_are_averaged_by_strength() -> None:
    expected = (answer(text(0)) * 0.5 + answer(text(1)) * 2) / 2.5
    assert close(told([text(0, strength=0.5), text(1, strength=2.0)]), expected)
    assert close(told([text(0, strength=0.3)]), answer(text(0)))


def test_a_conditioning_of_strength_zero_says_nothing() -> None:
    assert close(told([text(0), text(1, strength=0.0)]), answer(text(0)))
    assert torch.equal(told([text(0, strength=0.0)]), torch.zeros_like(X))
    assert torch.equal(told([]), torch.zeros_like(X))


def test_a_text_of_several_images_is_cut_or_repeated_to_the_batch() -> None:
    both = torch.cat([text(0)[0], text(1)[0]])
    expected = torch.cat([answer(text(0), X[:1]), answer(text(1), X[1:])])
    assert close(told([[both, {}]]), expected)
    assert close(told([[torch.cat([both, both])[:3], {}]]), expected)
    assert close(told([[both, {}]], x=X[:1]), expected[:1])


def test_an_area_is_asked_about_its_part_and_averaged_with_the_rest() -> None:
    """An area at the left edge, over the whole height: only its right edge fades, over 8 latent pixels."""
    area = Area(24, 32 // 2, 0, 0)
    weight = torch.ones(16)
    weight[8:] = torch.arange(8, 0, -1) / 8
    weight[8:12] = 1  # 16 // 4 = 4 pixels of fade in an area that small
    weight[12:] = torch.arange(4, 0, -1) / 4
    weight = weight * 1.5
    inside = answer(text(1), area.of(X))
    expected = answer(text(0))
    expected[..., :16] = (expected[..., :16] + inside * weight) / (1 + weight)
    assert close(told([text(0), text(1, area=(24, 16, 0, 0), strength=1.5)]), expected)


def test_an_area_in_the_middle_fades_on_all_sides() -> None:
    [cond] = ready([text(0, area=(40, 48, 8, 4))], discrete(), torch.zeros(1, 4, 64, 64))
    weight = cond.weight
    assert isinstance(weight, Tensor)
    assert weight.shape == (1, 1, 40, 48)
    ramp = torch.arange(1, FEATHER + 1) / FEATHER
    assert torch.allclose(weight[0, 0, 20, :8], ramp)
    assert torch.allclose(weight[0, 0, 20, -8:], ramp.flip(0))
    assert torch.allclose(weight[0, 0, :8, 20], ramp)
    assert torch.allclose(weight[0, 0, -8:, 20], ramp.flip(0))
    assert weight[0, 0, 0, 0] == pytest.approx(1 / 64)
    assert (weight[0, 0, 8:-8, 8:-8] == 1).all()


def test_an_area_in_percent_is_rounded_and_at_least_one_pixel() -> None:
    latent = torch.zeros(1, 4, 24, 32)
    [part, sliver] = ready(
        [text(0, area=("percentage", 0.5, 0.3, 0.25, 0.5)), text(0, area=("percentage", 0.001, 1, 0, 0))],
        discrete(),
        latent,
    )
    assert part.area == Area(12, 10, 6, 16)
    assert sliver.area == Area(1, 32, 0, 0)


def test_an_area_is_cut_at_the_border_and_refused_outside() -> None:
    [cond] = ready([text(0, area=(30, 30, 10, 20))], discrete(), X)
    assert cond.area == Area(14, 12, 10, 20)
    with pytest.raises(
        ValueError, match="area of 64 x 64 pixels starts at 320, 0, but the picture is 256 x 192 pixels"
    ):
        ready([text(0, area=(8, 8, 0, 40))], discrete(), X)


def test_an_area_of_one_list_is_answered_by_the_other_too() -> None:
    model = discrete()
    positive = ready([text(0), text(1, area=(8, 8, 4, 4), strength=0.7)], model, X)
    negative = ready([text(2)], model, X)
    lists = with_counterparts([positive, negative])
    assert [len(conds) for conds in lists] == [2, 2]
    added = lists[1][1]
    assert added.area == Area(8, 8, 4, 4)
    assert added.weight is positive[1].weight
    assert torch.equal(added.text, negative[0].text)
    assert [len(conds) for conds in with_counterparts(lists)] == [2, 2]
    assert len(negative) == 1


def test_the_counterpart_says_what_the_smallest_area_around_it_says() -> None:
    model = discrete()
    positive = ready([text(0, area=(4, 4, 6, 6))], model, X)
    negative = ready([text(1), text(2, area=(20, 20, 0, 0)), text(3, area=(8, 8, 4, 4))], model, X)
    lists = with_counterparts([positive, negative])
    assert torch.equal(lists[1][-1].text, negative[2].text)
    only_elsewhere = with_counterparts([positive, ready([text(3, area=(8, 8, 12, 12))], model, X)])
    assert len(only_elsewhere[1]) == 1


def test_a_mask_weighs_each_pixel() -> None:
    mask = torch.rand(2, 24, 32, generator=torch.Generator().manual_seed(1))
    weight = mask[:, None] * 0.8 * 1.5
    expected = (answer(text(0)) + answer(text(1)) * weight) / (1 + weight)
    assert close(told([text(0), text(1, mask=mask, mask_strength=0.8, strength=1.5)]), expected)


def test_a_mask_alone_covers_its_own_pixels_only() -> None:
    mask = torch.zeros(1, 24, 32)
    mask[:, :, :10] = 0.4
    expected = answer(text(0))
    expected[..., 10:] = 0
    assert close(told([text(0, mask=mask)]), expected)


def test_a_mask_in_pixels_is_shrunk_bilinearly_and_repeated_over_the_batch() -> None:
    mask = torch.rand(1, 192, 256, generator=torch.Generator().manual_seed(1))
    small = torch.nn.functional.interpolate(mask[None], (24, 32), mode="bilinear")
    expected = (answer(text(0)) + answer(text(1)) * small) / (1 + small)
    assert close(told([text(0), text(1, mask=mask)]), expected)


def test_a_mask_can_crop_what_the_network_sees_to_its_bounds() -> None:
    mask = torch.zeros(1, 24, 32)
    mask[0, 3:15, 10:12] = 0.5
    options: dict[str, Any] = {"mask": mask, "set_area_to_bounds": True}
    [cond] = ready([text(0, **options)], discrete(), X)
    assert cond.area == Area(12, 8, 3, 10)
    [empty] = ready([text(0, mask=mask * 0, set_area_to_bounds=True)], discrete(), X)
    assert empty.area == Area(8, 8, 0, 0)
    weight = cond.area.of(mask)[:, None]
    expected = answer(text(1))
    part = cond.area.of(expected)
    part.copy_((part + answer(text(0), cond.area.of(X)) * weight) / (1 + weight))
    assert close(told([text(1), text(0, **options)]), expected)


@pytest.mark.parametrize(
    ("start", "end", "acts"), [(0.0, 1.0, True), (0.0, 0.2, False), (0.2, 0.6, True), (0.6, 1, False)]
)
def test_a_conditioning_acts_in_its_range_only(start: float, end: float, acts: bool) -> None:
    entry = text(1, start_percent=start, end_percent=end)
    expected = (answer(text(0)) + answer(text(1))) / 2 if acts else answer(text(0))
    assert close(told([text(0), entry]), expected)


def test_areas_of_one_size_share_a_call_wherever_they_are() -> None:
    model = ToyModel()
    areas = [text(0), text(1, area=(24, 32, 0, 0)), text(2, area=(8, 8, 0, 0)), text(3, area=(8, 8, 16, 20))]
    together = told(areas, model=model)
    assert model.calls == [(4, 3), (4, 3)]
    assert torch.isfinite(together).all()
    alone = [told([entry], model=ToyModel()) for entry in areas]
    corner = (alone[0] + alone[1] + alone[2]) / 3
    assert close(together[..., :4, :4], corner[..., :4, :4])


def test_contexts_are_prepared_once_for_each_set_that_acts() -> None:
    contexts: list[Tensor] = []

    def network(x: Tensor, timestep: Tensor, context: Tensor, control: Any = None) -> Tensor:
        contexts.append(context)
        return attend(x, timestep, context, control)

    with guided(ToyModel(network), [text(0), text(1, end_percent=0.5)], [text(2)], 5.0, X) as denoise:
        for sigma in discrete().table[[999, 900, 800, 300, 200, 100, 0]]:
            denoise(X, sigma)
    assert [len(context) for context in contexts] == [6, 6, 6, 4, 4, 4, 4]
    assert len({id(context) for context in contexts}) == 2


def test_a_call_that_does_not_fit_into_memory_is_split() -> None:
    def small(x: Tensor, timestep: Tensor, context: Tensor, control: Any = None) -> Tensor:
        if len(x) > 2:
            raise torch.OutOfMemoryError("no room")
        return attend(x, timestep, context, control)

    model, roomy = ToyModel(small), ToyModel()
    conditionings = [text(0), text(1)], [text(2), text(3)]
    with guided(model, *conditionings, 5.0, X) as denoise:
        first, second = denoise(X, SIGMA), denoise(X, SIGMA)
    assert close(first, told(*conditionings, 5.0, model=roomy))
    assert torch.equal(first, second)
    assert [rows for rows, _ in model.calls] == [8, 4, 2, 2, 2, 2, 2, 2, 2, 2]
    with pytest.raises(torch.OutOfMemoryError), guided(model, [text(0)], [], 1.0, wave(3, 4, 8, 8)) as denoise:
        denoise(wave(3, 4, 8, 8), SIGMA)


def steered(net_hint: Tensor, strength: float = 1.0) -> tuple[tuple[Tensor, ...], Tensor]:
    shown = torch.nn.functional.avg_pool2d(net_hint.mean(dim=1, keepdim=True), 8) * strength
    return (0.1 * shown, 0.2 * shown), 0.3 * shown


def test_a_controlnet_is_shown_its_picture_at_eight_times_the_latent_and_added_by_strength() -> None:
    image, net = torch.rand(1, 100, 300, 3, generator=torch.Generator().manual_seed(1)), ToyControlNet()
    hint = resize(image.movedim(-1, 1), 256, 192, "nearest-exact", "center")
    assert close(told([text(0, control=ToyLink(net, image, 0.6))]), answer(text(0), control=steered(hint, 0.6)))
    assert net.hints[0].shape == (2, 3, 192, 256)
    assert torch.equal(net.hints[0][1:], hint)


def test_chained_controlnets_add_up() -> None:
    first, second = torch.rand(2, 1, 192, 256, 3, generator=torch.Generator().manual_seed(1)).unbind()
    chain = ToyLink(ToyControlNet(), first, 0.5, previous=ToyLink(ToyControlNet(), second, 2.0))
    a, b = steered(first.movedim(-1, 1), 0.5), steered(second.movedim(-1, 1), 2.0)
    total = (tuple(x + y for x, y in zip(a[0], b[0], strict=True)), a[1] + b[1])
    assert close(told([text(0, control=chain)]), answer(text(0), control=total))


def test_a_controlnet_acts_in_its_range_only() -> None:
    image = torch.ones(1, 192, 256, 3)
    late = ToyLink(ToyControlNet(), image, start_percent=0.9)
    assert close(told([text(0, control=late)]), answer(text(0)))
    assert late.net.hints == []


def test_the_same_controlnet_on_both_sides_shares_the_call_and_on_one_side_does_not() -> None:
    link, model = ToyLink(ToyControlNet(), torch.ones(1, 192, 256, 3)), ToyModel()
    told([text(0, control=link)], [text(1, control=link)], 2.0, model=model)
    assert model.calls == [(4, 3)]
    told([text(0, control=link)], [text(1)], 2.0, model=model)
    assert model.calls[1:] == [(2, 3), (2, 3)]


def test_one_net_with_two_pictures_or_strengths_is_asked_about_each() -> None:
    image, net = torch.ones(1, 192, 256, 3), ToyControlNet()
    link = ToyLink(net, image)
    for other in (ToyLink(net, image, 0.5), ToyLink(net, image * 0.5)):
        model = ToyModel()
        told([text(0, control=link)], [text(1, control=other)], 2.0, model=model)
        assert model.calls == [(2, 3), (2, 3)]


def test_a_controlnet_of_the_old_node_steers_the_negative_too_unless_it_has_its_own() -> None:
    link, other = (ToyLink(ToyControlNet(), torch.full((1, 192, 256, 3), value)) for value in (1.0, 0.5))
    shared = text(0, control=link, control_apply_to_uncond=True)
    assert torch.equal(told([shared], [text(1)], 2.0), told([shared], [text(1, control=link)], 2.0))
    own = told([shared], [text(1, control=other)], 2.0)
    assert torch.equal(own, told([text(0, control=link)], [text(1, control=other)], 2.0))
    assert not close(own, told([shared], [text(1)], 2.0))


def test_guidance_of_two_answers_is_arithmetic() -> None:
    class Fixed(Answers):
        def __init__(self) -> None:
            pass

        def __call__(self, x: Tensor, sigma: Tensor) -> list[Tensor]:
            return [x + 1, x - 1]

    assert torch.equal(classifier_free(Fixed(), 3.0)(torch.zeros(2), SIGMA), torch.full((2,), 5.0))
    assert torch.equal(classifier_free(Fixed(), 0.0)(torch.zeros(2), SIGMA), torch.full((2,), -1.0))
