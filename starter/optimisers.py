"""Muon for the matrices of a network and AdamW for the rest, behind the interface of one optimiser."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
ADAM_BETAS = (0.9, 0.99)


def orthogonalised(matrix: Tensor, iterations: int = 5) -> Tensor:
    """The nearest semi-orthogonal matrix, roughly: quintic Newton-Schulz steps in float32.

    matrix: (rows, columns). Coefficients of Keller Jordan's Muon (kellerjordan.github.io/posts/muon): they give up
    exactness for speed and leave singular values between about 0.7 and 1.2. Each step multiplies by a polynomial of
    the Gram matrix, and all these polynomials commute, so they are multiplied up in the small square and the wide
    matrix is touched twice only. torch.optim.Muon works in bfloat16, which plain AVX2 processors emulate slowly, and
    takes no convolution weights.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.mT if matrix.shape[0] > matrix.shape[1] else matrix
    gram = x @ x.mT
    gram = gram / gram.trace().clamp(min=1e-14)
    product = torch.eye(len(gram), dtype=gram.dtype, device=gram.device)
    for step in range(iterations):
        polynomial = torch.addmm(gram, gram, gram, beta=b, alpha=c)
        polynomial.diagonal().add_(a)
        product = polynomial @ product
        if step < iterations - 1:
            gram = polynomial @ gram @ polynomial
    result = (product @ x) / x.norm().clamp(min=1e-7)
    return torch.as_tensor(result.mT if matrix.shape[0] > matrix.shape[1] else result)


class Muon(torch.optim.Optimizer):
    """Momentum whose step is orthogonalised, for weights of two or more dimensions (rows = the first of them)."""

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float) -> None:
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Move every parameter that has a gradient; closures are not supported."""
        if closure is not None:
            raise ValueError("Muon.step takes no closure: call backward() before it")
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if not state:
                    state["momentum"] = torch.zeros_like(parameter)
                momentum = state["momentum"].lerp_(parameter.grad, 1 - MOMENTUM)
                nesterov = parameter.grad.lerp(momentum, MOMENTUM)
                rows = nesterov.flatten(1)
                update = orthogonalised(rows) * max(1.0, rows.shape[0] / rows.shape[1]) ** 0.5
                parameter.add_(update.view_as(parameter), alpha=-group["lr"])


def optimisers_for(
    modules: Iterable[nn.Module], matrix_rate: float, other_rate: float
) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for hidden matrices and convolutions; AdamW for biases, norms, embeddings and convolutions at the rim."""
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for module in modules:
        for name, parameter in module.named_parameters():
            if not parameter.requires_grad:
                continue
            rim = "embedding.weight" in name or name.startswith(("conv_in", "conv_out"))
            rim = rim or ".conv_in." in name or ".conv_out." in name or "quant_conv" in name
            (others if rim or parameter.ndim < 2 else matrices).append(parameter)
    adam = torch.optim.AdamW(others, lr=other_rate, betas=ADAM_BETAS, weight_decay=0.0)
    matrices.sort(key=torch.numel)
    # Two of about the same work, so that two threads can step them at once.
    return Muon(matrices[::2], matrix_rate), Muon(matrices[1::2], matrix_rate), adam
