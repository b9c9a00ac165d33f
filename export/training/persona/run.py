"""The steps of one persona's training: batches, gradients, judgements, and what the next run needs to go on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import torch

from export.training.fitting import rate_at
from export.training.persona.checkpoint import PersonaCheckpoint, PersonaProgress
from export.training.persona.config import PersonaConfig
from export.training.persona.learner import PersonaLearner
from export.training.persona.vectors import Asked
from ondevice.adaptation.lora.lora import copied, restore
from ondevice.adaptation.lora.paused import moments_of, restore_moments
from ondevice.errors import AdaptationError
from ondevice.signals import Progress

CHECKPOINT_SECONDS = 600.0

Stop = Literal["done", "early", "time"]
"""All epochs were done, histories added no more, or the time was over."""


class PersonaRun:
    """One training while it goes on.

    After each epoch other users' answers judge, with their own histories and with the task's rows alone. It ends where
    histories add no more to the task's rows, and the numbers that stay are those of the epoch in which these users'
    answers cost least with their own histories: a control that got worse is no gain.

    Args:
        learner: What learns.
        asked: The questions that are learned.
        held_out: Those that judge.
        config: How long and how hard.
        mark: See :func:`~export.training.persona.checkpoint.mark_of`.
    """

    def __init__(
        self,
        learner: PersonaLearner,
        asked: Sequence[Asked],
        held_out: Sequence[Asked],
        config: PersonaConfig,
        mark: str,
    ) -> None:
        self._learner, self._asked, self._held_out = learner, asked, held_out
        self._config, self.mark = config, mark
        self._parameters = {name: each for name, each in learner.net.named_parameters() if each.requires_grad}
        projector = {id(each) for each in learner.net.projector.parameters()}
        self._rates = (config.projector_rate, config.learning_rate)
        groups = [
            {"params": [each for each in self._parameters.values() if (id(each) in projector) == is_projector]}
            for is_projector in (True, False)
        ]
        for parameter in self._parameters.values():
            parameter.grad = torch.zeros_like(parameter)  # what a step does not use takes part in it all the same
        self._optimizer = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
        self.per_epoch = math.ceil(len(asked) / config.batch)
        self.n_steps = self.per_epoch * config.epochs
        self._started, self._judging = time.monotonic(), 0.0
        self.progress = PersonaProgress()
        self._best = copied(self._parameters)

    @property
    def seconds(self) -> float:
        """What it took up to now, over all runs."""
        return self.progress.seconds + time.monotonic() - self._started

    def begin(self, checkpoint: PersonaCheckpoint | None) -> None:
        """Start anew with a judgement, or where the checkpoint says."""
        if checkpoint is None:
            self._judge()
            return
        self.progress, self._best = checkpoint.progress, checkpoint.tensors["best"]
        try:
            restore(self._parameters, checkpoint.tensors["current"])
            first, second = (checkpoint.tensors[part] for part in ("first_moments", "second_moments"))
            restore_moments(self._optimizer, self._parameters, first, second, checkpoint.progress.step)
        except (KeyError, ValueError, RuntimeError):
            raise AdaptationError(
                "the checkpoint's numbers do not fit this training", hint="start the training anew"
            ) from None

    def go(self, on_progress: Progress | None, on_checkpoint: Callable[[bytes], None] | None) -> Stop:
        """Take step after step until the end or a reason to stop; the best numbers are the net's then."""
        stopped = self._steps(on_progress, on_checkpoint)
        restore(self._parameters, self._best)
        return stopped

    def _steps(self, on_progress: Progress | None, on_checkpoint: Callable[[bytes], None] | None) -> Stop:
        kept = time.monotonic()
        while self.progress.step < self.n_steps:
            if self._has_no_more_to_add():
                return "early"
            if self._is_out_of_time():
                if self.progress.step == 0:
                    raise AdaptationError(
                        f"the time of {self._config.max_seconds} s was over before the first step",
                        hint="give it more minutes",
                    )
                if self.progress.step % self.per_epoch:
                    self._judge()
                return "time"
            self._step()
            if on_progress is not None:
                on_progress(self.progress.step, self.n_steps)
            is_end = self.progress.step % self.per_epoch == 0
            if is_end:
                self._judge()
            if on_checkpoint is not None and (is_end or time.monotonic() - kept >= CHECKPOINT_SECONDS):
                on_checkpoint(self._checkpoint().to_bytes())
                kept = time.monotonic()
        return "done"

    def _step(self) -> None:
        step = self.progress.step
        share = rate_at(step, self.n_steps, self._config.warm_up)
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * share
        epoch, place = divmod(step, self.per_epoch)
        order = np.random.default_rng([self._config.seed, epoch]).permutation(len(self._asked))
        chosen = np.array_split(order, self.per_epoch)[place].tolist()
        self._optimizer.zero_grad(set_to_none=False)
        loss = self._learner.add_gradients([(number, self._asked[number]) for number in chosen], epoch)
        norm = torch.nn.utils.clip_grad_norm_(self._parameters.values(), self._config.max_gradient_norm)
        if not math.isfinite(loss) or not math.isfinite(float(norm)):
            raise AdaptationError(
                f"the training diverged: in step {step + 1} of {self.n_steps} the loss is no number",
                hint="lower the learning rates; if it diverges in step 1, the base model is damaged",
            )
        self._optimizer.step()
        self.progress = replace(self.progress, step=step + 1, losses=(*self.progress.losses, loss))

    def _is_out_of_time(self) -> bool:
        """Say whether the steps have had their time; what this run's judgements took comes on top."""
        return self._config.max_seconds is not None and self.seconds - self._judging >= self._config.max_seconds

    def _judge(self) -> None:
        began = time.monotonic()
        n_tokens = sum(asked.example.n_answer for asked in self._held_out)
        found = self._learner.losses(self._held_out, ("own", "task"))
        own, task = (float(found[name].sum()) / n_tokens for name in ("own", "task"))
        if not (math.isfinite(own) and math.isfinite(task)):
            raise AdaptationError("the loss of the held-out questions is no number", hint="lower the learning rates")
        judged = (*self.progress.judged, (own, task))
        is_best = own <= min(each for each, _ in judged)
        if is_best:
            self._best = copied(self._parameters)
        self.progress = replace(self.progress, judged=judged, best=len(judged) - 1 if is_best else self.progress.best)
        self._judging += time.monotonic() - began

    def _has_no_more_to_add(self) -> bool:
        """Say whether what histories add to the task's rows has not grown for as many epochs as the patience has."""
        if self.progress.step % self.per_epoch:
            return False
        gains = [task - own for own, task in self.progress.judged[1:]]  # before the training there is nothing to add
        if not gains:
            return False
        return len(gains) - 1 - max(range(len(gains)), key=gains.__getitem__) >= self._config.patience

    def _checkpoint(self) -> PersonaCheckpoint:
        return PersonaCheckpoint(
            mark=self.mark,
            progress=replace(self.progress, seconds=self.seconds),
            tensors={
                "current": copied(self._parameters),
                "best": self._best,
                **moments_of(self._optimizer, self._parameters),
            },
        )
