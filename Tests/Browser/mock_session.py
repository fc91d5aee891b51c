"""The media sessions of the mock server: what feeds a viewer, and the WebSocket it is fed through."""

import json
import secrets
import struct
import threading
import time

import mock_media
from mock_records import RATES
from mock_world import START, stamp


class Session:
    """A live or replay session and the thread that feeds its viewer."""

    def __init__(self, mock, channel, start=None, end=None):
        self.mock, self.channel = mock, channel
        self.id = secrets.token_urlsafe(9)
        self.opened = time.time()
        self.position, self.end = start, end
        self.rate, self.paused, self.generation = 1.0, False, 0
        self.orders = 0
        self.source = "own"
        self.closed = False
        self.lock = threading.Lock()

    @property
    def rule(self):
        rule = self.mock.world.rules.get(self.channel["id"], {})
        if self.channel["status"] == "offline" and self.position is None:
            return dict(rule, refuse=dict(code="device-offline", text="The device is offline."))
        return rule

    def state(self):
        waited = time.time() - self.opened
        slow = self.rule.get("slow", 0.25)
        base = dict(
            session=self.id, channel=self.channel["id"], kind="live" if self.position is None else "playback"
        )
        if "refuse" in self.rule:
            return dict(**base, state="error", cause=self.rule["refuse"])
        if self.source == "device":
            base.update(source="device", rates=RATES)
            queue = self.mock.records.queue(self)
            if queue:
                return dict(**base, state="connecting", step="queued", queue=queue)
        if waited < slow:
            return dict(
                **base,
                state="connecting",
                step="inviting:udp" if waited < slow / 2 else "waiting-for-media:udp",
            )
        stale = self.rule.get("freeze") and self.position is None
        out = dict(
            **base,
            state="stale" if stale else "live",
            codec="h264",
            width=854,
            height=480,
            # Measured over the last moment, as the server does: a replay that stands still has none.
            fps=0.0 if self.position is not None and self.paused else 25.0,
            bitrate=812000,
            transport="udp",
            loss=0.0004,
            firstPictureMs=int(slow * 1000) + 61,
            viewers=sum(1 for s in self.mock.sessions.values() if s.channel is self.channel),
            transcoded=self.rule.get("transcoded", False),
        )
        if self.position is not None:
            out.update(position=stamp(self.position), rate=self.rate, paused=self.paused, orders=self.orders)
        return out

    def feed(self, socket):
        while self.state()["state"] == "connecting" and not self.closed:
            time.sleep(0.02)
        if "refuse" in self.rule:
            return
        (self._live if self.position is None else self._replay)(socket)

    def _tracks(self, kind):
        clip = self.clip
        return dict(type=kind, codecs=clip.codecs, width=clip.width, height=clip.height, audio=True)

    def _live(self, socket):
        self.clip = clip = mock_media.clip(self.channel["_scene"])
        socket.text(self._tracks("tracks"))
        socket.binary(clip.init)
        length = float(mock_media.SECONDS)
        fragments = [f for f in clip.fragments if f.seconds < length - 0.001]
        loop, at = divmod(time.time() - START, length)
        key = max((n for n, f in enumerate(fragments) if f.key and f.seconds <= at), default=0)
        n, generation = key, self.rule.get("generation", 0)
        while not self.closed and not socket.closed:
            if self.rule.get("drop"):
                self.mock.world.rules[self.channel["id"]].pop("drop")
                return
            if self.rule.get("freeze"):
                time.sleep(0.05)
                loop, at = divmod(time.time() - START, length)
                n = max((i for i, f in enumerate(fragments) if f.key and f.seconds <= at), default=0)
                continue
            if self.rule.get("generation", 0) != generation:
                generation = self.rule.get("generation", 0)
                socket.text(self._tracks("reset"))
                socket.binary(clip.init)
                while not fragments[n].key:
                    n = (n + 1) % len(fragments)
                    loop += n == 0
            fragment = fragments[n]
            due = START + loop * length + fragment.seconds
            wait = due - time.time()
            if wait > 0:
                time.sleep(min(wait, 0.2))
                if wait > 0.2:
                    continue
            socket.binary(fragment.stamped(loop * length + fragment.seconds))
            n += 1
            if n == len(fragments):
                n, loop = 0, loop + 1

    def _replay(self, socket):
        self.clip = clip = mock_media.clip(self.channel["_scene"])
        first, media = True, 0.0
        while not self.closed and not socket.closed:
            generation, rate = self.generation, self.rate
            clock = time.time() - media
            wall = self.position - self.position % 1.0  # key frames stand on whole seconds
            told = media
            socket.text({"type": "position", "wall": stamp(wall), "media": media, "rate": rate})
            socket.text(self._tracks("tracks" if first else "reset"))
            socket.binary(clip.init)
            first = False
            while not self.closed and not socket.closed and generation == self.generation:
                if self.paused:
                    time.sleep(0.02)
                    clock = time.time() - media
                    continue
                gaps = self.mock.world.gaps(self.channel["id"]) if self.source == "own" else []
                gap = next((g for g in gaps if g["start"] <= wall < g["end"]), None)
                if gap:
                    socket.text(
                        {
                            "type": "gap",
                            "from": stamp(gap["start"]),
                            "to": stamp(gap["end"]),
                            "cause": gap["cause"],
                        }
                    )
                    wall = (
                        gap["end"] - gap["end"] % 1.0 + 1
                        if rate > 0
                        else gap["start"] - gap["start"] % 1.0 - 1
                    )
                    told = None
                if wall >= min(self.end, time.time() - 1):
                    socket.text({"type": "ended"})
                    while not self.closed and not socket.closed and generation == self.generation:
                        time.sleep(0.05)
                    break
                if told is None or media - told >= 0.5:
                    socket.text({"type": "position", "wall": stamp(wall), "media": media, "rate": rate})
                    told = media
                keys = abs(rate) > 4 or rate < 0
                if keys:
                    fragment = clip.video[int(wall % mock_media.SECONDS) * mock_media.FPS]
                    step_wall, step = (1.0 if rate > 0 else -1.0), 1.0 / abs(rate)
                    data = fragment.stamped(media, abs(rate) / mock_media.FPS)
                else:
                    fragment = clip.video[round(wall % mock_media.SECONDS * mock_media.FPS) % len(clip.video)]
                    step_wall, step = 1.0 / mock_media.FPS, 1.0 / mock_media.FPS / rate
                    data = fragment.stamped(media, rate)
                wait = clock + media - 0.8 - time.time()
                if wait > 0:
                    time.sleep(min(wait, 0.5))
                socket.binary(data)
                media += step
                wall += step_wall
                with self.lock:
                    if generation == self.generation:
                        self.position = wall


class Socket:
    """The server's side of a WebSocket (RFC 6455)."""

    def __init__(self, connection):
        self.connection, self.closed, self.lock = connection, False, threading.Lock()

    def _send(self, opcode, data):
        size = len(data)
        head = bytes([0x80 | opcode])
        head += (
            bytes([size])
            if size < 126
            else struct.pack(">BH", 126, size) if size < 65536 else struct.pack(">BQ", 127, size)
        )
        with self.lock:
            if self.closed:
                return
            try:
                self.connection.sendall(head + data)
            except OSError:
                self.closed = True

    def text(self, value):
        self._send(1, json.dumps(value).encode())

    def binary(self, data):
        self._send(2, data)

    def listen(self, file):
        """Reads the client's frames until it goes away."""
        try:
            while not self.closed:
                head = file.read(2)
                if len(head) < 2:
                    break
                size = head[1] & 127
                if size == 126:
                    size = struct.unpack(">H", file.read(2))[0]
                elif size == 127:
                    size = struct.unpack(">Q", file.read(8))[0]
                mask, body = file.read(4), file.read(min(size, 65536))
                body = bytes(b ^ mask[n % 4] for n, b in enumerate(body))
                if head[0] & 15 == 8:
                    self._send(8, body[:2])
                    self.closed = True
                    break
                if head[0] & 15 == 9:
                    self._send(10, body)
        except (OSError, ValueError, struct.error):
            pass
        self.closed = True
