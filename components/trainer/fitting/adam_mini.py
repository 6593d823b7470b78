"""Adam with one second moment per weight tensor."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


class AdamMini(tf.keras.optimizers.Optimizer):
    """Adam whose second moment is a scalar per tensor: the mean of its squared gradients.

    After Zhang et al. 2024, "Adam-mini: Use Fewer Learning Rates To Gain More" (arXiv:2406.16793),
    with a whole tensor as block. Rows of an embedding table then keep the proportions of their
    gradients, where Adam gives rare and popular movies steps of the same size. Weight decay is
    decoupled (Loshchilov & Hutter 2019, arXiv:1711.05101): each step takes
    learning rate · decay · weight.
    """

    def __init__(
        self,
        learning_rate: float | tf.keras.optimizers.schedules.LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float | None = None,
        name: str = "AdamMini",
        **kwargs: Any,
    ) -> None:
        """Initializes the optimizer; the arguments are those of Adam."""
        super().__init__(name=name, weight_decay=weight_decay, **kwargs)
        self._learning_rate = self._build_learning_rate(learning_rate)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def build(self, var_list: list[tf.Variable]) -> None:
        """Creates a first moment of each variable's shape and a scalar second moment."""
        super().build(var_list)
        if getattr(self, "_built", False):
            return
        self._built = True
        self._momentums = [self.add_variable_from_reference(var, "m") for var in var_list]
        self._velocities = [
            self.add_variable_from_reference(var, "v", initial_value=tf.zeros([], var.dtype))
            for var in var_list
        ]

    def update_step(self, gradient: tf.Tensor | tf.IndexedSlices, variable: tf.Variable) -> None:
        """Updates `variable` by its gradient.

        Of a table whose gradient has some rows only (tf.IndexedSlices), these rows are updated, and
        so are their first moments: the work does not grow with the table. Rows that stay out keep
        their moment and are not decayed, as in Adam's lazy form.
        """
        index = self._index_dict[self._var_key(variable)]
        m, v = self._momentums[index], self._velocities[index]
        values = gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient
        mean_square = 2.0 * tf.nn.l2_loss(values) / tf.cast(tf.size(variable), variable.dtype)
        v.assign(self.beta_2 * v + (1.0 - self.beta_2) * mean_square)
        step = tf.cast(self.iterations + 1, variable.dtype)
        learning_rate = tf.cast(self.learning_rate, variable.dtype)
        scale = tf.sqrt(v / (1.0 - tf.pow(self.beta_2, step))) + self.epsilon
        rate = learning_rate / (1.0 - tf.pow(self.beta_1, step)) / scale
        decay = learning_rate * self._decay_of(variable)
        if isinstance(gradient, tf.IndexedSlices):
            self._update_rows(variable, m, gradient, rate, decay)
            return
        # The tensors are as large as the catalogue: few passes over them.
        m.assign_add((1.0 - self.beta_1) * (gradient - m))
        if self._decay_of(variable):
            variable.assign_sub(variable * decay)
        # One pass; assign_sub(m * alpha) would take two, and memory for the product.
        tf.raw_ops.ResourceApplyGradientDescent(var=variable.handle, alpha=rate, delta=m)

    def _update_rows(
        self,
        variable: tf.Variable,
        m: tf.Variable,
        gradient: tf.IndexedSlices,
        rate: tf.Tensor,
        decay: tf.Tensor | float,
    ) -> None:
        """Updates the rows of a gradient, each of them once (Keras has added up repetitions)."""
        rows = gradient.indices
        moment = self.beta_1 * tf.gather(m, rows) + (1.0 - self.beta_1) * gradient.values
        m.scatter_update(tf.IndexedSlices(moment, rows))
        change = rate * moment
        if self._decay_of(variable):
            change += decay * tf.gather(variable, rows)
        variable.scatter_sub(tf.IndexedSlices(change, rows))

    def _decay_of(self, variable: tf.Variable) -> float:
        return (self.weight_decay or 0.0) if self._use_weight_decay(variable) else 0.0

    def _apply_weight_decay(self, variables: list[tf.Variable]) -> None:
        """Does nothing: Keras would decay whole tables here; update_step decays what it updates."""

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {
            **super().get_config(),
            "learning_rate": self._serialize_hyperparameter(self._learning_rate),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
