"""Signing in, out, and with the single-use link."""

import browser
from browser import PASSWORD, ConsoleTest, needs_mock, sign_in


class SignIn(ConsoleTest):
    def test_out_and_in_again_with_the_password(self):
        b = self.b
        b.click("#sign-out")
        b.wait("the sign-in form", "document.querySelector('input[name=user]')")
        self.assertEqual(b.all("app-frame"), [])
        b.shot("sign-in")
        b.fill("input[name=user]", "admin")
        b.fill("input[name=password]", "certainly wrong 1")
        b.click(".sign-in-card button[type=submit]")
        b.wait("a sentence about the wrong password", "document.querySelector('[role=alert]:not([hidden])')")
        words = b.text("[role=alert]")
        self.assertTrue("密码" in words or "password" in words, words)
        b.fill("input[name=password]", PASSWORD)
        b.click(".sign-in-card button[type=submit]")
        b.wait("the frame", "document.querySelector('app-frame')")

    def test_both_languages_on_the_form(self):
        b = self.b
        b.click("#sign-out")
        b.wait("the sign-in form", "document.querySelector('input[name=user]')")
        first = b.text(".sign-in-card")
        b.click(".sign-in-language")
        second = b.text(".sign-in-card")
        self.assertNotEqual(first, second)
        self.assertTrue(("Sign in" in first) != ("Sign in" in second))
        sign_in(b)

    @needs_mock
    def test_a_used_link_says_so_and_leaves_the_address_bar(self):
        b = self.b
        link = browser.place.new_link()
        b.driver.get("about:blank")
        b.driver.get(link)
        b.wait("the frame or the offer", "document.querySelector('input[name=new-password], app-frame')")
        self.assertNotIn("first-run", b.driver.current_url)
        b.driver.get("about:blank")
        b.driver.get(link)
        b.wait("the form", "document.querySelector('[role=alert]:not([hidden])')")
        words = b.text("[role=alert]")
        self.assertTrue("链接" in words or "link" in words, words)
        b.driver.get(browser.place.url + "/")
        b.wait("the frame", "document.querySelector('app-frame')")

    @needs_mock
    def test_a_session_that_ended_leads_to_the_form(self):
        b = self.b
        browser.place.control(action="expire")
        b.js("location.hash = '#/devices'")
        b.wait("the sign-in form", "document.querySelector('input[name=user]')")
        sign_in(b)

    @needs_mock
    def test_an_identity_provider_has_its_button_and_a_refusal_is_told_on_the_page(self):
        b = self.b
        browser.place.control(action="external", value=True)
        b.click("#sign-out")
        b.wait("the button", "document.querySelector('#external')?.offsetParent")
        self.assertIn("County", b.text("#external"))
        b.click("#external")
        b.wait("why not", "document.querySelector('[role=alert]:not([hidden])')")
        words = b.text("[role=alert]")
        self.assertTrue("组" in words or "groups" in words, words)
        self.assertNotIn("refused", b.driver.current_url)
        b.shot("sign-in-external")
        browser.place.control(action="external", value=False)
        b.driver.get("about:blank")
        sign_in(b)
