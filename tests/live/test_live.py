"""The live pages answer as the presets do: their scripts by node, and the pages in a real browser."""

import functools
import http.server
import json
import runpy
import shutil
import subprocess
import threading
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqzoo
from seqzoo.layers import trace
from seqzoo.tasks.music.abc import abc_file, bars, whole_bars
from seqzoo.tasks.music.abc_reader import Tune

ROOT = Path(__file__).parents[2]
ASK = Path(__file__).with_name("ask.mjs")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
PRESETS = {"sentiment": "sentiment_gru", "dna": "dna_gru", "video": "video_gru", "music": "music_gru"}
CLOSE = 1e-5

pytestmark = pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="needs node and npm")
in_chromium = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and its chromedriver are not installed")

CIRCLE = [[0.5 + 0.2 * np.cos(s), 0.5 + 0.2 * np.sin(s)] for s in np.linspace(0, 6, 45)]
EXAMPLES = {
    "sentiment": [
        "A moving, funny and beautifully acted film.",
        "not good, not good at all!",
        "",
        " \n\t",
        "<b>awful</b><br/><script>document.title = 'broken'</script>",
        "Übergroß, naïve café’s 映画 😀 ½",
        "xyzzy qwrtp",
        "e\u0301 \u200d\u0301 \ufeff",
        "good " * 300,
    ],
    "dna": ["ACGT", "a", "", "cagguaagu" * 6, "ACGTRYSWKMBDHVN" * 4, "TTTTTTTTTTTTTTTTTTTTTTTTTTCCAGGTATGT"],
    "video": [CIRCLE, [[0.5, 0.5]], [[1 - t / 50, 0.3] for t in range(45)], [[0.0, 1.0], [1.0, 0.0]]],
}


@functools.cache
def preset(page):
    return seqzoo.from_preset(PRESETS[page])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if subprocess.run(["npm", "view", "abcjs", "version"], capture_output=True).returncode:
        pytest.skip("no npm registry is reached")
    folder = tmp_path_factory.mktemp("live") / "site"
    runpy.run_path(str(ROOT / "docs" / "live" / "build.py"))["build"](folder)
    return folder


@pytest.fixture(scope="module")
def ask(site):
    """Asks the pages' scripts some questions."""

    def ask(*questions):
        run = subprocess.run(["node", ASK, site], input=json.dumps(questions), capture_output=True, text=True)
        assert run.returncode == 0, run.stderr[-2000:]
        return json.loads(run.stdout)

    return ask


@functools.cache
def python_answers(page):
    return preset(page).answer(EXAMPLES[page])


@pytest.mark.parametrize("page", EXAMPLES)
def test_answers_are_those_of_the_preset(page, ask):
    answers = ask(*({"ask": "answer", "page": page, "example": example} for example in EXAMPLES[page]))
    for found, p in zip(answers, preset(page).probabilities(EXAMPLES[page])):
        np.testing.assert_allclose(found["probabilities"], p, atol=CLOSE)
    assert [found["label"] for found in answers] == [label for label, _ in python_answers(page)]
    np.testing.assert_allclose([found["p"] for found in answers], [p for _, p in python_answers(page)], atol=CLOSE)


def gates_of(model, inputs):
    """Γu and Γr of each layer, by the names that the exported files have; `trace` computes them."""
    found = {}
    recurrent = [each for each in model.network.layers if hasattr(each, "cell") or hasattr(each, "forward_layer")]
    for place, layer in enumerate(recurrent, 1):
        sequence = layer.input[0] if isinstance(layer.input, list) else layer.input  # beside its mask
        x = keras.Model(model.network.inputs, sequence)(inputs)
        for name, values in trace(layer, x).items():
            direction, _, symbol = name.rpartition("/")
            if symbol in ("Γu", "Γr"):
                found[f"{place} {direction or 'forward'} {symbol}"] = values[0]
    return found


@pytest.mark.parametrize("page", EXAMPLES)
def test_gates_are_those_of_the_cells(page, ask):
    example = EXAMPLES[page][0] if page != "video" else CIRCLE[:6]
    (found,) = ask({"ask": "answer", "page": page, "example": example})
    model = preset(page)
    expected = gates_of(model, model.preprocessor.inputs(model.preprocessor.rows([example])))
    assert {gate["name"] for gate in found["gates"]} == expected.keys()
    for gate in found["gates"]:
        values = np.reshape(gate["values"], (gate["steps"], gate["units"]))
        np.testing.assert_allclose(values, expected[gate["name"]], atol=CLOSE, err_msg=gate["name"])


def tune(rhythm, temperature=0.0, seed=0, most=1500):
    return {"ask": "tune", "rhythm": rhythm, "temperature": temperature, "seed": seed, "most": most}


def mulberry(seed):
    """The pages' random numbers."""
    whole = 2**32 - 1
    state = seed
    while True:
        state = (state + 0x6D2B79F5) & whole
        t = (state ^ state >> 15) * (state | 1) & whole
        t ^= (t + ((t ^ t >> 7) * (t | 61) & whole)) & whole
        yield (t ^ t >> 14) / 2**32


def test_likeliest_tunes_are_those_of_the_preset(ask):
    rhythms = ["reel", "air", "slip jig"]  # the last comes to no end
    found = ask(*(tune(rhythm) for rhythm in rhythms))
    with pytest.warns(UserWarning, match="2 of 3"):
        assert [each["tune"] for each in found] == preset("music").answer(rhythms, temperature=0)


def test_drawn_tunes_follow_the_presets_probabilities(ask):
    temperature, seed = 0.9, 5
    (found,) = ask(tune("jig", temperature, seed))
    model, random = preset("music"), mulberry(seed)
    logits = model.logits(["jig"], [found["tune"]])[0].astype("float64")
    logits[:, model.preprocessor.never_written] = -np.inf
    ids = []
    for row in logits:
        p = np.exp((row - row.max()) / temperature)
        ids.append(int(np.searchsorted(np.cumsum(p / p.sum()), next(random), side="right")))
    assert ids.pop() == model.preprocessor.end
    assert model.preprocessor.texts([ids])[0] == found["tune"]


def test_gates_of_a_tune_are_those_of_the_cell(ask):
    (found,) = ask(tune("jig"))
    model = preset("music")
    rows = model.preprocessor.rows(["jig"])
    inputs, _ = model.preprocessor.training(rows, model.preprocessor.target_rows([found["tune"]], rows))
    expected = gates_of(model, [inputs["x"], inputs["y"]])
    assert {gate["name"] for gate in found["gates"]} == expected.keys()
    for gate in found["gates"]:  # the first step reads the rhythm; the end symbol is never read
        np.testing.assert_allclose(gate["values"], expected[gate["name"]][1 : 1 + len(gate["values"])], atol=CLOSE)


def test_draws_are_as_often_as_they_are_probable(ask):
    logits, temperature, count = [0.0, 1.0, -1.0], 0.7, 4000
    warm, likeliest = ask(
        {"ask": "draws", "logits": logits, "temperature": temperature, "seed": 1, "count": count},
        {"ask": "draws", "logits": logits, "temperature": 0, "seed": 1, "count": 50},
    )
    p = np.exp(np.array(logits) / temperature)
    np.testing.assert_allclose(np.bincount(warm, minlength=3) / count, p / p.sum(), atol=0.03)
    assert set(likeliest) == {1}


ODD = st.text(st.sampled_from("ACGTUNacgtu\n\t \x85\ufeff\u2003>X-'\"\\é😀0"), max_size=8) | st.text(
    # Of later letters, Python and the browser may know different ones, and show them as they are or as codes.
    st.characters(max_codepoint=0x2BFF, exclude_categories=["Cs", "Cn", "Co"]),
    max_size=8,
)


@settings(deadline=None, max_examples=3)
@given(st.lists(ODD, min_size=60, max_size=60))
def test_letters_are_refused_in_the_same_words(ask, texts):
    texts = [">seq 'one'\r\nACGT", "AC\n>" + "x" * 90, *texts]
    for text, found in zip(texts, ask(*({"ask": "bases", "text": text} for text in texts))):
        try:
            (bases,) = preset("dna").preprocessor.rows([text])
        except seqzoo.door.Refused as refused:
            assert found == {"refused": str(refused)}
        else:
            assert found == {"is": bases}


def test_a_tune_that_is_cut_keeps_its_whole_bars(ask):
    cut = ask(*({"ask": "cut", "tune": text} for text in ("GAB|cd", "GAB\nc", "GAB", "G|")))
    assert cut == ["GAB|", "GAB\n", "GAB", "G|"]


SHORT = "M:6/8\nL:1/8\nK:G\nG|GED (3DEF D2|D>^c B2 A3|[GB]3 z2 f|[M:9/8]gfe dcB AGF|G6||\n"


def test_notes_are_those_of_the_tune(ask):
    (found,) = ask({"ask": "notes", "abc": abc_file(SHORT, "Short", "jig")})
    read = [note for bar in Tune(SHORT).bars for note in bar.notes]
    assert [note["pitch"] for note in found["notes"]] == [pitch for note in read for pitch in note.pitches]
    seconds = [float(note.length) for note in read for _ in note.pitches]
    ratio = found["notes"][0]["seconds"] / seconds[0]
    np.testing.assert_allclose([note["seconds"] for note in found["notes"]], ratio * np.array(seconds), rtol=1e-4)
    _, lengths = bars(SHORT)
    assert found["bars"] == {"whole": round(whole_bars(SHORT) * len(lengths)), "all": len(lengths)}


def test_of_no_tune_there_are_no_notes(ask):
    texts = ["L:6/8\nK:\n(", "", "<>"]
    for found in ask(*({"ask": "notes", "abc": abc_file(text)} for text in texts)):
        assert found["notes"] == [] and found["bars"]["all"] == 0


def test_a_drawing_becomes_places_at_equal_times(ask):
    rng = np.random.default_rng(0)
    time, places = np.sort(rng.uniform(0, 2000, 30)), rng.uniform(-0.1, 1.1, (30, 2))
    points = [{"x": x, "y": y, "time": t} for (x, y), t in zip(places, time)]
    still = [{"x": 0.5, "y": 0.25, "time": 7.0}] * 2
    found, at_once = ask({"ask": "track", "points": points}, {"ask": "track", "points": still, "frames": 3})
    at = np.linspace(time[0], time[-1], 45)
    expected = np.stack([np.interp(at, time, axis) for axis in places.T], axis=1).clip(0, 1)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert at_once == [[0.5, 0.25]] * 3


def test_what_npm_brings_is_pinned():
    packages = json.loads((ROOT / "docs/live/package-lock.json").read_text())["packages"]
    wanted = json.loads((ROOT / "docs/live/package.json").read_text())["dependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    for name, package in packages.items():
        assert name == "" or package["integrity"].startswith("sha512-")
        assert "resolved" not in package


@pytest.fixture(scope="module")
def address(site):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(option)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def show(browser, address):
    """Opens a page and waits until all on it is there."""
    from selenium.webdriver.support.ui import WebDriverWait

    def show(page, width=1200):
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        browser.get(f"{address}/{page}.html")
        wait_for("return 'done' in document.documentElement.dataset")
        return lambda css: browser.execute_script("return document.querySelector(arguments[0])", css)

    def wait_for(script):
        return WebDriverWait(browser, 120, poll_frequency=0.05).until(lambda driver: driver.execute_script(script))

    show.wait_for = wait_for
    yield show
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


FILL = "arguments[0].value = arguments[1]; document.querySelector('#answer').replaceChildren();"
DONE = "return document.querySelector('#answer').children.length > 0"


def said(browser, show, find, field, text):
    """What the page says of a text that is written into its field."""
    browser.execute_script(FILL, find(field), text)
    find("#ask button").click()
    show.wait_for(DONE)
    return find("#answer")


@in_chromium
@pytest.mark.parametrize("page, field", [("sentiment", "#sentence"), ("dna", "#stretch")])
def test_a_page_answers_as_the_preset(page, field, show, browser):
    find = show(page)
    for example, (label, p) in zip(EXAMPLES[page], python_answers(page)):
        answer = said(browser, show, find, field, example)
        assert answer.get_attribute("data-label") == label
        assert float(answer.get_attribute("data-p")) == pytest.approx(p, abs=1e-3)
    assert "broken" not in browser.title
    assert find("#answer b, #answer script, #reading script") is None


@in_chromium
def test_the_dna_page_refuses_in_words(show, browser):
    find = show("dna")
    answer = said(browser, show, find, "#stretch", "AC-GT")
    with pytest.raises(seqzoo.door.Refused) as refused:
        preset("dna").answer(["AC-GT"])
    assert answer.text.splitlines() == str(refused.value).splitlines()
    assert answer.get_attribute("data-label") is None


@in_chromium
def test_a_movement_is_drawn_with_the_mouse_and_chosen_by_keyboard(show, browser):
    from selenium.webdriver import ActionChains, Keys

    find = show("video")
    drawing, actions = find("#drawing"), ActionChains(browser, duration=30)
    actions.move_to_element_with_offset(drawing, 100, -60).click_and_hold()
    for _ in range(8):
        actions.move_by_offset(-25, 0)
    actions.release().perform()
    show.wait_for("return JSON.parse(document.querySelector('#drawing').dataset.track)[0][0] > 0.6")
    tracks = [json.loads(drawing.get_attribute("data-track"))]
    answers = [(find("#answer").get_attribute("data-label"), float(find("#answer").get_attribute("data-p")))]
    find("#own button:nth-of-type(2)").send_keys(Keys.ENTER)
    show.wait_for(f"return document.querySelector('#drawing').dataset.track !== {json.dumps(json.dumps(tracks[0]))}")
    tracks.append(json.loads(drawing.get_attribute("data-track")))
    show.wait_for("return !document.querySelector('#inside').hidden")
    show.wait_for(f"return document.querySelector('#answer').dataset.p != {answers[0][1]!r}")
    answers.append((find("#answer").get_attribute("data-label"), float(find("#answer").get_attribute("data-p"))))
    assert np.shape(tracks[0]) == (45, 2) and tracks[0][0][0] > tracks[0][-1][0]  # to the left
    for (label, p), (expected, most) in zip(answers, preset("video").answer(tracks)):
        assert label == expected and p == pytest.approx(most, abs=1e-3)


@in_chromium
def test_the_music_page_writes_the_presets_tune_and_plays_it(show, browser):
    find = show("music")
    browser.execute_script(
        "document.querySelector('#rhythm').value = 'reel'; document.querySelector('#temperature').value = 0;"
    )
    before = find("#answer").get_attribute("data-tune")
    find("#ask button").click()
    show.wait_for(f"return document.querySelector('#answer').dataset.tune !== {json.dumps(before)}")
    (expected,) = preset("music").answer(["reel"], temperature=0)
    assert find("#answer").get_attribute("data-tune") == expected
    assert find("#abc").get_attribute("textContent").endswith(expected)
    assert find("#score svg") is not None
    find("#play").click()
    assert find("#play").text == "Stop"
    show.wait_for("return document.querySelectorAll('#reading .now').length === 1")
    find("#play").click()
    assert find("#play").text == "Play it"


@in_chromium
@pytest.mark.parametrize("page", PRESETS)
def test_a_page_fits_a_phone_fetches_what_it_says_and_is_used_by_keyboard(page, show, browser, site, address):
    from selenium.webdriver import ActionChains, Keys

    find = show(page, width=390)
    browser.execute_script(
        "const line = document.querySelector('.text .tokens');"  # a line of a tune may be long
        "for (let i = 0; line && i < 200; i++) line.prepend(line.firstElementChild.cloneNode(true));"
    )
    assert browser.execute_script("return document.documentElement.scrollWidth") == 390
    fetched = browser.execute_script("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert all(name.startswith(address) for name in fetched)
    megabytes = sum((site / name.removeprefix(f"{address}/")).stat().st_size for name in set(fetched)) / 1e6
    stated = find("main > p").text.split(" fetches ")[1].split(" MB")[0]
    assert megabytes == pytest.approx(float(stated), abs=0.1)
    tabbable = "a, button:enabled, select, input:enabled, textarea, summary"
    count = browser.execute_script(f"return document.querySelectorAll({json.dumps(tabbable)}).length")
    for _ in range(count + 5):
        ActionChains(browser).send_keys(Keys.TAB).perform()
        outline = browser.execute_script(
            "const at = document.activeElement; at.dataset.reached = 1;"
            "return at === document.body || getComputedStyle(at).outlineStyle"
        )
        assert outline != "none"
    missed = browser.execute_script(
        f"return [...document.querySelectorAll({json.dumps(tabbable)})]"
        ".filter((each) => each.offsetParent && !each.dataset.reached).map((each) => each.outerHTML)"
    )
    assert missed == []


@in_chromium
def test_pages_are_light_or_dark_as_the_reader_has_it(address, browser):
    def background(preferred, chosen):
        media = [{"name": "prefers-color-scheme", "value": preferred}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
        browser.get(f"{address}/index.html")
        browser.execute_script(f"localStorage.theme = {chosen!r}")
        browser.refresh()
        return browser.execute_script("localStorage.clear(); return getComputedStyle(document.body).backgroundColor")

    light, dark = background("light", "auto"), background("dark", "auto")
    assert light != dark
    assert background("dark", "light") == light  # as chosen on the pages around these
    assert background("light", "dark") == dark
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
