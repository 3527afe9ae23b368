"""Prompts become conditionings: transformers' own numbers, the weight formula, layers, embeddings."""

import logging
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from darkroom.diffusion.checkpoints import load_checkpoint
from darkroom.diffusion.patches import Whole
from darkroom.diffusion.text import Clip, embeddings_in, read_embedding
from darkroom.diffusion.tokens import tokenize
from darkroom.files.weights import BadWeights, PickledWeights
from tests.diffusion import small


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    path = tmp_path_factory.mktemp("text") / "model.safetensors"
    return load_checkpoint(small.save(path, small.original_checkpoint())).clip


def ids(text: str) -> torch.Tensor:
    return torch.tensor([[token for token, _ in chunk] for chunk in tokenize(text).chunks])


def test_a_prompt_without_weights_gives_what_transformers_gives(clip: Clip) -> None:
    [[states, options]] = clip.encode("a red boat at sunset")
    wanted = small.text()(ids("a red boat at sunset"))
    assert states.shape == (1, 77, small.CONTEXT)
    assert torch.equal(states, wanted.last_hidden_state)
    assert torch.equal(options["pooled_output"], wanted.pooler_output)


def test_weights_stretch_the_difference_to_the_empty_prompt(clip: Clip) -> None:
    [[states, options]] = clip.encode("a (red:1.4) boat")
    [[plain, plain_options]] = clip.encode("a red boat")
    [[empty, _]] = clip.encode("")
    weights = torch.ones(1, 77, 1)
    weights[0, 2] = 1.4
    torch.testing.assert_close(states, (plain - empty) * weights + empty, atol=1e-6, rtol=1e-5)
    assert not torch.allclose(states[0, 2], plain[0, 2], atol=1e-3)
    torch.testing.assert_close(options["pooled_output"], plain_options["pooled_output"])


def test_long_prompts_are_encoded_in_chunks_side_by_side(clip: Clip) -> None:
    text = "a boat and a tree " * 20
    [[states, options]] = clip.encode(text)
    wanted = small.text()(ids(text))
    assert states.shape == (1, 154, small.CONTEXT)
    torch.testing.assert_close(states[0], wanted.last_hidden_state.reshape(154, -1))
    torch.testing.assert_close(options["pooled_output"], wanted.pooler_output[:1])


def test_an_earlier_layer_is_read_after_the_final_norm_and_pooling_stays(clip: Clip) -> None:
    network = small.text()
    hidden = network(ids("a boat"), output_hidden_states=True)
    [[states, options]] = clip.with_last_layer(-2).encode("a boat")
    torch.testing.assert_close(states, network.final_layer_norm(hidden.hidden_states[-2]))
    torch.testing.assert_close(options["pooled_output"], hidden.pooler_output)
    assert clip.last_layer == -1
    last = clip.encode("a boat")[0][0]
    assert torch.equal(clip.with_last_layer(-1).encode("a boat")[0][0], last)
    assert torch.equal(clip.with_last_layer(-24).encode("a boat")[0][0], last)
    assert not torch.allclose(clip.with_last_layer(-3).encode("a boat")[0][0], last, atol=1e-2)


def test_an_embedding_of_a_words_own_vector_encodes_as_the_word(clip: Clip, tmp_path: Path) -> None:
    vector = small.text().embeddings.token_embedding.weight[2368].clone()
    save_file({"emb_params": vector[None]}, tmp_path / "kitty.safetensors")
    save_file({"emb_params": torch.zeros(1, 768)}, tmp_path / "wide.safetensors")

    def path_of(name: str) -> Path | None:
        return tmp_path / name if (tmp_path / name).is_file() else None

    with_embeddings = clip.with_embeddings(embeddings_in(path_of))
    assert torch.equal(with_embeddings.encode("a embedding:kitty.safetensors")[0][0], clip.encode("a cat")[0][0])
    assert torch.equal(with_embeddings.encode("a embedding:kitty")[0][0], clip.encode("a cat")[0][0])
    assert torch.equal(clip.encode("a cat")[0][0], small.text()(ids("a cat")).last_hidden_state)
    assert with_embeddings.tokenize("embedding:kitty").warnings == ()
    assert "nobody" in with_embeddings.tokenize("embedding:nobody").warnings[0]
    assert "wide" in with_embeddings.tokenize("embedding:wide").warnings[0]


def test_left_out_embeddings_are_logged(clip: Clip, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        clip.encode("a embedding:nobody")
    assert "nobody" in caplog.text


def test_an_embedding_file_for_several_encoders_gives_that_of_clip_l(tmp_path: Path) -> None:
    path = tmp_path / "two.safetensors"
    save_file({"clip_g": torch.zeros(2, 1280), "clip_l": torch.ones(2, 768)}, path)
    assert read_embedding(path).shape == (2, 768)
    save_file({"weight": torch.ones(768)}, path)
    assert read_embedding(path).shape == (1, 768)
    save_file({"weight": torch.ones(2, 3, 4)}, path)
    with pytest.raises(BadWeights, match="choose a textual inversion embedding"):
        read_embedding(path)


def test_a_pickled_embedding_is_read_if_the_user_allows_it_in_each_form(tmp_path: Path) -> None:
    path = tmp_path / "old.pt"
    vectors = torch.arange(128.0).reshape(2, 64)
    trained = {"string_to_token": {"*": 265}, "string_to_param": {"*": torch.nn.Parameter(vectors)}, "step": 3}
    for content in (trained, {"<kitty>": vectors}, [{"no": 1}, {"<kitty>": vectors}]):
        torch.save(content, path)
        assert torch.equal(read_embedding(path, allow_pickle=True), vectors)
        with pytest.raises(PickledWeights, match="--allow-pickle"):
            read_embedding(path)
    torch.save({"step": 3}, path)
    with pytest.raises(BadWeights, match="no vectors"):
        read_embedding(path, allow_pickle=True)


def test_an_embedding_that_cannot_be_read_is_logged_and_left_out(
    clip: Clip, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"")
    found = clip.with_embeddings(embeddings_in({"bad": tmp_path / "bad.safetensors"}.get))
    with caplog.at_level(logging.WARNING):
        assert torch.equal(found.encode("a embedding:bad cat")[0][0], clip.encode("a embedding:none cat")[0][0])
    assert "is empty" in caplog.text


def test_a_patched_norm_acts_on_earlier_layers_too(clip: Clip) -> None:
    patched = clip.with_last_layer(-2).with_patches({"final_layer_norm.bias": Whole(torch.full((64,), 2.0))}, 0.5)
    torch.testing.assert_close(patched.encode("a")[0][0], clip.with_last_layer(-2).encode("a")[0][0] + 1)
    assert torch.equal(clip.network.get_parameter("final_layer_norm.bias"), small.text().final_layer_norm.bias)
