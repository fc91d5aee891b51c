"""Replay: decoding, the clock, seeking, gaps, rates, selection and export."""

import re
import time
import urllib.parse

from selenium.webdriver.common.keys import Keys

from browser import ConsoleTest, needs_mock

HEAD = "document.querySelector('time-line').head"


class Replay(ConsoleTest):
    """A test that begins with a replay."""

    def begin(self):
        """A replay of a camera that has something recorded, some seconds before now."""
        b = self.b
        now = time.time()
        found = b.fetch("/api/v1/channels?status=online&limit=500")["body"]["items"]
        # Transcoding has a test of its own; here it would only make everything slower.
        found.sort(key=lambda c: "H.265" in c["name"])
        for channel in found:
            if channel["kind"] != "camera" or channel["recording"] != "recording":
                continue
            stamp = lambda s: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(s))
            answer = b.fetch(
                f"/api/v1/channels/{channel['id']}/timeline?from={stamp(now - 3600)}&to={stamp(now)}"
            )["body"]
            if answer and answer["recorded"]:
                break
        else:
            self.fail("no camera has a recording")
        self.camera = channel["id"]
        b.js("localStorage.removeItem('tributary.playbackChannel')")
        b.go("health")
        b.go(f"playback?channel={self.camera}")
        b.wait("the replay", "document.querySelector('playback-page').dataset.state === 'playing'", 60)
        b.drop_focus()
        return b

    def head(self):
        return self.b.js(f"return {HEAD}") / 1000

    def playing(self):
        self.b.wait("the replay", "document.querySelector('playback-page').dataset.state === 'playing'")


class Playback(Replay):
    def test_a_recording_really_decodes_and_its_clock_is_shown(self):
        b = self.begin()
        b.assert_moving(self, ".stage")
        self.assertRegex(b.text("[data-position]"), r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$")
        first, began = self.head(), time.time()
        time.sleep(3)
        self.assertAlmostEqual(self.head() - first, time.time() - began, delta=1.5)
        b.shot("playback")

    def test_space_pauses_and_goes_on(self):
        b = self.begin()
        b.keys(Keys.SPACE)
        b.wait("the pause", "document.querySelector('playback-page').dataset.state === 'paused'")
        still = self.head()
        time.sleep(2.5)  # long enough for the page to learn that nothing is being sent
        self.assertAlmostEqual(self.head(), still, delta=0.05)
        b.keys(".")
        b.wait("one picture on", lambda: still < self.head() < still + 0.5)
        b.keys(",")
        b.wait("and back", lambda: abs(self.head() - still) < 0.06)
        for _ in range(3):
            before = self.head()
            b.keys(".")
            b.wait("each press is a picture", lambda: 0.01 < self.head() - before < 0.15)
        b.keys(Keys.SPACE)
        self.playing()

    @needs_mock
    def test_a_late_order_is_not_overtaken_by_the_next(self):
        b = self.begin()
        self.fault(self.camera, "late", seconds=1.0)
        b.keys(Keys.SPACE, Keys.SPACE)
        replay = lambda: next(
            s for s in b.fetch("/api/v1/media-sessions")["body"]["items"] if s["kind"] == "playback"
        )
        b.wait("both orders", lambda: replay()["orders"] == 2)
        self.assertFalse(replay()["paused"])
        self.playing()

    def test_arrows_jump(self):
        b = self.begin()
        before = self.head()
        b.keys(Keys.ARROW_LEFT)
        b.wait("ten seconds back", lambda: self.head() < before - 5)
        self.playing()
        b.assert_moving(self, ".stage")

    def test_zoom_ladder_by_key_wheel_and_button(self):
        b = self.begin()
        level = lambda: b.js("return document.querySelector('time-line').zoomLevel")
        first = level()
        b.keys("+")
        b.wait("one step in", lambda: level() == first - 1)
        b.keys("-", "-")
        b.wait("two steps out", lambda: level() == first + 1)
        b.js(
            """const c = document.querySelector('.timeline-canvas'), r = c.getBoundingClientRect();
                c.dispatchEvent(new WheelEvent('wheel', {deltaY: -120, ctrlKey: true, clientX: r.left + 300, clientY: r.top + 40, bubbles: true, cancelable: true}))"""
        )
        b.wait("the wheel", lambda: level() == first)
        for _ in range(12):
            b.keys("-")
        self.assertEqual(level(), 10)
        self.assertIn("31", b.text("[data-level]"))
        for _ in range(12):
            b.keys("+")
        self.assertEqual(level(), 0)

    def test_the_footer_keeps_the_sum(self):
        b = self.begin()
        b.wait("the sum", "/\\d/.test(document.querySelector('[data-sum]').textContent)")
        self.assertRegex(b.text("[data-sum]"), r"＝|=")

    def click_time(self, at):
        self.b.js(
            """
          const l = document.querySelector('time-line'), c = l.querySelector('canvas'), r = c.getBoundingClientRect();
          const x = r.left + (arguments[0] * 1000 - l.from) / (l.to - l.from) * r.width, y = r.top + 34;
          c.dispatchEvent(new PointerEvent('pointerdown', {button: 0, clientX: x, clientY: y, bubbles: true}));
          window.dispatchEvent(new PointerEvent('pointerup', {button: 0, clientX: x, clientY: y, bubbles: true}));""",
            at,
        )

    def test_a_click_on_the_timeline_seeks(self):
        b = self.begin()
        recorded = b.js(
            "const l = document.querySelector('time-line'); return l.data.of(l.channel).recorded.map((s) => [s.from / 1000, s.to / 1000])"
        )
        start, end = max(recorded, key=lambda s: min(s[1], time.time()) - s[0])
        target = start + min(30, (end - start) / 3)
        b.js("document.querySelector('time-line').centreOn(arguments[0] * 1000)", target)
        self.click_time(target)
        b.wait("the new place", lambda: abs(self.head() - target) < 12)
        self.playing()
        b.assert_moving(self, ".stage")
        self.assertGreater(self.head(), target - 4)

    @needs_mock
    def test_a_seek_into_a_gap_lands_after_it_and_says_why(self):
        b = self.begin()
        gap = b.js(
            "const l = document.querySelector('time-line'); return l.data.of(l.channel).gaps.map((g) => [g.from / 1000, g.to / 1000, g.cause]).at(-1)"
        )
        b.js("document.querySelector('time-line').centreOn(arguments[0] * 1000)", gap[0])
        self.click_time((gap[0] + gap[1]) / 2)
        b.wait("the notice", "!document.querySelector('.gap-notice').hidden")
        b.shot("playback-gap")
        for language, word in (("zh-CN", "网络中断"), ("en", "network")):
            b.language(language)
            self.assertIn(word, b.text(".gap-notice"))
        self.assertRegex(b.text(".gap-notice"), r"\d\d:\d\d:\d\d–\d\d:\d\d:\d\d")
        b.wait("the end of the gap", lambda: abs(self.head() - gap[1]) < 10)
        b.wait("the notice to go", "document.querySelector('.gap-notice').hidden", 8)

    @needs_mock
    def test_a_gap_met_while_playing_is_not_skipped_silently(self):
        b = self.begin()
        gap = b.js(
            "const l = document.querySelector('time-line'); return l.data.of(l.channel).gaps.map((g) => [g.from, g.to, g.cause]).at(-1)"
        )
        b.js("document.querySelector('playback-page').seek(arguments[0] - 3000)", gap[0])
        b.wait("the notice", "!document.querySelector('.gap-notice').hidden")

    def test_rates_scale_the_clock(self):
        b = self.begin()
        self.rewind(150)

        def measured():
            first, began = self.head(), time.time()
            time.sleep(2)
            return (self.head() - first) / (time.time() - began)

        for rate in (2, 0.5):
            b.click(f"[data-rate='{rate:g}']")
            b.wait(
                "the rate",
                f"document.querySelector('[data-rate=\"{rate:g}\"]').getAttribute('aria-checked') === 'true'",
            )
            self.playing()
            b.wait(f"the clock to run at {rate:g}", lambda: abs(measured() / rate - 1) < 0.3)
        b.click("[data-rate='1']")

    def rewind(self, seconds):
        """Goes back, but not before what is recorded."""
        b = self.b
        first = b.js(
            "const l = document.querySelector('time-line'); return l.data.of(l.channel).recorded[0].from / 1000"
        )
        target = max(first + 1, self.head() - seconds)
        b.js("document.querySelector('playback-page').seek(arguments[0] * 1000)", target)
        b.wait("the earlier place", lambda: abs(self.head() - target) < 8)
        self.playing()

    def test_leaving_at_once_leaves_no_session_behind(self):
        b = self.begin()
        for _ in range(3):
            b.go("health")
            b.go(f"playback?channel={self.camera}")
        b.go("health")
        time.sleep(1.5)
        replays = lambda: [s for s in b.fetch("/api/v1/media-sessions")["body"]["items"] if s["kind"] == "playback"]
        b.wait("no replay", lambda: not replays(), 5)

    def test_j_k_l(self):
        b = self.begin()
        b.keys("k")
        b.wait("the pause", "document.querySelector('playback-page').dataset.state === 'paused'")
        b.keys("l")
        self.playing()
        b.keys("j")
        b.wait(
            "reverse", "document.querySelector('[data-rate=\"-1\"]').getAttribute('aria-checked') === 'true'"
        )
        self.playing()
        time.sleep(1)
        first = self.head()
        b.wait("the clock to run backwards", lambda: self.head() < first - 1)
        b.click("[data-rate='1']")

    def test_a_selection_offers_an_export_that_is_a_standard_file(self):
        b = self.begin()
        self.rewind(20)
        b.keys("[")
        first = self.head()
        b.wait("some seconds", lambda: self.head() > first + 3)
        b.keys("]")
        b.wait("the link", "document.querySelector('#export')")
        b.shot("playback-selection")
        address = urllib.parse.urlsplit(b.find("#export").get_attribute("href"))
        self.assertTrue(address.path.endswith(f"/api/v1/channels/{self.camera}/export.mp4"))
        asked = urllib.parse.parse_qs(address.query)
        self.assertRegex(asked["from"][0], r"^\d{4}-.*Z$")
        self.assertLess(asked["from"][0], asked["to"][0])
        got = b.driver.execute_async_script(
            """
          const [address, done] = arguments;
          fetch(address, {headers: {Range: 'bytes=0-1023'}}).then(async (r) => done({
            status: r.status, type: r.headers.get('content-type'), digest: r.headers.get('digest'), head: String.fromCharCode(...new Uint8Array(await r.arrayBuffer()).slice(4, 8))}))""",
            f"{address.path}?{address.query}",
        )
        self.assertIn(got["status"], (200, 206))
        self.assertEqual(got["type"], "video/mp4")
        self.assertEqual(got["head"], "ftyp")
        self.assertTrue((got["digest"] or "").startswith("sha-256="))
        b.drop_focus()
        b.keys(Keys.ESCAPE)
        b.wait("no selection", "document.querySelector('[data-chip]').hidden")

    def test_the_calendar_opens(self):
        b = self.begin()
        b.click("#calendar")
        b.wait("days", "document.querySelectorAll('.calendar .day').length >= 28")
        b.shot("calendar")
        b.keys(Keys.ESCAPE)

    @needs_mock
    def test_lanes_compare_the_cameras_of_the_wall(self):
        b = self.b
        b.open_on_wall(b.cameras(4), 4)
        b = self.begin()
        b.wait("the device's lane", "document.querySelector('time-line').onBoard")
        b.wait("its height", "document.querySelector('time-line').offsetHeight === 96 + 18")
        b.click("#lanes")
        b.wait("three more lanes", "document.querySelector('time-line').offsetHeight === 96 + 18 + 3 * 28")
        b.shot("playback-lanes")
        b.click("#lanes")

    @needs_mock
    def test_a_broken_connection_goes_on_where_it_was(self):
        b = self.begin()
        first = self.head()
        session = [s for s in b.fetch("/api/v1/media-sessions")["body"]["items"] if s["kind"] == "playback"][
            -1
        ]["session"]
        b.fetch(f"/api/v1/media-sessions/{session}", {"method": "DELETE"})
        b.wait("the interruption", "document.querySelector('playback-page').dataset.state !== 'playing'")
        self.playing()
        self.assertTrue(re.match(r"\d", b.text("[data-position]")))
        self.assertLess(abs(self.head() - first), 20)
