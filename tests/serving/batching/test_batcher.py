"""The queue before the model."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import numpy as np
import pytest

from serving.batching.batcher import Batcher, QueueFullError


class EchoModel:
    """Answers with its inputs, and waits until it may; remembers the rows of each batch."""

    version = "1"

    def __init__(self) -> None:
        self.batches: list[list[bytes]] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.began = threading.Event()

    def call(self, signature: str, inputs: Any) -> dict[str, np.ndarray]:
        self.began.set()
        assert self.may_answer.wait(30)
        self.batches.append(inputs["id"].tolist())
        if b"bad" in self.batches[-1]:
            raise ValueError("a bad value")
        return {"id": inputs["id"], "signature": np.full(len(inputs["id"]), signature)}


def ids(*texts: str) -> dict[str, np.ndarray]:
    array = np.empty(len(texts), object)
    array[:] = [text.encode() for text in texts]
    return {"id": array}


def run(test: Any, **settings: Any) -> None:
    """Runs a test with a batcher that has been started, and stops it."""

    async def whole() -> None:
        batcher = Batcher(**{"max_batch_rows": 4, "queue_rows": 8, **settings})
        batcher.start()
        await asyncio.wait_for(test(batcher), 30)
        await batcher.stop()

    asyncio.run(whole())


async def began(model: EchoModel) -> None:
    """Waits until the model works on a batch."""
    await asyncio.get_running_loop().run_in_executor(None, model.began.wait, 30)


def test_batch_is_what_arrived_while_the_model_was_busy() -> None:
    model = EchoModel()

    async def test(batcher: Batcher) -> None:
        model.may_answer.clear()
        first = batcher.enqueue(model, "s", ids("a"), 1)
        await began(model)
        others = [batcher.enqueue(model, "s", ids(c), 1) for c in "bcdef"]
        await asyncio.sleep(0)
        assert batcher.waiting_rows == 5
        model.may_answer.set()
        answers = await asyncio.gather(first, *others)
        assert [answer["id"].tolist() for answer in answers] == [[c.encode()] for c in "abcdef"]

    run(test)
    # Four rows are the most of one batch.
    assert model.batches == [[b"a"], [b"b", b"c", b"d", b"e"], [b"f"]]


def test_window_collects_requests_of_an_idle_server() -> None:
    model = EchoModel()

    async def test(batcher: Batcher) -> None:
        await asyncio.gather(*(batcher.enqueue(model, "s", ids(c), 1) for c in "abcd"))

    run(test, window_seconds=20.0)  # the batch is full at once: nobody waits 20 s
    assert model.batches == [[b"a", b"b", b"c", b"d"]]


def test_signatures_and_models_never_share_a_batch() -> None:
    one, other = EchoModel(), EchoModel()

    async def test(batcher: Batcher) -> None:
        answers = await asyncio.gather(
            batcher.enqueue(one, "s", ids("a"), 1),
            batcher.enqueue(one, "t", ids("b"), 1),
            batcher.enqueue(other, "t", ids("c"), 1),
        )
        assert [answer["signature"][0] for answer in answers] == ["s", "t", "t"]

    run(test)
    assert (one.batches, other.batches) == ([[b"a"], [b"b"]], [[b"c"]])


def test_full_queue_refuses_and_recovers() -> None:
    model = EchoModel()

    async def test(batcher: Batcher) -> None:
        model.may_answer.clear()
        first = batcher.enqueue(model, "s", ids("a"), 1)
        await began(model)
        waiting = [batcher.enqueue(model, "s", ids(c), 1) for c in "bcdefghi"]
        await asyncio.sleep(0)
        with pytest.raises(QueueFullError):
            await batcher.enqueue(model, "s", ids("j"), 1)
        model.may_answer.set()
        await asyncio.gather(first, *waiting)
        assert batcher.waiting_rows == 0
        await batcher.enqueue(model, "s", ids("j"), 1)

    run(test)


def test_request_larger_than_a_batch_has_one_of_its_own() -> None:
    model = EchoModel()

    async def test(batcher: Batcher) -> None:
        answer = await batcher.enqueue(model, "s", ids(*"abcdefghij"), 10)
        assert len(answer["id"]) == 10

    run(test)
    assert [len(batch) for batch in model.batches] == [10]


def test_bad_request_does_not_fail_those_beside_it() -> None:
    model = EchoModel()

    async def test(batcher: Batcher) -> None:
        model.may_answer.clear()
        first = batcher.enqueue(model, "s", ids("a"), 1)
        await began(model)
        texts = ("b", "bad", "c")
        others = [batcher.enqueue(model, "s", ids(t), 1) for t in texts]
        await asyncio.sleep(0)
        model.may_answer.set()
        answers = await asyncio.gather(first, *others, return_exceptions=True)
        assert isinstance(answers[2], ValueError)
        assert [answers[i]["id"][0] for i in (0, 1, 3)] == [b"a", b"b", b"c"]

    run(test)


def test_request_that_gave_up_is_left_out() -> None:
    model = EchoModel()

    async def test(batcher: Batcher) -> None:
        model.may_answer.clear()
        first = batcher.enqueue(model, "s", ids("a"), 1)
        await began(model)
        impatient = batcher.enqueue(model, "s", ids("b"), 1)
        patient = batcher.enqueue(model, "s", ids("c"), 1)
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.sleep(0)
        model.may_answer.set()
        await asyncio.gather(first, patient)

    run(test)
    assert model.batches == [[b"a"], [b"c"]]


def test_stop_answers_what_waits() -> None:
    model = EchoModel()

    async def test(batcher: Batcher) -> None:
        model.may_answer.clear()
        tasks = [batcher.enqueue(model, "s", ids(c), 1) for c in "abc"]
        await began(model)
        stopping = asyncio.create_task(batcher.stop())
        await asyncio.sleep(0)
        model.may_answer.set()
        await stopping
        assert [(await task)["id"][0] for task in tasks] == [b"a", b"b", b"c"]

    run(test)
