"""The graph: the components and how they are wired, once for every runner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tensorflow_data_validation as tfdv
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.components.statistics_gen.component import StatisticsGen
from tfx.components.transform.component import Transform
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.data_types import RuntimeParameter
from tfx.orchestration.pipeline import Pipeline
from tfx.types import standard_artifacts

from components.drift.component import Drift
from components.evaluator.component import Evaluator
from components.example_gen.component import RatingsExampleGen
from components.example_validator.component import ExampleValidator
from components.live_model.component import LiveModel
from components.pusher.component import Pusher
from components.refuse_model.component import RefuseModel
from components.report.component import Report
from components.serving_check.component import ServingCheck
from components.trainer.component import TwoTowerTrainer
from components.tuner.component import TwoTowerTuner
from pipeline import nodes
from pipeline.config.beam_engines import beam_args
from pipeline.config.settings import PipelineConfig

PREPROCESSING_FN = "components.transform.preprocessing.preprocessing_fn"


@dataclass(frozen=True)
class Inputs:
    """What a run is given beside its settings.

    Attributes:
        data_root: Folder of the rating files; on Kubeflow a run parameter.
        schema_file: Schema in text format.
        destination: Folder of the served versions, `serving_model/<pipeline name>`.
        live_version: Version to measure against; empty for none, `auto` to look it up in the run.
        several_spans: Whether a run reads more than one span; on Kubeflow, where only the run
            itself knows, whether it may.
        push_token: Any text; another one makes the Pusher run again though nothing else changed.
    """

    data_root: str | RuntimeParameter
    schema_file: str
    destination: str
    live_version: str = "auto"
    push_token: str = ""
    several_spans: bool = False


def create_pipeline(
    name: str,
    root: str,
    config: PipelineConfig,
    inputs: Inputs,
    enable_cache: bool = True,
    metadata_connection_config: Any = None,
    fail_when_refused: bool = False,
) -> Pipeline:
    """Wires the components from rating files to a pushed model.

    Args:
        name: Pipeline name.
        root: Folder of the artifacts.
        config: Settings of all components.
        inputs: Data, schema and destination.
        enable_cache: Whether a component whose inputs and settings are unchanged is skipped.
        metadata_connection_config: ML Metadata's connection, for local runs.
        fail_when_refused: Whether a refused model fails the run, in a component Gate of its own.
    """
    examples = RatingsExampleGen(
        input_base=inputs.data_root, data=config.data, split=config.split
    ).with_id(nodes.EXAMPLE_GEN.id)
    statistics = StatisticsGen(
        examples=examples.outputs["examples"], stats_options=statistics_options()
    )
    schema = ImportSchemaGen(schema_file=inputs.schema_file).with_id(nodes.SCHEMA_GEN.id)
    validator = ExampleValidator(
        statistics=statistics.outputs["statistics"],
        schema=schema.outputs["schema"],
        user_features=config.trainer.user_features,
    )
    transform = Transform(
        examples=examples.outputs["examples"],
        schema=schema.outputs["schema"],
        preprocessing_fn=PREPROCESSING_FN,
        materialize=False,
        disable_statistics=True,
        disable_analyzer_cache=True,
    )
    # Nothing is built on data that has not passed validation.
    transform.add_upstream_node(validator)
    live = LiveModel(destination=inputs.destination, version=inputs.live_version)
    newest = _newest_span(config, inputs, examples)
    drift = Drift(
        statistics=statistics.outputs["statistics"],
        schema=schema.outputs["schema"],
        examples=examples.outputs["examples"],
        live_model=live.outputs["model"],
        config=config.drift,
        newest_examples=newest[0].outputs["examples"] if newest else None,
        newest_statistics=newest[1].outputs["statistics"] if newest else None,
    )
    drift.add_upstream_node(validator)
    tuning = _tuning(config, examples, transform)
    trainer = TwoTowerTrainer(
        examples=examples.outputs["examples"],
        movies=examples.outputs["movies"],
        transform_graph=transform.outputs["transform_graph"],
        config=config.trainer,
        hyperparameters=tuning[0].outputs["best_hyperparameters"] if tuning else None,
        base_model=live.outputs["model"] if config.trainer.warm_start else None,
        statistics=statistics.outputs["statistics"],
    ).with_id(nodes.TRAINER.id)
    for searching in (*tuning, trainer):
        searching.add_upstream_node(drift)
    evaluator = Evaluator(
        examples=examples.outputs["examples"],
        model=trainer.outputs["model"],
        live_model=live.outputs["model"],
        gate=config.gate,
        evaluator=config.evaluator,
    )
    check = ServingCheck(
        model=trainer.outputs["model"],
        examples=examples.outputs["examples"],
        movies=examples.outputs["movies"],
        config=config.serving_check,
    )
    pusher = Pusher(
        model=trainer.outputs["model"],
        model_blessing=evaluator.outputs["blessing"],
        infra_blessing=check.outputs["blessing"],
        destination=inputs.destination,
        token=inputs.push_token,
    )
    report = Report(
        pipeline=name,
        config=config.report,
        examples=examples.outputs["examples"],
        movies=examples.outputs["movies"],
        anomalies=validator.outputs["anomalies"],
        drift=drift.outputs["drift"],
        model=trainer.outputs["model"],
        model_run=trainer.outputs["model_run"],
        live_model=live.outputs["model"],
        evaluation=evaluator.outputs["evaluation"],
        metrics=evaluator.outputs["metrics"],
        infra_blessing=check.outputs["blessing"],
        tuner_results=tuning[0].outputs.get("tuner_results") if tuning else None,
    )
    # Before anything is refused or pushed: a refused model needs its report most.
    pusher.add_upstream_node(report)
    gates = []
    if fail_when_refused:
        gate = RefuseModel(
            metrics=evaluator.outputs["metrics"], infra_blessing=check.outputs["blessing"]
        ).with_id(nodes.GATE.id)
        gate.add_upstream_node(report)
        pusher.add_upstream_node(gate)
        gates = [gate]
    return Pipeline(
        pipeline_name=name,
        pipeline_root=root,
        components=[
            examples,
            statistics,
            schema,
            validator,
            transform,
            live,
            *newest,
            drift,
            *tuning,
            trainer,
            evaluator,
            check,
            report,
            *gates,
            pusher,
        ],
        enable_cache=enable_cache,
        beam_pipeline_args=beam_args(config.beam),
        metadata_connection_config=metadata_connection_config,
    )


def statistics_options() -> tfdv.StatsOptions:
    """Returns how statistics are computed: numbers of distinct values by sketches.

    Exact numbers cost Beam an element for each distinct value of each block: of 25 million
    interactions four times the whole rest. Frequencies are exact up to 16,384 distinct values.
    """
    return tfdv.StatsOptions(experimental_use_sketch_based_topk_uniques=True)


def _newest_span(config: PipelineConfig, inputs: Inputs, all_spans: Any) -> tuple[Any, ...]:
    """Returns an ExampleGen and a StatisticsGen of the newest span alone, for Drift.

    Returns nothing where a run reads one span only, or Drift is to compare all that is read.
    """
    if not (inputs.several_spans and config.drift.newest_span):
        return ()
    data = nodes.NEWEST_SPAN.settings["data_config"].of(config)
    examples = RatingsExampleGen(input_base=inputs.data_root, data=data, split=config.split)
    examples.add_upstream_node(all_spans)  # which refuses bad data, once
    statistics = StatisticsGen(
        examples=examples.outputs["examples"],
        stats_options=statistics_options(),
        exclude_splits=["eval"],
    )
    return examples.with_id(nodes.NEWEST_SPAN.id), statistics.with_id(nodes.NEWEST_STATISTICS.id)


def _tuning(config: PipelineConfig, examples: Any, transform: Any) -> list[Any]:
    """Returns the node whose hyperparameters the Trainer takes: none, a search or its result."""
    if config.tuner.best_from:
        earlier = Importer(
            source_uri=config.tuner.best_from,
            artifact_type=standard_artifacts.HyperParameters,
            output_key="best_hyperparameters",
        )
        return [earlier.with_id(nodes.BEST_HYPERPARAMETERS.id)]
    if not config.tuner.trials:
        return []
    tuner = TwoTowerTuner(
        examples=examples.outputs["examples"],
        movies=examples.outputs["movies"],
        transform_graph=transform.outputs["transform_graph"],
        trainer_config=config.trainer,
        tuner_config=config.tuner,
    )
    return [tuner.with_id(nodes.TUNER.id)]
