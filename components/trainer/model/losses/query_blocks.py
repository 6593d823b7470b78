"""A loss of many queries, computed a block of them after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from components.trainer.inputs.batching import Batch

# Their scores with 4,000 movies take 32 MB, as much as the cache of a processor.
QUERIES_OF_BLOCK = 2048


def loss_in_blocks(
    loss_of: Callable[[tf.Tensor, tf.Tensor, Batch], tf.Tensor],
    queries: tf.Tensor,
    movies: tf.Tensor,
    variables: Sequence[tf.Variable],
    rows: Batch,
    blocks: int,
) -> tf.Tensor:
    """Returns the sum of the losses of all blocks, a float32 scalar.

    The gradients of a block are computed together with its loss, so that its scores are alive no
    longer (as Wijmans et al. 2025, arXiv:2411.09009, do it): memory is that of one block, and the
    passes over the scores go through the cache.

    Args:
        loss_of: The loss of some queries [n, dim], the movies, and the rows of these queries.
        queries: float32 [queries, dim].
        movies: float32 [movies, dim].
        variables: The variables that `loss_of` reads.
        rows: Tensors and ragged tensors with a row for each query.
        blocks: How many, at least 1.
    """
    if blocks == 1:
        return loss_of(queries, movies, rows)

    @tf.custom_gradient
    def total(queries: tf.Tensor, movies: tf.Tensor) -> tuple[tf.Tensor, Callable[..., Any]]:
        number = tf.shape(queries)[0]
        losses: list[tf.Tensor] = []
        of_queries: list[tf.Tensor] = []
        of_others: list[list[tf.Tensor]] = []
        before: list[tf.Tensor] = []
        for block in range(blocks):
            part = slice(number * block // blocks, number * (block + 1) // blocks)
            # One after the other: else the scores of all would be alive together.
            with tf.control_dependencies(before), tf.GradientTape() as tape:
                some = queries[part]
                tape.watch([some, movies])
                loss = loss_of(some, movies, {name: values[part] for name, values in rows.items()})
            gradient, *others = tape.gradient(
                loss, [some, movies, *variables], unconnected_gradients="zero"
            )
            before = [gradient, *(tf.convert_to_tensor(other) for other in others)]
            losses.append(loss)
            of_queries.append(gradient)
            of_others.append(before[1:])
        of_movies, *of_variables = (tf.add_n(parts) for parts in zip(*of_others, strict=True))

        def gradient_of(upstream: tf.Tensor, variables: Sequence[tf.Variable] = ()) -> Any:
            inputs = [upstream * tf.concat(of_queries, axis=0), upstream * of_movies]
            if not variables:
                return inputs
            return inputs, [upstream * gradient for gradient in of_variables]

        return tf.add_n(losses), gradient_of

    return total(queries, movies)
