#!/usr/bin/env python3
"""A stand-in for the server, so that the console can be built and tested without it (standard library only).

    mock.py [--port N] [--scale CHANNELS]

Serves Web/ from disk, the REST contract with canned answers, server-sent events and fragmented MP4 over
WebSocket. `POST /mock/control` injects faults: freeze, thaw, drop, refuse, allow, slow, late, device, scale.
"""

import argparse
import base64
import hashlib
import json
import mimetypes
import pathlib
import queue
import re
import secrets
import struct
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import mock_media
from mock_alarms import Alarms
from mock_levels import Levels as LevelsBook
from mock_log import Log
from mock_keeping import Keeping, Refusal
from mock_profiles import Profiles
from mock_records import Records
from mock_rights import Rights
from mock_session import Session, Socket
from mock_world import PLATFORM, World, moment, stamp

WEB = pathlib.Path(__file__).resolve().parents[2] / "Web"
POLICY = (
    "default-src 'self'; media-src 'self' blob:; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
READER = ["ownSession", "viewRegistry", "viewTimeline", "viewAlarms", "viewHealth"]
WATCHER = READER + ["watchLive", "watchRecordings", "holdRecordings", "exportRecordings", "diagnose", "acknowledgeAlarms"]
PERMISSIONS = {
    "administrator": WATCHER + ["manageDevices", "manageRecording", "manageAccounts", "viewAccessLog", "viewGrants", "manageGrants",
                                "breakGlass", "reviewBreakGlass"],
    "operator": WATCHER + ["breakGlass"],
    "auditor": READER + ["viewAccessLog"],
    "device-manager": READER + ["manageDevices", "manageRecording", "diagnose"],
}


class Problem(Exception):
    def __init__(self, status, slug, title, detail="", fix=None):
        self.status = status
        self.body = dict(
            type=f"/problems/{slug}",
            title=title,
            status=status,
            detail=detail,
            correlation=secrets.token_hex(6),
        )
        if fix:
            self.body["fix"] = fix


class Mock:
    def __init__(self, scale=0):
        self.world = World()
        self.world.extra = scale
        self.tokens, self.links, self.sessions = {}, set(), {}
        self.users = {"operator": ("operator-pass", "operator")}
        self.factors = set()
        self.plans, self.streams, self.lock = {}, [], threading.Lock()
        self.exports = []
        self.keeping = Keeping(self.world)
        self.alarms = Alarms(self.world, self.publish)
        self.log = Log(self.world)
        self.levels = LevelsBook()
        self.profiles = Profiles(self.world)
        self.records = Records(self.world)
        self.rights = Rights()
        self.external = False

    def link(self):
        token = secrets.token_urlsafe(16)
        self.links.add(token)
        return token

    def publish(self, kind, data):
        with self.lock:
            for stream in list(self.streams):
                stream.put((kind, data))

    def control(self, body):
        action, channel = body["action"], body.get("channel")
        rule = self.world.rules.setdefault(channel, {}) if channel else {}
        if action in ("freeze", "thaw"):
            rule["freeze"] = action == "freeze"
        elif action == "drop":
            rule["drop"] = True
        elif action == "refuse":
            rule["refuse"] = body["cause"]
        elif action == "slow":
            rule["slow"] = body["seconds"]
        elif action == "reset":
            rule["generation"] = rule.get("generation", 0) + 1
        elif action == "transcoded":
            rule["transcoded"] = body["value"]
        elif action == "late":
            rule["late"] = body["seconds"]
        elif action == "allow":
            self.world.rules.pop(channel, None)
        elif action == "scale":
            self.world.extra = body["count"]
        elif action == "device":
            device = self.world.devices[body["id"]]
            device.update(status=body["status"], since=stamp(time.time()))
            self.publish("device", {k: device[k] for k in ("id", "status", "since")})
            for item in self.world.channels.values():
                if item["device"] == device["id"]:
                    item.update(status=body["status"], since=device["since"])
                    self.publish("channel", {k: item[k] for k in ("id", "status", "since", "recording")})
        elif action == "expire":
            self.tokens.clear()
        elif action == "external":
            self.external = body["value"]
        elif action == "link":
            return dict(token=self.link())
        elif action == "exports":
            return dict(exports=self.exports)
        elif action == "unknown-to-holds":
            rule["unknown-to-holds"] = True
        elif action == "alarm":
            return self.alarms.take(body)
        elif action == "rights":
            found = self.rights.control(body)
            for session in list(self.sessions.values()) if body["what"] == "deny" else []:
                cause = dict(code=f"access-{body['reason']}", text="The picture was ended.", fix="Ask.")
                self.publish("session", dict(session=session.id, state="ended", cause=cause))
            return found
        elif action == "no-alarms":
            self.alarms.clear()
        elif action == "levels":
            self.levels.clear()
        elif action == "log":
            return self.log.take(body)
        elif action == "keeping":
            self.keeping.reset()
        elif action == "rules":
            self.keeping.rules = body["rules"]
        elif action == "orders":
            return dict(orders=self.keeping.orders)
        elif action == "health":
            self.world.figures = body["figures"]
        return {}


def clean(item):
    return {k: v for k, v in item.items() if not k.startswith("_")}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    mock: Mock

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.answer("GET")

    def do_POST(self):
        self.answer("POST")

    def do_PUT(self):
        self.answer("PUT")

    def do_PATCH(self):
        self.answer("PATCH")

    def do_DELETE(self):
        self.answer("DELETE")

    def answer(self, method):
        url = urllib.parse.urlsplit(self.path)
        self.query = {k: v[0] for k, v in urllib.parse.parse_qs(url.query).items()}
        size = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(size) if size else b""
        path = urllib.parse.unquote(url.path)
        try:
            if path.startswith("/media/") and "websocket" in (self.headers.get("Upgrade") or "").lower():
                return self.socket(path.split("/")[2])
            if path == "/mock/control":
                return self.json(self.mock.control(json.loads(raw)))
            if not path.startswith("/api/"):
                return self.file(path)
            kind = self.headers.get("Content-Type") or ""
            body = json.loads(raw) if raw and "json" in kind else raw.decode()
            self.api(method, path[len("/api/v1") :], body)
        except (Problem, Refusal) as trouble:
            problem = trouble if isinstance(trouble, Problem) else Problem(*trouble.args)
            if hasattr(trouble, "reason"):
                problem.body["reason"] = trouble.reason
            self.json(problem.body, problem.status, kind="application/problem+json")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    # -- plumbing ------------------------------------------------------------------------------

    def json(self, value, status=200, headers=(), kind="application/json"):
        data = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def plain(self, text):
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def none(self, headers=()):
        self.send_response(204)
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()

    def file(self, path):
        target = (WEB / (path.lstrip("/") or "index.html")).resolve()
        if WEB not in target.parents or not target.is_file():
            raise Problem(404, "not-found", "Not found", path)
        data = target.read_bytes()
        self.send_response(200)
        kind = {".js": "text/javascript", ".json": "application/json"}.get(
            target.suffix
        ) or mimetypes.guess_type(target.name)[0]
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if target.suffix != ".png" else kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(data)

    def socket(self, session):
        live = self.mock.sessions.get(session)
        if not live:
            raise Problem(410, "gone", "No longer there")
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header(
            "Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        )
        self.end_headers()
        socket = Socket(self.connection)
        threading.Thread(target=socket.listen, args=(self.rfile,), daemon=True).start()
        live.feed(socket)
        if not socket.closed:
            socket._send(8, struct.pack(">H", 1000))
        self.close_connection = True

    def events(self):
        stream = queue.Queue()
        with self.mock.lock:
            self.mock.streams.append(stream)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            self.wfile.write(b": hello\n\n")
            while True:
                try:
                    kind, data = stream.get(timeout=5)
                    self.wfile.write(f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode())
                except queue.Empty:
                    self.wfile.write(b": still here\n\n")
        except OSError:
            with self.mock.lock:
                self.mock.streams.remove(stream)

    # -- REST ----------------------------------------------------------------------------------

    def signed_in(self):
        cookie = re.search(r"tributary_session=([^;]+)", self.headers.get("Cookie") or "")
        user = self.mock.tokens.get(cookie.group(1)) if cookie else None
        if not user:
            raise Problem(401, "unauthenticated", "Sign in first")
        return user

    def sign_in(self, user, role):
        token = secrets.token_urlsafe(18)
        self.mock.tokens[token] = dict(name=user, role=role)
        cookie = ("Set-Cookie", f"tributary_session={token}; HttpOnly; SameSite=Strict; Path=/")
        self.json(
            dict(
                token=token,
                user=self.mock.tokens[token],
                expires=stamp(time.time() + 43200),
                needsPassword=user not in self.mock.users,
            ),
            201,
            [cookie],
        )

    def open_sessions(self, method, parts, user):
        tokens = self.mock.tokens
        if method == "DELETE":
            self.mock.tokens = {k: v for k, v in tokens.items() if k[:8] != parts[1]}
            return self.none()
        items = [
            dict(id=k[:8], user=v["name"], source="192.0.2.7", created=stamp(time.time()),
                 expires=stamp(time.time() + 40000), own=v is user)
            for k, v in tokens.items()
        ]
        return self.json(dict(items=items))

    def api(self, method, path, body):
        mock, world = self.mock, self.mock.world
        if path == "/session" and method == "POST":
            if "firstRunToken" in body:
                if body["firstRunToken"] not in mock.links:
                    raise Problem(401, "wrong-credentials", "Log-in failed")
                mock.links.discard(body["firstRunToken"])
                return self.sign_in("admin", "administrator")
            known = mock.users.get(body.get("user"))
            if not known or known[0] != body.get("password"):
                raise Problem(401, "wrong-credentials", "Log-in failed")
            if body["user"] in mock.factors and body.get("otp") != "123456":
                slug = "wrong-second-factor" if body.get("otp") else "second-factor-needed"
                raise Problem(401, slug, "A code is needed")
            return self.sign_in(body["user"], known[1])
        if path == "/sign-in":
            return self.json(dict(external="County") if mock.external else {})
        if path.startswith("/session/external"):
            self.send_response(303)
            self.send_header("Location", "/#/refused/no-role")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        user = self.signed_in()
        parts = path.strip("/").split("/")
        found = mock.rights.answer(method, parts, body, user, mock.users)
        if found:
            return self.json(*found)
        if parts[0] == "sessions":
            return self.open_sessions(method, parts, user)
        if path == "/session":
            if method == "DELETE":
                mock.tokens = {k: v for k, v in mock.tokens.items() if v is not user}
                return self.none([("Set-Cookie", "tributary_session=; Max-Age=0; Path=/")])
            return self.json(
                dict(user=user, expires=stamp(time.time() + 40000), permissions=PERMISSIONS[user["role"]],
                     secondFactor=user["name"] in mock.factors)
            )
        if path == "/session/second-factor":
            return self.json(dict(secret="MZXW6YTBOI", address="otpauth://totp/T:x?secret=MZXW6YTBOI"), 201)
        if path.startswith("/session/second-factor/"):
            if body["code"] != "123456":
                raise Problem(401, "wrong-second-factor", "The code does not fit")
            if path.endswith("remove"):
                mock.factors.discard(user["name"])
                return self.none()
            mock.factors.add(user["name"])
            return self.json(dict(recoveryCodes=["AAAABBBBCCCCDDDD"] * 10))
        if path == "/session/password":
            if len(body["password"]) < 10:
                raise Problem(
                    422, "invalid", "A value breaks a rule", "A password needs at least 10 characters."
                )
            mock.users[user["name"]] = (body["password"], user["role"])
            return self.none()
        if path == "/events":
            return self.events()
        if path == "/platform":
            return self.json(
                dict(
                    id=PLATFORM,
                    name="示例县 Example County",
                    version="0.1.0",
                    realm="3402000000",
                    sip=dict(host="192.0.2.10", port=5060),
                    media=dict(mode="single-port", port=10000),
                    time=stamp(time.time()),
                    timezone="Asia/Shanghai",
                    transcode=dict(budget=2, used=0),
                    demo=True,
                )
            )
        if parts[0] == "users":
            if method == "POST":
                mock.users[body["name"]] = (body["password"], body["role"])
                return self.json(dict(name=body["name"], role=body["role"]), 201)
            if method == "PATCH":
                mock.users[parts[1]] = (mock.users[parts[1]][0], body["role"])
                return self.json(dict(name=parts[1], role=body["role"]))
            if method == "DELETE":
                mock.users.pop(parts[1])
                return self.none()
            return self.json(dict(items=[dict(name=n, role=r, hasPassword=True) for n, (_, r) in mock.users.items()]))
        if path == "/health":
            return self.json(world.health(len(mock.sessions)))
        if parts[0] in ("retention", "holds"):
            permissions = PERMISSIONS[user["role"]]
            return self.json(
                *mock.keeping.answer(method, parts, self.query, body, user["name"], permissions)
            )
        if parts[0] == "downloads":
            found = mock.records.answer(method, parts)
            return self.json(found) if found else self.none()
        if parts[0] == "alarms":
            return self.json(mock.alarms.answer(method, parts, self.query, body, user["name"]))
        if parts[0] == "superiors":
            found = mock.levels.superiors(method, parts, body)
            return self.json(found) if found is not None else self.none()
        if parts[0] == "links":
            return self.json(mock.levels.links(method, parts, body))
        if parts[0] == "levels":
            return self.json(mock.levels.keys(method, parts, body))
        if parts[0] == "lower-platforms":
            return self.json(mock.levels.lower(method, parts))
        if parts[0] == "access-log":
            found = mock.log.answer(parts, self.query)
            return self.plain(found) if isinstance(found, str) else self.json(found)
        if parts[0] == "profiles":
            return self.json(mock.profiles.book())
        if parts[0] == "devices" and parts[2:] == ["profile"]:
            return self.json(mock.profiles.answer(method, parts[1], body))
        if parts[0] == "devices" and parts[2:] == ["subscriptions"]:
            return self.json(mock.alarms.reports(method, parts[1], body))
        if path == "/tree":
            return self.json(dict(nodes=world.tree(self.query.get("view", "device"))))
        if path == "/timeline":
            start, end = moment(self.query["from"]), moment(self.query["to"])
            return self.json(
                dict(
                    **{"from": self.query["from"], "to": self.query["to"]},
                    timelines=[
                        dict(channel=c, **world.timeline(c, start, end))
                        for c in self.query["channels"].split(",")
                    ],
                )
            )
        handler = {
            "devices": self.devices,
            "quarantine": self.quarantine,
            "channels": self.channels,
            "media-sessions": self.media,
        }.get(parts[0])
        if not handler:
            raise Problem(404, "not-found", "Not found", path)
        handler(method, parts[1:], body)

    def devices(self, method, rest, body):
        world = self.mock.world
        if not rest and method == "GET":
            items = [clean(d) for d in world.devices.values()]
            if self.query.get("status"):
                items = [d for d in items if d["status"] == self.query["status"]]
            if self.query.get("q"):
                items = [
                    d
                    for d in items
                    if self.query["q"].lower() in (d["name"] + d["id"] + d["address"]).lower()
                ]
            start, limit = int(self.query.get("cursor") or 0), int(self.query.get("limit") or 100)
            following = str(start + limit) if start + limit < len(items) else None
            return self.json(dict(items=items[start : start + limit], next=following, total=len(items)))
        if not rest:
            if not re.fullmatch(r"\d{20}", body["id"]):
                raise Problem(422, "invalid", "A value breaks a rule", "The code is not 20 digits.")
            if body["id"] in world.devices:
                raise Problem(
                    409, "conflict", "Conflict with the present state", "The device exists already."
                )
            return self.json(self.provision(body["id"], body.get("name") or body["id"]), 201)
        if rest[0] == "import":
            lines = [l for l in body.splitlines() if l.strip()]
            good, bad = [], []
            for n, line in enumerate(lines[1:], 2):
                cells = [c.strip() for c in line.split(",")]
                if not re.fullmatch(r"\d{20}", cells[0]):
                    bad.append(dict(line=n, reason=f"“{cells[0]}” is not a 20-digit id"))
                elif len(cells) < 3 or not cells[2]:
                    bad.append(dict(line=n, reason="no password"))
                else:
                    good.append(cells)
            if self.query.get("dryRun") != "true":
                for cells in good:
                    self.provision(cells[0], cells[1] or cells[0])
            return self.json(dict(accepted=len(good), rejected=bad))
        device = world.devices.get(rest[0])
        if not device:
            raise Problem(404, "not-found", "Not found", rest[0])
        if rest[1:] == ["refresh"]:
            return self.json(dict(correlation=secrets.token_hex(6)), 202)
        if rest[1:] == ["ladder"]:
            return self.json(dict(messages=self.ladder(device)))
        if method == "PATCH":
            device.update({k: v for k, v in body.items() if k in ("name",)})
        elif method == "DELETE":
            del world.devices[rest[0]]
            return self.none()
        self.json(clean(device))

    def provision(self, device, name):
        entry = dict(
            id=device,
            name=name,
            status="unknown",
            since=stamp(time.time()),
            manufacturer="",
            model="",
            firmware="",
            gbVersion="",
            transport="",
            address="",
            channels=0,
            channelsOnline=0,
            mediaTransport="",
            lastKeepalive=None,
            registrationExpires=None,
            heartbeatInterval=60,
            heartbeatCount=3,
            _street=0,
        )
        self.mock.world.devices[device] = entry
        self.mock.publish("device", dict(id=device, status="unknown", since=entry["since"]))
        return clean(entry)

    def ladder(self, device):
        def line(ago, direction, first, *headers):
            return dict(
                time=stamp(time.time() - ago),
                direction=direction,
                summary=first,
                text="\r\n".join([first, *headers, "", ""]),
            )

        register = f"REGISTER sip:{PLATFORM}@3402000000 SIP/2.0"
        return [
            line(
                62.2,
                "in",
                register,
                f"From: <sip:{device['id']}@3402000000>;tag=71",
                "CSeq: 1 REGISTER",
                "Expires: 3600",
            ),
            line(
                62.19,
                "out",
                "SIP/2.0 401 Unauthorized",
                'WWW-Authenticate: Digest realm="3402000000",nonce="9f…",algorithm=MD5',
            ),
            line(62.1, "in", register, "CSeq: 2 REGISTER", "Authorization: Digest …"),
            line(62.09, "out", "SIP/2.0 200 OK", "Date: 2026-03-04T15:06:07.000", "Expires: 3600"),
            line(
                61.9,
                "out",
                f"MESSAGE sip:{device['id']}@192.0.2.11:5060 SIP/2.0",
                "Content-Type: Application/MANSCDP+xml",
                "",
                "<Query><CmdType>Catalog</CmdType>…",
            ),
            line(61.8, "in", "SIP/2.0 200 OK"),
            line(
                2.1,
                "in",
                f"MESSAGE sip:{PLATFORM}@3402000000 SIP/2.0",
                "",
                "<Notify><CmdType>Keepalive</CmdType>…",
            ),
            line(2.09, "out", "SIP/2.0 200 OK"),
        ]

    def quarantine(self, method, rest, body):
        waiting = self.mock.world.quarantine
        if not rest:
            return self.json(dict(items=list(waiting.values())))
        item = waiting.pop(rest[0], None)
        if not item:
            raise Problem(404, "not-found", "Not found", "Not in the queue")
        if rest[1:] == ["approve"]:
            self.provision(item["id"], body.get("name") or item["id"])
            self.mock.world.devices[item["id"]].update(
                status="online", address=item["address"], transport=item["transport"]
            )
            self.mock.publish("device", dict(id=item["id"], status="online", since=stamp(time.time())))
        self.mock.publish("quarantine", dict(id=item["id"]))
        self.none()

    def channels(self, method, rest, body):
        world = self.mock.world
        if not rest:
            items = [clean(c) for c in world.channels.values()]
            for key in ("device", "parent", "status"):
                if self.query.get(key):
                    items = [c for c in items if c[key] == self.query[key]]
            return self.json(dict(items=items, next=None, total=len(items)))
        channel = world.channels.get(rest[0])
        if not channel:
            raise Problem(404, "not-found", "Not found", rest[0])
        action = rest[1] if len(rest) > 1 else ""
        if action in ("live", "playback"):
            self.mock.rights.admit()
            start, end = (moment(body["from"]), moment(body["to"])) if action == "playback" else (None, None)
            session = Session(self.mock, channel, start, end)
            self.mock.sessions[session.id] = session
            if action == "playback" and body.get("source") == "device":
                session.source = "device"
                self.mock.records.enter(session, self.signed_in()["name"])
            base = f"/media/{session.id}"
            answer = dict(
                session=session.id,
                watermark=not self.mock.rights.unmarked,
                urls=dict(fmp4=f"{base}/live.mp4", websocket=f"{base}/ws", hls=f"{base}/index.m3u8"),
                expires=stamp(time.time() + 60),
                state="connecting",
                transcoded=session.rule.get("transcoded", False),
            )
            if answer["transcoded"]:
                answer["transcodeReason"] = "h265"
            if action == "playback":
                answer.update({"from": body["from"], "to": body["to"]})
            return self.json(answer, 201)
        if action == "timeline":
            start, end = moment(self.query["from"]), moment(self.query["to"])
            sources = (self.query.get("source") or "own").split(",")
            return self.json(
                self.mock.records.timeline(
                    world.timeline(rest[0], start, end), rest[0], start, end, sources
                )
            )
        if action == "downloads":
            return self.json(self.mock.records.begin(channel, body, self.signed_in()["name"]), 201)
        if action == "doctor":
            return self.json(
                dict(
                    verdict="Packets arrive, but with another SSRC than the one that was agreed.",
                    fix="Set the device's SIP server id to this platform's id.",
                    sdpSent="v=0\r\no=34020000002000000001 0 0 IN IP4 192.0.2.10\r\ns=Play\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=video 10000 RTP/AVP 96\r\na=recvonly\r\na=rtpmap:96 PS/90000\r\ny=0200000017\r\n",
                    sdpReceived="v=0\r\ns=Play\r\nm=video 62000 RTP/AVP 96\r\na=sendonly\r\ny=0200000099\r\n",
                    messages=self.ladder(world.devices[channel["device"]]),
                    port=dict(
                        number=10000, packets=1204, sources=["192.0.2.11:62000"], wrongSSRC=["0200000099"]
                    ),
                    steps=[
                        dict(name="registered", ok=True, detail="online for 1 h"),
                        dict(name="called", ok=True, detail="200 OK after 41 ms"),
                        dict(name="media arrived", ok=True, detail="1204 packets"),
                        dict(name="picture decoded", ok=False, detail="no picture"),
                    ],
                    findings=[
                        dict(
                            code="no-key-frame",
                            hop="picture",
                            fatal=True,
                            text=dict(en="No key frame arrived.", zh="没有关键帧。"),
                            fix=dict(en="Shorten its interval.", zh="缩短关键帧间隔。"),
                            message=0,
                        )
                    ],
                    hops=[
                        dict(hop="registration", state="works"),
                        dict(hop="heartbeat", state="works"),
                        dict(hop="catalog", state="suffers"),
                        dict(hop="call", state="works"),
                        dict(hop="media", state="works"),
                        dict(hop="picture", state="fails"),
                        dict(hop="delivery", state="unknown"),
                    ],
                )
            )
        if action == "export.mp4":
            mock_media.clip(0)
            path = next(pathlib.Path(mock_media.tempfile.gettempdir()).glob("tributary-mock-*/h264-0.mp4"))
            data = path.read_bytes()
            self.mock.exports.append(dict(channel=rest[0], **self.query))
            self.send_response(200)
            digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
            for name, text in (
                ("Content-Type", "video/mp4"),
                ("Content-Length", str(len(data))),
                ("Digest", f"sha-256={digest}"),
                ("Accept-Ranges", "bytes"),
                ("Content-Disposition", f'attachment; filename="{rest[0]}.mp4"'),
            ):
                self.send_header(name, text)
            self.end_headers()
            return self.wfile.write(data)
        if method == "PATCH":
            if "retentionClass" in body:
                channel["_class"] = body["retentionClass"]
            if "recordingPlan" in body:
                channel["recording"] = "recording" if body["recordingPlan"] == "continuous" else "off"
            channel.update({k: v for k, v in body.items() if k == "name"})
            self.mock.publish("channel", {k: channel[k] for k in ("id", "status", "since", "recording")})
        kept = self.mock.keeping.retention_class(channel)
        self.json(dict(clean(channel), **({"retentionClass": kept} if kept else {})))

    def media(self, method, rest, body):
        sessions = self.mock.sessions
        if not rest:
            return self.json(dict(items=[s.state() for s in sessions.values()]))
        session = sessions.get(rest[0])
        if not session:
            raise Problem(404, "not-found", "Not found", "There is no such session, or it is over.")
        if method == "DELETE":
            session.closed = True
            self.mock.records.leave(session)
            del sessions[rest[0]]
            return self.none()
        if method == "PATCH":
            time.sleep(session.rule.pop("late", 0))
            with session.lock:
                session.orders += 1
                session.paused = body.get("paused", session.paused)
                session.rate = body.get("rate", session.rate)
                if "position" in body:
                    session.position = moment(body["position"])
                session.generation += "position" in body or "rate" in body
        self.json(session.state())


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (BrokenPipeError, ConnectionResetError)):
            super().handle_error(request, client_address)


def start(port=0, scale=0):
    """A running mock: (server, mock, base URL)."""
    mock = Mock(scale)
    handler = type("BoundHandler", (Handler,), {"mock": mock})
    server = Server(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, mock, f"http://127.0.0.1:{server.server_address[1]}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--scale", type=int, default=0)
    options = parser.parse_args()
    server, mock, base = start(options.port, options.scale)
    for scene in range(len(mock_media.SCENES)):
        mock_media.clip(scene)
    print(f"{base}/#/first-run/{mock.link()}", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        pass
