"""The rules of deleting and their dry run, the forecast of the disk, and what the contract says of them."""

import json
import pathlib
import re
import time

import browser
from browser import needs_mock
from keeping import PEOPLE, KeepingTest, iso
from test_playback import Replay

CONTRACT = pathlib.Path(__file__).resolve().parents[2] / "Sources/Edge/HTTPAPI/OpenAPI"


class Rules(KeepingTest):
    """The card with the rules of deleting."""

    def open(self):
        b = self.b
        b.go("health")
        b.go("settings?show=retention")
        b.wait("the rules", "document.querySelector('.retention-table, .read-only')")
        b.drop_focus()
        return b

    def enter(self, name, text):
        self.b.js(
            "const i = document.querySelector(`.retention input[name=${arguments[0]}]`); i.value = arguments[1]; i.dispatchEvent(new Event('input', {bubbles: true}))",
            name,
            text,
        )

    def preview(self):
        b = self.b
        b.click("#try-rules")
        b.wait("the dry run", "document.querySelector('[data-preview]')")

    def rules(self):
        return self.b.fetch("/api/v1/retention")["body"]["rules"]

    def normal(self):
        return next(c for c in self.rules()["classes"] if c["name"] == "normal")

    @needs_mock
    def test_a_rule_is_tried_seen_saved_and_undone(self):
        b = self.open()
        b.language("en")
        before = self.rules()
        self.assertTrue(b.js("return document.querySelector('#try-rules').disabled"), "nothing to try yet")
        self.enter("normal-maximum", "1.5")
        self.assertFalse(b.all("#save-rules"), "nothing can be saved before it was tried")
        self.preview()
        self.assertEqual(self.rules(), before, "a dry run changes nothing")
        wanted = b.fetch(
            "/api/v1/retention/preview",
            dict(
                method="POST",
                headers={"Content-Type": "application/json"},
                body=json.dumps(dict(before, classes=[dict(c, maximumDays=1.5) if c["name"] == "normal" else c for c in before["classes"]])),
            ),
        )["body"]
        self.assertGreater(wanted["files"], 100)
        self.assertEqual(b.find(".preview-head").get_attribute("data-files"), str(wanted["files"]))
        self.assertIn(f"{wanted['files']:,} files", b.text(".preview-head"))
        self.assertRegex(b.text(".preview-head"), r"from \d{4}-\d\d-\d\d .* to \d{4}-\d\d-\d\d")
        self.assertIn("30 d → 1.5 d", b.text(".preview-changes"))
        self.assertEqual(len(b.all("[data-loss]")), min(8, len(wanted["channels"])))
        self.assertIn("Holds in force: 2", b.text("[data-protected]"))
        self.assertIn("Normal: space alone deletes nothing younger than 1 d", b.text("[data-protected]"))
        self.assertTrue(b.all("[data-loss] .held .icon-lock"), "a hold among what goes is seen")
        b.shot("retention-preview")
        self.enter("normal-maximum", "1.6")
        self.assertFalse(b.all("#save-rules"), "what was tried is not what stands there")
        self.enter("normal-maximum", "1.5")
        self.preview()
        b.click("#save-rules")
        b.wait("the offer to undo", "document.querySelector('[data-undo]')")
        self.assertEqual(self.normal()["maximumDays"], 1.5)
        b.shot("retention-saved")
        b.go("wall")
        self.open()
        b.click("#undo-rules")
        b.wait("the old rules", lambda: self.rules() == before)
        b.wait("the offer to go", "!document.querySelector('[data-undo]')")

    def test_a_longer_promise_is_tried_saved_and_undone(self):
        b = self.open()
        before = self.rules()
        promised = lambda: next(c["minimumDays"] for c in self.rules()["classes"] if c["name"] == "important")
        longer = promised() + 1
        self.enter("important-minimum", f"{longer:g}")
        self.preview()
        self.assertEqual(b.find(".preview-head").get_attribute("data-files"), "0")
        b.click("#save-rules")
        b.wait("the promise", lambda: promised() == longer)
        b.click("#undo-rules")
        b.wait("the old rules", lambda: self.rules() == before)

    @needs_mock
    def test_undoing_what_would_delete_shows_the_dry_run_first(self):
        b = self.open()
        before = dict(self.rules(), reserveBytes=4_300_000_000_000)
        browser.place.control(action="rules", rules=before)
        self.open()
        self.enter("reserve", "100")
        self.preview()
        self.assertEqual(b.find(".preview-head").get_attribute("data-files"), "0")
        b.click("#save-rules")
        b.wait("the offer to undo", "document.querySelector('[data-undo]')")
        b.click("#undo-rules")
        b.wait("the dry run", "document.querySelector('[data-preview]')")
        self.assertNotEqual(b.find(".preview-head").get_attribute("data-files"), "0")
        self.assertEqual(self.rules()["reserveBytes"], 100 * 2**30, "nothing was restored unseen")
        b.click("#save-rules")
        b.wait("the old rules", lambda: self.rules()["reserveBytes"] == 4_300_000_000_000)

    @needs_mock
    def test_a_broken_promise_is_said(self):
        b = self.open()
        b.language("en")
        for name in ("expendable", "normal", "important"):
            self.enter(f"{name}-minimum", "10")
        self.enter("reserve", "4200")
        self.preview()
        self.assertIn("younger than promised", b.text(".preview-warning"))
        self.assertIn("Because space is needed, younger than promised", b.text(".preview .key"))
        b.js("document.querySelector('input[name=exhaustion][value=stop]').click()")
        self.assertFalse(b.all("[data-preview]"), "the other answer counts for the other rule")
        self.preview()
        self.assertIn("recording would stop", b.text(".preview-warning"))
        self.assertIn("missing to the space kept free", b.text(".preview"))
        self.assertIn("although recording would stop", b.text("#save-rules"))
        b.shot("retention-promise")

    @needs_mock
    def test_more_than_can_be_counted_is_said(self):
        b = self.open()
        b.language("en")
        self.enter("normal-minimum", "0")
        self.enter("normal-maximum", "0.1")
        self.preview()
        self.assertEqual(b.find(".preview-head").get_attribute("data-files"), "5000")
        self.assertIn("only the beginning", b.text(".preview-head"))
        self.assertIn("at least 5,000 files", b.text("#save-rules"))

    @needs_mock
    def test_wrong_values_are_named_with_advice(self):
        b = self.open()
        b.language("en")
        asked = lambda: len(browser.place.control(action="orders")["orders"])
        first = asked()
        for name, text, advice in (
            ("normal-maximum", "0.5", "Make it longer, or promise less"),
            ("normal-maximum", "-3", "empty for no limit"),
            ("important-minimum", "", "number of days from 0"),
            ("reserve", "-1", "0 or more"),
        ):
            self.enter(name, text)
            b.click("#try-rules")
            b.wait(advice, f"document.querySelector('.retention [role=alert]')?.textContent.includes('{advice}')")
            self.assertFalse(b.all("#save-rules"))
            b.js("[...document.querySelectorAll('.retention form button')].at(-1).click()")
            b.wait("the rules in force", "document.querySelector('#try-rules').disabled")
        self.assertEqual(asked(), first, "the server was not asked")

    @needs_mock
    def test_somebody_elses_change_is_not_overwritten(self):
        b = self.open()
        b.language("en")
        self.enter("normal-maximum", "20")
        self.preview()
        others = dict(self.rules(), reserveBytes=1_000_000_000)
        browser.place.control(action="rules", rules=others)
        b.click("#save-rules")
        b.wait("the news", "/Somebody else/.test(document.querySelector('.retention [role=alert]')?.textContent)")
        self.assertEqual(self.rules(), others)
        self.assertEqual(self.normal()["maximumDays"], 30)

    def test_what_is_typed_survives_a_change_of_language(self):
        b = self.open()
        self.enter("normal-maximum", "12")
        b.language("en")
        b.language("zh-CN")
        self.assertEqual(b.js("return document.querySelector('input[name=normal-maximum]').value"), "12")

    @needs_mock
    def test_who_may_not_change_rules_reads_them_and_why(self):
        b = self.b
        self.sign_in_as("operator", PEOPLE["operator"])
        try:
            self.open()
            b.language("en")
            self.assertFalse(b.all(".retention form, .retention input"))
            self.assertIn("for administrators and device managers", b.text(".read-only"))
            self.assertIn("at most 30 d", b.text("[data-rule=normal]"))
            b.shot("retention-read-only")
            b.go("health")
            b.wait("the card", "document.querySelector('[data-card=keeping] a[href*=retention]')")
            self.assertEqual(b.text("[data-card=keeping] a[href*=retention]"), "See the rules")
        finally:
            self.sign_in_as_administrator()

    def test_the_class_of_a_camera_is_chosen_beside_its_plan(self):
        b = self.b
        camera = next(
            c["id"]
            for c in b.fetch("/api/v1/channels?status=online&limit=500")["body"]["items"]
            if c["kind"] == "camera" and c["recording"] == "recording"
        )
        kept = lambda: b.fetch(f"/api/v1/channels/{camera}")["body"]["retentionClass"]
        before = kept()
        b.open_on_wall([camera], 1)
        b.wait("the choice", "document.querySelector('camera-panel select[name=retention-class]')")
        for wanted in ("important", before):
            b.js(
                "const s = document.querySelector('camera-panel select[name=retention-class]'); s.value = arguments[0]; s.dispatchEvent(new Event('change'))",
                wanted,
            )
            b.wait("the class", lambda: kept() == wanted)


class Forecast(KeepingTest):
    """When the disk is full, on the health page."""

    def see(self, word, **figures):
        b = self.b
        browser.place.control(action="health", figures=figures)
        b.go("wall")
        b.go("health")
        b.language("en")
        b.wait(word, f"document.querySelector('[data-card=forecast]')?.textContent.includes('{word}')")
        return b.text(".forecast-head")

    @needs_mock
    def test_the_forecast_is_a_sentence_and_a_picture(self):
        b = self.b
        head = self.see("at the present rate".capitalize())
        self.assertRegex(head, r"of 1\.0\d TiB a day .* in 3 d \d+ h: \d{4}-\d\d-\d\d \d\d:\d\d")
        self.assertIn("oldest recordings of the lowest class", b.text("[data-card=forecast]"))
        points = b.find(".forecast-picture polyline").get_attribute("points").split()
        heights = [float(p.split(",")[1]) for p in points]
        self.assertLess(heights[0], heights[1], "free space goes down")
        self.assertEqual(heights[1], heights[2], "and stays at the reserve")
        self.assertRegex(b.text(".forecast-picture .picture-axis b"), r"^\d{4}-\d\d-\d\d$")
        b.shot("forecast")

    @needs_mock
    def test_other_forecasts(self):
        b = self.b
        idle = self.see("Nothing is being written", recorder=dict(bytesPerSecond=0, daysToFull=None))
        self.assertIn("stay free", idle)
        self.see("The reserve is reached", recorder=dict(daysToFull=0), disk=dict(free=100_000_000_000))
        self.assertTrue(b.all(".forecast.warn"))
        self.see("more than ten years", recorder=dict(bytesPerSecond=2000, daysToFull=30000))
        self.assertFalse(b.all(".forecast-picture"))


class Look(Replay, KeepingTest):
    """The new parts at both widths, in both languages and all themes: nothing overflows."""

    CUT = """
      return [...document.querySelectorAll(arguments[0])].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)"""

    @needs_mock
    def test_the_chip_and_the_marks_fit_a_small_window(self):
        b = self.b
        b.size(1280, 800)
        for language in ("zh-CN", "en"):
            b.language(language)
            self.begin()
            b.keys("k")
            b.wait("the pause", "document.querySelector('playback-page').dataset.state === 'paused'")
            now = time.time()
            b.js(
                "const l = document.querySelector('time-line'); l.centreOn(arguments[0] * 1000 - 1800000); l.select(arguments[0] * 1000 - 900000, arguments[0] * 1000)",
                now,
            )
            b.wait("the chip and the canned hold", "document.querySelector('#keep') && document.querySelector('.hold-mark')")
            b.js("document.querySelector('.hold-mark').focus()")
            b.shot(f"keeping-replay-1280-{language}")
            inside = b.js(
                "const r = document.querySelector('.chip').getBoundingClientRect(), s = document.querySelector('.stage').getBoundingClientRect(); return r.left >= s.left && r.right <= s.right"
            )
            self.assertTrue(inside, "the chip stays on the stage")
            self.assertEqual(b.js(self.CUT, ".hold-mark, .chip button"), [])
        b.size(1920, 1080)

    @needs_mock
    def test_sizes_languages_and_themes(self):
        b = self.b
        for width, height in ((1920, 1080), (1280, 800)):
            b.size(width, height)
            for language in ("zh-CN", "en"):
                b.go("health")
                b.language(language)
                b.wait("the cards", "document.querySelector('[data-card=keeping] [data-hold], [data-card=forecast]')")
                b.js("document.querySelector('[data-card=forecast]').scrollIntoView()")
                b.shot(f"keeping-health-{width}-{language}")
                self.assertEqual(b.js(self.CUT, "[data-card=keeping] *, [data-card=forecast] p"), [])
                b.go("settings?show=retention")
                b.wait("the rules", "document.querySelector('.retention-table')")
                b.js(
                    "const i = document.querySelector('input[name=normal-maximum]'); i.value = '1.2'; i.dispatchEvent(new Event('input', {bubbles: true}))"
                )
                b.click("#try-rules")
                b.wait("the dry run", "document.querySelector('[data-preview]')")
                b.js("document.querySelector('.retention').scrollIntoView()")
                for theme in ("dark", "light", "contrast") if width == 1920 else ("dark",):
                    b.js("document.documentElement.dataset.theme = arguments[0]", theme)
                    b.shot(f"keeping-rules-{width}-{language}-{theme}")
                b.js("document.documentElement.dataset.theme = 'dark'")
                self.assertEqual(b.js(self.CUT, ".retention, .preview, .preview-head, .retention-table th"), [])
                self.assertLessEqual(b.js("return document.documentElement.scrollWidth"), width)
        b.size(1920, 1080)


class Contract(KeepingTest):
    """The mock answers what the OpenAPI document promises, so that these tests speak of the real server."""

    @classmethod
    def schemas(cls):
        text = (CONTRACT / "OpenAPI+KeepingSchemas.swift").read_text("utf-8")
        return json.loads("{" + re.search(r'#"""(.*)"""#', text, re.S).group(1) + "}")

    def fits(self, value, schema, schemas, place):
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return self.fits(value, schemas[name], schemas, f"{place} ({name})")
        kinds = dict(object=dict, array=list, string=str, integer=int, number=(int, float), boolean=bool)
        self.assertIsInstance(value, kinds[schema["type"]], place)
        if schema["type"] == "object":
            self.assertLessEqual(set(schema.get("required", [])), set(value), f"{place}: what is required")
            self.assertLessEqual(set(value), set(schema["properties"]), f"{place}: nothing unknown")
            for name, inner in value.items():
                self.fits(inner, schema["properties"][name], schemas, f"{place}.{name}")
        for inner in value if schema["type"] == "array" else ():
            self.fits(inner, schema["items"], schemas, f"{place}[]")
        if schema.get("format") == "date-time":
            self.assertRegex(value, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", place)

    def ask(self, method, path, body=None):
        options = dict(method=method)
        if body is not None:
            options.update(headers={"Content-Type": "application/json"}, body=json.dumps(body))
        return self.b.fetch(f"/api/v1{path}", options)

    def test_every_answer_has_its_schema(self):
        schemas, camera = self.schemas(), self.b.cameras(1)[0]
        fits = lambda value, name: self.fits(value, schemas[name], schemas, name)
        now = time.time()
        hold = {"channel": camera, "from": iso(now - 600), "to": iso(now), "reason": "contract", "until": iso(now + 600)}
        placed = self.ask("POST", "/holds", hold)
        self.assertEqual(placed["status"], 201)
        fits(placed["body"], "Hold")
        fits(self.ask("GET", "/holds")["body"], "HoldPage")
        released = self.ask("DELETE", f"/holds/{placed['body']['id']}")
        self.assertEqual(released["status"], 200)
        fits(released["body"], "Hold")
        fits(self.ask("GET", "/holds?ended=true")["body"], "HoldPage")
        retention = self.ask("GET", "/retention")["body"]
        fits(retention, "Retention")
        rules = json.loads(json.dumps(retention["rules"]))
        rules["classes"][1].update(maximumDays=0.01, minimumDays=0)
        fits(self.ask("POST", "/retention/preview", rules)["body"], "RetentionPreview")
        answer = self.ask("PUT", "/retention", retention["rules"])
        self.assertEqual(answer["status"], 200)
        fits(answer["body"], "Retention")

    def test_wrong_orders_are_refused(self):
        camera, now = self.b.cameras(1)[0], time.time()
        good = {"channel": camera, "from": iso(now - 600), "to": iso(now), "reason": "contract"}
        for change, status in (
            ({"reason": "  "}, 422),
            ({"to": iso(now - 700)}, 422),
            ({"until": iso(now - 60)}, 422),
            ({"channel": "34020000009990000001_34020000009990000002"}, 404),
        ):
            self.assertEqual(self.ask("POST", "/holds", {**good, **change})["status"], status, change)
        self.assertEqual(self.ask("DELETE", "/holds/999999")["status"], 404)
        rules = self.ask("GET", "/retention")["body"]["rules"]
        for change in ({"reserveBytes": -1}, {"exhaustion": "pray"}):
            self.assertEqual(self.ask("PUT", "/retention", {**rules, **change})["status"], 422, change)
