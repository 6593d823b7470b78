"""The page in a real browser: what a person does, at both widths, with titles of strangers."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from serving.app import Site, build_application
from serving.config import ServingConfig
from serving.http.access_log import AccessLog
from serving.server import bind
from tests.serving.page.browser import Browser, find_chromium
from tests.serving.tiny_model import MOVIES, copy_model, save_model

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium: apt-get install chromium"),
]

# What strangers put into titles, in the order of the tiny model's movies.
TITLES = (
    "<img src=x onerror=document.title='broken'><script>document.title='broken'</script>",
    "\x1b[31mred\x07 and \x9b1m",
    "\u202egnp.exe right to left \u2066",
    "שלום עולם",
    "A" * 500,
    "'; alert(1); //\" {{7*7}} ${7*7}",
)
TOKEN = "a-token-of-some-length"


def serve(tmp_path: Path, model: Path, token: str = "") -> Iterator[str]:
    versions = tmp_path / "hostile"
    versions.mkdir()
    copy_model(model, versions, 7)
    config = ServingConfig(port=0)
    figures = [{"name": "top 10", "model": 0.5, "popularity": 0.25}]
    describe = {"figures": figures, "has_report": False}
    site = Site("hostile", versions, lambda version: describe)
    application = build_application(site, config, AccessLog(io.StringIO()), token)
    application.watcher.load_first()
    listening = bind(config)
    server = uvicorn.Server(uvicorn.Config(application.asgi, log_config=None, lifespan="on"))
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]))
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(60)


@pytest.fixture(scope="module")
def hostile_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("hostile") / "model", "x", TITLES)


@pytest.fixture(scope="module")
def address(hostile_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve(tmp_path_factory.mktemp("served"), hostile_model)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    opened = Browser(tmp_path / "profile")
    yield opened
    opened.close()
    assert opened.problems == []


ROWS = "document.querySelectorAll('#recommendations li').length"
TITLE_TEXTS = "[...document.querySelectorAll('#recommendations .title')].map(e => e.textContent)"


def test_user_gets_history_and_recommendations_as_text(browser: Browser, address: str) -> None:
    browser.size(1440, 900)
    browser.open(f"{address}/?user=u0")
    browser.wait(f"{ROWS} == 5 && !document.querySelector('#seen').hidden")
    texts = browser.run(TITLE_TEXTS)
    assert texts[0] == f"{TITLES[0]} (x)"
    assert texts[1] == r"\x1b[31mred\x07 and \x9b1m (x)"
    assert texts[2] == r"\u202egnp.exe right to left \u2066 (x)"
    assert texts[3:5] == [f"{TITLES[3]} (x)", f"{TITLES[4]} (x)"]
    assert browser.run("document.title") == "Recommendations: hostile"
    assert browser.run("document.querySelectorAll('main img, main script').length") == 0
    assert browser.run("document.querySelectorAll('#history li').length") == 2
    assert "top 10 50.0 % (most popular movies: 25.0 %)" in browser.run(
        "document.querySelector('#figures').textContent"
    )


@pytest.mark.parametrize("path", ["/?user=u0", "/?user=u0&movie=m0", "/docs"])
@pytest.mark.parametrize(("width", "dark"), [(390, True), (1440, False)])
def test_nothing_is_wider_than_the_window(
    browser: Browser, address: str, path: str, width: int, dark: bool
) -> None:
    browser.size(width, 900, dark)
    browser.open(f"{address}{path}")
    ready = "document.querySelectorAll('.operation').length" if path == "/docs" else ROWS
    browser.wait(ready)
    if "movie" in path:
        browser.wait("document.querySelector('#similar').open")
    assert browser.run("document.documentElement.scrollWidth") <= width


def test_api_page_is_laid_out_without_a_further_file(browser: Browser, address: str) -> None:
    browser.size(390, 900)
    browser.send("Network.setBlockedURLs", urls=["*/static/*"])
    browser.open(f"{address}/docs")
    browser.wait("document.querySelectorAll('.operation').length")
    assert browser.run("document.documentElement.scrollWidth") <= 390
    assert browser.run("getComputedStyle(document.querySelector('pre')).overflowX") == "auto"


def test_keyboard_alone_picks_movies_and_shows_similar_ones(browser: Browser, address: str) -> None:
    browser.size(390, 800)
    browser.open(address)
    browser.wait(f"{ROWS} > 0")
    assert "Popular" in browser.run("document.querySelector('#results-heading').textContent")
    browser.run("document.querySelector('#search').focus()")
    browser.type("alert")
    browser.wait("document.querySelectorAll('#found button').length == 1")
    browser.press("Tab")
    browser.press("Enter")
    browser.wait("document.querySelectorAll('#liked button').length == 1")
    browser.wait("document.querySelector('#results-heading').textContent == 'Recommended for you'")
    assert browser.run("location.search") == f"?like={MOVIES[5]}"
    assert browser.run("document.activeElement.id") == "search"
    browser.run("document.querySelector('#recommendations button').focus()")
    browser.press("Enter")
    browser.wait("document.querySelector('#similar').open")
    browser.wait("document.querySelectorAll('#similar-movies li').length == 5")
    browser.press("Escape")
    browser.wait("!document.querySelector('#similar').open")
    assert browser.run("document.activeElement.closest('#recommendations') !== null")


@pytest.mark.parametrize("query", ["user=u0", f"like={MOVIES[1]}"])
def test_list_is_saved_as_csv(browser: Browser, address: str, tmp_path: Path, query: str) -> None:
    browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.open(f"{address}/?{query}")
    browser.wait(f"{ROWS} > 0 && !document.querySelector('#save').hidden")
    browser.run("document.querySelector('#save').click()")
    browser.wait("document.querySelector('#status').textContent.startsWith('Saved')")
    saved = tmp_path / "recommendations.csv"
    for _ in range(600):
        if saved.is_file() and saved.stat().st_size:
            break
        time.sleep(0.05)
    rows = list(csv.DictReader(io.StringIO(saved.read_text(encoding="utf-8-sig"))))
    assert rows[0]["title"] == f"{TITLES[0]} (x)"
    assert len(rows) == browser.run(ROWS)


def test_unknown_user_is_told_that_the_list_is_of_popular_movies(
    browser: Browser, address: str
) -> None:
    browser.open(f"{address}/?user=%3Cb%3Enobody%1b")
    browser.wait(f"{ROWS} == 5")
    assert "does not know this user" in browser.run("document.querySelector('#known').textContent")
    heading = browser.run("document.querySelector('#results-heading').textContent")
    assert heading == r"Recommended for <b>nobody\x1b"


def test_controls_have_names_for_a_screen_reader(browser: Browser, address: str) -> None:
    browser.open(f"{address}/?user=u0&movie=m1")
    browser.wait("document.querySelector('#similar').open")
    tree = browser.send("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "link", "textbox", "searchbox", "combobox", "dialog"}
    controls = [node for node in tree if not node["ignored"] and node["role"]["value"] in roles]
    assert len(controls) > 5
    assert [node for node in controls if not node["name"]["value"].strip()] == []


def test_page_asks_for_the_token(browser: Browser, hostile_model: Path, tmp_path: Path) -> None:
    serving = serve(tmp_path, hostile_model, TOKEN)
    address = next(serving)
    try:
        browser.open(address)
        browser.wait("!document.querySelector('#token-form').hidden")
        browser.run("document.querySelector('#token').focus()")
        browser.type(TOKEN)
        browser.press("Enter")
        browser.wait(f"{ROWS} > 0 && document.querySelector('#token-form').hidden")
    finally:
        next(serving, None)
    # The refused requests stand in the console, and nothing else does.
    assert browser.problems
    assert all("401" in problem for problem in browser.problems)
    browser.problems.clear()
