"""The explorables of the chapters: their numbers are those of Python, and every control works by keyboard and touch.

They stand together in a small book, which is built in seconds.
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import numpy as np
import pytest

from coursepkg.scratch import ACTIVATIONS, Conv2D, Perceptron, schedules
from coursepkg.scratch.optimizers import SGD, Adagrad, Adam, Adamax, Lion, Nadam, RMSprop
from tests.e2e.conftest import ROOT, opening, serving, small_book
from tests.e2e.test_pages import AXE_SCRIPT, axe_violations
from tools import attention_map

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (requirements/test.txt)").expect

NAMES = ["descent", "optimizer-race", "activation", "convolution", "perceptron-step", "schedule", "attention-map"]
PLACE = """
## The {name}

:::{{figure}} still.png
:name: fig-{name}
:alt: The still of {name}.

The caption of {name}.
:::

:::{{interactive}} {name}
:still: fig-{name}

What to do with {name}.
:::
"""
CLOSE = {"rtol": 1e-9, "atol": 1e-9}


@pytest.fixture(scope="module")
def small_site(tmp_path_factory):
    page = "# Explorables\n" + "".join(PLACE.format(name=name) for name in NAMES)
    with serving(small_book(tmp_path_factory, page, extension="sphinx_interactive")) as address:
        yield address


@pytest.fixture
def visit(browser, small_site):
    """A function that opens the small book by keyboard, so that all of its pictures are there."""
    with opening(browser, small_site) as opened:
        pages = []

        def visited(**options):
            pages.append(opened("index.html", **options))
            pages[-1].keyboard.press("Shift")
            return pages[-1]

        yield visited
        # axe-core asks for style sheets where there are none.
        assert [error for page in pages if not page.evaluate("'axe' in window") for error in page.errors] == []


def put(page, picture, /, **state):
    """Give a picture another state by the address, as a link does."""
    parts = [f"{key}={quote(','.join(map(str, v)) if isinstance(v, list) else str(v))}" for key, v in state.items()]
    page.evaluate(
        """hash => new Promise(done => {
          if (location.hash === '#' + hash) return done();
          addEventListener('hashchange', () => setTimeout(done), {once: true});
          location.hash = hash;
        })""",
        f"{picture}?{'&'.join(parts)}",
    )


def numbers(page, name):
    return page.evaluate(f"document.querySelector('.ia-{name}').numbers()")


def ia(page, name):
    return page.locator(f".ia-{name}")


def said(page, name, text):
    """Wait until the line that is read aloud says this."""
    expect(ia(page, name).locator(".ia-status")).to_contain_text(text)


def press(page, name, label, *keys):
    control = ia(page, name).get_by_label(label, exact=True)
    control.focus()
    for key in keys:
        page.keyboard.press(key)
    return control


def drag(page, grip, dx, dy):
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()


def descend(optimizer, gradient, start, n_steps):
    theta = np.array(start, dtype=float)
    path = [theta.copy()]
    for _ in range(n_steps):
        optimizer.step([theta], [gradient(theta)])
        path.append(theta.copy())
    return np.array(path)


# All of them


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_axe_finds_nothing_and_the_page_is_not_wider_than_the_screen(visit, width, scheme):
    page = visit(width=width, scheme=scheme)
    assert page.locator("html").get_attribute("data-theme") == scheme
    page.add_script_tag(path=AXE_SCRIPT)
    page.locator(".ia").first.wait_for()
    assert [found for found in axe_violations(page) if "interactive" in found or "ia-" in found] == []
    assert axe_violations(page, "color-contrast") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_they_stand_in_the_place_of_the_still_pictures(visit):
    page = visit()
    for name in NAMES:
        assert page.locator(f"#fig-{name} .ia-{name}").is_visible()
        assert not page.get_by_alt_text(f"The still of {name}.").is_visible()
        assert page.get_by_text(f"The caption of {name}.").is_visible()
    assert page.evaluate("location.hash") == ""  # nobody has changed anything
    page.emulate_media(media="print")
    assert page.get_by_alt_text("The still of descent.").is_visible()
    assert not page.locator(".ia-descent").is_visible()


def test_without_scripts_the_still_pictures_and_their_texts_stay(visit):
    page = visit(java_script_enabled=False)
    for name in NAMES:
        assert page.get_by_alt_text(f"The still of {name}.").is_visible()
        assert page.get_by_text(f"What to do with {name}.").is_visible()
        assert not page.locator(f"#interactive-{name}").is_visible()


def test_pictures_say_what_they_show_and_follow_the_colors(visit):
    page = visit()
    for canvas in page.locator(".ia canvas").all():
        assert len(canvas.get_attribute("aria-label")) > 30
    picture = "document.querySelector('.ia-descent canvas').toDataURL()"
    light = page.evaluate(picture)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"light => {picture} !== light", arg=light)


def test_the_set_ups_of_the_chapters_name_what_there_is(visit):
    found = {}
    for path in sorted((ROOT / "book/chapters").rglob("*.md")):
        for name, options in re.findall(
            r"^:::\{interactive\} (\S+)\n((?::.*\n)*)", path.read_text("utf-8"), re.MULTILINE
        ):
            found[path.stem, name] = dict(re.findall(r"^:(\w+): (.*)$", options, re.MULTILINE))
    assert {name for _, name in found} >= set(NAMES)
    page = visit()
    put(page, "optimizer-race", runners=found["optimizers", "optimizer-race"]["runners"])
    assert ",".join(numbers(page, "optimizer-race")["paths"]) == found["optimizers", "optimizer-race"]["runners"]
    offered = found["activations", "activation"]["offered"].split(",")
    assert set(offered) <= set(ACTIVATIONS)
    assert {found["activations", "activation"][key] for key in ("name", "other")} <= set(offered)
    put(page, "descent", **{k: v for k, v in found["logistic-regression", "descent"].items() if k != "still"})
    assert numbers(page, "descent")["path"][0] == [0, 0]
    assert not ia(page, "descent").get_by_label("Momentum β").is_visible()


# Descents


def flowers_gradient():
    """Return the gradient of the logistic loss of one feature over the chapter's training flowers."""
    from sklearn.datasets import load_iris
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    iris = load_iris()
    two = iris.target > 0
    sepals, labels = iris.data[two][:, :2], (iris.target[two] == 2).astype(float)
    train, _, y, _ = train_test_split(sepals, labels, test_size=30, stratify=labels, random_state=42)
    x = StandardScaler().fit_transform(train)[:, 0]

    def gradient(theta):
        error = 1 / (1 + np.exp(-(x * theta[0] + theta[1]))) - y
        return np.array([x @ error, error.sum()]) / len(y)

    return gradient


GRADIENTS = {
    "valley": lambda theta: theta * [1, 50],
    "rosenbrock": lambda theta: np.array(
        [-2 * (1 - theta[0]) - 400 * theta[0] * (theta[1] - theta[0] ** 2), 200 * (theta[1] - theta[0] ** 2)]
    ),
    "saddle": lambda theta: theta * [1, -1],
}
STARTS = {"valley": (-9, 1), "rosenbrock": (-1.2, 2), "saddle": (1, 1e-4)}


def test_a_descent_takes_the_steps_of_python(visit):
    page, gradient = visit(), flowers_gradient()
    for rate in (0.5, 5, 15):
        put(page, "descent", surface="flowers", momentum=-1, rate=rate, x=0.25, y=-1.5, steps=100)
        path = numbers(page, "descent")["path"]
        np.testing.assert_allclose(path, descend(SGD(rate), gradient, (0.25, -1.5), 100), **CLOSE)
    for momentum in (0, 0.5, 0.9):
        put(page, "descent", momentum=momentum, rate=0.02, x=-9, y=1, steps=60)
        path = numbers(page, "descent")["path"]
        expected = descend(SGD(0.02, momentum=momentum), GRADIENTS["valley"], (-9, 1), 60)
        np.testing.assert_allclose(path, expected, **CLOSE)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({"rate": 0.041, "momentum": 0, "steps": 60}, "It diverges: step"),
        ({"rate": 0.01, "momentum": 0, "steps": 20}, "% of the way down."),
        ({"surface": "flowers", "momentum": -1, "x": 0, "y": 0, "rate": 15, "steps": 100}, "higher than at the start"),
        ({"surface": "flowers", "momentum": -1, "x": 0, "y": 0, "rate": 10, "steps": 100}, "It has arrived"),
        ({"surface": "flowers", "momentum": -1, "x": 0, "y": 0, "rate": 11, "steps": 100}, "It has come 93 %"),
    ],
)
def test_a_descent_says_how_it_goes(visit, state, text):
    page = visit()
    put(page, "descent", **state)
    said(page, "descent", text)


def test_a_descent_follows_every_control_by_keyboard(visit):
    page = visit()
    rate = press(page, "descent", "Learning rate η", "ArrowRight")
    assert rate.get_attribute("aria-valuetext") == "0.022"
    press(page, "descent", "Momentum β", "Home", "ArrowRight")
    press(page, "descent", "Steps", "End", "ArrowLeft")
    start = ia(page, "descent").get_by_label(re.compile("^Start: "))
    start.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowRight")
    assert start.get_attribute("aria-label") == "Start: x = −7.6, y = 1.04"
    expected = descend(SGD(0.022, momentum=0.01), GRADIENTS["valley"], (-7.6, 1.04), 99)
    np.testing.assert_allclose(numbers(page, "descent")["path"], expected, **CLOSE)
    assert page.evaluate("location.hash") == "#descent?momentum=0.01&rate=0.022&x=-7.6&y=1.04&steps=99"
    page.reload()
    np.testing.assert_allclose(numbers(page, "descent")["path"], expected, **CLOSE)
    ia(page, "descent").get_by_role("button", name="Start again").press("Enter")
    assert len(numbers(page, "descent")["path"]) == 100


def test_the_start_of_a_descent_is_dragged_by_mouse(visit):
    page = visit()
    before = numbers(page, "descent")["path"][0]
    drag(page, ia(page, "descent").get_by_label(re.compile("^Start: ")), 40, 40)
    after = numbers(page, "descent")["path"][0]
    assert after[0] > before[0] + 0.5
    assert after[1] < before[1] - 0.2


@pytest.fixture
def phone(visit):
    """The page on a phone, and a function that moves a finger from the middle of a place."""
    page = visit(width=390, has_touch=True, is_mobile=True)
    session = page.context.new_cdp_session(page)

    def painted():
        """Two frames: what moved has been drawn, and the browser knows where a finger may drag it."""
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def swipe(place, dx, dy):
        place.scroll_into_view_if_needed()
        painted()
        box = place.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for kind, share in (("touchStart", 0), ("touchMove", 0.5), ("touchMove", 1), ("touchEnd", None)):
            points = [] if share is None else [{"x": x + share * dx, "y": y + share * dy}]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        painted()

    return page, swipe


def test_points_are_moved_by_a_finger(phone):
    page, swipe = phone
    before = numbers(page, "descent")["path"][0]
    swipe(ia(page, "descent").get_by_label(re.compile("^Start: ")), 60, 50)
    after = numbers(page, "descent")["path"][0]
    assert after[0] > before[0] + 1
    assert after[1] < before[1] - 0.2

    swipe(ia(page, "activation").locator(".ia-grip"), 60, 0)
    assert numbers(page, "activation")["sigmoid"][0] > 0.7
    before = numbers(page, "perceptron-step")["instances"]
    swipe(ia(page, "perceptron-step").locator(".ia-grip").first, -50, 0)
    after = numbers(page, "perceptron-step")["instances"]
    assert after[0]["x"][0] < before[0]["x"][0] - 0.5
    assert after[1:] == before[1:]
    ia(page, "schedule").locator(".ia-grip").scroll_into_view_if_needed()
    swipe(ia(page, "schedule").locator(".ia-grip"), 60, 0)
    assert int(ia(page, "schedule").get_by_label("step t", exact=True).input_value()) > 20

    ia(page, "convolution").get_by_role("button", name="Next place").tap()
    said(page, "convolution", "Place 2 of 36")
    canvas = ia(page, "convolution").locator("canvas").nth(1)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.1)
    said(page, "convolution", "Place 6 of 36")
    ia(page, "attention-map").get_by_label("Question", exact=True).tap()
    ia(page, "optimizer-race").get_by_label("Nesterov", exact=True).tap()
    assert "Nesterov" in numbers(page, "optimizer-race")["paths"]


# The race

MAKERS = {
    "plain": SGD,
    "momentum": lambda rate: SGD(rate, momentum=0.9),
    "Nesterov": lambda rate: SGD(rate, momentum=0.9, nesterov=True),
    "AdaGrad": Adagrad,
    "RMSProp": RMSprop,
    "Adam": Adam,
    "AdaMax": Adamax,
    "Nadam": Nadam,
    "Lion": Lion,
}


@pytest.mark.parametrize("surface", list(STARTS))
def test_every_optimizer_takes_the_steps_of_python(visit, surface):
    page = visit()
    rates = [0.00178, 0.00178, 0.001, 0.316, 0.05, 0.12, 0.1, 0.02, 0.05]
    put(page, "optimizer-race", surface=surface, runners=list(MAKERS), rates=rates, steps=100)
    paths = numbers(page, "optimizer-race")["paths"]
    assert list(paths) == list(MAKERS)
    for (name, make), rate in zip(MAKERS.items(), rates, strict=True):
        expected = descend(make(rate), GRADIENTS[surface], STARTS[surface], 100)
        np.testing.assert_allclose(paths[name][:101], expected, **CLOSE, err_msg=name)


def test_the_race_has_the_rates_of_the_chapter(visit):
    loss = numbers(visit(), "optimizer-race")["loss"]
    assert loss["momentum"][100] < loss["Adam"][100] < loss["plain"][100]


def test_the_race_follows_every_control_by_keyboard(visit):
    page, race = visit(), "optimizer-race"
    ia(page, race).get_by_label("Surface", exact=True).focus()
    page.keyboard.press("ArrowUp")
    assert page.evaluate("location.hash").startswith("#optimizer-race?surface=valley")
    press(page, race, "Lion", "Space")
    press(page, race, "plain", "Space")
    rate = press(page, race, "η of Lion", "Home")
    assert rate.get_attribute("aria-valuetext") == "1e−4"
    press(page, race, "Steps", "Home", "ArrowRight", "ArrowRight")
    found = numbers(page, race)["paths"]
    assert "plain" not in found
    expected = descend(Lion(0.0001), GRADIENTS["valley"], STARTS["valley"], 200)
    np.testing.assert_allclose(found["Lion"], expected, **CLOSE)
    said(page, race, "After 2 steps")
    row = ia(page, race).get_by_role("row", name=re.compile("Lion"))
    assert row.locator("td").last.inner_text() == "65.49"


def test_the_race_runs_pauses_and_stands_still_for_those_who_asked_for_less_motion(visit):
    page = visit(motion="no-preference")
    steps = ia(page, "optimizer-race").get_by_label("Steps", exact=True)
    press(page, "optimizer-race", "Steps", "Home")
    ia(page, "optimizer-race").get_by_role("button", name="Run").press("Enter")
    page.wait_for_function("Number(document.querySelector('.ia-optimizer-race input[type=range]').value) > 3")
    ia(page, "optimizer-race").get_by_role("button", name="Pause").press("Enter")
    stopped = steps.input_value()
    assert 3 < int(stopped) <= 200
    page.wait_for_timeout(100)
    assert steps.input_value() == stopped

    still = visit(motion="reduce")
    ia(still, "optimizer-race").get_by_role("button", name="Run").click()
    assert ia(still, "optimizer-race").get_by_label("Steps", exact=True).input_value() == "200"


def test_a_rate_that_is_far_too_large_is_called_so(visit):
    page = visit()
    put(page, "optimizer-race", runners=["plain"], rates=[1] + [0.1] * 8, steps=50)
    row = ia(page, "optimizer-race").get_by_role("row", name=re.compile("plain"))
    assert row.locator("td").last.inner_text() == "grows without end"
    said(page, "optimizer-race", "No optimizer is chosen, or all of them went off to infinity.")


# Activations


def test_activations_have_the_values_and_slopes_of_python(visit):
    page = visit()
    for name, function in ACTIVATIONS.items():
        if function.derivative is None:
            continue
        for z in (-6, -3.35, -1, -0.05, 0, 0.05, 1.3, 4, 6):
            put(page, "activation", name=name, z=z)
            expected = [function.value(float(z)), function.derivative(float(z))]
            np.testing.assert_allclose(numbers(page, "activation")[name], expected, **CLOSE, err_msg=f"{name} at {z}")


def test_activations_follow_every_control_by_keyboard(visit):
    page = visit()
    press(page, "activation", "Activation", "ArrowDown")
    press(page, "activation", "Beside it", "t")
    press(page, "activation", "pre-activation z", "ArrowRight", "ArrowRight")
    assert sorted(numbers(page, "activation")) == ["tanh"]  # the same beside itself
    page.reload()
    press(page, "activation", "Activation", "ArrowUp")
    grip = ia(page, "activation").locator(".ia-grip")
    grip.focus()
    page.keyboard.press("Shift+ArrowLeft")
    found = numbers(page, "activation")
    np.testing.assert_allclose(found["sigmoid"][0], ACTIVATIONS["sigmoid"].value(-0.4), **CLOSE)
    np.testing.assert_allclose(found["tanh"][0], ACTIVATIONS["tanh"].value(-0.4), **CLOSE)
    said(page, "activation", "sigmoid at z = −0.4: value 0.4013, slope 0.2403.")
    assert "z = −0.4" in grip.get_attribute("aria-label")


# Convolution


@pytest.mark.parametrize("picture", ["corner", "ring", "bag"])
def test_feature_maps_are_those_of_python(visit, picture):
    page, rng = visit(), np.random.default_rng(0)
    for stride in (1, 2, 3):
        for padding in ("valid", "same"):
            kernel = (rng.integers(-8, 9, 9) / 2).tolist()
            put(page, "convolution", picture=picture, kernel=kernel, stride=stride, padding=padding)
            found = numbers(page, "convolution")
            layer = Conv2D(1, 1, 3, stride=stride, padding=padding)
            layer.W = np.array(kernel).reshape(3, 3, 1, 1)
            pixels = np.array(found["picture"], dtype=float)
            expected = layer.forward(pixels[None, ..., None])[0, ..., 0]
            np.testing.assert_allclose(found["out"], expected, **CLOSE)


def test_the_bag_is_that_of_the_chapter(visit):
    from coursepkg.data import CLASS_NAMES, load_fashion

    (X, y), _, _ = load_fashion(n_train=55_000, n_valid=2000, n_test=1000)
    bag = X[np.flatnonzero(y[:2000] == CLASS_NAMES.index("Bag"))[0]] / 255
    page = visit()
    put(page, "convolution", picture="bag")
    expected = np.rint(bag.reshape(14, 2, 14, 2).mean(axis=(1, 3)) * 9)
    assert numbers(page, "convolution")["picture"] == expected.tolist()


def test_the_convolution_follows_every_control_by_keyboard(visit):
    page, name = visit(), "convolution"
    press(page, name, "Picture", "ArrowUp")
    assert numbers(page, name)["out"] == [[0, 36], [9, 36]]  # the chapter's example by hand
    press(page, name, "Place", "End")
    said(page, name, "Place 4 of 4, row 2 and column 2 of the feature map: 36.")
    assert ia(page, name).locator(".ia-sum").inner_text().endswith("+ 9·0 + 9·1 = 36")
    ia(page, name).get_by_role("button", name="Next place").press("Enter")
    said(page, name, "Place 1 of 4")
    ia(page, name).get_by_role("button", name="Place before").press("Space")
    said(page, name, "Place 4 of 4")
    press(page, name, "Padding", "ArrowDown")
    press(page, name, "Stride", "ArrowRight")
    expect(ia(page, name)).to_contain_text("From 4 × 4 pixels the kernel makes 2 × 2 numbers.")
    press(page, name, "Kernel", "ArrowDown")
    assert numbers(page, name)["kernel"] == [-1, -2, -1, 0, 0, 0, 1, 2, 1]
    weight = ia(page, name).get_by_label("Row 2, column 2", exact=True)
    weight.fill("4.5")
    weight.press("Tab")
    assert numbers(page, name)["kernel"][4] == 4.5
    assert ia(page, name).get_by_label("Kernel", exact=True).input_value() == "own"
    canvas = ia(page, name).locator("canvas").nth(1)
    assert canvas.get_attribute("aria-label").startswith("The feature map, 2 × 2: ")


def test_a_place_is_chosen_by_a_click(visit):
    page = visit()
    canvas = ia(page, "convolution").locator("canvas").nth(1)
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] * 0.55, "y": box["height"] * 0.3})  # of 6 × 6
    said(page, "convolution", "Place 10 of 36, row 2 and column 4")


# The perceptron


def replayed(instances, n):
    """Return weights and biases after each of n instances, presented again and again, as the chapter's rule says."""
    w, b, history = np.zeros(2), 0.0, [(0.0, 0.0, 0.0)]
    for i in range(n):
        x, t = np.array(instances[i % len(instances)]["x"]), instances[i % len(instances)]["t"]
        if t * (x @ w + b) <= 0:
            w, b = w + t * x, b + t
        history.append((*w, b))
    return np.array(history)


def test_the_perceptron_learns_as_that_of_the_package(visit):
    page, name = visit(), "perceptron-step"
    put(page, name, data="eight", presented=80)
    found = numbers(page, name)
    X, y = [i["x"] for i in found["instances"]], [i["t"] for i in found["instances"]]
    model = Perceptron().fit(X, y)
    units = np.array([[*unit["w"], unit["b"]] for unit in found["units"]])
    epochs = units[:: len(X)][: model.n_epochs_ + 1]
    expected = np.column_stack([model.weight_history_[..., 0], model.bias_history_])
    np.testing.assert_allclose(epochs, expected, **CLOSE)
    assert found["mistakes"][: model.n_epochs_] == model.mistakes_[:, 0].tolist()
    said(page, name, "The unit is right about all points")

    put(page, name, data="xor", presented=400)
    found = numbers(page, name)
    units = np.array([[*unit["w"], unit["b"]] for unit in found["units"]])
    np.testing.assert_allclose(units, replayed(found["instances"], 400), **CLOSE)
    assert min(found["mistakes"]) > 0


def test_one_mistake_is_that_of_the_figure(visit):
    page = visit()
    put(page, "perceptron-step", data="one", bias="false", presented=1)
    found = numbers(page, "perceptron-step")["units"]
    np.testing.assert_allclose(found[0]["w"], [2, 0.5])
    np.testing.assert_allclose(found[1]["w"], [0.8, 2.3], **CLOSE)
    assert found[1]["b"] == 0


def test_the_perceptron_follows_every_control_by_keyboard(visit):
    page, name = visit(), "perceptron-step"
    ia(page, name).get_by_role("button", name="Present the next").press("Enter")
    assert len(numbers(page, name)["units"]) == 2
    ia(page, name).get_by_role("button", name="Go to the next mistake").press("Enter")
    said(page, name, "a mistake")
    presented = len(numbers(page, name)["units"])
    ia(page, name).get_by_role("button", name="One back").press("Enter")
    assert len(numbers(page, name)["units"]) == presented - 1
    grip = ia(page, name).get_by_label(re.compile("^Instance 1: "))
    grip.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowDown")
    instances = numbers(page, name)["instances"]
    np.testing.assert_allclose(instances[0]["x"], [1.5, 0.95])
    assert grip.get_attribute("aria-label").startswith("Instance 1: x₁ = 1.5, x₂ = 0.95, target 1")
    found = numbers(page, name)["units"]
    np.testing.assert_allclose([u["w"] for u in found], replayed(instances, presented - 2)[:, :2], **CLOSE)
    page.reload()
    assert numbers(page, name)["instances"] == instances
    press(page, name, "with a bias", "Space")
    ia(page, name).get_by_role("button", name="Present the next").press("Enter")
    assert numbers(page, name)["units"][-1]["b"] == 0
    press(page, name, "Data", "ArrowDown")
    assert len(numbers(page, name)["instances"]) == 4
    ia(page, name).get_by_role("button", name="Start again").press("Enter")
    assert len(numbers(page, name)["units"]) == 1


# Schedules

T = 252
IN_KERAS = "keras.optimizers.schedules."
# What is chosen, what Python computes, and the line that the page shows.
CHOSEN = {
    "constant": ({}, lambda t: np.full(len(t), 0.1), "0.1"),
    "power": (
        {"scale": 50, "exponent": 1},
        schedules.power(0.1, steps=50),
        IN_KERAS + "InverseTimeDecay(0.1, decay_steps=50, decay_rate=1)",
    ),
    "exponential": (
        {"scale": 100, "factor": 0.25},
        schedules.exponential(0.1, steps=100, factor=0.25),
        IN_KERAS + "ExponentialDecay(0.1, decay_steps=100, decay_rate=0.25)",
    ),
    "piecewise": (
        {"first": 126, "second": 189, "factor": 0.25},
        schedules.piecewise_constant([126, 189], [0.1, 0.025, 0.00625]),
        IN_KERAS + "PiecewiseConstantDecay([126, 189], [0.1, 0.025, 0.00625])",
    ),
    "cosine": (
        {"warmup": 25, "final": 0.1},
        schedules.cosine(0.1, steps=T - 25, warmup=25, final=0.01),
        IN_KERAS + "CosineDecay(0.0, 227, alpha=0.1, warmup_target=0.1, warmup_steps=25)",
    ),
    "onecycle": ({}, schedules.one_cycle(0.1, steps=T), "coursepkg.deep.OneCycle(0.1, 252)"),
}


@pytest.mark.parametrize("name", list(CHOSEN))
def test_schedules_have_the_rates_of_python_and_say_what_to_write(visit, name):
    state, schedule, code = CHOSEN[name]
    page = visit()
    put(page, "schedule", name=name, rate=0.1, steps=T, **state)
    found, t = numbers(page, "schedule"), np.arange(T)
    np.testing.assert_allclose(found["rates"], schedule(t), **CLOSE)
    np.testing.assert_allclose(found["momentum"], schedules.one_cycle_momentum(steps=T)(t), **CLOSE)
    assert found["code"] == code


def test_what_to_write_makes_these_rates():
    keras = pytest.importorskip("keras")
    import coursepkg.deep

    for name, (_, schedule, code) in CHOSEN.items():
        made, t = eval(code, {"keras": keras, "coursepkg": coursepkg}), np.arange(0, T, 10)
        rates = [float(made(step)) if callable(made) else made for step in t]
        np.testing.assert_allclose(rates, schedule(t), rtol=1e-4, atol=1e-7, err_msg=name)


def test_a_cosine_without_warm_up_and_a_power_of_two_have_their_own_code(visit):
    page = visit()
    assert numbers(page, "schedule")["code"] == "keras.optimizers.schedules.CosineDecay(0.1, 252, alpha=0)"
    np.testing.assert_allclose(
        numbers(page, "schedule")["rates"], schedules.cosine(0.1, steps=T)(np.arange(T)), **CLOSE
    )
    put(page, "schedule", name="power", exponent=2, scale=30)
    found = numbers(page, "schedule")
    assert found["code"] == "coursepkg.scratch.schedules.power(0.1, steps=30, exponent=2)"
    expected = schedules.power(0.1, steps=30, exponent=2)(np.arange(T))
    np.testing.assert_allclose(found["rates"], expected, **CLOSE)


def test_schedules_follow_every_control_by_keyboard(visit):
    page, name = visit(), "schedule"
    press(page, name, "Largest rate η₀", "ArrowRight")
    press(page, name, "All steps T", "Home", "ArrowRight")
    press(page, name, "Warm-up steps w", *["ArrowRight"] * 3)
    press(page, name, "Last rate / largest", "ArrowRight", "ArrowRight")
    press(page, name, "step t", "End")
    found = numbers(page, name)
    expected = schedules.cosine(0.11, steps=18, warmup=3, final=0.011)(np.arange(21))
    np.testing.assert_allclose(found["rates"], expected, **CLOSE)
    said(page, name, "Step 20: η = ")
    grip = ia(page, name).locator(".ia-grip")
    grip.focus()
    page.keyboard.press("ArrowLeft")
    said(page, name, "Step 19: η = ")
    for schedule, shown in [
        ("power", ["s (steps)", "c (exponent)"]),
        ("exponential", ["s (steps)", "q (factor)"]),
        ("piecewise constant", ["First boundary", "Second boundary", "q (factor)"]),
    ]:
        ia(page, name).get_by_label("Schedule", exact=True).select_option(label=schedule)
        assert not ia(page, name).get_by_label("Warm-up steps w").is_visible()
        for label in shown:
            control = press(page, name, label, "Home")
            before = numbers(page, name)["rates"]
            page.keyboard.press("ArrowRight")
            assert control.is_visible()
            assert numbers(page, name)["rates"] != before, label
    assert "PiecewiseConstantDecay" in ia(page, name).locator("code").inner_text()


# Attention


def of_python(pairs, asked):
    """Return shares and answer of the stored network for a list."""
    letter, number = (np.array([[pair[i] for pair in pairs]]) for i in (0, 1))
    model = attention_map.stored()
    answer = model.forward(attention_map.encode(letter, number, np.array([attention_map.LETTERS.index(asked)])))
    return model.layers[0].P[0, 0], answer[0]


def test_the_attention_map_is_that_of_the_network(visit):
    page, name, rng = visit(), "attention-map", np.random.default_rng(0)
    for m in (1, 8, 16):
        pairs = [(int(letter), int(n)) for letter, n in rng.integers(16, size=(m, 2))]
        text = " ".join(f"{attention_map.LETTERS[letter]}{n}" for letter, n in pairs)
        put(page, name, list=text, asked="C")
        found, (shares, answer) = numbers(page, name), of_python(pairs, "C")
        np.testing.assert_allclose(found["shares"], shares, **CLOSE)
        np.testing.assert_allclose(found["answer"], answer, **CLOSE)
        assert ia(page, name).locator("tbody tr").count() == m + 1


def test_the_stored_network_is_the_rounded_one_of_the_chapter_and_answers():
    model = attention_map.trained()
    stored = json.loads(attention_map.TARGET.read_text(encoding="utf-8"))
    for name, weights in attention_map.rounded(model).items():
        np.testing.assert_allclose(weights, stored[name], atol=1, err_msg=name)  # rounded up here, down there
    X, y = attention_map.lists(np.random.default_rng(1), 1000)
    assert (attention_map.stored().forward(X).argmax(axis=1) == y).mean() == 1
    # Its first list and shares are those of the figure.
    notebook = (ROOT / "book/notebooks/5-blocks/attention.ipynb").read_text(encoding="utf-8")
    assert "share of the pair 0.50, of itself 0.46" in notebook
    model.forward(X)
    P = model.layers[0].P[:, 0, -1]
    place = (X[:, :8, :16] * X[:, 8:, :16]).sum(axis=2).argmax(axis=1)
    np.testing.assert_allclose(P[np.arange(len(X)), place].mean(), 0.50, atol=0.02)


def test_the_attention_map_follows_every_control_by_keyboard(visit):
    page, name = visit(), "attention-map"
    said(
        page, name, "Asked for J, the network says 10, with probability 1. The question looks at J10 (0.63), J? (0.35)."
    )
    press(page, name, "Question", "e")
    said(page, name, "Asked for E, the network says 5")
    text = press(page, name, "Pairs of a letter (A to P) and a number (0 to 15)", "End")
    page.keyboard.type(" q3")
    assert text.get_attribute("aria-invalid") == "true"
    expect(ia(page, name)).to_contain_text("Q3 is no pair of a letter from A to P and a number from 0 to 15")
    assert len(numbers(page, name)["pairs"]) == 8  # as before
    for _ in range(2):
        page.keyboard.press("Backspace")
    page.keyboard.type("a15")
    assert text.get_attribute("aria-invalid") == "false"
    found = numbers(page, name)
    np.testing.assert_allclose(found["shares"], of_python(found["pairs"], "E")[0], **CLOSE)
    header = ia(page, name).locator("thead th").all_inner_texts()
    assert header == ["G14", "J10", "E5", "K2", "C9", "F13", "M12", "B1", "A15", "E?"]
    page.reload()
    assert numbers(page, name)["pairs"] == found["pairs"]
    text = press(page, name, "Pairs of a letter (A to P) and a number (0 to 15)", "Control+A", "Delete")
    expect(ia(page, name)).to_contain_text("Write 1 to 16 pairs")
