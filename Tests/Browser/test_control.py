"""Moving cameras and caring for devices, against a real server whose simulated devices obey."""

import os
import tempfile
import time
import urllib.parse

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from browser import ConsoleTest, needs_server


def newer_camera(b):
    """A camera whose device speaks the edition of 2022."""
    for known in b.fetch("/api/v1/channels?status=online&limit=500")["body"]["items"]:
        if known["kind"] == "camera" and known["playable"] and control(b, known["id"])["edition"] == "3.0":
            return known["id"]
    raise AssertionError("no device of the demo speaks the edition of 2022")


def control(b, camera):
    return b.fetch(f"/api/v1/channels/{urllib.parse.quote(camera)}/ptz")["body"]


def moving(b, camera):
    holder = control(b, camera).get("holder")
    return bool(holder and holder["moving"])


def position(b, camera):
    answer = b.fetch(f"/api/v1/channels/{urllib.parse.quote(camera)}/ptz-position")
    assert answer["status"] == 200, answer
    return answer["body"]


class Moving(ConsoleTest):
    def open(self):
        b = self.b
        camera = newer_camera(b)
        b.open_on_wall([camera], 1)
        b.wait_state("live")
        b.wait("the pad", "document.querySelector('camera-panel ptz-pad svg')")
        return camera

    def hold(self, dx, dy):
        pad = self.b.find(".ptz-pad")
        ActionChains(self.b.driver).move_to_element_with_offset(pad, dx, dy).click_and_hold().perform()

    def let_go(self):
        ActionChains(self.b.driver).release().perform()

    @needs_server
    def test_holding_the_pad_moves_the_camera_and_letting_go_stops_it(self):
        b = self.b
        camera = self.open()
        before = position(b, camera)["pan"]
        self.hold(60, 0)
        b.wait("the camera to move", lambda: moving(b, camera))
        b.wait("the pad to say so", "document.querySelector('ptz-pad.moving')")
        b.wait("the camera to have turned", lambda: position(b, camera)["pan"] != before)
        b.shot("ptz-pad")
        self.let_go()
        b.wait("the camera to stop", lambda: not moving(b, camera))
        first = position(b, camera)["pan"]
        self.assertEqual(first, position(b, camera)["pan"])
        self.assertFalse(b.js("return document.querySelector('ptz-pad').classList.contains('moving')"))

    @needs_server
    def test_armed_the_arrow_keys_are_the_cameras_and_escape_gives_them_back(self):
        b = self.b
        camera = self.open()
        b.js("document.querySelector('video-wall').current.focus()")
        b.keys("z")
        b.wait("the pad to have the focus", "document.activeElement.localName === 'ptz-pad'")
        before = position(b, camera)["tilt"]
        ActionChains(b.driver).key_down(Keys.ARROW_DOWN).perform()
        b.wait("the camera to move", lambda: moving(b, camera))
        ActionChains(b.driver).key_up(Keys.ARROW_DOWN).perform()
        b.wait("the camera to stop", lambda: not moving(b, camera))
        self.assertGreater(position(b, camera)["tilt"], before)
        b.keys(Keys.ESCAPE)
        b.wait("the tile to have the focus", "document.activeElement.localName === 'video-tile'")

    @needs_server
    def test_losing_the_focus_stops_the_camera(self):
        b = self.b
        camera = self.open()
        b.js("document.querySelector('video-wall').current.focus()")
        b.keys("z")
        ActionChains(b.driver).key_down("+").perform()
        b.wait("the camera to zoom", lambda: moving(b, camera))
        b.js("window.dispatchEvent(new Event('blur'))")
        b.wait("the camera to stop", lambda: not moving(b, camera))
        ActionChains(b.driver).key_up("+").perform()

    @needs_server
    def test_a_preset_is_set_with_a_name_called_renamed_and_deleted(self):
        b = self.b
        camera = self.open()
        b.click("[data-preset=set]")
        b.wait("the form", "document.querySelector('dialog[data-dialog=preset] input[name=name]')")
        number = b.js("return document.querySelector('dialog input[name=number]').value")
        b.fill("dialog input[name=name]", "Gate")
        b.click("dialog button[type=submit]")
        row = f".preset-list [data-preset='{number}']"
        b.wait("the preset in the list", f"document.querySelector(\"{row}\")?.textContent.includes('Gate')")
        place = position(b, camera)
        self.hold(-60, 0)
        b.wait("the camera to have turned", lambda: position(b, camera)["pan"] != place["pan"])
        self.let_go()
        b.wait("the camera to stop", lambda: not moving(b, camera))
        b.click(f"{row} .preset-call")
        b.wait("the camera to be back", lambda: position(b, camera)["pan"] == place["pan"])
        b.js(f"document.querySelectorAll(\"{row} .quiet\")[0].click()")
        b.wait("the form", "document.querySelector('dialog[data-dialog=preset]')")
        b.fill("dialog input[name=name]", "北门")
        b.click("dialog button[type=submit]")
        b.wait("the new name", f"document.querySelector(\"{row}\")?.textContent.includes('北门')")
        b.shot("presets")
        b.js(f"document.querySelectorAll(\"{row} .quiet\")[1].click()")
        b.click("dialog[data-dialog=confirm] button.danger")
        b.wait("the preset to be gone", f"!document.querySelector(\"{row}\")")

    @needs_server
    def test_a_box_on_the_picture_becomes_the_picture(self):
        b = self.b
        camera = self.open()
        b.fetch(
            f"/api/v1/channels/{urllib.parse.quote(camera)}/ptz",
            dict(
                method="POST", headers={"Content-Type": "application/json"},
                body='{"action":"precise","pan":100,"tilt":0,"zoom":1}',
            ),
        )
        b.wait("the camera to be there", lambda: position(b, camera)["zoom"] == 1)
        b.click("[data-ptz=dragZoom]")
        tile = b.find("video-tile .drag-cover")
        chain = ActionChains(b.driver).move_to_element_with_offset(tile, -120, -70).click_and_hold()
        chain.move_by_offset(240, 140).perform()
        b.shot("drag-zoom")
        self.let_go()
        b.wait("the camera to have zoomed in", lambda: position(b, camera)["zoom"] > 1.5)
        self.assertFalse(b.all(".drag-cover"))

    @needs_server
    def test_the_camera_takes_pictures_itself_and_they_are_shown(self):
        b = self.b
        self.open()
        b.click("[data-care='gallery.title']")
        b.wait("the gallery", "document.querySelector('dialog[data-dialog=gallery] form')")
        b.fill("dialog input[name=count]", "2")
        b.click("dialog button[type=submit]")
        b.wait("the order to be complete", "document.querySelector('[data-order=complete]')")
        b.wait(
            "two pictures",
            "[...document.querySelectorAll('.gallery-item img')].filter((i) => i.complete && i.naturalWidth).length >= 2",
        )
        b.shot("gallery")
        b.keys(Keys.ESCAPE)

    @needs_server
    def test_a_block_of_the_configuration_is_changed_and_read_back(self):
        b = self.b
        self.open()
        b.click("[data-care='config.title']")
        b.wait("twelve blocks", "document.querySelectorAll('.block-tab').length === 12")
        b.click("[data-block=OSDConfig]")
        b.wait("the form", "document.querySelector('[data-form=OSDConfig]')")
        if not b.all(".config-row"):
            b.click("[data-form=OSDConfig] fieldset legend .quiet")
        b.fill(".config-row [name=Text]", "North gate")
        b.fill(".config-row [name=X]", "20")
        b.fill(".config-row [name=Y]", "1000")
        b.click("[data-form=OSDConfig] button[type=submit]")
        b.wait("it to be read back", "document.querySelector('[data-form=OSDConfig] .ok-text')")
        b.shot("configuration")
        b.keys(Keys.ESCAPE)


class Caring(ConsoleTest):
    def device(self):
        b = self.b
        device = newer_camera(b).split("_")[0]
        b.go("devices")
        b.wait("the devices", f"document.querySelector('[data-id=\"{device}\"], [data-key=\"{device}\"]')")
        b.js(
            f"document.querySelector('[data-id=\"{device}\"], [data-key=\"{device}\"]')"
            ".dispatchEvent(new MouseEvent('click', { bubbles: true }))"
        )
        b.wait("the panel", "document.querySelector('device-panel #care-state')")
        return device

    @needs_server
    def test_the_state_and_the_cards_of_a_device_are_shown(self):
        b = self.b
        self.device()
        b.click("#care-state")
        b.wait("a card", "document.querySelector('.card-row meter')")
        b.wait("the state", "document.querySelector('dialog[data-dialog=state] dd')")
        b.shot("device-state")
        b.keys(Keys.ESCAPE)

    @needs_server
    def test_a_device_is_upgraded_and_one_sees_how_far_it_is(self):
        b = self.b
        device = self.device()
        b.click("#care-upgrade")
        b.wait("the form", "document.querySelector('dialog[data-dialog=upgrade] form')")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, f"camera-{int(time.time())}.bin")
            with open(path, "wb") as file:
                file.write(b"firmware " * 10_000)
            b.find("dialog input[name=place]").send_keys(path)
            name = os.path.basename(path)
            b.wait("the file in the list", f"document.querySelector('dialog select').value === '{name}'")
        b.fill("dialog input[name=firmware]", "9.9")
        b.click("dialog[data-dialog=upgrade] button[type=submit]")
        b.click("dialog[data-dialog=confirm] button.danger")
        b.wait("the upgrade to be done", "document.querySelector('[data-upgrade=done]')", 40)
        b.shot("upgrade")
        b.keys(Keys.ESCAPE)
        b.wait("the device to be back",
               lambda: b.fetch(f"/api/v1/devices/{device}")["body"]["status"] == "online")
