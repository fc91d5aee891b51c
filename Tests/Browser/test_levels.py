"""Levels: the picture of the platforms above and below, and what can be done about each."""

from selenium.webdriver.common.keys import Keys

from browser import ConsoleTest, needs_mock, place

ABOVE = "34010000002000000001"
BELOW = "34030000002000000001"


class Levels(ConsoleTest):
    def begin(self):
        b = self.b
        place.control(action="levels", clear=True)
        b.go("wall")
        b.language("en")
        b.keys("gv")
        b.wait("the picture", "document.querySelectorAll('.levels-picture a.level').length === 3")
        b.wait("both lists", "document.querySelectorAll('levels-page li[data-id]').length === 3")
        return b

    @needs_mock
    def test_keys_are_exchanged_by_a_code(self):
        b = self.begin()
        b.wait("the keys", "document.querySelectorAll('level-keys li[data-level]').length === 3")
        b.click(f'level-keys li[data-level="{ABOVE}"] [data-action=code]')
        b.wait("the code", "document.querySelector('dialog code')?.textContent.startsWith('34020000002000000001-')")
        b.js("document.querySelector('dialog').close()")
        b.click("level-keys [data-action=enter-code]")
        b.wait("the form", "document.querySelector('dialog input[name=code]')")
        b.fill("dialog input[name=code]", "x")
        b.click("dialog button.primary")
        b.wait("enrolled", f"document.querySelector('level-keys li[data-level=\"{ABOVE}\"]').dataset.state === 'enrolled'")

    def link(self, code):
        return self.b.js(f"return document.querySelector('.levels-link:has([data-id=\"{code}\"])').className")

    @needs_mock
    def test_who_is_above_and_below_is_a_picture(self):
        b = self.begin()
        self.assertIn("ok", self.link(ABOVE))
        self.assertIn("fail", self.link("34040000002000000001"))
        self.assertIn("98 of 100 cameras", b.text(".levels-picture"))
        b.shot("levels")
        b.js("document.activeElement.blur()")
        b.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
        b.wait("the second box", f"document.activeElement.dataset.id === '{BELOW}'")
        b.keys(Keys.ENTER)
        b.wait("its card", f"document.querySelector('lower-list li[data-id=\"{BELOW}\"]').classList.contains('chosen')")
        b.language("zh-CN")
        b.wait("the words", "document.querySelector('#below h2').textContent === '下级'")
        b.shot("levels-zh")
        b.language("en")

    @needs_mock
    def test_a_catalog_is_compared_now(self):
        b = self.begin()
        self.assertIn("Known to agree", b.text(f'lower-list li[data-id="{BELOW}"]'))
        b.click(f'lower-list li[data-id="{BELOW}"] [data-action=compare]')
        b.wait("what happens", "document.querySelector('lower-list').textContent.includes('being read again')")

    @needs_mock
    def test_a_platform_above_is_added_and_says_why_it_refuses_us(self):
        b = self.begin()
        b.click("#add-superior")
        b.wait("the form", "document.querySelector('dialog form [name=servers]')")
        for name, value in (("id", "34990000002000000001"), ("name", "Other"), ("servers", "192.0.2.9:5060"), ("password", "x")):
            b.js(f"document.querySelector('dialog [name={name}]').value = '{value}'")
        b.click("dialog [type=submit]")
        b.wait("its card", "document.querySelector('superior-list li[data-id=\"34990000002000000001\"]')")
        self.assertIn("refuses us", b.text('superior-list li[data-id="34990000002000000001"]'))
        b.wait("it in the picture", "document.querySelectorAll('.levels-row.up a.level').length === 2")

    @needs_mock
    def test_what_a_link_bears_is_seen_and_declared(self):
        b = self.begin()
        up = f'link-graph[data-link="up-{ABOVE}"]'
        b.wait("the graph", f"document.querySelector('{up} polyline')")
        text = b.text(up)
        for words in ("4.60 Mbit/s", "of 20.0 Mbit/s", "3 pictures did not fit", "North gate for Region"):
            self.assertIn(words, text)
        b.shot("link-graph")
        down = f'link-graph[data-link="down-{BELOW}"]'
        self.assertIn("Nothing has gone over", b.text(down))
        b.click(f"{down} [data-action=declare]")
        b.wait("the form", "document.querySelector('dialog form [name=capacity]')")
        for name, value in (("capacity", "50"), ("reserve", "10")):
            b.js(f"document.querySelector('dialog [name={name}]').value = '{value}'")
        b.click("dialog [type=submit]")
        b.wait("what it bears", f"document.querySelector('{down}').textContent.includes('of 50.0 Mbit/s; 10.0 Mbit/s stay free')")
