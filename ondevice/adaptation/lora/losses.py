"""What an adapter minimizes: the mean negative log-likelihood of the answers' tokens, given their prompts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lessons.examples import Example, bucket
from ondevice.adaptation.lessons.joined import Joined
from ondevice.adaptation.lora.memory import LOGIT_ROWS, MOST_PART_TOKENS

_UNSEEN = -1e30
"""Added to the score of what must not be seen. Finite: a block of keys none of which is seen must give a number."""


def add_gradients(model: Any, examples: Sequence[Example | Joined], n_answer_tokens: int) -> float:  # noqa: ANN401 - torch
    """Add the gradients of these examples' part of a batch's mean loss; return that part (nats per answer token).

    Logits are made for answer tokens only, a few rows at a time: the head is frozen, so the gradient of each row of
    hidden states can be had by itself before all go down through the blocks together.

    Args:
        model: A causal language model of transformers.
        examples: Part of a batch.
        n_answer_tokens: Answer tokens in the whole batch.
    """
    hidden, targets = _answer_states(model, examples)
    leaf = hidden.detach().requires_grad_()
    loss = 0.0
    for rows, wanted in zip(leaf.split(LOGIT_ROWS), targets.split(LOGIT_ROWS), strict=True):
        part = _losses(model, rows, wanted).sum() / n_answer_tokens
        part.backward()
        loss += float(part.detach())
    hidden.backward(leaf.grad)
    return loss


def answer_losses(
    model: Any,  # noqa: ANN401 - torch
    examples: Sequence[Example | Joined],
    *,
    part_tokens: int = MOST_PART_TOKENS,
) -> NDArray[np.float64]:
    """Return each answer's negative log-likelihood, float64[n] (nats, summed over its tokens).

    Args:
        model: A causal language model of transformers.
        examples: One or more.
        part_tokens: Tokens that go through the model at once.
    """
    import torch

    out = np.zeros(len(examples))
    with torch.no_grad():
        for part in bucket([len(example) for example in examples], limit=part_tokens):
            chosen = [examples[place] for place in part]
            hidden, targets = _answer_states(model, chosen)
            rows = zip(hidden.split(LOGIT_ROWS), targets.split(LOGIT_ROWS), strict=True)
            losses = torch.cat([_losses(model, states, wanted) for states, wanted in rows])
            lengths = [example.n_answer for example in chosen]
            out[part] = [float(each.double().sum()) for each in losses.split(lengths)]
    return out


def mean_loss(model: Any, examples: Sequence[Example | Joined], *, part_tokens: int = MOST_PART_TOKENS) -> float:  # noqa: ANN401
    """Return the mean over all answer tokens (nats per token); otherwise like :func:`answer_losses`."""
    losses = answer_losses(model, examples, part_tokens=part_tokens)
    return float(losses.sum()) / sum(example.n_answer for example in examples)


def _answer_states(model: Any, examples: Sequence[Example | Joined]) -> tuple[Any, Any]:  # noqa: ANN401 - torch
    """Return the hidden states from which the answers' tokens are told, example after example, and those tokens.

    Rows are padded at their ends: attention looks back only, so no state that counts ever sees the padding.
    """
    import torch

    plain = [example for example in examples if isinstance(example, Example)]
    if len(plain) < len(examples):
        return _branch_states(model, examples)
    examples = plain
    tokens = np.zeros((len(examples), max(map(len, examples)) - 1), dtype=np.int64)
    rows: list[int] = []
    columns: list[int] = []
    for row, example in enumerate(examples):
        whole = np.concatenate([example.prompt, example.answer[:-1]])
        tokens[row, : len(whole)] = whole
        rows += [row] * len(example.answer)
        columns += range(len(example.prompt) - 1, len(whole))
    device = model.lm_head.weight.device
    states = model.model(input_ids=torch.from_numpy(tokens).to(device)).last_hidden_state
    targets = np.concatenate([example.answer for example in examples]).astype(np.int64)
    return states[rows, columns], torch.from_numpy(targets).to(device)


def _branch_states(model: Any, examples: Sequence[Example | Joined]) -> tuple[Any, Any]:  # noqa: ANN401 - torch
    """Return what :func:`_answer_states` does where examples have branches, each blind to its neighbours."""
    import torch

    trees = [each if isinstance(each, Joined) else Joined.of(each) for each in examples]
    width = max(map(len, trees))
    tokens, positions = (np.zeros((len(trees), width), dtype=np.int64) for _ in range(2))
    sees = np.zeros((len(trees), 1, width, width), dtype=np.bool_)
    sees[..., range(width), range(width)] = True  # padding too: what sees nothing has no mean
    rows: list[int] = []
    columns: list[int] = []
    for row, tree in enumerate(trees):
        n_shared = end = len(tree.prefix)
        tokens[row, :end], positions[row, :end] = tree.prefix, range(end)
        sees[row, 0, :end, :end] = np.tri(end, dtype=np.bool_)
        for branch in tree.branches:
            own = np.concatenate([branch.prompt, branch.answer[:-1]])
            start, end = end, end + len(own)
            tokens[row, start:end], positions[row, start:end] = own, range(n_shared, n_shared + len(own))
            sees[row, 0, start:end, :n_shared] = True
            sees[row, 0, start:end, start:end] = np.tri(len(own), dtype=np.bool_)
            rows += [row] * len(branch.answer)
            columns += range(start + len(branch.prompt) - 1, end)
    device = model.lm_head.weight.device
    states = model.model(
        input_ids=torch.from_numpy(tokens).to(device),
        position_ids=torch.from_numpy(positions).to(device),
        attention_mask=torch.from_numpy(np.where(sees, 0.0, _UNSEEN).astype(np.float32)).to(device),
    ).last_hidden_state
    targets = np.concatenate([branch.answer for tree in trees for branch in tree.branches]).astype(np.int64)
    return states[rows, columns], torch.from_numpy(targets).to(device)


def _losses(model: Any, states: Any, targets: Any) -> Any:  # noqa: ANN401 - torch
    import torch

    logits = torch.nn.functional.linear(states, model.lm_head.weight).float()
    return torch.nn.functional.cross_entropy(logits, targets, reduction="none")
