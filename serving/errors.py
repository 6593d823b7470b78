"""What the server refuses, each in one sentence with a status of HTTP."""

from __future__ import annotations

from starlette.exceptions import HTTPException


class RefusedRequest(HTTPException):
    """A request that is refused: `status_code`, and one sentence that says why.

    Sentences come from `bad_request` and its like; whatever a stranger sent stands in them through
    `components.errors.shown`.
    """

    def __init__(self, status: int, sentence: str, retry_after: int | None = None) -> None:
        """Initializes the refusal.

        Args:
            status: 4xx or 5xx.
            sentence: What is wrong and what would be accepted.
            retry_after: Seconds after which the client may try again, where that helps.
        """
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        super().__init__(status, sentence, headers)


def bad_request(sentence: str) -> RefusedRequest:
    """A request that is not what the protocol says."""
    return RefusedRequest(400, sentence)


def not_found(sentence: str) -> RefusedRequest:
    """A model, version or movie that is not there."""
    return RefusedRequest(404, sentence)


def too_large(sentence: str) -> RefusedRequest:
    """More than a limit allows."""
    return RefusedRequest(413, sentence)


def unprocessable(sentence: str) -> RefusedRequest:
    """Well-formed, but with a value out of its range."""
    return RefusedRequest(422, sentence)


def overloaded(sentence: str) -> RefusedRequest:
    """More than can be answered at present."""
    return RefusedRequest(503, sentence, retry_after=1)


def timed_out(seconds: float) -> RefusedRequest:
    """The model did not answer in time."""
    return RefusedRequest(504, f"no answer within {seconds:g} s")
