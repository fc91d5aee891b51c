"""Speaking through a camera: Chromium's own beeping microphone, a real server, a simulated loudspeaker."""

from selenium.webdriver.common.action_chains import ActionChains

from browser import ConsoleTest, needs_server


def voice(b, camera):
    voices = b.fetch("/api/v1/voices")["body"]["items"]
    return next((v for v in voices if v["channel"] == camera), None)


def spoken(b, camera):
    """Packets that were not silence."""
    now = voice(b, camera)
    return now["packets"] - now["silent"] if now else 0


class Speaking(ConsoleTest):
    def open(self):
        b = self.b
        [camera] = b.cameras(1)
        b.open_on_wall([camera], 1)
        b.wait_state("live")
        b.wait("the button", "document.querySelector('camera-panel voice-button .voice-hold')")
        return camera

    def silence(self, camera):
        """A condition: since the last packet that was not silence, fifty were."""
        seen = {}

        def look():
            now = voice(self.b, camera)
            if seen.get("spoken") != now["packets"] - now["silent"]:
                seen.update(spoken=now["packets"] - now["silent"], at=now["packets"])
            return now["packets"] > seen["at"] + 50

        return look

    def says(self, word):
        self.b.wait(f"the line to say {word}", f"document.querySelector('voice-button').dataset.voice === '{word}'")

    @needs_server
    def test_holding_the_button_is_heard_and_letting_go_is_silence(self):
        b = self.b
        camera = self.open()
        button = b.find(".voice-hold")
        ActionChains(b.driver).move_to_element(button).click_and_hold().perform()
        self.says("speaking")
        b.wait("the beeps to be sent", lambda: spoken(b, camera) > 20)
        b.wait("the meter to move", "document.querySelector('.voice meter').value > 0.05")
        b.shot("speaking")
        ActionChains(b.driver).release().perform()
        self.says("ready")
        b.wait("fifty packets of silence in a row", self.silence(camera))
        b.click(".voice-row .quiet")
        b.wait("the session to end", lambda: voice(b, camera) is None)
        self.says("off")

    @needs_server
    def test_the_key_speaks_while_it_is_down(self):
        b = self.b
        camera = self.open()
        b.js("document.querySelector('video-wall').current.focus()")
        ActionChains(b.driver).key_down("y").perform()
        self.says("speaking")
        b.wait("the beeps to be sent", lambda: spoken(b, camera) > 20)
        ActionChains(b.driver).key_up("y").perform()
        self.says("ready")
        b.click(".voice-row .quiet")
        b.wait("the session to end", lambda: voice(b, camera) is None)

    @needs_server
    def test_leaving_the_camera_ends_the_session(self):
        b = self.b
        camera = self.open()
        button = b.find(".voice-hold")
        ActionChains(b.driver).move_to_element(button).click_and_hold().perform()
        self.says("speaking")
        ActionChains(b.driver).release().perform()
        b.js("document.querySelector('video-wall').clear()")
        b.wait("the session to end", lambda: voice(b, camera) is None)

    @needs_server
    def test_without_a_secure_page_it_says_why_there_is_no_microphone(self):
        b = self.b
        b.js("Object.defineProperty(window, 'isSecureContext', { value: false, configurable: true })")
        self.open()
        self.assertIn("HTTPS", b.text(".voice-line"))
        self.assertTrue(b.js("return document.querySelector('.voice-hold').disabled"))
        b.js("delete window.isSecureContext")
