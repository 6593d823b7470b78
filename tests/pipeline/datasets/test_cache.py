"""A data set from the server to its folder in the cache."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.errors import ConfigError, DataError
from pipeline.datasets.cache import default_cache, ensure_dataset, find_cached
from pipeline.datasets.catalogue import BY_NAME, CITATION
from tests.pipeline.datasets.conftest import FILES, Listener, replace
from tests.pipeline.datasets.zip_server import ZipServer, listening, make_zip, proxying, serving

LATEST = {name.replace("ml-1m", "ml-latest-small"): text for name, text in FILES.items()}


def _files(folder: Path) -> dict[str, str]:
    return {f"ml-1m/{path.name}": path.read_text() for path in folder.iterdir()}


def _shown(folder: Path) -> list[str]:
    """Returns what a person sees in the cache, and what is hidden but is no lock."""
    return sorted(name for name in os.listdir(folder) if not name.endswith(".lock"))


def test_data_set_is_downloaded_checked_and_unpacked(
    server: ZipServer, cache: Path, listener: Listener, body: bytes
) -> None:
    root = ensure_dataset("ml-1m", cache, listener, server.url)
    assert root == cache / "ml-1m"
    assert _files(root) == FILES
    assert _shown(cache) == ["ml-1m"]
    assert [seen.path for seen in server.seen] == ["/ml-1m.zip"]
    assert listener.lines[0] == f"Downloading {server.url}/ml-1m.zip ({len(body) / 1e6:.1f} MB)"
    assert listener.steps[-1] == (len(body), len(body))


def test_second_call_asks_for_nothing_and_says_nothing(
    server: ZipServer, cache: Path, listener: Listener
) -> None:
    first = ensure_dataset("ml-1m", cache, listener, server.url)
    again = Listener()
    assert ensure_dataset("ml-1m", cache, again, server.url) == first
    assert ensure_dataset("ml-1m", cache, again) == first
    assert (len(server.seen), again.lines) == (1, [])


def test_terms_and_citation_are_shown_once(
    server: ZipServer, cache: Path, listener: Listener
) -> None:
    for _ in range(2):
        ensure_dataset("ml-1m", cache, listener, server.url)
    assert listener.text.count(BY_NAME["ml-1m"].terms) == 1
    assert listener.text.count(CITATION) == 1


def test_cache_that_cannot_be_written_serves_what_it_has(
    server: ZipServer, cache: Path, listener: Listener
) -> None:
    (cache / "ml-1m").mkdir(parents=True)
    assert ensure_dataset("ml-1m", cache, listener) == cache / "ml-1m"
    assert os.listdir(cache) == ["ml-1m"]  # not even a lock


def test_relative_cache_becomes_absolute(
    server: ZipServer, tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ensure_dataset("ml-1m", Path("c"), listener, server.url) == tmp_path / "c" / "ml-1m"


def test_broken_transfer_is_resumed_by_the_next_call(
    server: ZipServer, cache: Path, listener: Listener, body: bytes
) -> None:
    server.cuts = [50_000, 10, 10]
    with pytest.raises(DataError, match="the connection ended after 50020 of"):
        ensure_dataset("ml-1m", cache, listener, server.url)
    assert find_cached("ml-1m", cache) is None
    root = ensure_dataset("ml-1m", cache, listener, server.url)
    assert _files(root) == FILES
    assert server.seen[-1].headers["Range"] == "bytes=50020-"
    assert server.seen[-1].sent == len(body) - 50_020
    assert "0.1 MB are there already" in listener.text


def test_wrong_checksum_is_refused_and_removed(
    server: ZipServer, cache: Path, listener: Listener, body: bytes
) -> None:
    server.body = body[:-1] + b"x"
    found, published = hashlib.md5(server.body).hexdigest(), BY_NAME["ml-1m"].md5
    with pytest.raises(DataError) as caught:
        ensure_dataset("ml-1m", cache, listener, server.url)
    assert str(caught.value) == (
        f"{server.url}/ml-1m.zip: its MD5 is {found}, {published} is published for it; "
        "the file was removed"
    )
    assert _shown(cache) == []
    assert len(server.seen) == 1


def test_part_that_does_not_fit_is_replaced_by_a_whole_transfer(
    server: ZipServer, cache: Path, listener: Listener, body: bytes
) -> None:
    cache.mkdir()
    (cache / ".ml-1m.zip.part").write_bytes(b"?" * 1000)
    (cache / ".ml-1m.zip.part.validator").write_text(server.etag)
    root = ensure_dataset("ml-1m", cache, listener, server.url)
    assert _files(root) == FILES
    assert [seen.headers.get("Range") for seen in server.seen] == ["bytes=1000-", None]
    assert "once more from the start" in listener.text


def test_wrong_size_is_refused(
    server: ZipServer, cache: Path, listener: Listener, body: bytes
) -> None:
    server.body = b"<html>Please log in</html>"
    with pytest.raises(DataError, match=f"has 26 bytes, {len(body)} are published for it"):
        ensure_dataset("ml-1m", cache, listener, server.url)
    assert _shown(cache) == []


def test_password_of_the_mirror_is_not_shown(
    server: ZipServer, cache: Path, listener: Listener
) -> None:
    ensure_dataset("ml-1m", cache, listener, server.url.replace("//", "//me:secret@"))
    assert "secret" not in listener.text


def test_without_a_network_one_line_says_what_to_do(
    body: bytes, cache: Path, listener: Listener
) -> None:
    with listening(lambda _: None) as port:
        pass  # now nobody listens there
    with pytest.raises(DataError) as caught:
        ensure_dataset("ml-1m", cache, listener, f"http://127.0.0.1:{port}")
    assert str(caught.value) == (
        f"http://127.0.0.1:{port}/ml-1m.zip: Connection refused (tried 3 times); fetch "
        "https://files.grouplens.org/datasets/movielens/ml-1m.zip by hand, "
        f"put it into {cache} and run again"
    )


def test_zip_that_the_user_put_there_is_used_and_stays(
    body: bytes, cache: Path, listener: Listener
) -> None:
    cache.mkdir()
    (cache / "ml-1m.zip").write_bytes(body)
    assert _files(ensure_dataset("ml-1m", cache, listener)) == FILES
    assert _shown(cache) == ["ml-1m", "ml-1m.zip"]
    assert BY_NAME["ml-1m"].terms in listener.text


def test_wrong_zip_of_the_user_is_refused_and_stays(
    body: bytes, cache: Path, listener: Listener
) -> None:
    cache.mkdir()
    (cache / "ml-1m.zip").write_bytes(body[:-1] + b"x")
    with pytest.raises(DataError, match=f"^{cache}/ml-1m.zip: its MD5 is .*replace the file"):
        ensure_dataset("ml-1m", cache, listener)
    assert _shown(cache) == ["ml-1m.zip"]


def test_folder_inside_the_zip_may_have_another_name(
    cache: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_zip({"ml-10M100K/ratings.dat": "x"})
    replace(monkeypatch, "ml-10m", content)
    with serving(ZipServer(content)) as server:
        root = ensure_dataset("ml-10m", cache, listener, server.url)
    assert os.listdir(root) == ["ratings.dat"]
    assert root == cache / "ml-10m"


@pytest.fixture
def latest() -> Iterator[ZipServer]:
    """Serves ml-latest-small, which nothing is published for."""
    with serving(ZipServer(make_zip(LATEST))) as started:
        yield started


def test_data_set_without_a_checksum_says_so(
    latest: ZipServer, cache: Path, listener: Listener
) -> None:
    root = ensure_dataset("ml-latest-small", cache, listener, latest.url)
    assert _files(root) == FILES
    assert "has no published checksum: only whether the zip is complete" in listener.text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (make_zip(LATEST)[:-30], "not a complete zip"),
        (make_zip(LATEST).replace(b"978300760", b"978300761", 1), "ratings.dat in it is damaged"),
        (make_zip({**LATEST, "../evil": "x"}), "'../evil' in it leads out of the folder"),
        (make_zip(FILES), "no folder ml-latest-small is in it"),
    ],
)
def test_bad_zip_without_a_checksum_is_refused(
    latest: ZipServer, cache: Path, listener: Listener, content: bytes, told: str
) -> None:
    latest.body = content
    with pytest.raises(DataError, match=told):
        ensure_dataset("ml-latest-small", cache, listener, latest.url)
    assert _shown(cache) == []
    assert os.listdir(cache.parent) == ["cache"]


def test_proxy_of_the_environment_is_used(
    server: ZipServer, cache: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxying(f"{server.url}/ml-1m.zip") as (proxy, asked):
        monkeypatch.setenv("http_proxy", proxy)
        root = ensure_dataset("ml-1m", cache, listener, "http://mirror.invalid/data")
    assert _files(root) == FILES
    assert asked == ["http://mirror.invalid/data/ml-1m.zip"]


def test_no_proxy_of_the_environment_is_heeded(
    server: ZipServer, cache: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxying(server.url) as (proxy, asked):
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        ensure_dataset("ml-1m", cache, listener, server.url)
    assert asked == []


def test_full_disk_is_one_line(server: ZipServer, tmp_path: Path, listener: Listener) -> None:
    """On a file system that is smaller than what it says, as with a quota of another kind."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=100k", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("mounting a file system needs root")
    try:
        with pytest.raises(DataError, match=r"are needed, 0\.1 MB are free; free some or"):
            ensure_dataset("ml-1m", folder, listener, server.url)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipeline.datasets.download.check_room", lambda *_: None)
            with pytest.raises(DataError, match=f"^{folder}: the disk is full; free some or"):
                ensure_dataset("ml-1m", folder, listener, server.url)
            assert find_cached("ml-1m", folder) is None
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_cache_that_cannot_be_made_is_one_line(
    body: bytes, tmp_path: Path, listener: Listener, place: str
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot write to .*: .*--data-cache names another folder"):
        ensure_dataset("ml-1m", tmp_path / place, listener)


def test_unknown_name_and_mirror_are_refused(cache: Path, listener: Listener) -> None:
    with pytest.raises(ConfigError, match="no data set 'ml-2m'"):
        ensure_dataset("ml-2m", cache, listener)
    with pytest.raises(ConfigError, match="--data-mirror"):
        ensure_dataset("ml-1m", cache, listener, "somewhere")
    assert not cache.exists()


def test_default_cache_follows_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert default_cache() == Path("/elsewhere/two-tower-pipeline/datasets")
    # The base directories have to be absolute; others are to be ignored.
    for ignored in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert default_cache() == tmp_path / ".cache/two-tower-pipeline/datasets"


# Another process that provides ml-latest-small; its first argument is the cache, then the mirror.
PROGRAM = """
    import sys
    from pathlib import Path
    from pipeline.datasets.cache import ensure_dataset
    class Watcher:
        def say(self, text): print(text, flush=True)
        def received(self, done, total): pass
    print(ensure_dataset("ml-latest-small", Path(sys.argv[1]), Watcher(), sys.argv[2]), flush=True)
"""


def _start(cache: Path, server: ZipServer) -> subprocess.Popen[str]:
    line = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(cache), server.url]
    return subprocess.Popen(line, stdout=subprocess.PIPE, text=True)


def _wait_for(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)


def test_two_processes_at_once_download_once(latest: ZipServer, cache: Path) -> None:
    latest.held = 1000  # the first one holds the lock until the second one has said that it waits
    with _start(cache, latest) as first:
        _wait_for((cache / ".ml-latest-small.zip.part").exists)
        with _start(cache, latest) as second:
            assert second.stdout is not None
            assert second.stdout.readline().startswith("Waiting for another process")
            latest.waits.set()
            assert second.stdout.readline().strip() == str(cache / "ml-latest-small")
        assert (first.wait(), second.returncode) == (0, 0)
    assert len(latest.seen) == 1


def test_killed_process_leaves_nothing_half_done(latest: ZipServer, cache: Path) -> None:
    latest.held = 70_000  # more than a chunk, so that something is on the disk
    part = cache / ".ml-latest-small.zip.part"
    with _start(cache, latest) as process:
        _wait_for(lambda: part.exists() and part.stat().st_size > 0)
        process.send_signal(signal.SIGKILL)
    assert _shown(cache) == [part.name, f"{part.name}.validator"]
    begun = part.stat().st_size
    assert begun > 0
    latest.held = None
    root = ensure_dataset("ml-latest-small", cache, Listener(), latest.url)
    assert _files(root) == FILES
    assert _shown(cache) == ["ml-latest-small"]
    assert latest.seen[-1].sent == len(latest.body) - begun


def test_process_killed_while_it_unpacks_leaves_nothing_half_unpacked(
    server: ZipServer, cache: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    # As after SIGKILL: nothing is tidied up.
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.datasets.unpack.os.rename", die)
        patch.setattr("pipeline.datasets.unpack.shutil.rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            ensure_dataset("ml-1m", cache, listener, server.url)
    assert find_cached("ml-1m", cache) is None
    assert (cache / ".ml-1m.unpacking").exists()
    root = ensure_dataset("ml-1m", cache, listener, server.url)
    assert _files(root) == FILES
    assert _shown(cache) == ["ml-1m"]
    assert len(server.seen) == 1  # the zip had come and is not asked for again


def test_import_needs_no_tensorflow_and_no_requests() -> None:
    program = (
        "import sys; import local_runner, pipeline.datasets.cache;"
        "heavy = {'tensorflow', 'tfx', 'tfx_bsl', 'apache_beam', 'ml_metadata', 'requests'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
