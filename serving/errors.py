"""What the server refuses, each in one sentence with a status of HTTP."""

from __future__ import annotations

from functools import partial

from starlette.exceptions import HTTPException


class RefusedRequest(HTTPException):
    """A request that is refused: `status_code`, and one sentence that says why.

    The sentence (`detail`) says what is wrong and what would be accepted; whatever a stranger sent
    stands in it through `components.errors.shown`.
    """


# A request that is not what the protocol says.
bad_request = partial(RefusedRequest, 400)
# A model, version or movie that is not there.
not_found = partial(RefusedRequest, 404)
# More than a limit allows.
too_large = partial(RefusedRequest, 413)
# Well-formed, but with a value out of its range.
unprocessable = partial(RefusedRequest, 422)
# More than can be answered at present; the client may try again after a second.
overloaded = partial(RefusedRequest, 503, headers={"Retry-After": "1"})
