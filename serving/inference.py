"""From a request of any protocol to the model's answer, within the limits."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import tensorflow as tf

from components.contracts.saved_model import KNOWN
from components.errors import shown
from serving import errors
from serving.batching.batcher import Batcher, QueueFullError
from serving.batching.merge import Arrays
from serving.config import ServingConfig
from serving.http.metrics import Metrics
from serving.model.holder import ModelHolder
from serving.model.served_model import ServedModel

_T = TypeVar("_T")
# TensorFlow puts what it cannot parse into its message, and then fails to decode the message.
UNREADABLE = (tf.errors.InvalidArgumentError, UnicodeDecodeError)
# Work on JSON of more rows or bytes than this is done in a thread, to let other requests go on.
_SMALL_ROWS, _SMALL_BYTES = 16, 1 << 14


class Inference:
    """The live model behind its queue.

    Attributes:
        name: Name of the model in addresses.
        config: Settings.
        holder: The live model.
        batcher: The queue.
        metrics: What is counted.
        stopping: Whether the server is about to end.
    """

    def __init__(
        self, name: str, config: ServingConfig, holder: ModelHolder, metrics: Metrics
    ) -> None:
        """Initializes the queue; `batcher.start` begins to work on it."""
        self.name, self.config, self.holder, self.metrics = name, config, holder, metrics
        self.stopping = False
        self.batcher = Batcher(
            max_batch_rows=config.max_batch_rows,
            queue_rows=config.queue_rows,
            window_seconds=config.batch_window_ms / 1000,
            threads=config.model_threads,
            observe=metrics.batch_rows.observe,
        )
        self._json_executor = ThreadPoolExecutor(1, "json")

    def live_model(self) -> ServedModel:
        """Returns the live model.

        Raises:
            RefusedRequest: 503; none is loaded yet.
        """
        if self.holder.live is None:
            raise errors.overloaded("no model is live yet; try again when /readyz answers 200")
        return self.holder.live

    async def answer(
        self, model: ServedModel, signature: str, inputs: Arrays, rows: int
    ) -> dict[str, np.ndarray]:
        """Returns the model's answer.

        Args:
            model: What `live_model` returned when the request came.
            signature: Name of one of its signatures.
            inputs: All inputs of the signature, [rows, …].
            rows: Number of users, movies or histories; `check_limits` bounds it.

        Raises:
            RefusedRequest: 400 for a value that the model cannot read, 503 where the queue is full,
                504 where there is no answer in time.
        """
        seconds = self.config.request_timeout_seconds
        try:
            outputs = await asyncio.wait_for(
                self.batcher.enqueue(model, signature, inputs, rows), seconds
            )
        except QueueFullError:
            self.metrics.refused.labels("queue_full").inc()
            raise errors.overloaded(
                "too many requests are waiting; try again in a second"
            ) from None
        except asyncio.TimeoutError:
            self.metrics.refused.labels("timeout").inc()
            raise errors.RefusedRequest(504, f"no answer within {seconds:g} s") from None
        except UNREADABLE as error:
            raise errors.bad_request(
                f"the model cannot read the input: {shown(_reason(error), 300, quote=False)}"
            ) from None
        if KNOWN in outputs:
            self.metrics.unknown.inc(int(np.count_nonzero(~outputs[KNOWN])))
        return outputs

    async def convert(self, function: Callable[[], _T], rows: int = 0, size: int = 0) -> _T:
        """Runs work on JSON, in a thread if it is about many rows or many bytes (`size`)."""
        if rows <= _SMALL_ROWS and size <= _SMALL_BYTES:
            return function()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._json_executor, function)

    async def stop(self) -> None:
        """Answers what was accepted and ends the threads."""
        await self.batcher.stop()
        self._json_executor.shutdown(wait=True)


def _reason(error: Exception) -> str:
    """Returns the line of TensorFlow's message that says what is wrong.

    It stands before the node's name, which stands in brackets, and below a trace of the graph.
    """
    if isinstance(error, UnicodeDecodeError):
        return "a value of it is no serialised Example"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    for above, line in itertools.pairwise(lines):
        if line.startswith("[["):
            return above
    return lines[0] if lines else "no reason given"
