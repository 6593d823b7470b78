"""Settings of the Trainer: towers, loss, optimizer, passes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from components.config import Section
from components.contracts.examples import MovieFeature, UserFeature


class TrainerConfig(Section):
    """Two towers and how they are trained."""

    query: Literal["history", "user_id"] = Field(
        "history", description="Query tower: pools the user's history, or embeds the user id."
    )
    loss: Literal["full_softmax", "in_batch"] = Field(
        "full_softmax",
        description="full_softmax scores the whole catalogue in each step; in_batch takes the "
        "batch's other candidates as negatives (TFRS Retrieval), for large catalogues.",
    )
    weights: Literal["auto", "none"] = Field(
        "auto",
        description="auto: where the data have weights, the loss of an interaction is multiplied "
        "by its weight, and histories are pooled by it; none ignores weights.",
    )
    embedding_dim: int = Field(256, ge=1, description="Width of the embeddings of both towers.")
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
    feature_dropout: float = Field(
        0.1,
        ge=0,
        lt=1,
        description="Share of the users shown without a feature in training, so that an unknown "
        "value has an embedding that was learned.",
    )
    initial_stddev: float = Field(
        0.2, gt=0, description="Deviation of the initial embeddings, a normal truncated at two."
    )
    optimizer: Literal["adam_mini", "adam", "adagrad", "sgd"] = Field(
        "adam_mini", description="adam_mini is Adam with one second moment per weight tensor."
    )
    learning_rate: float = Field(0.01, ge=0, description="Peak learning rate; 0 trains nothing.")
    weight_decay: float = Field(
        0.1,
        ge=0,
        description="Decoupled decay of embeddings and dense layers, times learning rate.",
    )
    warmup_fraction: float = Field(
        0.1, ge=0, le=1, description="Share of the steps over which the learning rate rises."
    )
    cosine_decay: bool = Field(
        True, description="Whether the learning rate then falls as a cosine, to 2 % of its peak."
    )
    batch_size: int = Field(
        256,
        ge=1,
        description="Users in a step; interactions with query=user_id and loss=in_batch.",
    )
    epochs: int = Field(40, ge=1, description="Passes over the training data.")
    temperature: float = Field(1.0, gt=0, description="Divides the scores in the softmax.")
    label_smoothing: float = Field(
        0.1,
        ge=0,
        lt=1,
        description="Share of the labels that follows popularity; used with loss=full_softmax.",
    )
    item_bias: bool = Field(
        True,
        description="Learned popularity term of each movie; used with loss=full_softmax.",
    )
    logq: bool = Field(True, description="Corrects in-batch scores for sampling by popularity.")
    remove_accidental_hits: bool = Field(
        True, description="Hides candidates of the batch that are the query's own positive."
    )
    batch_pairs: int = Field(
        2048,
        ge=1,
        description="Mean number of interactions in a step with query=history and loss=in_batch.",
    )
    dropout: float = Field(0.6, ge=0, lt=1, description="Dropout on the pooled history.")
    holdout_min: float = Field(
        0.1, gt=0, lt=1, description="Least share of a history held out as targets."
    )
    holdout_max: float = Field(0.4, gt=0, lt=1, description="Largest share held out as targets.")
    history_exponent: float = Field(
        0.85, ge=0, le=1, description="The pooled sum is divided by n to this power."
    )
    seen_penalty: float = Field(
        8.0,
        ge=0,
        description="Start of the learned penalty on movies of the history, 0 turns it off; "
        "used with query=history and loss=full_softmax.",
    )
    linear_rank: int = Field(
        256,
        ge=0,
        description="Width of the linear part of the towers, fitted in closed form beside the "
        "rest; 0 turns it off, and so does learning_rate=0. Used with query=history.",
    )
    linear_ridge: float = Field(
        12.0,
        gt=0,
        description="Ridge of the linear part, in units of a movie's mean number of interactions.",
    )
    linear_weight: float = Field(4.0, gt=0, description="Factor of the linear part's scores.")
    warm_start: bool = Field(
        False,
        description="Whether training starts from the live model where there is one of the same "
        "shape and split; with warm_epochs and warm_learning_rate.",
    )
    warm_epochs: int = Field(5, ge=1, description="Passes after a warm start.")
    warm_learning_rate: float = Field(
        0.003, ge=0, description="Peak learning rate after a warm start; learning_rate bounds it."
    )
    shuffle_labels: bool = Field(
        False,
        description="Permutes the movies of the training data: to test that the gate refuses.",
    )
    validation_users: float = Field(
        0.05, ge=0, le=1, description="Share of users of whom part of train is kept for validation."
    )
    validation_fraction: float = Field(
        0.2,
        gt=0,
        lt=1,
        description="Share of such a user's train interactions kept for validation.",
    )
    validate_every: int = Field(
        5, ge=1, description="Epochs between validations; the last always is."
    )
    cache_bytes: int = Field(
        2 << 30,
        ge=0,
        description="Training data up to this size is cached in memory, else streamed.",
    )
    shuffle_buffer: int = Field(
        65_536, ge=1, description="Users, or interactions, in the shuffle buffer when streaming."
    )
    devices: int = Field(
        1,
        ge=0,
        le=1024,
        description="GPUs of this machine that share each step (CPU devices where there is no "
        "GPU); 0: all GPUs. More than one needs loss=full_softmax.",
    )
    seed: int = Field(42, ge=0, description="Seed of initial values, shuffling and hold-outs.")

    @property
    def has_item_bias(self) -> bool:
        """Whether movies have a learned popularity term; in-batch scores are corrected instead."""
        return self.item_bias and self.loss == "full_softmax"

    @model_validator(mode="after")
    def _holdout_is_a_range(self) -> TrainerConfig:
        if self.holdout_min > self.holdout_max:
            raise ValueError(
                f"holdout_min={self.holdout_min} is more than holdout_max={self.holdout_max}"
            )
        return self
