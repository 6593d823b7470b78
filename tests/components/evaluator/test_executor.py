"""The Evaluator from end to end on a tiny world: verdicts, figures, and how they are read."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from tfx import types
from tfx.components.util import model_utils
from tfx.dsl.components.base import base_beam_executor
from tfx.types import standard_artifacts
from tfx.utils import proto_utils

from components.artifacts import Metrics
from components.evaluator import result
from components.evaluator.config import EvaluatorConfig, GateConfig
from components.evaluator.decisions import check
from components.evaluator.eval_config import eval_config
from components.evaluator.executor import Executor
from components.evaluator.result import EvaluationResult, GateDecision
from components.live_model import artifact
from tests.components.evaluator import synthetic

# Popularity has 2 hits of 8. These ask for 4 hits, and for 1.5 times popularity's: 3 hits.
GATE = GateConfig(min_top_100_accuracy=0.5, min_popularity_ratio=1.5, max_drop=0.1)


class Outcome(NamedTuple):
    result: EvaluationResult
    blessed: bool

    @property
    def decisions(self) -> list[GateDecision]:
        return self.result.decisions

    def refused_by(self) -> list[str]:
        return [decision.name for decision in self.decisions if not decision.passed]


class Evaluations:
    """Runs the executor on models of the tiny world, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.examples = synthetic.write_examples(folder / "examples")
        self.models: dict[tuple[int, ...], types.Artifact] = {}
        self.runs = 0

    def model(
        self, hits: int, unseen_hits: int, catalogue_size: int = synthetic.CATALOGUE_SIZE
    ) -> types.Artifact:
        key = (hits, unseen_hits, catalogue_size)
        if key not in self.models:
            folder = self.folder / "-".join(map(str, ("model", *key)))
            self.models[key] = synthetic.write_model(folder, *key)
        return self.models[key]

    def absent(self) -> types.Artifact:
        live = synthetic.artifact(standard_artifacts.Model, self.folder / "absent")
        artifact.mark_absent(live)
        return live

    def run(
        self,
        model: types.Artifact,
        live: types.Artifact,
        gate: GateConfig = GATE,
        examples: types.Artifact | None = None,
        weighted: bool = False,
        samples: int = 0,
        users: int = 0,
    ) -> Outcome:
        """Evaluates; without resamples, for four users are so few that intervals would decide."""
        self.runs += 1
        folder = self.folder / f"run-{self.runs}"
        evaluation = synthetic.artifact(standard_artifacts.ModelEvaluation, folder / "evaluation")
        blessing = synthetic.artifact(standard_artifacts.ModelBlessing, folder / "blessing")
        figures = synthetic.artifact(Metrics, folder / "metrics")
        context = base_beam_executor.BaseBeamExecutor.Context(
            beam_pipeline_args=["--direct_running_mode=in_memory", "--sdk_container_image=none"],
            tmp_dir=str(folder / "tmp"),
            unique_id="1",
        )
        settings = EvaluatorConfig(bootstrap_samples=samples, weighted=weighted)
        Executor(context).Do(
            {
                "examples": [examples or self.examples],
                "model": [model],
                "baseline_model": [live],
            },
            {"evaluation": [evaluation], "blessing": [blessing], "metrics": [figures]},
            {
                "eval_config": proto_utils.proto_to_json(eval_config(gate, settings)),
                "example_splits": "null",
                "fairness_indicator_thresholds": "null",
                "users": users,
            },
        )
        blessed = model_utils.is_model_blessed(blessing)
        read = result.read(figures.uri)
        result.check_thresholds(read, gate)
        return Outcome(read, blessed)


@pytest.fixture(scope="module")
def evaluations(tmp_path_factory: pytest.TempPathFactory) -> Evaluations:
    return Evaluations(tmp_path_factory.mktemp("evaluator"))


@pytest.fixture(scope="module")
def first(evaluations: Evaluations) -> Outcome:
    """A model with 6 of 8 hits where nothing is live."""
    return evaluations.run(evaluations.model(6, 6), evaluations.absent())


@pytest.fixture(scope="module")
def second(evaluations: Evaluations) -> Outcome:
    """A model with 7 of 8 hits (unseen: 6) against a live one with 6 (unseen: 6)."""
    return evaluations.run(evaluations.model(7, 6), evaluations.model(6, 6))


def test_executor_good_model_is_blessed_without_a_live_one(first: Outcome) -> None:
    assert first.blessed
    values = {decision.name: (decision.value, decision.threshold) for decision in first.decisions}
    # 6 of 8 hits; popularity has 2: three times as many. No gate on a change.
    assert values == {
        "top_100_accuracy": (0.75, 0.5),
        "popularity_ratio": (3.0, 1.5),
        "unseen_popularity_ratio": (3.0, 1.5),
        # The table says nothing of an index: it is exact.
        "index_recall": (1.0, 0.95),
    }


def test_executor_good_model_is_blessed_against_a_live_one(second: Outcome) -> None:
    assert second.blessed
    changes = {decision.name: decision.value for decision in second.decisions[3:5]}
    # 7/8 − 6/8 = .125 and 6/8 − 6/8 = 0.
    assert changes == {"top_100_accuracy_change": 0.125, "unseen_top_100_accuracy_change": 0.0}


def test_executor_model_below_the_floor_is_refused(evaluations: Evaluations) -> None:
    # 3 of 8 hits are below .5, though 1.5 times popularity's 2.
    outcome = evaluations.run(evaluations.model(3, 6), evaluations.absent())
    assert not outcome.blessed
    assert outcome.refused_by() == ["top_100_accuracy"]
    assert outcome.decisions[0].reason == (
        "top_100_accuracy is 0.3750, at least 0.5000 is required"
    )


def test_executor_model_no_better_than_popularity_is_refused(evaluations: Evaluations) -> None:
    # 2 of 8 hits are as many as popularity's; the floor is lowered so that it does not refuse.
    gate = GATE.model_copy(update={"min_top_100_accuracy": 0.2})
    outcome = evaluations.run(evaluations.model(2, 6), evaluations.absent(), gate)
    assert not outcome.blessed
    assert outcome.refused_by() == ["popularity_ratio"]
    assert outcome.decisions[1].reason == (
        "top_100_accuracy is 0.2500, 1.000 times that of the most popular movies (0.2500), "
        "at least 1.500 times is required"
    )


def test_executor_model_no_better_than_unseen_popularity_is_refused(
    evaluations: Evaluations,
) -> None:
    outcome = evaluations.run(evaluations.model(6, 2), evaluations.absent())
    assert not outcome.blessed
    assert outcome.refused_by() == ["unseen_popularity_ratio"]


def test_executor_model_worse_than_live_is_refused(evaluations: Evaluations) -> None:
    # 6/8 against 7/8 is a drop of .125, more than .1; unseen both have 6/8.
    outcome = evaluations.run(evaluations.model(6, 6), evaluations.model(7, 6))
    assert not outcome.blessed
    assert outcome.refused_by() == ["top_100_accuracy_change"]
    assert outcome.decisions[3].reason == (
        "top_100_accuracy is 0.7500, 0.1250 below the live model's 0.8750, "
        "at most 0.1000 below is allowed"
    )


def test_executor_model_worse_than_live_on_unseen_is_refused(evaluations: Evaluations) -> None:
    outcome = evaluations.run(evaluations.model(7, 6), evaluations.model(6, 7))
    assert not outcome.blessed
    assert outcome.refused_by() == ["unseen_top_100_accuracy_change"]


def test_executor_small_drop_is_allowed(evaluations: Evaluations) -> None:
    # A drop of .125 where .13 is allowed.
    gate = GATE.model_copy(update={"max_drop": 0.13})
    outcome = evaluations.run(evaluations.model(6, 6), evaluations.model(7, 6), gate)
    assert outcome.blessed


@pytest.mark.parametrize(
    ("recalls", "mean", "blessed"),
    [
        # (1 + .9 + .96) / 3 is just enough, (.9 + .9 + 1) / 3 is not; -1 was not measured.
        ((1.0, 0.9, -1.0, 0.96), 2.86 / 3, True),
        ((0.9, 0.9, 1.0, -1.0), 2.8 / 3, False),
        ((-1.0, -1.0, -1.0, -1.0), None, False),
    ],
)
def test_executor_index_that_misses_too_much_is_refused(
    evaluations: Evaluations,
    tmp_path: Path,
    recalls: tuple[float, ...],
    mean: float | None,
    blessed: bool,
) -> None:
    model = synthetic.write_model(tmp_path / "model", 6, 6, recalls=recalls)
    outcome = evaluations.run(model, evaluations.absent())
    assert outcome.blessed == blessed
    assert outcome.refused_by() == ([] if blessed else ["index_recall"])
    decision = outcome.decisions[-1]
    assert decision.value == (None if mean is None else pytest.approx(mean))
    if mean is None:
        assert "of none of the users" in decision.reason
    else:
        assert decision.reason == f"index_recall is {mean:.4f}, at least 0.9500 is required"


def test_executor_small_catalogue_is_decided_on_shorter_lists(evaluations: Evaluations) -> None:
    # On top of the lists of u0 and u1 is p1, of u2 c: 3 of 8 hits, 1.5 times popularity's 2. Of the
    # whole lists it would be 6 hits, 3 times as many.
    gate = GATE.model_copy(update={"min_popularity_ratio": 1.6})
    outcome = evaluations.run(evaluations.model(6, 6, 20), evaluations.absent(), gate)
    assert outcome.refused_by() == ["popularity_ratio", "unseen_popularity_ratio"]
    floor, ratio, _, _ = outcome.decisions
    assert (floor.k, floor.value) == (100, 0.75)
    assert (ratio.k, ratio.value, ratio.as_dict()["k"]) == (1, 1.5, 1)
    assert ratio.reason == (
        "top_1_accuracy is 0.3750, 1.500 times that of the most popular movies (0.2500), at least "
        "1.600 times is required (k = 1, as 100 is more than a tenth of the 20 movies)"
    )


def test_executor_small_catalogue_change_is_of_shorter_lists(evaluations: Evaluations) -> None:
    # The live model has e on top of u3's list too: 4 of 8, .125 more than 3 of 8.
    live = evaluations.model(7, 7, 20)
    outcome = evaluations.run(evaluations.model(6, 6, 20), live)
    assert outcome.refused_by() == ["top_1_accuracy_change", "unseen_top_1_accuracy_change"]
    assert outcome.decisions[3].value == -0.125
    assert "top_1_accuracy is 0.3750, 0.1250 below the live" in outcome.decisions[3].reason


def test_executor_few_users_are_refused_only_by_the_whole_interval(
    evaluations: Evaluations,
) -> None:
    # 3 hits against 2, of u0 and u1 together: 1.5 times, less than 1.7. Of u0 alone it is twice.
    gate = GateConfig(min_top_100_accuracy=0.2, min_popularity_ratio=1.7)
    model = evaluations.model(3, 3)
    certain = evaluations.run(model, evaluations.absent(), gate)
    assert certain.refused_by() == ["popularity_ratio", "unseen_popularity_ratio"]
    few = evaluations.run(model, evaluations.absent(), gate, samples=100)
    assert few.blessed
    assert few.result.metrics["popularity_ratio"] == 1.5
    assert few.decisions[1].value == few.result.metrics["popularity_ratio_ci_upper"] >= 1.7
    assert "of 4 users it is known to be" in few.decisions[1].reason
    (warning,) = few.result.warnings
    assert warning.startswith("only 4 users have held-out interactions: top_100_accuracy is known")
    # Where u0 and u1 hit what popularity hits, every resample has the same ratio: 1.
    weak = evaluations.run(evaluations.model(2, 2), evaluations.absent(), gate, samples=100)
    assert weak.refused_by() == ["popularity_ratio", "unseen_popularity_ratio"]


def test_executor_without_eval_users_refuses(evaluations: Evaluations, tmp_path: Path) -> None:
    empty = synthetic.write_examples(tmp_path / "empty", users=[])
    outcome = evaluations.run(evaluations.model(6, 6), evaluations.absent(), examples=empty)
    assert not outcome.blessed
    assert {decision.value for decision in outcome.decisions} == {None}
    assert "no user has a held-out interaction" in outcome.decisions[0].reason


@pytest.mark.parametrize("users", [1, 3])
def test_executor_measures_a_sample_of_the_users(evaluations: Evaluations, users: int) -> None:
    model, live = evaluations.model(8, 8), evaluations.model(0, 0)
    outcome = evaluations.run(model, live, users=users)
    read = outcome.result
    # Two held-out interactions a user; this model hits them all, the live one none.
    assert (read.metrics["users"], read.metrics["interactions"]) == (users, 2 * users)
    assert (read.live["users"], read.users_of_eval) == (users, 4)
    assert (read.metrics["top_100_accuracy"], read.live["top_100_accuracy"]) == (1.0, 0.0)


def test_executor_measures_all_users_where_there_are_no_more(evaluations: Evaluations) -> None:
    outcome = evaluations.run(evaluations.model(6, 6), evaluations.absent(), users=4)
    assert outcome.result.metrics["users"] == 4
    assert outcome.result.metrics["top_100_accuracy"] == 0.75


def test_result_without_live_model(first: Outcome) -> None:
    model = first.result.metrics
    assert first.result.live == {}
    assert model["users"] == 4
    assert first.result.users_of_eval == 0
    assert model["interactions"] == 8
    assert model["popularity_top_100_accuracy"] == 0.25
    # Lists of four: z1 to z4 and the 6 held-out movies p1, p1, a, b, c, d: 9 different.
    assert model["coverage_at_100"] == pytest.approx(9 / synthetic.CATALOGUE_SIZE)
    assert not [name for name in model if "_ci_" in name]


def test_result_with_live_model(second: Outcome) -> None:
    read = second.result
    assert (read.metrics["top_100_accuracy"], read.live["top_100_accuracy"]) == (0.875, 0.75)


def test_result_slices_where_features_are_missing(second: Outcome) -> None:
    # u0 and u1 have a gender and 4 of the 8 rows, all hit by both models; no one has an age.
    slices = second.result.slices
    assert sorted(slices) == ["activity=0", "activity=1-19", "gender=F"]
    assert slices["gender=F"]["model"]["interactions"] == 4
    assert slices["gender=F"]["live"]["top_100_accuracy"] == 1.0
    # u3 alone has no train movies: of its two rows the model hits one, the live one none.
    assert slices["activity=0"]["model"]["top_100_accuracy"] == 0.5
    assert slices["activity=0"]["live"]["top_100_accuracy"] == 0.0


def test_check_contradicting_blessing_is_an_error(first: Outcome) -> None:
    with pytest.raises(RuntimeError, match="blessed: False"):
        check(first.decisions, validated=True, blessed=False)


def test_check_contradicting_validation_is_an_error(first: Outcome) -> None:
    with pytest.raises(RuntimeError, match="TFMA validated: False"):
        check(first.decisions, validated=False, blessed=True)


def test_as_dict_is_what_last_run_holds(first: Outcome) -> None:
    assert first.decisions[0].as_dict() == {
        "name": "top_100_accuracy",
        "value": 0.75,
        "threshold": 0.5,
        "passed": True,
        "k": 100,
    }


@pytest.mark.parametrize(("weighted", "expected"), [(True, 2.5 / 8), (False, 3 / 8)])
def test_executor_weighs_held_out_interactions_where_asked(
    evaluations: Evaluations, weighted: bool, expected: float, tmp_path: Path
) -> None:
    # Hits are u0's and u1's p1 and u0's a. u0 has both of two; u1's p1 has a quarter of the
    # weight: half an interaction in place of one. u2 and u3 have no weights and no hits.
    weights = {b"u0": [2.0, 1.0], b"u1": [1.0, 3.0]}
    examples = synthetic.write_examples(tmp_path / "examples", weights=weights)
    model, live = evaluations.model(3, 3), evaluations.absent()
    outcome = evaluations.run(model, live, examples=examples, weighted=weighted)
    assert outcome.result.metrics["top_100_accuracy"] == pytest.approx(expected)
