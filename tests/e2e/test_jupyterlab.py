"""The playground in a live JupyterLab: a cell shows it, what it trains comes back as arrays, Python sets it up anew."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import nbformat
import numpy as np
import pytest

from coursepkg.scratch.playground import explore
from tests.e2e.conftest import ROOT

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (requirements/test.txt)")
for package in ("jupyterlab", "anywidget"):
    pytest.importorskip(package, reason=f"{package} is not installed (requirements/lab.txt)")

CELLS = [
    """from coursepkg.interactive import Playground
p = Playground(data="spiral", layers=[8, 8], rate=0.1, batch=50)
p""",
    """import json
print(json.dumps({"step": p.step, "W": [W.tolist() for W in p.weights], "b": [b.tolist() for b in p.biases]}))""",
    """p.layers = [3]
p.seed = 5
p.data = "xor\"""",
    "print(p.settings['penalty'], p.step)",
]
NUMBERS = "document.querySelector('.ia-playground').numbers()"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a notebook in a running JupyterLab, which reads no settings of who runs the test."""
    folder, own = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "check.ipynb")
    env = os.environ | {f"JUPYTER_{name}_DIR": str(own / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    env |= {"PYTHONPATH": str(ROOT), "JUPYTERLAB_SETTINGS_DIR": str(own), "JUPYTERLAB_WORKSPACES_DIR": str(own)}
    options = [
        "--no-browser",
        "--allow-root",
        "--ServerApp.port=0",
        "--IdentityProvider.token=",
    ]
    with open(own / "log", "wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={folder}"],
            env=env,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(300):
            found = list((own / "RUNTIME").glob("jpserver-*.json"))
            if found or server.poll() is not None:
                break
            time.sleep(0.1)
        assert found, (own / "log").read_text(encoding="utf-8")
        port = json.loads(found[0].read_text(encoding="utf-8"))["port"]
        yield f"http://127.0.0.1:{port}/lab/tree/check.ipynb"
    finally:
        server.terminate()  # it ends its kernels
        server.wait(timeout=20)


def run(page, number):
    """Run a cell by keyboard, as a reader does."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(number)
    cell.locator(".jp-Cell-inputArea .cm-content").click()
    page.keyboard.press("Shift+Enter")
    return cell


def test_it_trains_in_jupyterlab_and_python_reads_and_sets_it(browser, lab):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(lab)
    run(page, 0)
    picture = page.locator(".ia-playground")
    picture.wait_for()
    page.wait_for_function(f"{NUMBERS}.step === 0")
    assert picture.locator(".ia-unit").count() == 16
    # It runs, and begins anew.
    picture.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function(f"{NUMBERS}.step > 30")
    picture.get_by_role("button", name="Start again").click()
    page.wait_for_function(f"{NUMBERS}.step === 0")
    for epoch in range(1, 4):
        picture.get_by_role("button", name="One epoch").click()
        page.wait_for_function(f"{NUMBERS}.epoch === {epoch}")
    page.wait_for_timeout(1000)  # it tells Python twice a second
    output = run(page, 1).locator(".jp-OutputArea-output pre")
    output.wait_for()
    found = json.loads(output.inner_text())
    assert found["step"] == 12
    parameters = explore(
        "spiral", hidden=(8, 8), learning_rate=0.1, batch_size=50, epochs=3, n_snapshots=0
    ).model.parameters
    for arrays, expected in ((found["W"], parameters[0::2]), (found["b"], parameters[1::2])):
        for array, one in zip(arrays, expected, strict=True):
            np.testing.assert_allclose(array, one, rtol=0, atol=1e-9)
    # From Python to the page …
    run(page, 2)
    page.wait_for_function(f"{NUMBERS}.state.data === 'xor'")
    state = page.evaluate(NUMBERS)["state"]
    assert (state["layers"], state["seed"], state["rate"]) == ([3], 5, 0.1)
    assert picture.locator(".ia-unit").count() == 3
    # … and back.
    picture.get_by_label("Penalty", exact=True).select_option("l2")
    page.wait_for_function(f"{NUMBERS}.state.penalty === 'l2' && {NUMBERS}.step === 0")
    page.wait_for_timeout(1000)
    sync_api.expect(run(page, 3).locator(".jp-OutputArea-output pre")).to_have_text("l2 0\n")
    assert errors == []
    context.close()
