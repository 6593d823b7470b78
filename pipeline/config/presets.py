"""Named variants of the settings: each says only what differs from the defaults."""

from __future__ import annotations

from typing import Any

# The notebook: user and movie embeddings, in-batch softmax as TFRS has it, Adagrad, nothing more.
_NOTEBOOK: dict[str, Any] = {
    "query": "user_id",
    "loss": "in_batch",
    "optimizer": "adagrad",
    "batch_size": 8192,
    # Keras's Embedding starts uniform in ±.05, a deviation of .05 / √3.
    "initial_stddev": 0.029,
    "weight_decay": 0.0,
    "warmup_fraction": 0.0,
    "cosine_decay": False,
    "logq": False,
    "remove_accidental_hits": False,
    "seen_penalty": 0.0,
    "validation_users": 0.0,
    "validate_every": 1,
}

PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    # What comes next: each user's last interaction is held out; the others are read in order.
    "next-movie": {
        "split": {"method": "leave-last", "leave_last": 1},
        "trainer": {"query": "sequence"},
        "gate": {"min_unseen_top_10_accuracy": 0.05, "max_drop": 0.01},
    },
    "notebook-32": {
        "trainer": {**_NOTEBOOK, "embedding_dim": 32, "learning_rate": 0.1, "epochs": 5}
    },
    "notebook-64": {
        "trainer": {**_NOTEBOOK, "embedding_dim": 64, "learning_rate": 0.1, "epochs": 2}
    },
    "notebook-64-slow": {
        "trainer": {**_NOTEBOOK, "embedding_dim": 64, "learning_rate": 0.01, "epochs": 2}
    },
}
