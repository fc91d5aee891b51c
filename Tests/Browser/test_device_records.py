"""Recordings on board of devices: their lane, the switch, speeds, the queue, fetching.

They need a recorder that has recordings: the demo's first two have, and the mock's first.
"""

import time
import unittest

from selenium.webdriver.common.keys import Keys

from browser import ConsoleTest

PAGE = "document.querySelector('playback-page')"
LANE = "document.querySelector('time-line').onBoard"


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class DeviceRecords(ConsoleTest):
    def camera(self):
        """A camera whose device has recordings of the last hour."""
        now = time.time()
        for channel in self.b.fetch("/api/v1/channels?status=online&limit=100")["body"]["items"]:
            if channel["kind"] != "camera":
                continue
            answer = self.b.fetch(
                f"/api/v1/channels/{channel['id']}/timeline?from={stamp(now - 3600)}&to={stamp(now)}&source=device"
            )["body"]
            if answer.get("device", {}).get("state") == "complete" and answer["recorded"]:
                return channel["id"]
        raise unittest.SkipTest("no simulated device has recordings")

    def begin(self):
        b = self.b
        self.channel = self.camera()
        b.js("localStorage.removeItem('tributary.playbackChannel')")
        b.go("health")
        b.go(f"playback?channel={self.channel}&at={stamp(time.time() - 1800)}")
        b.wait("the device's lane", f"{LANE} && {LANE}.recorded.length > 0", 30)
        b.drop_focus()
        return b

    def replay(self):
        b = self.begin()
        b.keys("v")
        b.wait("the device's replay", f"{PAGE}.dataset.source === 'device' && {PAGE}.dataset.state === 'playing'", 40)
        return b

    def head(self):
        return self.b.js("return document.querySelector('time-line').head") / 1000

    def order(self, path, method, body=None):
        options = {"method": method, "headers": {"Content-Type": "application/json"}}
        if body is not None:
            import json

            options["body"] = json.dumps(body)
        return self.b.fetch(path, options)

    def test_the_device_has_a_lane_of_its_own_with_a_switch(self):
        b = self.begin()
        self.assertEqual(b.js(f"return {PAGE}.dataset.source"), "own")
        self.assertFalse(b.js("return document.querySelector('.sources').hidden"))
        b.shot("device-lane")

    def test_a_gap_of_ours_that_the_device_does_not_have_is_one_key_away(self):
        b = self.begin()
        now = time.time()
        path = f"/api/v1/channels/{self.channel}/timeline?from={stamp(now - 20 * 3600)}&to={stamp(now - 180)}"
        gap = b.fetch(path)["body"]["gaps"][-1]
        at = b.js("return (Date.parse(arguments[0]) + Date.parse(arguments[1])) / 2", gap["from"], gap["to"])
        b.js("document.querySelector('time-line').centreOn(arguments[0])", at)
        known = "(() => { const l = document.querySelector('time-line'), d = l.data.of(l.channel), o = l.onBoard;"
        b.wait("both lanes there", f"{known} return d && o && d.from < {at} && o.from < {at}; }})()")
        b.js(f"{PAGE}.seek(arguments[0])", at)
        b.wait("the notice", f"{PAGE}.querySelector('.gap-notice').textContent.includes(' v')")
        b.drop_focus()
        b.keys("v")
        b.wait("the device's replay", f"{PAGE}.dataset.source === 'device' && {PAGE}.dataset.state === 'playing'", 40)
        self.assertLess(abs(self.head() - at / 1000), 30)

    def test_it_replays_pauses_moves_and_shows_only_known_speeds(self):
        b = self.replay()
        first = self.head()
        b.wait("the clock goes on", lambda: self.head() > first + 2)
        b.wait("the speeds", "document.querySelector('.rates [data-rate=\"32\"]').disabled")
        self.assertTrue(b.js("return document.querySelector('.rates [data-rate=\"-2\"]').disabled"))
        self.assertFalse(b.js("return document.querySelector('.rates [data-rate=\"2\"]').disabled"))
        b.shot("device-replay")
        b.click(".rates [data-rate='2']")
        b.wait("twice the pace", f"{PAGE}.querySelector('[data-badge=replay]').textContent.includes('2')")
        b.keys(Keys.SPACE)
        b.wait("the pause", f"{PAGE}.dataset.state === 'paused'")
        b.keys(Keys.SPACE)
        b.wait("the replay", f"{PAGE}.dataset.state === 'playing'")
        before = self.head()
        b.keys(Keys.ARROW_LEFT)
        b.wait("ten seconds back", lambda: self.head() < before)
        b.wait("the replay", f"{PAGE}.dataset.state === 'playing'")

    def test_whoever_comes_second_is_told_who_is_before(self):
        b = self.b
        self.channel = self.camera()
        now = time.time()
        held = self.order(
            f"/api/v1/channels/{self.channel}/downloads", "POST",
            {"from": stamp(now - 2400), "to": stamp(now - 600), "speed": 1},
        )["body"]
        try:
            self.begin()
            b.keys("v")
            b.wait("the sentence", "document.querySelector('.tile-card .tile-text').textContent.length > 20", 40)
            self.assertIn(held["user"], b.text(".tile-card .tile-text"))
            b.shot("device-queue")
        finally:
            self.order(f"/api/v1/downloads/{held['id']}", "DELETE")
        b.wait("the turn", f"{PAGE}.dataset.state === 'playing'", 40)

    def test_an_interval_is_fetched_with_progress(self):
        b = self.replay()
        now = time.time()
        b.js(f"document.querySelector('time-line').select({(now - 900) * 1000}, {(now - 860) * 1000})")
        b.keys("k")
        b.click("#fetch")
        b.wait("the download", "document.querySelector('.download')")
        b.keys("v")
        b.wait("the file", "document.querySelector('.download[data-state=complete] a')", 60)
        b.shot("device-download")
        b.language("zh-CN")
        b.shot("device-download.zh")
        b.language("en")
        b.click(".download button")
        b.wait("nothing left", "!document.querySelector('.download')")
