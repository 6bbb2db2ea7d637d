"""Claims about the page as people use it, in a real browser that can reach nothing but the page's server."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, models
from pippin.images import fruit
from pippin.studio.closely import WatchClosely
from pippin.studio.home import Home
from pippin.studio.report import report
from pippin.studio.serving import served
from studio.browser import Watched, chromium
from studio.runs import article_run

pytestmark = pytest.mark.slow

SOURCE = str(Path(__file__).resolve().parents[2] / "src")
PLACES = (
    "#/train", "#/inside", "#/inside?phase=loss&depth=2", "#/inside?layer=dense&neuron=3&depth=2&phase=backward",
    "#/inside?layer=dense&neuron=3&depth=3&phase=update&weight=dense%2Fkernel&spot=0%2C3",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def address(article: Path) -> Iterator[str]:
    with served(Home([article])) as found:
        yield found


def test_a_finished_run_is_looked_into_down_to_one_weight(browser: Any, address: str) -> None:
    seen = Watched(browser, address)
    page = seen.page
    page.get_by_text("It learned for 12 epochs.").wait_for()
    page.locator(".guesses li").nth(7).wait_for()  # they are fetched after the sentence
    assert page.locator(".guesses li").count() == 8
    page.get_by_role("button", name="Look inside").click()
    page.locator(".column[data-layer='dense 0'] .neuron[data-unit='3']").click()
    page.get_by_role("heading", name="Neuron 3 of dense, on example 0").wait_for()
    page.get_by_text("It looks at 16 numbers.").wait_for()
    page.get_by_role("button", name="With formulas").click()
    page.locator(".equation math").first.wait_for()
    page.locator(".products button").first.click()
    page.get_by_text("Who pushed it").wait_for()
    page.get_by_role("button", name="Check this gradient").click()
    page.get_by_text("They agree").or_(page.get_by_text("has a bend")).wait_for()
    page.go_back()
    page.get_by_role("heading", name="Neuron 3 of dense, on example 0").wait_for()
    assert seen.complaints == [] and seen.elsewhere == []
    seen.close()


def test_the_first_moment_shows_other_numbers_than_the_last(browser: Any, address: str) -> None:
    seen = Watched(browser, address)
    seen.go("#/inside")
    marks = seen.page.locator(".column[data-layer='dense_2 0'] .neuron")
    marks.first.wait_for()
    last = marks.first.get_attribute("title")
    seen.page.get_by_label("Moment of training").fill("0")
    seen.page.get_by_text("Step 0", exact=True).wait_for()
    seen.page.wait_for_function(
        "last => document.querySelector(\".column[data-layer='dense_2 0'] .neuron\").title !== last", arg=last
    )
    seen.close()


def test_everything_is_reached_with_the_keyboard(browser: Any, address: str) -> None:
    seen = Watched(browser, address)
    page = seen.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the screen"
    for _ in range(6):
        page.keyboard.press("Tab")
        if "Look inside" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    page.locator(".network").wait_for()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.column .name')"):
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.activeElement.closest('.column')?.dataset.layer === 'dense_1 0'")
    page.keyboard.press("Tab")
    page.wait_for_function("() => document.activeElement.matches('.neuron')")
    page.keyboard.press("ArrowDown")
    page.get_by_role("heading", name="Neuron 1 of dense_1, on example 0").wait_for()
    page.keyboard.press("3")
    page.locator(".phases button[aria-pressed='true']", has_text="Backward").wait_for()
    page.keyboard.press(",")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_text("Choose a layer or a neuron").wait_for()
    page.keyboard.press("?")
    page.get_by_role("region", name="What is what").wait_for()
    seen.close()


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_it_fits_on_every_screen_and_axe_finds_no_serious_fault(browser: Any, address: str, width: int) -> None:
    for scheme in ("light", "dark"):
        seen = Watched(browser, address, width, 700, color_scheme=scheme, reduced_motion="reduce")
        for place in PLACES:
            seen.go(place)
            seen.page.wait_for_timeout(250)
            assert seen.is_within(), (width, place)
            assert seen.faults() == [], (width, scheme, place)
        assert seen.complaints == []
        seen.close()


def test_something_to_read_is_there_within_a_second(browser: Any, address: str) -> None:
    seen = Watched(browser, address)
    painted = seen.page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert painted < 1000
    seen.close()


@pytest.mark.parametrize(("widths", "layer"), [((1000,), "dense"), ((12,) * 20, "dense_19")])
def test_wide_and_deep_networks_stay_usable(
    browser: Any, tmp_path: Path, widths: tuple[int, ...], layer: str
) -> None:
    article_run(tmp_path / "run", epochs=2, widths=widths)
    with served(Home([tmp_path / "run"])) as address:
        seen = Watched(browser, address, 1280, 800)
        seen.go("#/inside")
        column = seen.page.locator(f".column[data-layer='{layer} 0']")
        column.wait_for()
        box = column.bounding_box()
        assert box is not None and box["height"] < 900
        assert seen.page.locator(".column *").count() < 1500
        column.locator(".neuron").last.click()
        seen.page.get_by_role("heading", name=f"of {layer}, on example 0").wait_for()
        assert seen.is_within() and seen.complaints == []
        seen.close()


def test_a_script_is_watched_while_it_runs(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Curves grow without the page being touched, and frames go on being drawn."""
    script = tmp_path / "mine.py"
    script.write_text(
        "import numpy as np, time\n"
        "from tensorflow import keras\n"
        "class Slowly(keras.callbacks.Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n"
        "        time.sleep(0.03)\n"
        "x = np.random.RandomState(0).rand(64, 4).astype('float32')\n"
        "model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(8, activation='tanh'), "
        "keras.layers.Dense(1)])\n"
        "model.compile('adam', 'mse')\n"
        "model.fit(x, x.sum(1), epochs=100, verbose=0, callbacks=[Slowly()])\n"
    )
    monkeypatch.setenv("PYTHONPATH", SOURCE)
    monkeypatch.chdir(tmp_path)
    home = Home([Path("runs")], since=time.time() - 1)
    with served(home) as address:
        seen = Watched(browser, address)
        home.script = subprocess.Popen([sys.executable, "-m", "pippin.studio.script", "runs", str(script)])
        try:
            seen.page.locator(".pill.running").wait_for(timeout=30_000)
            frames = seen.page.evaluate(
                "new Promise(done => { let count = 0; const end = performance.now() + 1000; const next = now => "
                "{ count++; if (now < end) requestAnimationFrame(next); else done(count); }; "
                "requestAnimationFrame(next); })"
            )
            assert frames >= 30
            seen.page.locator(".pill.ended").wait_for(timeout=60_000)
            seen.page.get_by_text("It learned for 100 epochs.").wait_for()
            seen.page.get_by_role("button", name="Look inside").click()
            seen.page.locator(".column[data-layer='dense 0'] .neuron").first.click()
            seen.page.get_by_text("Its activation, tanh,").wait_for()
        finally:
            home.script.wait(30)
        assert seen.complaints == [] and seen.elsewhere == []
        seen.close()


def test_photos_become_a_classifier_without_a_line_of_code(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", SOURCE)
    drawn = Path(fruit.draw(tmp_path / "drawn", train=60, test=8, size=32))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(drawn.glob("train/*/*.jpg")):
            archive.write(path, path.relative_to(drawn / "train"))
    home = Home([tmp_path / "runs"], photos=tmp_path / "photos")
    with served(home) as address:
        seen = Watched(browser, address)
        page = seen.page
        page.get_by_role("heading", name="Photos").wait_for()
        page.get_by_label("New class").fill("apple")
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_label("Photos for apple").set_input_files(
            {"name": "fruit.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}
        )
        page.locator(".class", has_text="not_apple").wait_for()
        page.get_by_role("button", name="Webcam").first.click()
        button = page.get_by_role("button", name="Hold to take photos")
        page.wait_for_function("() => document.querySelector('video')?.videoWidth > 0")
        button.dispatch_event("pointerdown")
        page.get_by_text("taken").wait_for()
        button.dispatch_event("pointerup")
        page.wait_for_timeout(600)
        assert list((tmp_path / "photos" / "apple").glob("webcam-*.jpg"))
        page.get_by_role("button", name="Leave out").first.dispatch_event("click")
        page.get_by_text("1 left out").wait_for()
        assert seen.faults() == []

        page.get_by_role("button", name="Check them").click()
        page.get_by_role("button", name="Go on to training").click(timeout=30_000)
        page.get_by_text("Settings").click()
        page.get_by_label("Picture size").select_option("32")
        page.get_by_label("Epochs").fill("4")
        assert seen.faults() == []
        page.get_by_role("button", name="Train", exact=True).click()
        page.locator(".pill.ended").wait_for(timeout=90_000)

        page.get_by_role("button", name="Results").click()
        page.get_by_text("Checked: the model file").wait_for(timeout=30_000)
        cell = page.locator(".confusion button:enabled").first
        count = int((cell.text_content() or "0").split()[0])
        cell.click()
        page.wait_for_function("count => document.querySelectorAll('.mistakes img').length === count", arg=count)
        page.wait_for_function(
            "() => [...document.querySelectorAll('.mistakes img')].every(one => one.naturalWidth > 4)"
        )
        assert seen.faults() == []

        page.get_by_role("button", name="Use it", exact=True).click()
        page.get_by_label("A photo to try").set_input_files(next((drawn / "test" / "apple").glob("*.jpg")))
        page.locator(".answer").wait_for(timeout=30_000)
        page.locator(".chances li").nth(1).wait_for()
        assert page.locator(".chances li").count() == 2
        page.get_by_role("heading", name="Is it learned?").wait_for(timeout=60_000)
        page.get_by_label("How it is found").select_option("occlusion")
        page.get_by_text("Occlusion: part after part").wait_for(timeout=60_000)
        assert page.locator(".heat canvas").count() == 2 and seen.is_within()
        assert seen.faults() == []
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the model").click()
        model = tmp_path / "taken.keras"
        download.value.save_as(model)

        page.get_by_role("button", name="Look inside").click()
        page.locator(".column .name", has_text="look_1").click()
        page.locator(".map canvas").first.wait_for(timeout=30_000)
        page.locator(".map").first.click()
        page.get_by_text("It looks at").wait_for()
        assert seen.faults() == []
        assert seen.complaints == [] and seen.elsewhere == []
        seen.close()
    from pippin.images import Classifier

    assert Classifier.load(model).classes_.tolist() == ["apple", "not_apple"]


def test_the_report_is_the_same_view_without_server_and_network(
    browser: Any, article: Path, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(report(article), encoding="utf-8")
    seen = Watched(browser, file.as_uri(), offline=True)
    page = seen.page
    page.get_by_role("button", name="Look inside").click()
    page.locator(".column[data-layer='dense_1 0'] .name").click()
    page.get_by_role("heading", name="dense_1: a Dense layer, 32 in, 16 out").wait_for()
    page.get_by_label("Moment of training").fill("0")
    page.get_by_text("Step 0", exact=True).wait_for()
    assert seen.faults() == [] and seen.complaints == [] and seen.elsewhere == []
    seen.close()
    plain = Watched(browser, file.as_uri(), 320, 700, offline=True, java_script_enabled=False)
    plain.page.get_by_text("It learned for 12 epochs.").wait_for()
    plain.page.get_by_text("The marked exam: the loss").wait_for()
    plain.close()


def test_the_widget_draws_in_a_notebooks_cell(browser: Any, article: Path, address: str) -> None:
    """With a kernel that is a function: the module is loaded as anywidget loads it."""
    from pippin.studio.answers import Answers
    from pippin.studio.page import SCRIPT, STYLE

    answers = Answers(article)
    context = browser.new_context(viewport={"width": 800, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.expose_function("kernel", lambda asked: {"number": asked["number"], "answer": answers.ask(asked["question"])})
    page.set_content("<!doctype html><title>Cell</title><div id=cell style='width: 760px'></div>")
    page.evaluate(
        """async ([script, style]) => {
            const module = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
            const heard = [];
            const model = {
                get: (name) => (name === "_style" ? style : "run"), on: (_, hear) => heard.push(hear), off: () => {},
                send: (asked) => window.kernel(asked).then((answer) => heard.forEach((hear) => hear(answer))),
            };
            module.default.render({ model, el: document.getElementById("cell") });
        }""",
        [SCRIPT.read_text(encoding="utf-8"), STYLE.read_text(encoding="utf-8")],
    )
    page.get_by_text("It learned for 12 epochs.").wait_for()
    page.get_by_role("button", name="Look inside").click()
    page.locator(".column[data-layer='dense 0'] .neuron[data-unit='3']").click()
    page.get_by_text("It looks at 16 numbers.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") and complaints == []
    context.close()


def test_layers_of_anyones_own_are_shown(browser: Any, tmp_path: Path) -> None:
    class Doubled(layers.Layer):
        def call(self, x: Any) -> Any:
            return x * 2.0

    pippin.random.set_random_seed(1)
    model = models.Sequential([layers.Input((4,)), Doubled(name="mine"), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.random.RandomState(0).rand(32, 4).astype(np.float32)
    model.fit(x, x.sum(1), epochs=3, verbose=0, callbacks=[WatchClosely(tmp_path / "run")])
    with served(Home([tmp_path / "run"])) as address:
        seen = Watched(browser, address)
        seen.go("#/inside?layer=mine")
        seen.page.get_by_text("Doubled is a layer of your own.").wait_for()
        assert seen.complaints == []
        seen.close()
