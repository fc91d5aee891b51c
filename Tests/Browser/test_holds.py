"""Holds: placed, seen and released on the replay page and the health page."""

import datetime
import json
import time

from selenium.webdriver.common.keys import Keys

from browser import needs_mock
from keeping import PEOPLE, KeepingTest, iso
from test_playback import Replay


class Holds(Replay, KeepingTest):
    """Placing, seeing and releasing holds on the replay page."""

    def mark(self, seconds=240):
        """Selects a recorded stretch around the playhead; answers its ends."""
        b = self.b
        ends = b.js(
            """const l = document.querySelector('time-line'), s = l.data.of(l.channel).recorded.at(-1);
            const to = Math.min(l.head, s.to), from = Math.max(s.from, to - arguments[0] * 1000);
            l.centreOn(to - 60000); l.select(from, to); return [from / 1000, to / 1000]""",
            seconds,
        )
        b.wait("the offer to keep it", "document.querySelector('#keep')")
        return ends

    def release_all(self):
        for hold in self.holds():
            if hold["channel"] == self.camera:
                self.b.fetch(f"/api/v1/holds/{hold['id']}", {"method": "DELETE"})

    def begin(self):
        b = super().begin()
        self.release_all()
        b.js("document.querySelector('playback-page').back()")
        return b

    def place(self, reason):
        b = self.b
        b.click("#keep")
        b.wait("the form", "document.querySelector('dialog[data-dialog=hold]')")
        b.fill("dialog input[name=reason]", reason)
        b.click("dialog button[type=submit]")
        b.wait("the form to close", "!document.querySelector('dialog[data-dialog=hold]')")
        b.wait("the mark on the timeline", "document.querySelector('.hold-mark')")

    def test_an_interval_is_kept_seen_and_released(self):
        b = self.begin()
        b.language("en")
        b.keys("k")
        b.wait("the pause", "document.querySelector('playback-page').dataset.state === 'paused'")
        start, end = self.mark()
        b.shot("hold-chip")
        b.click("#keep")
        b.wait("the form", "document.querySelector('dialog[data-dialog=hold]')")
        self.assertEqual(b.js("return document.activeElement.name"), "reason")
        b.keys(Keys.ENTER)
        b.wait("what is missing", "!document.querySelector('dialog [role=alert]').hidden")
        self.assertIn("Say why", b.text("dialog [role=alert]"))
        self.assertEqual(self.holds(), [h for h in self.holds() if h["channel"] != self.camera])
        b.fill("dialog input[name=reason]", "crash at the north gate")
        b.shot("hold-form")
        b.keys(Keys.ENTER)
        b.wait("the mark on the timeline", "document.querySelector('.hold-mark')")
        hold = next(h for h in self.holds() if h["channel"] == self.camera)
        self.assertEqual(hold["reason"], "crash at the north gate")
        self.assertNotIn("until", hold)
        parse = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
        self.assertAlmostEqual(parse(hold["from"]), start, delta=0.01)
        self.assertAlmostEqual(parse(hold["to"]), end, delta=0.01)
        self.assertGreater(hold["files"], 0)
        b.wait("what was kept", "/Kept: .* file/.test(document.querySelector('.toasts')?.textContent)")
        self.look_at_the_mark(hold)
        b.js("document.querySelector('.hold-mark').click()")
        b.wait("the hold", "document.querySelector('dialog[data-dialog=hold-details]')")
        b.shot("hold-details")
        b.click("dialog[data-dialog=hold-details] [data-action=release]")
        b.wait("the question", "document.querySelector('dialog[data-dialog=confirm]')")
        self.assertIn("crash at the north gate", b.text("dialog[data-dialog=confirm] p"))
        b.click("dialog[data-dialog=confirm] .danger")
        b.wait("the mark to go", "!document.querySelector('.hold-mark')")
        ended = next(h for h in self.holds(ended=True) if h["id"] == hold["id"])
        self.assertFalse(ended["active"])
        self.assertTrue(ended["releasedBy"])

    def look_at_the_mark(self, hold):
        """The mark says its word, has the shape of a lock, and tells who, why and until when."""
        b = self.b
        b.js("document.querySelector('playback-page').back(); document.querySelector('.hold-mark').focus()")
        self.assertEqual(b.text(".hold-mark"), "Kept")
        self.assertTrue(b.all(".hold-mark .icon-lock svg"))
        tip = b.text(".timeline-tip")
        for part in ("crash at the north gate", hold["by"], "until somebody releases it"):
            self.assertIn(part, tip)
        self.assertFalse(b.js("return document.querySelector('.timeline-tip').hidden"))
        b.shot("hold-on-timeline")
        framed = b.js(
            """const l = document.querySelector('time-line'), c = l.canvas, d = devicePixelRatio;
            const x = (arguments[0] - l.from) / (l.to - l.from) * l.width;
            return [-2, -1, 0, 1, 2].map((n) => '#' + [...c.getContext('2d').getImageData(Math.round((x + n) * d), Math.round(34 * d), 1, 1).data]
              .slice(0, 3).map((n) => n.toString(16).padStart(2, '0')).join(''))""",
            b.js("return Date.parse(arguments[0])", hold["from"]),
        )
        wanted = b.js("return getComputedStyle(document.documentElement).getPropertyValue('--hold').trim()")
        self.assertIn(wanted, framed, "the frame is drawn where the hold begins")
        b.drop_focus()
        self.assertTrue(b.js("return document.querySelector('.timeline-tip').hidden"))

    def test_the_keyboard_alone_keeps_and_lists(self):
        b = self.begin()
        self.mark()
        b.drop_focus()
        b.keys("h")
        b.wait("the form", "document.querySelector('dialog[data-dialog=hold]')")
        b.keys("drill")
        b.keys(Keys.TAB, Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
        b.js("document.querySelector('dialog form')?.requestSubmit()")
        b.wait("the mark", "document.querySelector('.hold-mark')")
        hold = next(h for h in self.holds() if h["channel"] == self.camera)
        self.assertEqual(hold["reason"], "drill")
        self.assertEqual(hold["until"][:10], iso(time.time() + 30 * 86400)[:10])
        b.drop_focus()
        b.keys("H")
        b.wait("the list", f"document.querySelector('dialog[data-dialog=holds] [data-hold=\"{hold['id']}\"]')")
        b.shot("hold-list")
        b.click("dialog[data-dialog=holds] [data-action=release]")
        b.click("dialog[data-dialog=confirm] .danger")
        b.wait("an empty list", "!document.querySelector('dialog[data-dialog=holds] [data-hold]')")
        b.keys(Keys.ESCAPE)
        b.wait("the mark to go", "!document.querySelector('.hold-mark')")

    def test_the_help_lists_the_keys(self):
        b = self.begin()
        b.language("en")
        b.keys("?")
        b.wait("the help", "document.querySelector('dialog[data-dialog=help]')")
        rows = b.js(
            "return [...document.querySelectorAll('dialog dt')].map((d) => d.textContent + ' ' + d.nextSibling.textContent)"
        )
        self.assertTrue(any(r.startswith("h Keep the selection") for r in rows), rows)
        self.assertTrue(any(r.startswith("H What is kept") for r in rows), rows)

    def test_an_end_in_the_past_is_refused_with_advice(self):
        b = self.begin()
        b.language("en")
        self.mark()
        b.click("#keep")
        b.fill("dialog input[name=reason]", "late")
        b.js(
            """const s = document.querySelector('dialog select'); s.value = 'date'; s.dispatchEvent(new Event('change'));
            document.querySelector('dialog input[name=until-date]').value = '2020-01-02T03:04'"""
        )
        b.click("dialog button[type=submit]")
        b.wait("the advice", "!document.querySelector('dialog [role=alert]').hidden")
        self.assertIn("Choose a later one", b.text("dialog [role=alert]"))
        b.js("document.querySelector('dialog input[name=until-date]').value = ''")
        b.click("dialog button[type=submit]")
        b.wait("the other advice", "/Choose the day/.test(document.querySelector('dialog [role=alert]').textContent)")
        self.assertFalse([h for h in self.holds() if h["channel"] == self.camera])

    @needs_mock
    def test_a_refusal_of_the_server_says_what_to_do(self):
        b = self.begin()
        b.language("en")
        self.mark()
        self.fault(self.camera, "unknown-to-holds")
        b.click("#keep")
        b.fill("dialog input[name=reason]", "footage of nobody")
        b.click("dialog button[type=submit]")
        b.wait("the refusal", "!document.querySelector('dialog [role=alert]').hidden")
        self.assertIn("Choose another interval", b.text("dialog [role=alert]"))
        b.shot("hold-refused")

    def test_nothing_selected_says_so(self):
        b = self.begin()
        b.language("en")
        b.keys("h")
        b.wait("the hint", "/Mark what to keep/.test(document.querySelector('.toasts')?.textContent)")
        self.assertFalse(b.all("dialog[data-dialog=hold]"))

    def test_holds_that_overlap_have_a_mark_each(self):
        b = self.begin()
        self.mark(400)
        for reason in ("first", "second", "third"):
            self.place(reason)
        b.wait("three marks", "document.querySelectorAll('.hold-mark').length === 3")
        edges = b.js(
            "return [...document.querySelectorAll('.hold-mark')].map((m) => m.getBoundingClientRect()).sort((a, b) => a.left - b.left).map((r) => [r.left, r.right])"
        )
        for (_, right), (left, _) in zip(edges, edges[1:]):
            self.assertGreaterEqual(left, right, "no mark hides another")
        b.shot("hold-overlapping")
        self.release_all()

    @needs_mock
    def test_who_may_not_keep_is_told(self):
        b = self.b
        b.fetch(
            "/api/v1/users",
            dict(
                method="POST",
                headers={"Content-Type": "application/json"},
                body=json.dumps(dict(name="mei", password=PEOPLE["mei"], role="auditor")),
            ),
        )
        self.sign_in_as("mei", PEOPLE["mei"])
        try:
            b = Replay.begin(self)
            b.language("en")
            b.js("const l = document.querySelector('time-line'); l.select(l.head - 60000, l.head)")
            b.wait("the chip", "document.querySelector('#export')")
            self.assertFalse(b.all("#keep"))
            b.drop_focus()
            b.keys("h")
            b.wait("the reason", "/Only operators/.test(document.querySelector('.toasts')?.textContent)")
        finally:
            self.sign_in_as_administrator()


class HealthCard(KeepingTest):
    """Holds on the health page, which is drawn again every few seconds."""

    @needs_mock
    def test_a_hold_keeps_the_focus_and_leads_to_its_replay(self):
        b = self.b
        b.go("wall")
        b.go("health")
        b.wait("the hold", "document.querySelector('[data-card=keeping] [data-hold=\"1\"] button')")
        b.js("window.first = document.querySelector('[data-hold=\"1\"] button'); first.focus()")
        b.wait("the next drawing", "!window.first.isConnected")
        self.assertTrue(b.js("return document.activeElement.closest('[data-hold]')?.dataset.hold === '1'"))
        b.click("[data-card=keeping] [data-hold=\"1\"] a")
        b.wait("its replay", "document.querySelector('playback-page .hold-mark[data-hold=\"1\"]')")
        b.click("#calendar")
        b.wait("the ring of the day", "document.querySelector('.calendar .day.held .icon-lock')")
        b.shot("hold-calendar")
        b.keys(Keys.ESCAPE)

    @needs_mock
    def test_a_hold_is_released_there(self):
        b = self.b
        b.go("wall")
        b.go("health")
        b.click("[data-card=keeping] [data-hold=\"1\"] [data-action=release]")
        b.click("dialog[data-dialog=confirm] .danger")
        b.wait("it to go", "!document.querySelector('[data-card=keeping] [data-hold=\"1\"]')")
        self.assertFalse(next(h for h in self.holds(ended=True) if h["id"] == "1")["active"])
