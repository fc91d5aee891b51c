"""Driving headless Chromium against the console, and the questions the tests ask it."""

import json
import os
import pathlib
import shutil
import tempfile
import time
import unittest
import urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

HERE = pathlib.Path(__file__).resolve().parent
SHOTS = HERE / "screenshots"
PATIENCE = 30.0  # seconds: the machine may be busy
PASSWORD = os.environ.get("TRIBUTARY_PASSWORD", "for-the-browser-tests")


class Place:
    """The server under test: the one named by the environment, or a mock of our own."""

    def __init__(self):
        self.url = os.environ.get("TRIBUTARY_URL", "").rstrip("/")
        self.link = os.environ.get("TRIBUTARY_LINK", "")
        self.is_mock = os.environ.get("TRIBUTARY_MOCK") == "1" or not self.url
        self.server = None
        if not self.url:
            import mock
            import mock_media

            for scene in range(len(mock_media.SCENES)):
                mock_media.clip(scene)
            self.server, _, self.url = mock.start()
        if self.is_mock and not self.link:
            self.link = self.new_link()

    def control(self, **body):
        """Injects a fault into the mock."""
        request = urllib.request.Request(
            self.url + "/mock/control", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def new_link(self):
        return f"{self.url}/#/first-run/{self.control(action='link')['token']}"


place = None  # set by run.py


def needs_mock(test):
    """Marks a test that injects faults, which only the mock can do."""

    def run(self, *arguments):
        if not place.is_mock:
            self.skipTest("needs the mock server")
        return test(self, *arguments)

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


def needs_server(test):
    """Marks a test of what only a real server with devices that obey can do."""

    def run(self, *arguments):
        if place.is_mock:
            self.skipTest("needs a real server")
        return test(self, *arguments)

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


class Browser:
    def __init__(self):
        self.downloads = tempfile.mkdtemp(prefix="tributary-downloads-")
        options = Options()
        options.binary_location = (
            os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
        )
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--window-size=1920,1080",
            "--lang=zh-CN",
            "--autoplay-policy=no-user-gesture-required",
            "--force-device-scale-factor=1",
            "--disable-background-timer-throttling",
            "--disable-renderer-backgrounding",
            "--disable-backgrounding-occluded-windows",
            "--mute-audio",
            # A microphone that beeps, and nobody who has to allow it.
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
        ):
            options.add_argument(argument)
        options.add_experimental_option(
            "prefs",
            {
                "download.default_directory": self.downloads,
                "profile.default_content_setting_values.automatic_downloads": 1,
            },
        )
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self.driver.set_script_timeout(60)
        self.size(1920, 1080)

    def quit(self):
        self.driver.quit()
        shutil.rmtree(self.downloads, ignore_errors=True)

    def size(self, width, height):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            dict(width=width, height=height, deviceScaleFactor=1, mobile=False),
        )

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.js(
            "const e = document.querySelector(arguments[0]); return e ? e.textContent.trim() : null", selector
        )

    def wait(self, what, condition, patience=PATIENCE):
        """Polls a condition (a function, or a script that returns something true)."""
        end = time.time() + patience
        last = None
        while time.time() < end:
            try:
                value = self.js("return " + condition) if isinstance(condition, str) else condition()
                if value:
                    return value
            except Exception as problem:  # the page may be changing under our hands
                last = problem
            time.sleep(0.05)
        self.shot("failure")
        raise AssertionError(f"waited {patience:.0f} s in vain: {what}" + (f" ({last})" if last else ""))

    def click(self, selector):
        self.wait(f"{selector} to click", lambda: self.all(selector))
        self.js("document.querySelector(arguments[0]).click()", selector)

    def keys(self, *presses):
        """Key presses on whatever has the focus: 'g', Keys.ENTER, ('ctrl', 'b')."""
        for press in presses:
            chain = ActionChains(self.driver)
            held = {"ctrl": Keys.CONTROL, "shift": Keys.SHIFT, "alt": Keys.ALT}
            if isinstance(press, tuple):
                for name in press[:-1]:
                    chain.key_down(held[name])
                chain.send_keys(press[-1])
                for name in press[:-1]:
                    chain.key_up(held[name])
            else:
                chain.send_keys(press)
            chain.perform()

    def drop_focus(self):
        self.js("document.activeElement && document.activeElement.blur()")

    def fill(self, selector, text):
        element = self.find(selector)
        element.clear()
        element.send_keys(text)

    def fetch(self, path, options=None):
        """A request of the signed-in page: {status, body}."""
        return self.driver.execute_async_script(
            "const [path, options, done] = arguments;"
            "fetch(path, options || {}).then(async (r) => done({status: r.status, body: await r.json().catch(() => null)}), (e) => done({status: 0, body: String(e)}))",
            path,
            options,
        )

    def shot(self, name):
        SHOTS.mkdir(exist_ok=True)
        self.driver.save_screenshot(str(SHOTS / f"{name}.png"))

    def go(self, page):
        self.js("location.hash = arguments[0]", f"#/{page}")
        name = page.split("/")[0].split("?")[0]
        self.wait(f"the {name} page", f"document.querySelector('{name}-page')")

    def reload(self):
        self.driver.refresh()
        self.wait("the frame", "document.querySelector('app-frame, sign-in')")

    def language(self, name):
        if self.js("return document.documentElement.lang") != name:
            self.click("#language")
        self.wait("the language", f"document.documentElement.lang === '{name}'")

    # -- what the pictures do ------------------------------------------------------------------

    def cameras(self, count=1):
        """Ids of cameras that can be watched."""
        found = self.fetch("/api/v1/channels?status=online&limit=500")["body"]["items"]
        ids = [c["id"] for c in found if c["kind"] == "camera" and c["playable"]]
        assert len(ids) >= count, f"the server has {len(ids)} online cameras, the test needs {count}"
        return ids[:count]

    def open_on_wall(self, channels, layout=4):
        self.go("wall")
        self.js(
            "const w = document.querySelector('video-wall'); w.tiles.forEach((t, i) => w.clear(i)); w.setLayout(arguments[0]); w.select(0)",
            layout,
        )
        for channel in channels:
            self.js("document.querySelector('video-wall').open(arguments[0])", channel)

    def state(self, index=0):
        return self.js("return document.querySelectorAll('video-tile')[arguments[0]].dataset.state", index)

    def wait_state(self, wanted, index=0, patience=PATIENCE):
        self.wait(f"tile {index} to be {wanted}", lambda: self.state(index) == wanted, patience)

    GRAB = """
      const v = document.querySelector(arguments[0]).querySelectorAll('video')[arguments[1] || 0] || document.querySelector(arguments[0]);
      const c = document.createElement('canvas'); c.width = 160; c.height = 90;
      const p = c.getContext('2d', {willReadFrequently: true}); p.drawImage(v, 0, 0, 160, 90);
      const d = p.getImageData(0, 0, 160, 90).data, out = []; let sum = 0, least = 255, most = 0;
      for (let i = 0; i < d.length; i += 4) { const g = (d[i] + d[i + 1] + d[i + 2]) / 3; out.push(Math.round(g)); sum += g; least = Math.min(least, g); most = Math.max(most, g); }
      return {time: v.currentTime, width: v.videoWidth, pixels: out, contrast: most - least};
    """

    def grab(self, selector):
        return self.js(self.GRAB, selector)

    def assert_moving(self, case, selector):
        """Video time advances and the pixels of two grabs differ: a picture really is decoded."""
        # While the decoder moves to another place there is nothing to grab for a moment.
        self.wait("a picture that is not blank", lambda: self.grab(selector)["contrast"] > 20)
        first = self.grab(selector)
        case.assertGreater(first["width"], 0, "the video has a size")

        def moved():
            now = self.grab(selector)
            changed = sum(abs(a - b) > 12 for a, b in zip(first["pixels"], now["pixels"]))
            return now["time"] > first["time"] + 0.5 and changed > 12

        self.wait("the picture to move", moved)

    def problems(self):
        """What the page complained about, without what is expected."""
        expected = (
            "401",
            "403",
            "WebSocket",
            "Autofocus",
            "goo.gl",
            "net::ERR",
            "404",
            "409",
            "410",
            "422",
            "favicon",
        )
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE" and not any(word in entry["message"] for word in expected)
        ]


browser = None  # set by run.py


class ConsoleTest(unittest.TestCase):
    """A test with the shared browser, signed in."""

    @property
    def b(self):
        return browser

    def setUp(self):
        sign_in(browser)
        if place.is_mock:
            for channel in list(place_rules):
                place.control(action="allow", channel=channel)
            place_rules.clear()
        browser.drop_focus()

    def tearDown(self):
        browser.js(
            "document.querySelectorAll('dialog').forEach((d) => d.dispatchEvent(new Event('cancel', {cancelable: true})))"
        )
        self.assertEqual(browser.problems(), [], "the page raised no error")

    def fault(self, channel, action, **more):
        place_rules.add(channel)
        place.control(action=action, channel=channel, **more)


place_rules = set()


def sign_in(b):
    """Makes sure the browser is signed in and the frame is there."""
    if b.all("app-frame"):
        return
    b.driver.get(place.url + "/")
    b.wait("the console", "document.querySelector('app-frame, sign-in')")
    if b.all("app-frame"):
        return
    if place.link:
        link, place.link = place.link, ""
        b.driver.get("about:blank")
        b.driver.get(link)
        b.wait("the offer to set a password", "document.querySelector('input[name=new-password], app-frame')")
        if b.all("input[name=new-password]"):
            b.fill("input[name=new-password]", PASSWORD)
            b.fill("input[name=repeat-password]", PASSWORD)
            b.click(".sign-in-card button[type=submit]")
    else:
        b.fill("input[name=user]", os.environ.get("TRIBUTARY_USER", "admin"))
        b.fill("input[name=password]", PASSWORD)
        b.click(".sign-in-card button[type=submit]")
    b.wait("the frame", "document.querySelector('app-frame')")
