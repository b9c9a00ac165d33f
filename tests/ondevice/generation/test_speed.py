from __future__ import annotations

from ondevice.generation.llama.engine import Engine
from ondevice.generation.speed import Speed, measure_speed


def test_a_model_is_measured_at_least_once_and_about_as_long_as_said(engine: Engine) -> None:
    once = measure_speed(engine, seconds=0.0)
    assert once.read_tokens_s > 0
    assert once.write_tokens_s > 0
    longer = measure_speed(engine, seconds=0.3)
    assert longer.seconds >= 0.3


def test_an_answer_takes_its_reading_and_its_writing() -> None:
    speed = Speed(read_tokens_s=100.0, write_tokens_s=10.0, seconds=1.0)
    assert speed.seconds_for(200, 30) == 5.0
