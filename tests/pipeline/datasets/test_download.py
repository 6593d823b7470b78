"""The transfer of one file, against a server of our own."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.errors import ConfigError, DataError
from pipeline.datasets import disk
from pipeline.datasets import download as module
from pipeline.datasets.download import Part, Source, check_mirror, download
from pipeline.datasets.failures import TransferError
from tests.pipeline.datasets.zip_server import ZipServer, listening, serving

BODY = bytes(range(256)) * 1024  # 262,144 bytes, each position recognisable within 256


@pytest.fixture
def server() -> Iterator[ZipServer]:
    with serving(ZipServer(BODY)) as started:
        yield started


@pytest.fixture
def part(tmp_path: Path) -> Part:
    return Part(tmp_path / "file.part")


def _source(server: ZipServer, size: int | None = len(BODY)) -> Source:
    return Source(f"{server.url}/file", size)


def _ignore(done: int, total: int | None) -> None:
    pass


def test_download_tells_the_progress(server: ZipServer, part: Part) -> None:
    steps: list[tuple[int, int | None]] = []
    download(_source(server), part, lambda done, total: steps.append((done, total)))
    assert part.path.read_bytes() == BODY
    assert steps[0] == (0, len(BODY))
    assert steps[-1] == (len(BODY), len(BODY))
    assert steps == sorted(steps)


def test_broken_transfer_goes_on_where_it_broke(server: ZipServer, part: Part) -> None:
    server.cuts = [100_000]
    download(_source(server), part, _ignore)
    assert part.path.read_bytes() == BODY
    first, second = server.seen
    assert "Range" not in first.headers
    assert (second.headers["Range"], second.headers["If-Range"]) == ("bytes=100000-", '"one"')
    assert (second.status, second.sent) == (206, len(BODY) - 100_000)


def test_broken_transfer_goes_on_in_the_next_call(server: ZipServer, part: Part) -> None:
    server.cuts = [50_000, 50_000, 50_000]
    with pytest.raises(
        TransferError, match=r"the connection ended after 150000 of 262144 bytes \(tried 3 times\)"
    ):
        download(_source(server), part, _ignore)
    download(_source(server), part, _ignore)
    assert part.path.read_bytes() == BODY
    assert [seen.headers.get("Range") for seen in server.seen] == [
        None,
        "bytes=50000-",
        "bytes=100000-",
        "bytes=150000-",
    ]


def test_pauses_become_longer(
    server: ZipServer, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BACK_OFF_SECONDS", 1.0)
    server.statuses, pauses = [503, 429, 500], []
    with pytest.raises(TransferError, match="the server answered 500"):
        download(_source(server), part, _ignore, pauses.append)
    assert pauses == [1.0, 2.0]  # none after the last try


def test_server_that_ignores_range_sends_all_again(server: ZipServer, part: Part) -> None:
    server.cuts, server.ignores_range = [100_000], True
    download(_source(server), part, _ignore)
    assert part.path.read_bytes() == BODY
    assert "Range" in server.seen[1].headers
    assert (server.seen[1].status, server.seen[1].sent) == (200, len(BODY))


def test_file_that_changed_is_taken_from_the_start(server: ZipServer, part: Part) -> None:
    server.cuts = [100_000] * 3
    server.ignores_range = True
    with pytest.raises(TransferError):
        download(_source(server), part, _ignore)
    server.body, server.etag, server.ignores_range = BODY[::-1], '"two"', False
    download(_source(server), part, _ignore)
    assert part.path.read_bytes() == BODY[::-1]
    assert server.seen[-1].headers["If-Range"] == '"one"'
    assert server.seen[-1].status == 200


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_strong_validator_nothing_is_joined(
    server: ZipServer, part: Part, etag: str
) -> None:
    server.cuts, server.etag = [100_000], etag
    download(_source(server), part, _ignore)
    assert part.path.read_bytes() == BODY
    assert [seen.headers.get("Range") for seen in server.seen] == [None, None]


def test_part_that_is_longer_than_the_file_is_dropped(server: ZipServer, part: Part) -> None:
    part.begin('"one"')
    part.path.write_bytes(BODY + b"more")
    download(_source(server), part, _ignore)
    assert part.path.read_bytes() == BODY
    assert [seen.status for seen in server.seen] == [416, 200]


def test_complete_part_needs_no_request(server: ZipServer, part: Part) -> None:
    download(_source(server), part, _ignore)
    download(_source(server), part, _ignore)
    assert len(server.seen) == 1


def test_length_that_is_not_told_is_the_published_one(server: ZipServer, part: Part) -> None:
    server.hides_length, server.cuts = True, [100_000]
    download(_source(server), part, _ignore)
    assert part.path.read_bytes() == BODY


@pytest.mark.parametrize("difference", [-1, 1])
def test_wrong_size_is_told_before_the_transfer(
    server: ZipServer, part: Part, difference: int
) -> None:
    size = len(BODY) + difference
    with pytest.raises(
        DataError, match=rf"{server.url}/file: the file has 262144 bytes, {size} are published"
    ):
        download(_source(server, size), part, _ignore)
    assert not part.path.exists()


def test_more_bytes_than_published_end_the_transfer(server: ZipServer, part: Part) -> None:
    server.hides_length = True
    with pytest.raises(DataError, match="more bytes came than 200000"):
        download(_source(server, 200_000), part, _ignore)
    assert not part.path.exists()


def test_unknown_size_is_bounded(
    server: ZipServer, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1_000)
    with pytest.raises(DataError, match="more than"):
        download(_source(server, None), part, _ignore)
    server.hides_length = True
    with pytest.raises(DataError, match="more bytes came than 1000"):
        download(_source(server, None), part, _ignore)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_answer_that_will_not_change_is_not_asked_for_again(
    server: ZipServer, part: Part, status: int
) -> None:
    server.statuses = [status] * 3
    with pytest.raises(TransferError, match=f"the server answered {status}"):
        download(_source(server), part, _ignore)
    assert len(server.seen) == 1


def test_redirect_to_another_host_is_followed(server: ZipServer, part: Part) -> None:
    port = server.url.rpartition(":")[2]
    with serving(ZipServer(b"", redirect=f"http://localhost:{port}/there")) as first:
        server.cuts = [100_000]
        download(_source(first), part, _ignore)
    assert part.path.read_bytes() == BODY
    # The rest is asked for by way of the first host again, and the redirect keeps the range.
    assert [seen.path for seen in first.seen] == ["/file", "/file"]
    assert [seen.headers["Host"] for seen in server.seen] == [f"localhost:{port}"] * 2
    assert server.seen[1].sent == len(BODY) - 100_000


def test_endless_redirects_are_given_up(server: ZipServer, part: Part) -> None:
    server.redirect = "/again"
    with pytest.raises(TransferError, match="too many redirects"):
        download(_source(server), part, _ignore)
    assert len(server.seen) == 1 + module.MAX_REDIRECTS


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_redirect_to_another_scheme_is_refused(server: ZipServer, part: Part, target: str) -> None:
    server.redirect = target
    with pytest.raises(TransferError, match="only http and https are followed"):
        download(_source(server), part, _ignore)
    assert not part.path.exists()


def test_refused_connection_is_one_line(part: Part) -> None:
    with listening(lambda _: None) as port:
        pass  # now nobody listens there
    with pytest.raises(TransferError) as caught:
        download(Source(f"http://127.0.0.1:{port}/x"), part, _ignore)
    assert str(caught.value) == (f"http://127.0.0.1:{port}/x: Connection refused (tried 3 times)")


def test_unknown_host_is_not_tried_again(part: Part) -> None:
    with pytest.raises(TransferError) as caught:
        download(Source("http://nowhere.invalid/x"), part, _ignore, pytest.fail)
    assert str(caught.value).startswith("http://nowhere.invalid/x: ")
    assert "\n" not in str(caught.value)


def test_server_that_stops_sending_is_given_up(
    server: ZipServer, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READ_SECONDS", 0.2)
    server.held = 100_000
    with pytest.raises(TransferError, match=r"no answer in time \(tried 3 times\)"):
        download(_source(server), part, _ignore)
    assert part.path.stat().st_size > 0


def test_password_in_the_address_is_sent_and_not_shown(server: ZipServer, part: Part) -> None:
    server.statuses = [403]
    url = server.url.replace("http://", "http://reader:secret@") + "/file"
    with pytest.raises(TransferError) as caught:
        download(Source(url), part, _ignore)
    assert server.seen[0].headers["Authorization"].startswith("Basic ")
    assert str(caught.value) == f"{server.url}/file: the server answered 403 Forbidden"


def test_no_room_is_told_before_the_first_byte(
    server: ZipServer, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": len(BODY) + 99})
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DataError, match=r"0\.3 MB are needed.*--data-cache"):
        download(Source(f"{server.url}/file", len(BODY), unpacked=100), part, _ignore)
    assert not part.path.exists()
    # What is there already is not needed again.
    part.begin('"one"')
    part.path.write_bytes(BODY[:1])
    download(Source(f"{server.url}/file", len(BODY), unpacked=100), part, _ignore)


def test_disk_that_becomes_full_is_one_line(
    server: ZipServer, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("builtins.open", full)
    with pytest.raises(DataError, match="the disk is full; free some or name another folder"):
        download(_source(server), part, _ignore)


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("http://host/folder/", "http://host/folder"),
        ("https://user:word@host:8000", "https://user:word@host:8000"),
    ],
)
def test_check_mirror_accepts(url: str, accepted: str) -> None:
    assert check_mirror(url) == accepted


@pytest.mark.parametrize(
    "url",
    ["h/folder", "ftp://h", "file:///x", "http://", "http://h/?a=1", "http://h:port", "http://[h"],
)
def test_check_mirror_refuses(url: str) -> None:
    with pytest.raises(ConfigError, match="--data-mirror"):
        check_mirror(url)
