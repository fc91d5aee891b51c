"""The purpose of looking, grants, requests, emergencies and sessions."""

from selenium.webdriver.common.keys import Keys

from browser import ConsoleTest, needs_mock, place


class Purpose(ConsoleTest):
    def begin(self):
        b = self.b
        place.control(action="rights", what="reset")
        b.go("wall")
        b.language("en")
        b.reload()
        b.wait("the purpose", "/Maintenance/.test(document.querySelector('purpose-bar')?.textContent)")
        return b

    def choose(self, code):
        b = self.b
        b.drop_focus()
        b.keys("p")
        b.wait("the purposes", "document.querySelector('dialog[data-dialog=purpose]')")
        b.click(f"input[value={code}]")

    @needs_mock
    def test_it_is_kept_by_the_server_with_its_case_and_counts_down(self):
        b = self.begin()
        self.choose("case")
        self.assertTrue(b.js("return document.querySelector('input[name=caseNumber]').required"))
        b.fill("dialog input[name=caseNumber]", "2026-7")
        b.js("document.querySelector('dialog select[name=lasts]').value = '30'")
        b.shot("purpose")
        b.click("dialog button[type=submit]")
        b.wait("the case", "/Case · 2026-7/.test(document.querySelector('purpose-bar').textContent)")
        b.wait("the rest", "/^(30|29):\\d\\d$/.test(document.querySelector('.purpose-left').textContent)")
        own = b.fetch("/api/v1/session/purpose")["body"]
        self.assertEqual(own["standing"]["caseNumber"], "2026-7")
        b.drop_focus()
        b.keys("p")
        b.click("#purpose-role")
        b.wait("the role's", "/Maintenance/.test(document.querySelector('purpose-bar').textContent)")
        self.assertTrue(b.fetch("/api/v1/session/purpose")["body"]["byRole"])

    @needs_mock
    def test_broken_glass_is_seen_everywhere_until_it_is_given_back(self):
        b = self.begin()
        self.choose("patrol")
        b.click("#break-glass")
        b.wait("the reason", "document.querySelector('dialog[data-dialog=glass] textarea')")
        b.fill("dialog textarea", "smoke in the school")
        b.click("dialog button[type=submit]")
        b.wait("the frame", "document.documentElement.classList.contains('glass-broken')")
        b.wait("the bar", "/glass broken/.test(document.querySelector('purpose-bar').textContent)")
        self.choose("patrol")
        b.click("dialog button[type=submit]")
        b.wait("no frame", "!document.documentElement.classList.contains('glass-broken')")


class Grants(ConsoleTest):
    def begin(self):
        b = self.b
        place.control(action="rights", what="reset")
        b.go("wall")
        b.language("en")
        return b

    @needs_mock
    def test_a_grant_is_given_revoked_and_explained(self):
        b = self.begin()
        b.drop_focus()
        b.keys("g", "r")
        b.wait("the grants", "document.querySelectorAll('#grants [data-grant]').length === 2")
        b.click("#new-grant")
        b.wait("the form", "document.querySelector('dialog[data-dialog=grant]')")
        b.fill("dialog input[name=grantee]", "li")
        b.fill("dialog input[name=scopeName]", "3402")
        b.shot("grant-new")
        b.click("dialog button[type=submit]")
        b.wait("the grant", "document.querySelectorAll('#grants [data-grant]').length === 3")
        self.assertIn("3402", b.text("#grants [data-grant]"))
        b.shot("grants")
        b.click("#grants [data-grant] .revoke")
        b.click("dialog[data-dialog=confirm] .danger")
        b.wait("its end", "document.querySelector('#grants [data-grant]').classList.contains('over')")
        b.click("#explain")
        b.wait("the question", "document.querySelector('dialog[data-dialog=explain]')")
        b.fill("dialog input[name=name]", "li")
        b.fill("dialog input[name=channel]", "a_b")
        b.click("dialog button[type=submit]")
        b.wait("the answer", "/house-/.test(document.querySelector('.explanation').textContent)")
        b.keys(Keys.ESCAPE)

    @needs_mock
    def test_access_is_asked_for_and_decided_and_an_emergency_reviewed(self):
        b = self.begin()
        place.control(action="rights", what="request")
        place.control(action="rights", what="glass")
        b.go("grants")
        b.wait("the request", "document.querySelector('#requests .decide')")
        b.click("#requests .decide")
        b.wait("the form", "document.querySelector('dialog[data-dialog=decide]')")
        b.fill("dialog input[name=answer]", "until Friday")
        b.click("dialog button[value=grant]")
        b.wait("the decision", "document.querySelector('#requests .granted')")
        b.click("#ask-access")
        b.wait("the form", "document.querySelector('dialog[data-dialog=ask]')")
        b.fill("dialog input[name=scopeName]", "3402")
        b.fill("dialog input[name=words]", "flood")
        b.click("dialog button[type=submit]")
        b.wait("the own request", "document.querySelector('#requests .withdraw')")
        b.click("#requests .withdraw")
        b.wait("its end", "document.querySelector('#requests .withdrawn')")
        b.click("#glasses .review")
        b.wait("the form", "document.querySelector('dialog[data-dialog=review]')")
        b.fill("dialog input[name=words]", "there was smoke")
        b.click("dialog button[value=justified]")
        b.wait("the verdict", "/Justified/.test(document.querySelector('#glasses').textContent)")

    @needs_mock
    def test_people_have_organisations_and_sessions_are_ended(self):
        b = self.begin()
        b.go("settings")
        b.click("#add-organisation")
        b.wait("the form", "document.querySelector('dialog[data-dialog=organisation]')")
        b.fill("dialog input[name=id]", "bureau")
        b.fill("dialog input[name=name]", "Bureau")
        b.click("dialog button[type=submit]")
        b.wait("the organisation", "/Bureau/.test(document.querySelector('#organisations')?.textContent)")
        b.click(".edit-person[data-person=operator]")
        b.wait("the organisations", "document.querySelector('dialog select[name=organisation] option[value=bureau]')")
        b.js("document.querySelector('dialog select[name=organisation]').value = 'bureau'")
        b.click("dialog button[type=submit]")
        b.wait("the member", "/Bureau/.test(document.querySelector('.user-list').textContent)")
        b.wait("a session", "document.querySelector('#sessions [data-session]')")
        before = len(b.all("#sessions [data-session]"))
        if b.all("#sessions .end-session"):
            b.click("#sessions .end-session")
            b.wait("its end", lambda: len(b.all("#sessions [data-session]")) < before)
        self.assertIn("this one", b.text("#sessions"))

    @needs_mock
    def test_a_second_factor_is_added_with_its_first_code_and_removed(self):
        b = self.begin()
        b.go("settings")
        b.click("#factor-add")
        b.wait("the secret", "document.querySelector('dialog input[name=secret]')?.value === 'MZXW6YTBOI'")
        b.fill("dialog input[name=code]", "000000")
        b.click("dialog button[type=submit]")
        b.wait("the refusal", "document.querySelector('dialog [role=alert]:not([hidden])')")
        b.fill("dialog input[name=code]", "123456")
        b.click("dialog button[type=submit]")
        b.wait("the recovery codes", "/AAAA/.test(document.querySelector('dialog[data-dialog=recovery]')?.textContent)")
        b.keys(Keys.ESCAPE)
        b.click("#factor-remove")
        b.wait("the form", "document.querySelector('dialog input[name=code]')")
        b.fill("dialog input[name=code]", "123456")
        b.click("dialog button[type=submit]")
        b.wait("the way back", "document.querySelector('#factor-add')")
