"""Recordings on board of the mock server's first device: their list, one session at a time, downloads."""

import secrets
import time

from mock_keeping import Refusal
from mock_world import moment, stamp

DEPTH = 24 * 3600  # seconds back
FILE = 1800  # seconds of one recording
RATES = [0.25, 0.5, 1, 2, 4, 8, 16]


class Download:
    def __init__(self, channel, body, user):
        self.id, self.channel, self.user = secrets.token_urlsafe(9), channel["id"], user
        self.start, self.end = moment(body["from"]), moment(body["to"])
        self.speed, self.created = body.get("speed", 16), time.time()
        self.since = self.created
        self.begun = None

    @property
    def progress(self):
        return 0.0 if not self.begun else min(1.0, (time.time() - self.begun) * self.speed / (self.end - self.start))


class Records:
    def __init__(self, world):
        self.world = world
        self.device = next(iter(world.channels.values()))["device"]
        self.downloads, self.line = [], []  # who holds, then who waits

    def spans(self, start, end):
        """The files that touch a stretch."""
        now = time.time()
        first, last = max(start, now - DEPTH), min(end, now - 60)
        number = int(first // FILE)
        while number * FILE < last:
            yield max(number * FILE, now - DEPTH), min((number + 1) * FILE, now - 60)
            number += 1

    def timeline(self, answer, channel, start, end, sources):
        """Adds the device's lane to an answer about our own recordings."""
        if "own" not in sources:
            answer.update(recorded=[], gaps=[], planned=[], events=[])
        if "device" in sources and self.world.channels[channel]["device"] == self.device:
            answer["recorded"] = answer["recorded"] + [
                dict(**{"from": stamp(max(a, start)), "to": stamp(min(b, end))}, source="device")
                for a, b in self.spans(start, end)
            ]
            answer["device"] = dict(state="complete")
        elif "device" in sources:
            answer["device"] = dict(state="refused", text="The device answered ERROR.")
        return answer

    # -- one at a time ---------------------------------------------------------------------------

    def enter(self, holder, user):
        holder.user, holder.since = user, time.time()
        self.line.append(holder)

    def leave(self, holder):
        if holder in self.line:
            self.line.remove(holder)

    def queue(self, holder):
        """What somebody who waits is told; nothing for the one who holds."""
        self.settle()
        if holder not in self.line or self.line[0] is holder:
            return None
        first = self.line[0]
        return dict(
            holder=first.user,
            since=stamp(first.since),
            ahead=self.line.index(holder) - 1,
            waiting=len(self.line) - 1,
        )

    def settle(self):
        """Finished downloads make room; the first one in line runs."""
        while self.line and isinstance(self.line[0], Download):
            self.line[0].begun = self.line[0].begun or time.time()
            if self.line[0].progress < 1:
                return
            self.line.pop(0)

    # -- downloads -------------------------------------------------------------------------------

    def begin(self, channel, body, user):
        download = Download(channel, body, user)
        self.downloads.insert(0, download)
        self.enter(download, user)
        return self.resource(download)

    def resource(self, download):
        self.settle()
        state = "queued" if not download.begun else "running" if download in self.line else "complete"
        size = int((download.end - download.start) * 96_000)
        out = dict(
            id=download.id,
            channel=download.channel,
            user=download.user,
            **{"from": stamp(download.start), "to": stamp(download.end)},
            state=state,
            progress=download.progress,
            bytes=int(size * download.progress),
            expectedBytes=size,
            created=stamp(download.created),
        )
        if state == "queued" and self.queue(download):
            out["queue"] = self.queue(download)
        if state == "complete":
            out.update(file=f"/api/v1/downloads/{download.id}/file.mp4", size=size, ended=stamp(time.time()))
        return out

    def answer(self, method, parts):
        """What `/downloads…` answers; nothing after a removal."""
        if len(parts) == 1:
            return dict(items=[self.resource(d) for d in self.downloads])
        download = next((d for d in self.downloads if d.id == parts[1]), None)
        if not download:
            raise Refusal(404, "not-found", "Not found", parts[1])
        if method == "DELETE":
            self.downloads.remove(download)
            self.leave(download)
            return None
        return self.resource(download)
