"""The purpose of looking, grants, requests, emergencies and sessions."""

import hashlib

from selenium.webdriver.common.keys import Keys

from browser import ConsoleTest, needs_mock, place

# The drawing of otpauth://totp/T:x?secret=MZXW6YTBOI, which an independent reader has read back.
CODE = "f39d98bb2182dad4bdccb4abdde36846c29dc6b29479feb9e57b282386ca50f4"


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


    @needs_mock
    def test_broken_glass_stays_after_a_reload_until_it_is_given_back(self):
        b = self.begin()
        b.go("requests")
        b.click("#break-here")
        b.wait("the reason", "document.querySelector('dialog[data-dialog=glass] textarea')")
        b.fill("dialog textarea", "smoke in the school")
        b.click("dialog button[type=submit]")
        b.wait("the frame", "document.documentElement.classList.contains('glass-broken')")
        b.reload()
        b.wait("the frame again", "document.documentElement.classList.contains('glass-broken')")
        self.choose("patrol")
        b.click("dialog button[type=submit]")
        b.wait("no frame", "!document.documentElement.classList.contains('glass-broken')")
        b.reload()
        b.wait("the bar", "/Patrol/.test(document.querySelector('purpose-bar')?.textContent)")
        self.assertFalse(b.js("return document.documentElement.classList.contains('glass-broken')"))

    @needs_mock
    def test_the_end_of_a_purpose_is_said_before_and_when_it_comes(self):
        b = self.begin()
        soon = "new Date(Date.now() + {}).toISOString()"
        state = "fetch('/api/v1/session/purpose', {{method: 'PUT', headers: {{'Content-Type': 'application/json'}}, body: JSON.stringify({{purpose: 'patrol', until: {}}})}}).then(arguments[0])"
        b.driver.execute_async_script(state.format(soon.format(3000)))
        b.reload()
        b.wait("the warning", "/less than a minute/.test(document.querySelector('.toasts')?.textContent)")
        b.wait("the end", "/has ended|is over/.test(document.querySelector('.toasts')?.textContent)")
        self.assertTrue(b.js("return document.querySelector('purpose-bar').classList.contains('over')"))
        b.click(".toasts .toast:last-child button")
        b.wait("the purposes", "document.querySelector('dialog[data-dialog=purpose]')")


class Looking(ConsoleTest):
    """What a tile says and offers when its picture may not be shown, and whose name stands over it."""

    def begin(self):
        b = self.b
        place.control(action="rights", what="reset")
        b.go("wall")
        b.language("en")
        return b

    @needs_mock
    def test_a_picture_that_is_ended_says_why_and_what_to_do_and_comes_back(self):
        b = self.begin()
        b.open_on_wall(b.cameras(1), 1)
        b.wait_state("live")
        place.control(action="rights", what="deny", reason="purpose-expired")
        b.wait_state("denied")
        self.assertIn("purpose has ended", b.text(".tile-text"))
        self.assertEqual(b.js("return getComputedStyle(document.querySelector('.tile-picture')).visibility"), "hidden")
        b.shot("denied")
        place.control(action="rights", what="allow")
        b.click(".tile-ask .state-purpose")
        b.wait("the purposes", "document.querySelector('dialog[data-dialog=purpose]')")
        b.click("input[value=incident]")
        b.click("dialog button[type=submit]")
        b.wait_state("live")

    @needs_mock
    def test_who_was_not_granted_a_camera_can_ask_for_it_there(self):
        b = self.begin()
        camera = b.cameras(1)[0]
        place.control(action="rights", what="deny", reason="no-grant")
        b.open_on_wall([camera], 1)
        b.wait_state("denied")
        b.click(".tile-ask .ask-here")
        b.wait("the form", "document.querySelector('dialog[data-dialog=ask]')")
        b.fill("dialog input[name=words]", "flood at the bridge")
        b.click("dialog button[type=submit]")
        b.wait("the dialog to close", "!document.querySelector('dialog')")
        asked = b.fetch("/api/v1/access-requests")["body"]["items"][0]
        self.assertEqual((asked["scope"], asked["operations"]), (dict(kind="list", channels=[camera]), ["live"]))
        b.go("playback")
        b.js("document.querySelector('playback-page').open(arguments[0])", camera)
        b.wait("the same in a replay", "document.querySelector('playback-page .tile-ask .ask-here')")
        place.control(action="rights", what="allow")

    MARK = "return [...document.querySelectorAll(arguments[0] + ' picture-mark span')].map((s) => s.textContent)"

    @needs_mock
    def test_the_viewers_name_stands_over_pictures_and_comes_back_when_it_is_taken_away(self):
        b = self.begin()
        b.open_on_wall(b.cameras(1), 1)
        b.wait_state("live")
        b.wait("the name", lambda: any("admin" in text for text in b.js(self.MARK, "video-tile")))
        b.js("document.querySelector('video-tile picture-mark').remove()")
        b.wait("it to come back", "document.querySelector('video-tile picture-mark span')?.textContent.includes('admin')")
        b.js("document.querySelector('video-tile picture-mark').style.display = 'none'")
        b.wait("it to be seen", "getComputedStyle(document.querySelector('video-tile picture-mark')).display !== 'none'")
        b.keys("f")
        b.wait("full screen", "document.fullscreenElement?.contains(document.querySelector('picture-mark'))")
        b.keys("f")
        b.wait("the window", "!document.fullscreenElement")
        b.js("document.querySelector('video-tile video').dispatchEvent(new MouseEvent('contextmenu', {bubbles: true, cancelable: true}))")
        b.go("playback")
        b.js("document.querySelector('playback-page').open(arguments[0])", b.cameras(1)[0])
        b.wait("the name over a replay", lambda: any("admin" in text for text in b.js(self.MARK, "playback-page .stage")))

    @needs_mock
    def test_a_look_without_a_mark_has_none(self):
        b = self.begin()
        place.control(action="rights", what="unmarked")
        b.open_on_wall(b.cameras(1), 1)
        b.wait_state("live")
        b.wait("no name", "getComputedStyle(document.querySelector('video-tile picture-mark')).display === 'none'")


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
        b.fill("#check input[name=name]", "li")
        b.fill("#check input[name=channel]", "a_b")
        b.click("#check button[type=submit]")
        b.wait("the answers", "document.querySelectorAll('.check-table tr').length === 6")
        self.assertIn("house-", b.text(".check-table tr.yes"))
        self.assertIn("do not include", b.text(".check-table tr[data-operation=configure]"))
        b.shot("access-check")

    @needs_mock
    def test_a_grant_for_a_level_names_those_of_its_people_it_is_for(self):
        b = self.begin()
        b.drop_focus()
        b.keys("g", "r")
        b.wait("the grants", "document.querySelectorAll('#grants [data-grant]').length >= 2")
        b.click("#new-grant")
        b.wait("the form", "document.querySelector('dialog[data-dialog=grant]')")
        self.assertFalse(b.js("return document.querySelector('dialog .visitors').checkVisibility()"))
        b.js("const s = document.querySelector('dialog [name=kind]'); s.value = 'level'; s.dispatchEvent(new Event('change'))")
        b.fill("dialog input[name=grantee]", "34010000002000000001")
        b.fill("dialog input[name=scopeName]", "3402")
        b.js("const s = document.querySelector('dialog [name=visitorPick]'); s.value = s.options[1].value; s.dispatchEvent(new Event('change'))")
        b.shot("grant-level")
        b.click("dialog button[type=submit]")
        b.wait("the grant", "document.querySelector('#grants [data-grant]')?.textContent.includes('only Zhao of the region')")
        made = b.fetch("/api/v1/grants")["body"]["items"][0]
        self.assertEqual(made["conditions"]["visitors"], ["34000000002000000001/person/0123456789abcdef"])
        b.js("const s = document.querySelector('#check [name=kind]'); s.value = 'level'; s.dispatchEvent(new Event('change'))")
        b.wait("who there", "document.querySelector('#check [name=visitor]').checkVisibility()")

    @needs_mock
    def test_access_is_asked_for_and_decided_and_an_emergency_reviewed(self):
        b = self.begin()
        place.control(action="rights", what="request")
        place.control(action="rights", what="glass")
        b.drop_focus()
        b.keys("g", "q")
        b.wait("the request", "document.querySelector('#waiting .decide')")
        b.wait("the count", "document.querySelector('[data-page=requests] .rail-count').textContent === '2'")
        b.shot("requests")
        b.click("#waiting .decide")
        b.wait("the form", "document.querySelector('dialog[data-dialog=decide]')")
        b.click("dialog button[value=refuse]")
        b.wait("why not", "/Say why/.test(document.querySelector('dialog [role=alert]:not([hidden])')?.textContent)")
        b.fill("dialog input[name=answer]", "until Friday")
        b.fill("dialog input[name=viewers]", "2")
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
        b.click("#waiting .review")
        b.wait("the form", "document.querySelector('dialog[data-dialog=review]')")
        b.fill("dialog input[name=words]", "there was smoke")
        b.click("dialog button[value=justified]")
        b.wait("the verdict", "/Justified/.test(document.querySelector('#glasses').textContent)")
        b.wait("nothing waits", "/Nothing waits/.test(document.querySelector('#waiting').textContent)")

    @needs_mock
    def test_requests_of_other_levels_are_told_from_those_that_went_there(self):
        b = self.begin()
        place.control(action="rights", what="level", asker="admin")
        b.go("requests")
        b.wait("the one to decide", "document.querySelectorAll('#waiting [data-request] .decide').length === 1")
        self.assertIn("34000000002000000001", b.text("#waiting [data-request]"))
        self.assertFalse(b.all("#waiting .withdraw"))
        b.wait("the own one", "document.querySelector('#requests [data-request] .withdraw')")
        self.assertIn("34020300002000000001", b.text("#requests [data-request]"))
        self.assertFalse(b.all("#requests .decide"))

    @needs_mock
    def test_an_action_for_two_is_confirmed_by_the_second(self):
        b = self.begin()
        place.control(action="rights", what="proposal")
        place.control(action="rights", what="proposal")
        b.go("requests")
        b.wait("both", "document.querySelectorAll('#waiting [data-proposal]').length === 2")
        self.assertIn("third", b.text("#waiting .proposal-content"))
        b.click("#waiting .confirm")
        b.click("dialog[data-dialog=confirm] .danger")
        b.wait("the confirmation", "document.querySelector('#proposals .granted')")
        b.click("#waiting .withdraw")
        b.wait("the other declined", "document.querySelector('#proposals .refused')")
        b.wait("nothing waits", "/Nothing waits/.test(document.querySelector('#waiting').textContent)")

    @needs_mock
    def test_people_have_roles_organisations_keys_and_sessions(self):
        b = self.begin()
        b.drop_focus()
        b.keys("g", "p")
        b.wait("the people", "document.querySelector('#people [data-user=operator]')")
        b.click("#add-organisation")
        b.wait("the form", "document.querySelector('dialog[data-dialog=organisation]')")
        b.fill("dialog input[name=id]", "bureau")
        b.fill("dialog input[name=name]", "Bureau")
        b.click("dialog button[type=submit]")
        b.wait("the organisation", "/Bureau/.test(document.querySelector('#organisations')?.textContent)")
        b.click("#add-organisation")
        b.wait("the form", "document.querySelector('dialog select[name=parent] option[value=bureau]')")
        b.fill("dialog input[name=id]", "post")
        b.fill("dialog input[name=name]", "Post")
        b.js("document.querySelector('dialog select[name=parent]').value = 'bureau'")
        b.click("dialog button[type=submit]")
        b.wait("its part", "document.querySelector('#organisations [data-organisation=post].depth-1')")
        b.click(".edit-person[data-person=operator]")
        b.wait("the form", "document.querySelector('dialog select[name=organisation] option[value=bureau]')")
        b.js("document.querySelector('dialog select[name=organisation]').value = 'bureau'")
        b.js("document.querySelector('dialog select[name=role]').value = 'auditor'")
        b.click("dialog button[type=submit]")
        b.wait("the member", "/Auditor · Bureau/.test(document.querySelector('#people [data-user=operator]').textContent)")
        b.click("#add-token")
        b.wait("the form", "document.querySelector('dialog[data-dialog=token]')")
        b.fill("dialog input[name=name]", "weather")
        b.click("dialog button[type=submit]")
        b.wait("the key", "/^trb_/.test(document.querySelector('dialog[data-dialog=secret] .secret')?.textContent)")
        b.keys(Keys.ESCAPE)
        b.wait("it in the list", "/weather/.test(document.querySelector('#tokens')?.textContent)")
        b.shot("people")
        b.click("#tokens .revoke-token")
        b.click("dialog[data-dialog=confirm] .danger")
        b.wait("its end", "/No program has a key/.test(document.querySelector('#tokens')?.textContent)")
        b.click("#add-user")
        b.wait("the form", "document.querySelector('dialog[data-dialog=user]')")
        b.fill("dialog input[name=name]", "zhao")
        b.fill("dialog input[name=password]", "long enough 1")
        b.click("dialog button[type=submit]")
        b.wait("the account", "document.querySelector('#people [data-user=zhao]')")
        b.click("#people [data-user=zhao] .remove-person")
        b.click("dialog[data-dialog=confirm] .danger")
        b.wait("nobody", "!document.querySelector('#people [data-user=zhao]')")
        b.wait("a session", "document.querySelector('#all-sessions [data-session]')")
        self.assertIn("this one", b.text("#all-sessions"))
        b.click(".edit-person[data-person=operator]")
        b.wait("the form", "document.querySelector('dialog select[name=role]')")
        b.js("document.querySelector('dialog select[name=role]').value = 'operator'")
        b.click("dialog button[type=submit]")
        b.wait("the role back", "/Operator/.test(document.querySelector('#people [data-user=operator]').textContent)")

    @needs_mock
    def test_a_second_factor_is_added_with_its_first_code_and_removed(self):
        b = self.begin()
        b.go("settings")
        b.click("#factor-add")
        b.wait("the secret", "document.querySelector('dialog input[name=secret]')?.value === 'MZXW6YTBOI'")
        # The code as a reader of another make reads it: 37 cells a side with the margin, and these dark ones.
        path = b.js("return document.querySelector('dialog .qr path').getAttribute('d')")
        self.assertEqual(b.js("return document.querySelector('dialog .qr svg').getAttribute('viewBox')"), "0 0 37 37")
        self.assertEqual(hashlib.sha256(path.encode()).hexdigest(), CODE)
        b.shot("second-factor")
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
