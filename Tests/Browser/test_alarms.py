"""Alarms: the list, the pictures beside it, acknowledging, and what every page says of a new one."""

from selenium.webdriver.common.keys import Keys

from browser import ConsoleTest, needs_mock, place


class Alarms(ConsoleTest):
    def begin(self):
        """A fresh list on the alarms page."""
        b = self.b
        place.control(action="no-alarms")
        b.js("localStorage.removeItem('tributary.alarmsOnly'); localStorage.removeItem('tributary.alarmTells')")
        b.go("wall")
        b.language("en")
        self.camera = b.cameras(1)[0]
        return b

    def raise_one(self, **more):
        return place.control(action="alarm", camera=more.pop("camera", self.camera), **more)

    def rows(self):
        return self.b.js(
            "return [...document.querySelectorAll('alarms-page .table-row:not([hidden])')].map((r) => r.dataset.id)"
        )

    @needs_mock
    def test_a_new_alarm_is_told_on_every_page_and_takes_no_focus(self):
        b = self.begin()
        self.raise_one(text="at the gate", priority=1)
        # What another test left to be read may still stand there.
        notice = "[...document.querySelectorAll('.toast')].find((t) => t.textContent.includes('Motion'))"
        b.wait("the notice", f"{notice}?.querySelector('button')")
        b.wait("the count", "document.querySelector('.rail-count')?.textContent === '1'")
        self.assertEqual(b.js("return document.activeElement.tagName"), "BODY", "the focus stays")
        b.js(f"{notice}.querySelector('button').click()")
        b.wait("the alarm", "document.querySelector('alarm-view')?.dataset.alarm === '1'")
        self.assertIn("at the gate", b.text(".alarm-facts"))

    @needs_mock
    def test_a_row_leads_to_the_place_now_and_to_the_seconds_before(self):
        b = self.begin()
        self.raise_one(ago=120)
        b.go("alarms")
        b.wait("the row", lambda: self.rows() == ["1"])
        b.keys("j")
        b.wait("the alarm", "document.querySelector('alarm-view').dataset.alarm === '1'")
        b.wait("the live picture", "document.querySelector('alarm-view video-tile').dataset.state === 'live'")
        b.wait("the replay", "document.querySelector('alarm-replay').dataset.state === 'live'")
        b.assert_moving(self, "alarm-view video-tile")
        b.shot("alarm")

    @needs_mock
    def test_it_is_acknowledged_with_the_keyboard_and_a_note(self):
        b = self.begin()
        self.raise_one()
        self.raise_one(kind="intrusion", type=6)
        b.go("alarms")
        b.wait("the rows", lambda: self.rows() == ["2", "1"])
        b.keys("j")
        b.wait("the alarm", "document.querySelector('alarm-view').dataset.alarm === '2'")
        b.keys("a")
        b.wait("the note", "document.activeElement.name === 'note'")
        b.driver.switch_to.active_element.send_keys("a dog", Keys.ENTER)
        b.wait("the word of it", "document.querySelector('.alarm-done')?.textContent.includes('a dog')")
        b.wait("the count", "document.querySelector('.rail-count').textContent === '1'")
        self.assertTrue(b.js("return document.querySelector('.alarm-note').hidden"))
        # It stays in sight until the list is read again.
        self.assertEqual(self.rows(), ["2", "1"])
        b.click("[data-only=all]")
        b.click("[data-only=waiting]")
        b.wait("only the other", lambda: self.rows() == ["1"])

    @needs_mock
    def test_the_list_follows_filters_repetitions_and_the_language(self):
        b = self.begin()
        self.raise_one(priority=4)
        self.raise_one(method="device", kind="tamper", priority=1)
        b.go("alarms")
        b.wait("both", lambda: self.rows() == ["2", "1"])
        b.js("const s = document.querySelector('select[name=priority]'); s.value = '1'; s.dispatchEvent(new Event('change'))")
        b.wait("the urgent one", lambda: self.rows() == ["2"])
        self.raise_one(id="2")
        b.wait("that it came twice", "document.querySelector('[data-id=\"2\"] [data-cell=count]').textContent === '×2'")
        b.language("zh-CN")
        b.wait("the word", "document.querySelector('[data-id=\"2\"] [data-cell=kind]').textContent === '设备防拆'")
        b.shot("alarms-zh")
        b.language("en")
        b.js("const s = document.querySelector('select[name=method]'); s.value = 'sms'; s.dispatchEvent(new Event('change'))")
        b.wait("nothing", "document.querySelector('alarms-page .table-none').textContent === 'Nothing waits here'")

    @needs_mock
    def test_an_alarm_without_a_camera_says_so_and_can_be_acknowledged(self):
        b = self.begin()
        self.raise_one(blind=True)
        b.go("alarms/1")
        b.wait("the alarm", "document.querySelector('alarm-view')?.dataset.alarm === '1'")
        self.assertIn("No camera is known", b.text("alarm-replay"))
        b.click("#acknowledge")
        b.wait("the word of it", "!document.querySelector('.alarm-done').hidden")

    @needs_mock
    def test_the_timeline_marks_it_and_leads_to_it(self):
        b = self.begin()
        self.raise_one(ago=90, kind="tamper", method="device")
        b.js("location.hash = arguments[0]", f"#/playback?channel={self.camera}")
        b.wait("the mark", "document.querySelector('.alarm-mark')")
        self.assertIn("Tampering", b.js("return document.querySelector('.alarm-mark').getAttribute('aria-label')"))
        b.js("document.querySelector('.alarm-mark').focus()")
        b.wait("its words", "document.querySelector('.timeline-tip').textContent.includes('Tampering')")
        b.shot("alarm-mark")
        b.js("document.querySelector('.alarm-mark').click()")
        b.wait("the alarm", "document.querySelector('alarm-view')?.dataset.alarm === '1'")

    @needs_mock
    def test_what_a_device_reports_is_seen_and_chosen_in_its_panel(self):
        b = self.begin()
        b.go("devices")
        b.wait("devices", "document.querySelector('.table-row[data-id]')")
        b.js("const t = document.querySelector('virtual-table'); t.choose(t.items[0].id)")
        b.wait("the section", "document.querySelectorAll('.report-list li').length === 4")
        self.assertEqual(b.js("return document.querySelector('[data-kind=alarm]').dataset.state"), "active")
        b.js("const s = document.querySelector('select[name=alarm]'); s.value = 'off'; s.dispatchEvent(new Event('change'))")
        b.wait("that it is off", "document.querySelector('[data-kind=alarm]').dataset.state === 'off'")
        b.click("input[name=resetsAlarms]")
        b.wait("that it is kept", "document.querySelector('input[name=resetsAlarms]').checked")
        b.shot("reports")
