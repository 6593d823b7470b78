"""Settings of the Trainer: towers, loss, optimizer, length of the training.

TrainerSettings is what a user sets; what is "auto" there follows from the data (planning/plan.py).
TrainerConfig is the same with every value decided: what the training reads.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from components.config import (
    NotNegative,
    NotNegativeNumber,
    Positive,
    PositiveNumber,
    ProperShare,
    Section,
    Share,
    ShareBelowOne,
)
from components.contracts.examples import MovieFeature, UserFeature

Auto = Literal["auto"]
Precision = Literal["float32", "bfloat16"]
Optimizer = Literal["adam_mini", "adam", "adagrad", "sgd"]

_LOSS = (
    "full_softmax scores the whole catalogue in each step; sampled_softmax scores the step's "
    "targets and a sample of the others, for catalogues that are too large for that; in_batch "
    "takes the batch's other candidates as negatives (TFRS Retrieval)."
)
_NEGATIVES = "Movies drawn in each step beside its targets; used with loss=sampled_softmax."
_EMBEDDING_DIM = "Width of the embeddings of both towers."
_BATCH_SIZE = "Users in a step; interactions with query=user_id and loss=in_batch."
_EPOCHS = "Passes over the training data."
_STEPS = "Steps of the training, in place of epochs"
_LINEAR_RANK = (
    "Width of the linear part of the towers, fitted in closed form beside the rest; 0 turns it "
    "off, and so does learning_rate=0. Used with query=history."
)
_PRECISION = (
    "Of the scores of a step and their gradients; weights, losses and the served model are float32."
)
_TRANSITION_RANK = (
    "Width of the transitions in closed form, beside the trained towers; 0 turns them off, and so "
    "does learning_rate=0. Used with query=sequence."
)
_QUERY = (
    "Query tower: history pools what the user watched, sequence reads it in order, user_id embeds "
    "the user id."
)
_OPTIMIZER = "adam_mini is Adam with one second moment per weight tensor."
_LEARNING_RATE = "Peak learning rate; 0 trains nothing."
_WEIGHT_DECAY = "Decoupled decay of embeddings and dense layers, times learning rate."
_LABEL_SMOOTHING = "Share of the labels that follows popularity; not used with loss=in_batch."
_DROPOUT = "Dropout on the pooled history; with query=sequence on what each layer adds."
_POSITIONS = "Positions of a window that a step predicts from; query=sequence."
_BY_TOWER = " auto: the measured value of the query tower."
_CHOSEN = " auto: chosen from the size of the data (docs/scale.md)."


class _Common(Section):
    """What does not follow from the size of the data."""

    weights: Literal["auto", "none"] = Field(
        "auto",
        description="auto: where the data have weights, the loss of an interaction is multiplied "
        "by its weight, and histories are pooled by it; none ignores weights.",
    )
    hidden_layers: tuple[int, ...] = Field(
        (), description="Widths of the dense layers between embedding and output, in both towers."
    )
    movie_features: tuple[MovieFeature, ...] = Field(
        (), description="What the candidate tower embeds beside the movie: genres, year."
    )
    user_features: tuple[UserFeature, ...] = Field(
        (),
        description="What the query tower embeds beside id or history: gender, age, occupation.",
    )
    feature_dropout: ShareBelowOne = Field(
        0.1,
        description="Share of the users shown without a feature in training, so that an unknown "
        "value has an embedding that was learned.",
    )
    initial_stddev: PositiveNumber = Field(
        0.2, description="Deviation of the initial embeddings, a normal truncated at two."
    )
    warmup_fraction: Share = Field(
        0.1, description="Share of the steps over which the learning rate rises."
    )
    cosine_decay: bool = Field(
        True, description="Whether the learning rate then falls as a cosine, to 2 % of its peak."
    )
    temperature: PositiveNumber = Field(1.0, description="Divides the scores in the softmax.")
    item_bias: bool = Field(
        True,
        description="Learned popularity term of each movie; not used with loss=in_batch.",
    )
    logq: bool = Field(True, description="Corrects in-batch scores for sampling by popularity.")
    remove_accidental_hits: bool = Field(
        True, description="Hides candidates of the batch that are the query's own positive."
    )
    batch_pairs: Positive = Field(
        2048,
        description="Mean number of interactions in a step with query=history and loss=in_batch.",
    )
    window: int = Field(
        128, ge=1, le=4096, description="Movies of a history that query=sequence reads: the last."
    )
    next_targets: Positive = Field(
        5, description="Movies that follow a position and are its targets; query=sequence."
    )
    next_rate: PositiveNumber = Field(
        1.5,
        description="Positions in which the weight of such a target falls to 1/e; query=sequence.",
    )
    blocks: int = Field(2, ge=0, le=16, description="Layers of the tower with query=sequence.")
    transition_ridge: PositiveNumber = Field(
        100.0, description="Ridge of the transitions in closed form; query=sequence."
    )
    transition_weight: NotNegativeNumber = Field(
        0.1,
        description="Deviation of the scores of the transitions, in units of that of the trained "
        "scores; 0 leaves them out; query=sequence.",
    )
    holdout_min: ProperShare = Field(
        0.1, description="Least share of a history held out as targets."
    )
    holdout_max: ProperShare = Field(0.4, description="Largest share held out as targets.")
    history_exponent: Share = Field(
        0.85, description="The pooled sum is divided by n to this power."
    )
    seen_penalty: NotNegativeNumber = Field(
        8.0,
        description="Start of the learned penalty on movies of the history, 0 turns it off; "
        "used with query=history, not with loss=in_batch.",
    )
    linear_ridge: PositiveNumber = Field(
        12.0,
        description="Ridge of the linear part, in units of a movie's mean number of interactions.",
    )
    linear_weight: PositiveNumber = Field(4.0, description="Factor of the linear part's scores.")
    warm_start: bool = Field(
        False,
        description="Whether training starts from the live model where there is one of the same "
        "shape and split; with warm_epochs and warm_learning_rate.",
    )
    warm_epochs: Positive = Field(
        5,
        description="Passes after a warm start; a training whose length is given in steps "
        "takes an eighth of them.",
    )
    warm_learning_rate: NotNegativeNumber = Field(
        0.003, description="Peak learning rate after a warm start; learning_rate bounds it."
    )
    shuffle_labels: bool = Field(
        False,
        description="Permutes the movies of the training data: to test that the gate refuses.",
    )
    validation_users: Share = Field(
        0.05, description="Share of users of whom part of train is kept for validation."
    )
    validation_fraction: ProperShare = Field(
        0.2, description="Share of such a user's train interactions kept for validation."
    )
    most_validation_users: Positive = Field(
        2048,
        description="Users, at most, on whom a validation is measured: 2,048 know an accuracy to "
        "about ±.01, in seconds for any catalogue.",
    )
    validate_every: Positive = Field(
        5,
        description="Epochs between validations, or fortieths of a training whose length is given "
        "in steps; the last always is validated.",
    )
    devices: int = Field(
        1,
        ge=0,
        le=1024,
        description="GPUs of this machine that share each step (CPU devices where there is no "
        "GPU); 0: all GPUs. More than one needs loss=full_softmax.",
    )
    seed: NotNegative = Field(42, description="Seed of initial values, shuffling and hold-outs.")
    index: Literal["auto", "exact", "partitioned"] = Field(
        "auto",
        description="How the served model finds movies. exact compares a query with all of them; "
        "partitioned with those of the most promising partitions, and may miss one; auto takes "
        "partitions from 200,000 movies on, where they help.",
    )
    index_recall: float = Field(
        0.98,
        gt=0,
        le=1,
        description="Share of the exact top 100 for which the probed partitions are counted; "
        "the gate index_recall asks for a little less.",
    )
    index_partitions: NotNegative = Field(
        0, description="Number of partitions; 0 takes 4 times the root of the catalogue."
    )
    index_probes: NotNegative = Field(
        0, description="Partitions that a query looks into; 0 measures how many it takes."
    )
    index_precision: Precision = Field(
        "float32",
        description="How the served model stores the movies' vectors; bfloat16 halves their memory "
        "and swaps near ties.",
    )

    @model_validator(mode="after")
    def _holdout_is_a_range(self) -> Self:
        if self.holdout_min > self.holdout_max:
            raise ValueError(
                f"holdout_min={self.holdout_min} is more than holdout_max={self.holdout_max}"
            )
        return self


class TrainerConfig(_Common):
    """Two towers and how they are trained, every value decided."""

    query: Literal["history", "sequence", "user_id"] = Field("history", description=_QUERY)
    optimizer: Optimizer = Field("adam_mini", description=_OPTIMIZER)
    learning_rate: NotNegativeNumber = Field(0.01, description=_LEARNING_RATE)
    weight_decay: NotNegativeNumber = Field(0.1, description=_WEIGHT_DECAY)
    label_smoothing: ShareBelowOne = Field(0.1, description=_LABEL_SMOOTHING)
    dropout: ShareBelowOne = Field(0.6, description=_DROPOUT)
    transition_rank: NotNegative = Field(1024, description=_TRANSITION_RANK)
    loss: Literal["full_softmax", "sampled_softmax", "in_batch"] = Field(
        "full_softmax", description=_LOSS
    )
    negatives: Positive = Field(2048, description=_NEGATIVES)
    embedding_dim: Positive = Field(256, description=_EMBEDDING_DIM)
    batch_size: Positive = Field(256, description=_BATCH_SIZE)
    positions: Positive = Field(128, description=_POSITIONS)
    epochs: Positive = Field(40, description=_EPOCHS)
    steps: NotNegative = Field(0, description=f"{_STEPS}; 0: as many as the epochs take.")
    linear_rank: NotNegative = Field(256, description=_LINEAR_RANK)
    precision: Precision = Field("float32", description=_PRECISION)

    @property
    def queries(self) -> int:
        """Queries of a step, at most: users, or their positions."""
        return self.batch_size * (self.positions if self.query == "sequence" else 1)

    @property
    def has_item_bias(self) -> bool:
        """Whether movies have a learned popularity term; in-batch scores are corrected instead."""
        return self.item_bias and self.loss != "in_batch"


class TrainerSettings(_Common):
    """Two towers and how they are trained."""

    query: Literal["auto", "history", "sequence", "user_id"] = Field(
        "auto",
        description=f"{_QUERY} auto: sequence where each user's next movie is held out "
        "(split.method leave-last) and the data have times, else history.",
    )
    optimizer: Optimizer | Auto = Field("auto", description=_OPTIMIZER + _BY_TOWER)
    learning_rate: NotNegativeNumber | Auto = Field("auto", description=_LEARNING_RATE + _BY_TOWER)
    weight_decay: NotNegativeNumber | Auto = Field("auto", description=_WEIGHT_DECAY + _BY_TOWER)
    label_smoothing: ShareBelowOne | Auto = Field("auto", description=_LABEL_SMOOTHING + _BY_TOWER)
    dropout: ShareBelowOne | Auto = Field("auto", description=_DROPOUT + _BY_TOWER)
    transition_rank: NotNegative | Auto = Field("auto", description=_TRANSITION_RANK + _CHOSEN)
    loss: Literal["auto", "full_softmax", "sampled_softmax", "in_batch"] = Field(
        "auto", description=_LOSS + _CHOSEN
    )
    negatives: Positive | Auto = Field("auto", description=_NEGATIVES + _CHOSEN)
    embedding_dim: Positive | Auto = Field("auto", description=_EMBEDDING_DIM + _CHOSEN)
    batch_size: Positive | Auto = Field("auto", description=_BATCH_SIZE + _CHOSEN)
    positions: Positive | Auto = Field("auto", description=_POSITIONS + _CHOSEN)
    epochs: Positive | Auto = Field("auto", description=_EPOCHS + _CHOSEN)
    steps: Positive | Auto = Field("auto", description=f"{_STEPS}.{_CHOSEN}")
    linear_rank: NotNegative | Auto = Field("auto", description=_LINEAR_RANK + _CHOSEN)
    precision: Literal["auto", Precision] = Field(
        "auto", description=f"{_PRECISION} auto: bfloat16 where the device is faster with it."
    )

    @model_validator(mode="after")
    def _length_is_given_once(self) -> Self:
        if self.steps != "auto" and self.epochs != "auto":
            raise ValueError(f"steps={self.steps} and epochs={self.epochs}: give one of them")
        return self
