"""Devices, quarantine, health, settings, languages, themes and access."""

import json
import pathlib
import re

from selenium.webdriver.common.keys import Keys

import browser
from browser import ConsoleTest, needs_mock

WEB = pathlib.Path(__file__).resolve().parents[2] / "Web"
STRANGER = "34020000001329998877"


class Devices(ConsoleTest):
    def test_the_list_the_panel_and_the_ladder(self):
        b = self.b
        b.go("devices")
        b.wait("rows", "document.querySelector('.table-row:not([hidden])')")
        self.assertTrue(b.all("[role=grid] [role=columnheader]"))
        b.js("document.querySelector('.table-rows').focus()")
        b.keys(Keys.ARROW_DOWN)
        b.wait("the panel", "document.querySelector('device-panel .panel-head')")
        b.shot("devices")
        b.drop_focus()
        b.keys("m")
        b.wait(
            "the ladder",
            "document.querySelector('dialog[data-dialog=ladder] .ladder, dialog[data-dialog=ladder] p')",
        )

    def test_a_device_is_added_and_removed(self):
        b = self.b
        b.go("devices")
        b.wait("the button", "document.querySelector('#add')")
        b.drop_focus()
        b.keys("a")
        b.wait("the form", "document.querySelector('dialog[data-dialog=add]')")
        b.fill("dialog input[name=id]", "123")
        b.fill("dialog input[name=password]", "a device password")
        b.click("dialog button[type=submit]")
        b.wait(
            "the rule", "/20/.test(document.querySelector('dialog [role=alert]:not([hidden])')?.textContent)"
        )
        b.fill("dialog input[name=id]", STRANGER)
        b.fill("dialog input[name=name]", "测试 test")
        b.shot("device-add")
        b.click("dialog button[type=submit]")
        b.wait("the device", f"document.querySelector('.table-row[data-id=\"{STRANGER}\"]')")
        self.assertEqual(b.fetch(f"/api/v1/devices/{STRANGER}")["status"], 200)
        b.wait("the panel", f"document.querySelector('device-panel')?.textContent.includes('{STRANGER}')")
        b.click("#device-remove")
        b.click("dialog[data-dialog=confirm] .danger")
        b.wait("its removal", lambda: b.fetch(f"/api/v1/devices/{STRANGER}")["status"] == 404)

    def test_an_import_is_tried_dry_first(self):
        b = self.b
        b.go("devices")
        b.click("#import")
        b.wait("the form", "document.querySelector('dialog[data-dialog=import]')")
        text = f"id,name,password\n{STRANGER},北门,secret-1\nnot a code!,东门,secret-2\n"
        b.js(
            "const a = document.querySelector('dialog textarea'); a.value = arguments[0]; a.dispatchEvent(new Event('input'))",
            text,
        )
        b.wait("the answer", "document.querySelector('[data-accepted]')")
        self.assertEqual(b.find("[data-accepted]").get_attribute("data-accepted"), "1")
        self.assertEqual(b.find("[data-rejected]").get_attribute("data-rejected"), "1")
        self.assertEqual(b.fetch(f"/api/v1/devices/{STRANGER}")["status"], 404, "a dry run changes nothing")
        b.shot("device-import")

    @needs_mock
    def test_a_waiting_device_is_approved_and_another_dismissed(self):
        b = self.b
        b.go("devices/quarantine")
        b.wait("two devices", "document.querySelectorAll('.quarantine-list li').length === 2")
        self.assertRegex(b.text(".waiting"), "2")
        b.shot("quarantine")
        b.click(".quarantine-list [data-action=approve]")
        b.fill("dialog input[name=name]", "新来的")
        b.fill("dialog input[name=password]", "a device password")
        b.click("dialog button[type=submit]")
        b.wait("one left", "document.querySelectorAll('.quarantine-list li').length === 1")
        self.assertEqual(b.fetch("/api/v1/devices/34020000001320000911")["status"], 200)
        b.click(".quarantine-list [data-action=dismiss]")
        b.click("dialog[data-dialog=confirm] .danger")
        b.wait("an empty queue", "document.querySelector('.quarantine .empty-page')")


class Pages(ConsoleTest):
    def test_health_tells_the_state_and_what_to_do(self):
        b = self.b
        b.go("health")
        b.wait("the verdict", "document.querySelector('.verdict')")
        self.assertIn(b.find(".verdict").get_attribute("data-status"), ("ok", "warn", "fail"))
        for card in ("devices", "streams", "recorder", "storage", "keeping"):
            self.assertTrue(b.all(f"[data-card={card}]"), card)
        self.assertTrue(b.all("[data-check] .status"), "checks have shapes")
        b.shot("health")

    def test_settings_change_the_theme(self):
        b = self.b
        b.go("settings")
        for theme in ("light", "contrast", "dark"):
            b.click(f"[data-choice={theme}]")
            b.wait(theme, f"document.documentElement.dataset.theme === '{theme}'")
            b.shot(f"settings-{theme}")

    def test_how_a_device_is_spoken_to_is_seen_and_changed(self):
        b = self.b
        b.go("devices")
        b.language("en")
        b.wait("a device", "document.querySelector('devices-page .table-row:not([hidden])')")
        b.click("devices-page .table-row:not([hidden])")
        b.wait("the panel", "document.querySelector('#device-profile')")
        b.click("#device-profile")
        b.wait("the habits", "document.querySelectorAll('.profile-dialog tr[data-habit]').length >= 8")

        def choose(name, value):
            b.js(
                "const field = document.querySelector(`.profile-dialog [name=${arguments[0]}]`);"
                " field.value = arguments[1]; field.dispatchEvent(new Event('change'))",
                name,
                value,
            )

        row = "document.querySelector('.profile-dialog tr[data-habit=edition]')"
        choose("edition", "2022")
        b.wait("the choice", f"{row}.dataset.from === 'device'")
        self.assertIn("2022", b.text(".profile-dialog tr[data-habit=edition] td"))
        choose("time-zone", "noon")
        b.wait("the refusal", "document.querySelector('.profile-dialog .fail-text:not([hidden])')")
        b.shot("profile")
        choose("profile", "dahua")
        b.wait("the make", "document.querySelector('.profile-dialog [data-ground=setting]')")
        self.assertIn("streamprofile", b.text(".profile-dialog tr[data-habit=stream] td"))
        choose("edition", "")
        b.wait("the usual", f"{row}.dataset.from === 'standard'")
        choose("profile", "auto")
        b.wait("automatic", "!document.querySelector('.profile-dialog [data-ground=setting]')")

    def test_a_plan_is_switched(self):
        b = self.b
        camera = b.cameras(1)[0]
        b.open_on_wall([camera], 1)
        b.wait("the switch", "document.querySelector('camera-panel input[name=plan]:not([disabled])')")
        before = b.js("return document.querySelector('camera-panel input[name=plan]').checked")
        for wanted in (not before, before):
            b.click("camera-panel input[name=plan]")
            b.wait(
                "the plan",
                lambda: (b.fetch(f"/api/v1/channels/{camera}")["body"]["recording"] != "off") == wanted,
            )
            b.wait(
                "the switch",
                f"document.querySelector('camera-panel input[name=plan]:not([disabled])')?.checked === {str(wanted).lower()}",
            )

    def test_the_search_opens_cameras_and_runs_commands(self):
        b = self.b
        b.open_on_wall([], 4)
        camera = b.cameras(1)[0]
        b.keys("/")
        b.keys(camera.split("_")[1])
        b.wait("the camera", "document.querySelector('.search-item')")
        b.keys(Keys.ENTER)
        b.wait("the tile", f"document.querySelector('video-tile[data-channel=\"{camera}\"]')")
        b.drop_focus()
        b.keys(("ctrl", "k"))
        b.wait("commands", "document.querySelectorAll('.search-item').length > 5")
        b.keys(Keys.ESCAPE)


class Languages(ConsoleTest):
    """Every visible text follows the language, and none of them is a key."""

    RAW = """
      const heads = new Set(arguments[0]), out = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const raw = (text) => /^[a-zA-Z]+(\\.[A-Za-z0-9-]+)+$/.test(text) && heads.has(text.split('.')[0]);
      for (let n = walk.nextNode(); n; n = walk.nextNode()) if (raw(n.data.trim())) out.push(n.data);
      for (const e of document.querySelectorAll('[title], [aria-label], [placeholder]'))
        for (const name of ['title', 'aria-label', 'placeholder']) if (raw(e.getAttribute(name) ?? '')) out.push(e.getAttribute(name));
      return out"""
    # Own words of the console in the other language; names of places may be in any.
    STUCK = """
      const chinese = document.documentElement.lang === 'zh-CN', out = [];
      for (const e of document.querySelectorAll('[data-i18n]')) {
        if (e.children.length || !e.textContent.trim() || ['EN', '中', 'English', '中文', 'SSRC', 'TCP', 'UDP'].includes(e.textContent)) continue;
        if (chinese !== /[\\u4e00-\\u9fff]/.test(e.textContent) && !/^[\\W\\d]*$/.test(e.textContent)) out.push(e.textContent);
      }
      return out"""

    @staticmethod
    def heads():
        return sorted({key.split(".")[0] for key in json.loads((WEB / "lang/en.json").read_text("utf-8"))})

    def test_no_page_shows_a_key_or_the_other_language(self):
        b = self.b
        heads = self.heads()
        b.open_on_wall(b.cameras(1), 4)
        b.wait_state("live")
        for language in ("zh-CN", "en"):
            for page in ("wall", "playback", "devices", "devices/quarantine", "health", "people", "grants",
                         "requests", "settings"):
                b.go(page)
                b.language(language)
                b.wait("the page to settle", "!document.querySelector('main > * > .page-body > .spinner')")
                self.assertEqual(b.js(self.RAW, heads), [], f"{page} in {language}")
                self.assertEqual(b.js(self.STUCK), [], f"{page} in {language}")
            for key, name in (("?", "help"), ("p", "purpose")):
                b.drop_focus()
                b.keys(key)
                b.wait(name, f"document.querySelector('dialog[data-dialog={name}]')")
                self.assertEqual(b.js(self.RAW, heads) + b.js(self.STUCK), [], f"{name} in {language}")
                b.keys(Keys.ESCAPE)

    def test_a_switch_needs_no_reload_and_keeps_the_picture(self):
        b = self.b
        b.open_on_wall(b.cameras(1), 1)
        b.wait_state("live")
        b.language("en")
        english = b.text(".hints")
        b.language("zh-CN")
        self.assertNotEqual(b.text(".hints"), english)
        self.assertEqual(b.state(), "live")
        self.assertIn("视频墙", b.driver.title)

    def test_sizes_and_languages_for_the_eye(self):
        b = self.b
        cameras = b.cameras(2 if not browser.place.is_mock else 7)
        for width, height in ((1920, 1080), (1366, 768)):
            b.size(width, height)
            for language in ("zh-CN", "en"):
                b.language(language)
                b.open_on_wall(cameras, 9 if len(cameras) > 4 else 4)
                for n in range(len(cameras)):
                    b.wait_state("live", n)
                b.shot(f"wall-{width}-{language}")
                for page in ("playback", "devices", "people", "grants", "requests", "health", "settings"):
                    b.go(page)
                    if page == "playback":
                        b.wait(
                            "the replay",
                            "['playing', 'ended'].includes(document.querySelector('playback-page').dataset.state)",
                            60,
                        )
                    else:
                        b.wait("content", "document.querySelector('.table-row, .verdict, .setting, main .card')")
                    b.shot(f"{page}-{width}-{language}")
                    self.assertLessEqual(
                        b.js("return document.documentElement.scrollWidth"), width, f"{page} fits {width}"
                    )
        b.size(1920, 1080)

    def test_the_frame_has_the_sizes_of_the_design(self):
        b = self.b
        b.go("wall")
        b.js("localStorage.removeItem('tributary.treeWidth')")
        box = lambda s: b.js(
            "const r = document.querySelector(arguments[0]).getBoundingClientRect(); return [r.width, r.height]",
            s,
        )
        self.assertEqual(box(".top")[1], 48)
        self.assertEqual(box(".rail")[0], 48)
        self.assertEqual(box(".left")[0], 280)
        self.assertEqual(box(".side")[0], 320)
        self.assertEqual(box(".status-line")[1], 24)
        self.assertEqual(box(".tree-row")[1], 28)
        self.assertEqual(box(".tile-strip")[1], 22) if b.all("video-tile:not([data-state=empty])") else None
        self.assertGreaterEqual(box("purpose-bar")[0], 260)


class Colours(ConsoleTest):
    """Contrast of text and status colours on every surface (WCAG 2 relative luminance)."""

    def setUp(self):
        pass

    def tearDown(self):
        pass

    @staticmethod
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    def test_contrast(self):
        css = (WEB / "css/tokens.css").read_text("utf-8")
        for theme, body in re.findall(r'data-theme="(\w+)"\] \{(.*?)\n\}', css, re.S):
            value = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body))
            least = 7.0 if theme == "contrast" else 4.5
            for text in ("text", "muted", "ok", "warn", "bad", "accent"):
                for surface in ("surface", "panel", "raised"):
                    a, b = sorted((self.luminance(value[text]), self.luminance(value[surface])))
                    ratio = (b + 0.05) / (a + 0.05)
                    self.assertGreaterEqual(ratio, least, f"{theme}: {text} on {surface} is {ratio:.2f}")
