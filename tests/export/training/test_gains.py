"""What ways of answering gain a population: fitted on planted users, and measured for real in profiles."""

from __future__ import annotations

import json
import shutil
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from export.cli.export import app
from export.errors import DatasetError
from export.training.gains import MIN_USERS, fit_gains
from ondevice.adaptation.gate.choosing import choose
from ondevice.adaptation.gate.shrinkage import choose_by_population
from ondevice.adaptation.gate.standing import Strategy
from ondevice.bundle import Bundle
from ondevice.bundle.gains import PopulationGain
from ondevice.errors import InputError
from ondevice.evaluation.user_gains import UserGain, UserGains, gains_ledger
from ondevice.generation.llama.engine import Engine
from tests.ondevice.evaluation.lamp_files import entry, question, write_split
from tests.tiny_generator import make_tiny_generator

TRUE = PopulationGain(mean=0.2, mean_error=0.0, variance=0.09, item_variance=1.0, users=2)


def planted(n_users: int, true: PopulationGain = TRUE, *, most: int = 12, seed: int = 3) -> list[UserGains]:
    """Return users whose true gains are spread as said, each measured on 1 to ``most`` items."""
    random = np.random.default_rng(seed)
    users = []
    for _ in range(n_users):
        n = int(random.integers(1, most + 1))
        items = random.normal(random.normal(true.mean, sqrt(true.variance)), sqrt(true.item_variance), size=n)
        variance = float(items.var(ddof=1)) if n > 1 else None
        users.append(
            UserGains(task="LaMP_4", items=n, ways={"rag": UserGain(mean=float(items.mean()), variance=variance)})
        )
    return users


def test_a_planted_population_is_found_again() -> None:
    fit = fit_gains(planted(3000))["LaMP_4"]["rag"]
    assert fit.mean == pytest.approx(TRUE.mean, abs=4 * fit.mean_error)
    assert fit.mean_error < 0.02
    assert fit.variance == pytest.approx(TRUE.variance, abs=0.03), "of the means 0.3 is chance"
    assert fit.item_variance == pytest.approx(TRUE.item_variance, rel=0.05)
    assert fit.users == 3000


def test_users_who_are_all_alike_do_not_differ_by_what_chance_does_to_their_items() -> None:
    alike = PopulationGain(mean=0.2, mean_error=0.0, variance=0.0, item_variance=1.0, users=2)
    assert fit_gains(planted(3000, alike))["LaMP_4"]["rag"].variance < 0.01


def test_the_moments_are_those_of_the_formula_by_hand() -> None:
    users = [
        UserGains(task="chat", items=2, ways={"rag": UserGain(mean=mean, variance=0.5)})
        for mean in (1.0, 0.0, 2.0, 1.0, 1.0, 0.0, 2.0, 1.0)
    ]
    fit = fit_gains(users)["chat"]["rag"]
    # Weights 4 each, so Q = 4 · 4 = 16, less 7; over 32 less 128/32, so 28.
    assert fit.variance == pytest.approx(9 / 28, abs=1e-6)
    assert (fit.mean, fit.item_variance) == (1.0, 0.5)
    assert fit.mean_error == pytest.approx(sqrt((9 / 28 + 0.25) / 8), abs=1e-6)


def test_what_too_few_users_tell_of_is_left_out() -> None:
    users = planted(40)
    few = [
        UserGains(task="LaMP_4", items=3, ways={"adapter": UserGain(mean=1.0, variance=1.0)})
        for _ in range(MIN_USERS - 1)
    ]
    silent = [UserGains(task="LaMP_7", items=0, ways={}) for _ in range(20)]
    assert {task: set(ways) for task, ways in fit_gains(users + few + silent).items()} == {"LaMP_4": {"rag"}}
    with pytest.raises(DatasetError, match="none of the tasks has 8 users"):
        fit_gains(users[: MIN_USERS - 1] + silent)
    single = [UserGains(task="chat", items=1, ways={"rag": UserGain(mean=1.0, variance=None)}) for _ in range(20)]
    with pytest.raises(DatasetError, match="two items of some of them"):
        fit_gains(single)


def test_gains_fitted_on_a_few_users_choose_better_for_others_than_their_own_items_alone() -> None:
    random = np.random.default_rng(8)
    true = {"rag": (-0.1, 0.15), "adapter": (0.1, 0.2), "both": (0.25, 0.25)}

    def user(n: int) -> tuple[dict[str, float], dict[Strategy, NDArray[np.float64]]]:
        gains = {"none": 0.0} | {way: random.normal(*each) for way, each in true.items()}
        shared = random.normal(-2, 1, size=n)
        return gains, {way: shared + random.normal(gain, 0.5, size=n) for way, gain in gains.items()}  # type: ignore[misc]

    population = []
    for _ in range(40):
        n = int(random.integers(1, 6))
        _, scores = user(n)
        own = {way: scores[way] - scores["none"] for way in ("rag", "adapter", "both")}
        ways = {
            way: UserGain(mean=float(each.mean()), variance=float(each.var(ddof=1)) if n > 1 else None)
            for way, each in own.items()
        }
        population.append(UserGains(task="chat", items=n, ways=ways))
    fitted = fit_gains(population)["chat"]
    leads = []
    for _ in range(500):
        gains, scores = user(3)
        alone = choose(scores, profile_size=15).strategy
        helped = choose_by_population(scores, fitted, profile_size=15).strategy
        leads.append(gains[helped] - gains[alone])
    assert np.mean(leads) > 5 * np.std(leads) / sqrt(len(leads))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Measure nine users of a tiny model, of whom one has too little to learn from; return the folder and the call."""
    folder = tmp_path_factory.mktemp("gains")
    make_tiny_generator(folder / "base")
    asked = []
    for number in range(9):
        sizes = 6 if number == 8 else 12
        profile = [entry("LaMP_4", i, title=f"It is {number}!", text=f"the rain {i} of {number}") for i in range(sizes)]
        asked.append({**question("LaMP_4", str(number), user=f"user {number}"), "profile": profile})
    write_split(folder / "data" / "LaMP_4", "LaMP_4", asked, split="train")
    call = ["train", "gains", str(folder / "base"), "--data", str(folder / "data"), "--k", "1", "--threads", "1"]
    call += ["--keep", str(folder / "kept.jsonl"), "--json"]
    result = CliRunner().invoke(app, [*call, "--out", str(folder / "gains.json")])
    assert result.exit_code == 0, result.output
    return folder, call


def test_gains_are_measured_in_profiles_and_kept(measured: tuple[Path, list[str]]) -> None:
    folder, call = measured
    gains = json.loads((folder / "gains.json").read_text())
    assert set(gains["LaMP_4"]) == {"rag", "adapter", "both", "contrast"}
    assert gains["LaMP_4"]["rag"]["users"] == 9
    assert gains["LaMP_4"]["adapter"]["users"] == 8
    kept = (folder / "kept.jsonl").read_text()
    again = CliRunner().invoke(app, [*call, "--out", str(folder / "again.json")])
    assert json.loads(again.stdout)["gains"] == gains
    assert (folder / "kept.jsonl").read_text() == kept


def test_users_who_are_named_twice_count_once(measured: tuple[Path, list[str]]) -> None:
    folder, call = measured
    gains, kept = json.loads((folder / "gains.json").read_text()), (folder / "kept.jsonl").read_text()
    copies = shutil.copytree(folder / "data", folder / "copies")
    shutil.copytree(copies / "LaMP_4", copies / "LaMP_4_again")  # the same users in a second folder
    copied = [str(copies) if each == str(folder / "data") else each for each in call]
    for number, more in enumerate(([*call, "--tasks", "LaMP_4, LaMP_4,"], copied)):
        result = CliRunner().invoke(app, [*more, "--out", str(folder / f"twice {number}.json")])
        assert json.loads(result.stdout)["gains"] == gains
        assert json.loads(result.stdout)["users"] == 9
    assert (folder / "kept.jsonl").read_text() == kept


@pytest.mark.parametrize(
    "change",
    [
        {"ways": {"rag": {"mean": "1", "variance": 1.0}}},
        {"ways": {"rag": {"mean": float("nan"), "variance": 1.0}}},
        {"ways": {"rag": {"mean": 1e308, "variance": 1.0}}},
        {"ways": {"rag": {"mean": 1.0, "variance": -1.0}}},
        {"ways": {"rag": {"mean": 1.0}}},
        {"ways": {"luck": {"mean": 1.0, "variance": 1.0}}},
        {"ways": []},
        {"items": "3"},
        {"items": -3},
        {"users": 4},
    ],
)
def test_a_kept_line_of_something_else_is_named(tmp_path: Path, change: dict[str, object]) -> None:
    line = {"key": "a", "task": "LaMP_4", "items": 3, "ways": {"rag": {"mean": 1.0, "variance": None}}}
    path = tmp_path / "kept.jsonl"
    path.write_text(json.dumps(line) + "\n")
    gains_ledger(path).close()
    path.write_text(json.dumps({**line, **change}) + "\n")
    with pytest.raises(InputError, match="line 1: it is not a user's gains"):
        gains_ledger(path)


def test_gains_beyond_what_a_bundle_may_tell_are_an_error_of_the_data() -> None:
    far = [UserGains(task="chat", items=3, ways={"rag": UserGain(mean=200.0, variance=1.0)}) for _ in range(MIN_USERS)]
    with pytest.raises(DatasetError, match="what users gain by 'rag' cannot be told: the mean gain 200"):
        fit_gains(far)


def test_the_gains_do_not_replace_what_is_kept(measured: tuple[Path, list[str]]) -> None:
    folder, call = measured
    before = (folder / "kept.jsonl").read_text()
    result = CliRunner().invoke(app, [*call, "--out", str(folder / "kept.jsonl")])
    assert result.exit_code == 2
    assert "--out and --keep are two files" in result.stderr
    assert (folder / "kept.jsonl").read_text() == before


def test_a_bundle_tells_them_and_is_otherwise_the_base(measured: tuple[Path, list[str]]) -> None:
    folder, _ = measured
    asked = ["add-gains", folder / "base", "--gains", folder / "gains.json", "--out", folder / "told", "--json"]
    result = CliRunner().invoke(app, [str(each) for each in asked])
    assert json.loads(result.stdout)["name"] == "told"
    base, told = (Bundle.open(folder / name, kind="generator") for name in ("base", "told"))
    assert told.files == base.files
    assert told.generator is not None
    assert told.generator.gains is not None
    assert told.generator.gains["LaMP_4"]["rag"].users == 9
    with Engine.open(told) as engine:
        assert engine.count_tokens("a") > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "gains must name a task or more"),
        ("[]", "the field 'gains' must be an object"),
        ("no", "it is not json"),
        ('{"chat": {"rag": {"mean": 1}}}', "'mean_error' of the gain of 'rag' is missing"),
        ('{"chat": {"rag": 1}}', "must be dict, not int"),
        (
            '{"chat": {"rag": {"mean": 0, "mean_error": 0, "variance": 0, "item_variance": 1, "users": 1%s}}}'
            % ("0" * 99),
            "no population has more than 1000000000 users",
        ),
    ],
)
def test_a_file_of_something_else_is_refused(
    measured: tuple[Path, list[str]], tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "gains.json").write_text(text)
    asked = ["add-gains", measured[0] / "base", "--gains", tmp_path / "gains.json", "--out", tmp_path / "out", "--json"]
    result = CliRunner().invoke(app, [str(each) for each in asked])
    assert message in json.loads(result.stdout)["error"]["message"]
    assert not (tmp_path / "out").exists()
