"""The playground in the page: its numbers are the package's, every control works by mouse, keyboard and touch.

Most of it looks at a book of one page, which is built in seconds.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote, unquote

import numpy as np
import pytest

from coursepkg.scratch.playground import explore
from tests.e2e.conftest import LOAD_ALL, opening, serving, small_book
from tests.e2e.test_pages import AXE, AXE_SCRIPT, axe_violations

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (requirements/test.txt)").expect

PAGE = """# Pictures

:::{figure} still.png
:name: fig-still
:alt: A still.

The caption.
:::

:::{interactive} playground
:still: fig-still
:rate: 0.1

Press *Run*.
:::

:::{interactive-setup} playground
:data: xor
:layers: [3]
:activation: relu
Set up experiment 3
:::

[A link to a set-up](<#playground?data=gauss&layers=>)
"""
NUMBERS = "() => document.querySelector('.ia').numbers()"
FIVE = ["x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)"]
SETTINGS = [
    {"data": "circle", "activation": "tanh", "layers": [4, 2], "seed": 3},
    {"data": "xor", "activation": "relu", "layers": [8, 8], "rate": 0.2, "batch": 20, "noise": 0.3},
    {"data": "spiral", "activation": "sigmoid", "layers": [5], "penalty": "l2", "strength": 0.03, "draw": 7},
    {"data": "gauss", "activation": "identity", "layers": [3], "penalty": "l1", "strength": 0.1, "noise": 0.4},
    {
        "data": "plane",
        "layers": [8, 8, 8, 8],
        "features": ["x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)"],
        "noise": 0.2,
    },
    {"data": "circle", "layers": [], "features": ["x1^2", "x2^2"], "batch": 50, "points": 1000, "seed": 2**32 - 1},
]
DEFAULTS = {"data": "circle", "features": ["x1", "x2"], "layers": [4, 2], "activation": "tanh", "rate": 0.03}
DEFAULTS |= {"batch": 10, "penalty": "none", "strength": 0.01, "noise": 0, "points": 400, "draw": 42, "seed": 0}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """The folder of the small book."""
    return small_book(tmp_path_factory, PAGE, extension="sphinx_interactive")


@pytest.fixture(scope="module")
def small_site(pictures):
    with serving(pictures) as address:
        yield address


@pytest.fixture
def visit(browser, small_site):
    """A function that opens the small book with a state in its address."""
    with opening(browser, small_site) as opened:
        yield lambda state=None, motion="no-preference", **options: opened(
            "index.html" + written(state), motion=motion, **options
        )


def written(state):
    if state is None:
        return ""
    parts = [f"{key}={','.join(map(str, value)) if isinstance(value, list) else value}" for key, value in state.items()]
    return "#playground?" + quote("&".join(parts), safe="=&,()*^")


def press(page, name):
    page.locator(".ia").get_by_role("button", name=name, exact=True).click()


def wait(page, condition):
    """Wait until a condition on the numbers of the picture, written in JavaScript, holds; return the numbers."""
    page.wait_for_function(f"(() => {{ const n = ({NUMBERS})(); return n.step !== undefined && ({condition}) }})()")
    return page.evaluate(NUMBERS)


def train(page, epochs):
    wait(page, "n.step === 0")
    for epoch in range(1, epochs + 1):
        press(page, "One epoch")
        numbers = wait(page, f"n.epoch === {epoch}")
    return numbers


def reference(settings, epochs):
    """Train with the package."""
    s = DEFAULTS | settings
    penalty = {"regularization": s["strength"], "penalty": s["penalty"]} if s["penalty"] != "none" else {}
    return explore(
        s["data"], features=s["features"], hidden=s["layers"], activation=s["activation"], learning_rate=s["rate"],
        **penalty, noise=s["noise"], batch_size=s["batch"], epochs=epochs, n=s["points"], n_snapshots=0,
        seed=s["seed"], data_seed=s["draw"],
    )  # fmt: skip


def assert_same(W, b, history, run):
    for found, expected in zip([*W, *b], [*run.model.parameters[0::2], *run.model.parameters[1::2]], strict=True):
        np.testing.assert_allclose(np.array(found, dtype=float), expected, rtol=0, atol=1e-9)
    for name, expected in run.history.items():
        np.testing.assert_allclose(history[name], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: f"{s['data']}-{s.get('penalty', '')}{s['layers']}")
def test_after_a_hundred_steps_the_numbers_are_those_of_the_package(visit, settings):
    settings = {"rate": 0.03} | settings
    batches = -(-(settings.get("points", 400) // 2) // settings.get("batch", 10))
    epochs = -(-100 // batches)
    page = visit(settings)
    numbers = train(page, epochs)
    assert numbers["step"] == batches * epochs >= 100
    names = ("loss", "accuracy", "val_loss", "val_accuracy")
    history = dict(zip(names, zip(*numbers["history"], strict=True), strict=True))
    assert_same(numbers["W"], numbers["b"], history, reference(settings, epochs))
    assert page.errors + page.remote == []


def test_single_steps_and_running_take_the_same_way(visit):
    page = visit({"batch": 50})
    wait(page, "n.step === 0")
    for step in range(1, 5):
        press(page, "One step")
        one = wait(page, f"n.step === {step}")
    assert (one["epoch"], len(one["history"])) == (1, 1)
    press(page, "Start again")
    wait(page, "n.step === 0")
    press(page, "Run")
    wait(page, "n.step > 60")
    press(page, "Pause")
    wait(page, "!n.running")
    page.wait_for_timeout(500)  # what the worker had sent before it heard of the pause may still arrive
    end = page.evaluate(NUMBERS)
    page.wait_for_timeout(200)
    assert page.evaluate(NUMBERS)["step"] == end["step"]
    assert end["history"][0] == one["history"][0]


CHANGES = [
    ("Data", "spiral", {"data": "spiral"}),
    ("Points", "100", {"points": 100}),
    ("Activation", "relu", {"activation": "relu"}),
    ("Learning rate", "0.3", {"rate": 0.3}),
    ("Batch size", "20", {"batch": 20}),
    ("Penalty", "l1", {"penalty": "l1"}),
    ("Strength", "0.1", {"strength": 0.1}),
    ("Steps a picture", "50", {"speed": 50}),
]
NUMBER_FIELDS = [("Draw of the points", "7", {"draw": 7}), ("Seed of the weights", "9", {"seed": 9})]


def field(page, label):
    return page.locator(".ia :is(select, input)").and_(page.get_by_label(label, exact=True))


def test_every_control_changes_the_state_and_the_address_and_survives_a_reload(visit):
    page = visit()
    wanted = wait(page, "n.step === 0")["state"]
    assert wanted == DEFAULTS | {"rate": 0.1, "speed": 5, "test": False}
    for label, value, changed in CHANGES:
        field(page, label).select_option(value)
        wanted |= changed
        assert page.evaluate(NUMBERS)["state"] == wanted, label
    for label, value, changed in NUMBER_FIELDS:
        field(page, label).fill(value)
        field(page, label).blur()
        wanted |= changed
        assert page.evaluate(NUMBERS)["state"] == wanted, label
    field(page, "Noise").fill("0.3")
    field(page, "Show the test points").check()
    field(page, "Hidden layers").fill("3")
    field(page, "Hidden layers").blur()
    field(page, "Units in layer 3").fill("8")
    field(page, "Units in layer 3").blur()
    page.get_by_role("button", name="x₁x₂").click()
    page.get_by_role("button", name="x₂", exact=True).click()
    wanted |= {"noise": 0.3, "test": True, "layers": [4, 2, 8], "features": ["x1", "x1*x2"]}
    assert page.evaluate(NUMBERS)["state"] == wanted
    assert page.locator(".ia-unit").count() == 14
    hash_ = unquote(page.evaluate("location.hash"))
    assert "layers=4,2,8" in hash_
    assert "features=x1,x1*x2" in hash_
    assert "rate=0.3" in hash_
    page.reload()
    assert wait(page, "n.step === 0")["state"] == wanted
    assert field(page, "Penalty").input_value() == "l1"
    assert field(page, "Units in layer 3").input_value() == "8"
    assert page.get_by_role("button", name="x₂", exact=True).get_attribute("aria-pressed") == "false"
    assert page.errors + page.remote == []


def test_an_address_with_impossible_values_gives_the_nearest_possible(visit):
    page = visit({"data": "moons", "rate": -5, "layers": "17,0,8,8,8,8,8", "noise": 7, "seed": "x", "features": "x3"})
    state = wait(page, "n.step === 0")["state"]
    assert state == DEFAULTS | {"layers": [16, 1, 8, 8, 8, 8], "noise": 1, "speed": 5, "test": False}
    assert page.errors == []


def test_a_button_and_a_link_set_it_up_and_the_way_back_works(visit):
    page = visit()
    wait(page, "n.step === 0")
    page.get_by_role("button", name="Set up experiment 3").click()
    state = wait(page, "n.state.data === 'xor'")["state"]
    assert (state["layers"], state["activation"], state["rate"]) == ([3], "relu", 0.1)
    assert page.evaluate("document.activeElement.textContent") == "Run"
    page.get_by_role("link", name="A link to a set-up").click()
    state = wait(page, "n.state.data === 'gauss'")["state"]
    assert (state["layers"], state["activation"]) == ([], "tanh")
    page.go_back()
    wait(page, "n.state.data === 'xor'")
    assert page.errors == []


def test_by_keyboard_alone_with_what_a_screen_reader_is_told(visit):
    page = visit({"layers": [3, 2]})
    wait(page, "n.step === 0")
    key, name = page.keyboard.press, lambda: page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.locator(".ia button").first.focus()
    key("Space")
    expect(page.locator(".ia").get_by_role("button", name="Pause")).to_be_visible()
    wait(page, "n.step > 20")
    key("Enter")
    wait(page, "!n.running")
    key("Tab")
    before = page.evaluate(NUMBERS)["step"]
    page.wait_for_timeout(300)
    key("Enter")
    wait(page, f"n.step > {before}")
    seen = []
    for _ in range(12):
        key("Tab")
        seen.append(page.evaluate("(e => e.textContent || e.getAttribute('aria-label'))(document.activeElement)"))
        if page.evaluate("document.activeElement.className") == "ia-unit":
            break
    assert seen[:2] == ["One epoch", "Start again"]
    assert name().startswith("Unit 1 of layer 1: bias ")
    key("ArrowDown")
    assert name().startswith("Unit 2 of layer 1: bias ")
    key("ArrowRight")
    assert name().startswith("Unit 2 of layer 2: bias ")
    detail = page.locator(".ia-detail").inner_text()
    assert detail == name()
    assert detail.count(":") == 4, "its three weights, by the number of the unit that they come from"
    assert page.locator(".ia-title").inner_text() == "Unit 2 of layer 2"
    key("Tab")
    assert page.locator(".ia-title").inner_text() == "Output of the network"
    field(page, "Noise").focus()
    key("ArrowRight")
    assert page.evaluate(NUMBERS)["state"]["noise"] == 0.1
    assert field(page, "Noise").get_attribute("aria-valuetext") == "0.1"
    assert page.errors == []


def test_pictures_say_in_words_what_they_show_and_the_status_line_follows(visit):
    page = visit()
    wait(page, "n.step === 0")
    plane, losses = (page.locator(".ia").get_by_role("img").nth(i) for i in (0, 1))
    status = page.locator(".ia-status[role=status]")
    expect(status).to_contain_text("Not trained yet.")
    assert "No epoch has ended yet" in losses.get_attribute("aria-label")
    press(page, "One epoch")
    wait(page, "n.epoch === 1")
    expect(status).to_contain_text("Epoch 1, step 20. Training loss 0.")
    assert "Orange is class 1, blue class 0. Epoch 1, step 20." in plane.get_attribute("aria-label")
    assert "Loss after each epoch. Epoch 1" in losses.get_attribute("aria-label")


def test_a_rate_that_is_too_large_is_said(visit):
    page = visit({"data": "plane", "layers": [8, 8, 8], "activation": "identity", "rate": 10, "noise": 1})
    wait(page, "n.step === 0")
    press(page, "Run")
    expect(page.locator(".ia-status[role=status]")).to_contain_text("The loss became infinite in epoch 1", timeout=9000)
    assert page.locator(".ia").get_by_role("button", name="Run", exact=True).is_visible()
    assert page.errors == []


def test_weights_are_named_where_the_mouse_points(visit):
    page = visit({"layers": [2]})
    wait(page, "n.step === 0")
    page.locator(".ia-unit").nth(1).hover()
    assert page.locator(".ia-title").inner_text() == "Unit 2 of layer 1"
    page.locator(".ia-wide").first.dispatch_event("pointerenter")
    value = page.evaluate(NUMBERS)["W"][0][0][0]
    said = page.locator(".ia-detail").inner_text().replace("\u2212", "-")
    assert said.startswith("Weight from x₁ to Unit 1 of layer 1: ")
    assert float(said.rpartition(" ")[2].rstrip(".")) == pytest.approx(value, rel=0.01)


def test_touch_on_a_phone_in_the_dark_and_nothing_that_axe_objects_to(visit):
    page = visit({"layers": [8, 8, 8, 8], "test": "true"}, width=390, scheme="dark", has_touch=True)
    wait(page, "n.step === 0")
    page.locator(".ia").get_by_role("button", name="One epoch").tap()
    wait(page, "n.epoch === 1")
    page.locator(".ia-unit").nth(9).tap()
    assert page.locator(".ia-title").inner_text() == "Unit 2 of layer 2"
    page.get_by_role("button", name="sin x₁").tap()
    assert "sin(x1)" in wait(page, "n.step === 0")["state"]["features"]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.add_script_tag(path=str(AXE_SCRIPT))
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    where = {"include": [[".ia"], [".interactive-setup"]]}
    assert page.evaluate(AXE, [where, {"resultTypes": ["violations"]}]) == []
    assert axe_violations(page, "target-size") == []
    dark = page.evaluate("document.querySelector('.ia-unit canvas').toDataURL()")
    page.emulate_media(color_scheme="light")
    page.wait_for_function("document.documentElement.dataset.theme === 'light'")
    page.wait_for_function("dark => document.querySelector('.ia-unit canvas').toDataURL() !== dark", arg=dark)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate(AXE, [where, {"resultTypes": ["violations"]}]) == []


def test_who_prefers_less_motion_sees_few_pictures_and_the_same_training(visit):
    counts = {}
    for motion in ("reduce", "no-preference"):
        page = visit(motion=motion)
        wait(page, "n.step === 0")
        page.evaluate("window.drawn = 0; document.addEventListener('ia-report', () => drawn++)")
        press(page, "Run")
        page.wait_for_timeout(1600)
        press(page, "Pause")
        counts[motion], steps = page.evaluate("drawn"), wait(page, "!n.running")["step"]
        assert steps >= 100
    assert 2 <= counts["reduce"] <= 5 < counts["no-preference"]


def test_without_scripts_and_in_print_the_picture_and_its_text_stay(visit):
    page = visit(java_script_enabled=False)
    for one in ("img[alt='A still.']", "text=The caption.", "text=Press Run"):
        assert page.locator(one).is_visible()
    assert page.locator(".interactive, .interactive-setup").locator("visible=true").count() == 0
    page = visit()
    wait(page, "n.step === 0")
    still = page.locator("img[alt='A still.']")
    assert not still.is_visible()
    assert page.locator("figure .ia").is_visible()
    assert page.get_by_text("The caption.").is_visible()
    page.emulate_media(media="print")
    assert still.is_visible()
    assert page.locator(".ia, .interactive-setup").locator("visible=true").count() == 0


def test_it_works_from_a_disk_and_without_a_worker(visit, pictures):
    page = visit({"batch": 50})
    page.goto((pictures / "index.html").as_uri() + written({"batch": 50}))
    disk = train(page, 1)
    assert "batch=50" in page.url
    field(page, "Batch size").select_option("100")
    assert "batch=100" in page.evaluate("location.hash")
    alone = visit()
    alone.add_init_script("window.Worker = class { constructor() { throw new DOMException('not here'); } }")
    alone.goto(alone.url.partition("#")[0] + written({"batch": 50}))
    alone.reload()
    assert train(alone, 1)["W"] == disk["W"]
    assert alone.errors + page.errors == []


MODEL = """async ([source, settings]) => {
  const listeners = {}, values = {...settings}, sent = [];
  window.model = {
    values, sent,
    get: name => values[name],
    set: (name, value) => { values[name] = value; (listeners['change:' + name] ?? []).forEach(one => one()); },
    save_changes: () => sent.push(JSON.parse(JSON.stringify(values))),
    on: (name, one) => (listeners[name] ??= []).push(one),
    off: (name, one) => listeners[name] = listeners[name].filter(other => other !== one),
  };
  const el = document.createElement('div');
  const url = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));
  const {default: widget} = await import(url);
  window.ended = widget.render({model, el});
  document.body.replaceChildren(el);
}"""


def test_in_jupyterlab_settings_go_both_ways_and_weights_arrive(browser, small_site):
    pytest.importorskip("anywidget", reason="anywidget is not installed (requirements/lab.txt)")
    from coursepkg.interactive import Playground

    playground = Playground(data="xor", layers=[8], activation="relu", rate=0.2, batch=20)
    page = browser.new_context().new_page()
    page.goto(small_site + "404.html")
    page.evaluate(MODEL, [playground._esm, {**playground.settings, "_picture": playground._picture, "_trained": {}}])
    wait(page, "n.step === 0")
    train(page, 10)
    line = page.locator(".ia-plus").first
    assert line.evaluate("e => getComputedStyle(e).stroke") == "rgb(184, 116, 0)"
    image = "document.querySelector('.ia-picture canvas').getContext('2d').getImageData(0, 0, 560, 560).data"
    assert page.evaluate(f"(d => d.some((v, i) => i % 4 === 2 && v === 178 && d[i - 1] === 114))({image})"), (
        "blue points"
    )
    page.wait_for_function("model.values._trained.step === 100")
    playground._trained = page.evaluate("model.values._trained")
    run = reference(playground.settings, 10)
    assert [W.shape for W in playground.weights] == [(2, 8), (8, 1)]
    assert playground.step == 100
    assert_same(playground.weights, playground.biases, playground.history, run)
    # From Python to the page …
    page.evaluate("model.set('layers', [3]); model.set('seed', 5)")
    state = wait(page, "n.state.seed === 5 && n.step === 0")["state"]
    assert state["layers"] == [3]
    # … and back, as values that Python accepts.
    field(page, "Penalty").select_option("l2")
    sent = page.evaluate("model.sent.at(-1)")
    assert {name: sent[name] for name in ("penalty", "layers", "seed")} == {"penalty": "l2", "layers": [3], "seed": 5}
    for name in playground.settings:
        setattr(playground, name, sent[name])
    page.evaluate("ended()")
    page.context.close()


# The chapter of the book.


def test_the_chapter_carries_it_in_place_of_its_figure_and_sets_up_its_experiments(open_page):
    page = open_page("book/notebooks/1-neurons/playground.html")
    page.evaluate(LOAD_ALL)
    figure = page.locator("#fig-playground-units")
    assert figure.locator(".ia").is_visible()
    assert not figure.locator("img").is_visible()
    assert wait(page, "n.step === 0")["state"]["rate"] == 0.1
    buttons = page.locator("button.interactive-setup")
    assert buttons.all_inner_texts() == [f"Set up experiment {number}" for number in range(1, 8)]
    for button in buttons.all():
        asked = json.loads(button.get_attribute("data-options"))
        button.click()
        state = page.evaluate(NUMBERS)["state"]
        assert {key: state[key] for key in asked} == asked
    press(page, "One epoch")
    wait(page, "n.epoch === 1")
    assert page.remote + page.errors == []


def test_only_pages_with_a_picture_load_the_script(book):
    for path in Path(book, "book").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert ('class="interactive"' in text) == ("_static/interactive.js" in text), path
