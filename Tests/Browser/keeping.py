"""What the tests of keeping recordings share."""

import time

import browser
from browser import ConsoleTest

PEOPLE = {"operator": "operator-pass", "mei": "auditor-pass-1"}


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class KeepingTest(ConsoleTest):
    def setUp(self):
        super().setUp()
        if browser.place.is_mock:
            browser.place.control(action="keeping")

    def tearDown(self):
        if browser.place.is_mock:
            browser.place.control(action="keeping")
            browser.place.control(action="health", figures={})
        super().tearDown()

    def holds(self, ended=False):
        return self.b.fetch(f"/api/v1/holds{'?ended=true' if ended else ''}")["body"]["items"]

    def sign_in_as(self, name, password):
        b = self.b
        b.click("#sign-out")
        b.wait("the sign-in form", "document.querySelector('input[name=user]')")
        b.fill("input[name=user]", name)
        b.fill("input[name=password]", password)
        b.click(".sign-in-card button[type=submit]")
        b.wait("the frame", "document.querySelector('app-frame')")

    def sign_in_as_administrator(self):
        self.sign_in_as("admin", browser.PASSWORD)
