"""The access log: search, an entry with its proof in words, who watched a camera, the register."""

from browser import ConsoleTest, Keys, needs_mock, place


class AccessLog(ConsoleTest):
    def begin(self, count=5):
        b = self.b
        b.go("wall")
        b.language("en")
        self.camera, self.other = b.cameras(2)
        entries = [
            dict(facts=dict(channel=self.camera, operation="live"), persons=dict(user=f"user-{i}", words="patrol"))
            for i in range(count)
        ]
        entries.append(dict(kind="configuration", facts=dict(object="devices/1", operation="PUT"), persons=dict(user="root")))
        entries.append(dict(facts=dict(channel=self.other, operation="live"), persons={}, erased=True))
        place.control(action="log", clear=True, lies=False, entries=entries)
        b.go("log")
        b.wait("the rows", lambda: self.rows() == [str(i) for i in range(count + 1, -1, -1)])
        return b

    def rows(self):
        return self.b.js(
            "return [...document.querySelectorAll('log-page .table-row:not([hidden])')].map((r) => r.dataset.id)"
        )

    def proof(self):
        return self.b.js("return document.querySelector('.log-proof')?.dataset.good")

    @needs_mock
    def test_an_entry_is_chosen_with_the_keyboard_and_its_proof_is_computed_here(self):
        b = self.begin()
        b.keys("jj")
        b.wait("the proof", lambda: self.proof() == "true")
        words = b.text(".log-proof")
        self.assertIn("number 6 of 7", words)
        self.assertIn("was not changed", words)
        self.assertIn("signed by mock/access", words)
        self.assertIn("Witnessed by city/access", words)
        b.shot("log")
        b.language("zh-CN")
        b.wait("the words", "document.querySelector('.log-entry h2').textContent === '配置更改'")
        b.keys("c")
        b.wait("the words of the proof", "document.querySelector('.log-proof').textContent.includes('第 6 条')")
        b.shot("log-zh")
        b.language("en")

    @needs_mock
    def test_neighbours_that_watch_the_log_and_one_whose_log_was_changed(self):
        b = self.begin()
        b.keys("w")
        b.wait("nobody", "document.querySelector('dialog[data-dialog=witnesses]')?.textContent.includes('nobody watches')")
        b.keys(Keys.ESCAPE)
        now = b.js("return new Date().toISOString()")
        above = dict(id="34010000002000000001", role="superior", origin="city/access", entries=1234, root="00", seen=now)
        changed = dict(id="34020300002000000001", role="lower", origin="school/access", entries=7, root="00", seen=now)
        place.control(action="log", witnesses=[dict(above, witnessed=7, witnessedAt=now), dict(changed, forked=now)])
        b.go("wall")
        b.go("log")
        b.wait("the warning", "document.querySelector('#witnesses.danger')")
        b.click("#witnesses")
        b.wait("both", "document.querySelectorAll('.witness').length === 2")
        self.assertIn("1,234 entries seen here", b.text(".witness"))
        self.assertIn("7 entries signed there", b.text(".witness"))
        self.assertIn("was changed or set back", b.text(".witness.forked"))
        b.shot("log-witnesses")
        b.keys(Keys.ESCAPE)
        b.wait("its end", "!document.querySelector('dialog')")

    @needs_mock
    def test_a_server_that_lies_is_found_out(self):
        b = self.begin()
        place.control(action="log", lies=True)
        b.keys("j")
        b.wait("the proof", lambda: self.proof() == "false")
        self.assertIn("Keep the proof file", b.text(".log-proof"))

    @needs_mock
    def test_search_by_who_and_what_and_who_watched_a_camera(self):
        b = self.begin()
        b.js("const i = document.querySelector('log-page [name=user]'); i.value = 'user-2'; i.dispatchEvent(new Event('change'))")
        b.wait("the one", lambda: self.rows() == ["2"])
        b.js("const i = document.querySelector('log-page [name=user]'); i.value = ''; i.dispatchEvent(new Event('change'))")
        b.js("const s = document.querySelector('log-page [name=kind]'); s.value = 'configuration'; s.dispatchEvent(new Event('change'))")
        b.wait("the change", lambda: self.rows() == ["5"])
        b.go(f"log/{self.other}")
        b.js("const s = document.querySelector('log-page [name=kind]'); s.value = ''; s.dispatchEvent(new Event('change'))")
        b.wait("who watched", lambda: self.rows() == ["6"])
        self.assertEqual(b.text("[data-id='6'] [data-cell=user]"), "erased")
        b.click("log-page .chip")
        b.wait("everything", lambda: len(self.rows()) == 7)
