"""Keras's Adam with TensorFlow's own kernel for a step."""

from __future__ import annotations

import tensorflow as tf


class FusedAdam(tf.keras.optimizers.Adam):
    """Adam (Kingma and Ba 2015, arXiv:1412.6980) that updates a variable and its moments at once.

    Keras writes a step as a dozen operations on each variable, and so as many passes over memory.
    The steps are the same within float noise. With the gradient of some rows of a table the moments
    of its other rows decay too, and move them, as in Keras's Adam.
    """

    def update_step(self, gradient: tf.Tensor | tf.IndexedSlices, variable: tf.Variable) -> None:
        """Updates `variable` by its gradient."""
        index = self._index_dict[self._var_key(variable)]
        step = tf.cast(self.iterations + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].handle,
            v=self._velocities[index].handle,
            beta1_power=tf.pow(tf.cast(self.beta_1, variable.dtype), step),
            beta2_power=tf.pow(tf.cast(self.beta_2, variable.dtype), step),
            lr=tf.cast(self.learning_rate, variable.dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.convert_to_tensor(gradient),
        )
