"""A reader opens a notebook in JupyterLab, in a real browser, and runs it from the menu."""

import json
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "notes.ipynb"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def lab(tmp_path):
    """The address of a JupyterLab that serves a folder with the notebook in it."""
    shutil.copy(NOTEBOOK, tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex()
    options = [f"--port={port}", f"--IdentityProvider.token={token}", "--no-browser", "--allow-root"]
    options += [f"--ServerApp.root_dir={tmp_path}", f"--LabApp.user_settings_dir={tmp_path}/settings"]
    with (
        (tmp_path / "lab.log").open("wb") as log,
        subprocess.Popen([sys.executable, "-m", "jupyterlab", *options], stdout=log, stderr=log) as server,
    ):
        try:
            address = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 180
            while not _answers(f"{address}/api?token={token}"):
                assert time.monotonic() < until, (tmp_path / "lab.log").read_text()
                time.sleep(0.2)
            yield f"{address}/lab/tree/{NOTEBOOK.name}?token={token}"
        finally:
            server.terminate()


@pytest.fixture
def browser(tmp_path):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(option)
    options.add_argument("--window-size=1400,1800")
    options.add_argument(f"--user-data-dir={tmp_path}/profile")
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and its chromedriver are not installed")
def test_notes_run_from_the_menu_to_the_end(lab, browser, tmp_path):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    def click(css, text=None, within=180):
        def found(driver):
            for element in driver.find_elements(By.CSS_SELECTOR, css):
                if element.is_displayed() and (text is None or text in element.text):
                    element.click()
                    return True
            return False

        WebDriverWait(browser, within, ignored_exceptions=[Exception]).until(found)

    browser.get(lab)
    click(".jp-Notebook .jp-Cell", within=300)  # it is open
    click(".lm-MenuBar-itemLabel", "Run")
    click(".lm-Menu-item[data-command='runmenu:run-all'], .lm-Menu-itemLabel", "Run All Cells")
    metrics = tmp_path / "metrics.json"
    WebDriverWait(browser, 400, poll_frequency=1).until(lambda driver: metrics.exists())
    click(".lm-MenuBar-itemLabel", "File")
    click(".lm-Menu-itemLabel", "Save Notebook")

    def saved(driver):
        return len(_pictures(tmp_path / NOTEBOOK.name)) >= 8

    WebDriverWait(browser, 180, poll_frequency=1).until(saved)
    cells = nbformat.read(tmp_path / NOTEBOOK.name, as_version=4).cells
    assert not [o for c in cells for o in c.get("outputs", ()) if o.output_type == "error"]
    assert json.loads(metrics.read_text())["largest_difference"] < 1e-5
    assert browser.find_elements(By.CSS_SELECTOR, ".jp-OutputArea-output img")
    widgets = [o.data for c in cells for o in c.get("outputs", ()) if WIDGET in o.get("data", ())]
    assert len(widgets) == 2 and all("image/png" in data for data in widgets)  # and still where none can be shown
    assert browser.find_elements(By.CSS_SELECTOR, ".widget-slider")


def _pictures(notebook):
    try:
        cells = nbformat.read(notebook, as_version=4).cells
    except nbformat.reader.NotJSONError:  # it is being written
        return []
    return [o for c in cells for o in c.get("outputs", ()) if "image/png" in o.get("data", ())]


def _answers(address):
    try:
        return urllib.request.urlopen(address, timeout=2).status == 200
    except OSError:
        return False
