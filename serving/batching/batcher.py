"""Micro-batching: requests wait in a bounded queue, and the model answers several at once.

All state belongs to the event loop; only the model runs in threads of its own. A request keeps the
model that was live when it was accepted, so no answer is of two models.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from serving.batching.merge import Arrays, can_merge, merge, split

if TYPE_CHECKING:  # the module needs TensorFlow
    from components.model_session import ModelSession


class QueueFullError(Exception):
    """No more rows may wait."""


@dataclass
class _Waiting:
    """A request in the queue."""

    model: ModelSession
    signature: str
    inputs: Arrays
    rows: int
    answer: asyncio.Future[dict[str, np.ndarray]]

    def shares_batch_with(self, other: _Waiting) -> bool:
        return (
            self.model is other.model
            and self.signature == other.signature
            and can_merge(self.inputs)
            and can_merge(other.inputs)
        )


class Batcher:
    """Collects requests into batches and runs them.

    Attributes:
        waiting_rows: Rows in the queue now.
    """

    def __init__(
        self,
        *,
        max_batch_rows: int,
        queue_rows: int,
        window_seconds: float = 0.0,
        threads: int = 1,
        observe: Callable[[int], None] = lambda rows: None,
    ) -> None:
        """Initializes the batcher; `start` begins to take requests.

        Args:
            max_batch_rows: Rows of one batch; a request with more has a batch of its own.
            queue_rows: Rows that may wait.
            window_seconds: How long the first request of a batch waits for others.
            threads: Batches at the same time.
            observe: Is told the rows of each batch.
        """
        self.waiting_rows = 0
        self._max_batch_rows, self._queue_rows = max_batch_rows, queue_rows
        self._window, self._threads, self._observe = window_seconds, threads, observe
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._stopping = False
        self._workers: list[asyncio.Task[None]] = []
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="model")

    def start(self) -> None:
        """Starts the workers on the running event loop."""
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._threads)]

    async def stop(self) -> None:
        """Answers what waits, then ends the workers."""
        self._stopping = True
        self._arrived.set()
        await asyncio.gather(*self._workers)
        self._executor.shutdown(wait=True)

    def enqueue(
        self, model: ModelSession, signature: str, inputs: Arrays, rows: int
    ) -> asyncio.Future[dict[str, np.ndarray]]:
        """Returns what will hold the model's answer to a request; who cancels it gives up.

        Args:
            model: The model that shall answer.
            signature: Name of one of its signatures.
            inputs: All inputs of the signature, [rows, …].
            rows: Their first dimension.

        Raises:
            QueueFullError: Too many rows wait already.
            tf.errors.InvalidArgumentError: The model cannot read a value; raised by the result.
        """
        if self._queue and self.waiting_rows + rows > self._queue_rows:
            raise QueueFullError
        answer = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(model, signature, inputs, rows, answer))
        self.waiting_rows += rows
        self._arrived.set()
        return answer

    async def _work(self) -> None:
        """Takes batches from the queue until it is empty and shall stay so."""
        while True:
            while not self._queue:
                if self._stopping:
                    return
                self._arrived.clear()
                await self._arrived.wait()
            if self._window and not self._stopping:
                await self._wait_for_others()
            if batch := self._take():
                await self._answer(batch)

    async def _wait_for_others(self) -> None:
        """Waits until the window of the first request is over, or its batch is full."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._window
        while self.waiting_rows < self._max_batch_rows and (left := end - loop.time()) > 0:
            if self._stopping:
                return
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except asyncio.TimeoutError:
                return

    def _take(self) -> list[_Waiting]:
        """Removes the next batch from the queue; those who gave up are left out."""
        batch: list[_Waiting] = []
        rows = 0
        while self._queue:
            first = self._queue[0]
            if first.answer.done():
                self._drop()
                continue
            fits = not batch or rows + first.rows <= self._max_batch_rows
            if not fits or (batch and not first.shares_batch_with(batch[0])):
                break
            batch.append(self._drop())
            rows += first.rows
        return batch

    def _drop(self) -> _Waiting:
        first = self._queue.popleft()
        self.waiting_rows -= first.rows
        return first

    async def _answer(self, batch: list[_Waiting]) -> None:
        """Runs a batch. Where it fails, each request runs alone: one must not fail the others."""
        self._observe(sum(waiting.rows for waiting in batch))
        try:
            loop = asyncio.get_running_loop()
            answers = await loop.run_in_executor(self._executor, _call, batch)
        except Exception as error:
            if len(batch) > 1:
                for waiting in batch:
                    await self._answer([waiting])
            elif not batch[0].answer.done():
                batch[0].answer.set_exception(error)
            return
        for waiting, answer in zip(batch, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)


def _call(batch: list[_Waiting]) -> list[dict[str, np.ndarray]]:
    outputs = batch[0].model.call(batch[0].signature, merge([one.inputs for one in batch]))
    return split(outputs, [one.rows for one in batch])
