#!/usr/bin/env python3
"""From a device's MESSAGE to the event stream of a console: how long an alarm takes to be seen.

    Scripts/measure-alarms.py [--binary .build/release/tributary] [--alarms 500] [--pause 0.02]

Starts a server of its own on loopback with a fresh folder, registers one device made of one socket, and sends
alarms that all differ. Every alarm is written to the database before it is shown. Standard library only.
"""

import argparse
import hashlib
import http.client
import json
import re
import socket
import statistics
import subprocess
import tempfile
import threading
import time

DEVICE, PLATFORM, DOMAIN = "34020000001320000001", "34020000002000000001", "3402000000"
PASSWORD = "measure-alarms"


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, binary, folder):
        self.http, self.sip = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
        media = free_port(socket.SOCK_DGRAM)
        with open(f"{folder}/tributary.yaml", "w") as file:
            file.write(
                f"platform: {{ id: '{PLATFORM}', name: Measure }}\ndata: {folder}/data\n"
                f"listen: {{ http: '127.0.0.1:{self.http}', sip: '127.0.0.1:{self.sip}', "
                f"media: '127.0.0.1:{media}', metrics: off }}\n"
            )
        command = [binary, "serve", "--config", f"{folder}/tributary.yaml"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            found = re.search(r"/#/first-run/([\w.~-]+)", line)
            if found:
                self.token = found.group(1)
                break
        else:
            raise SystemExit("the server gave no link: see tributary serve")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.token = self.call("POST", "/session", {"firstRunToken": self.token}, auth=False)["token"]

    def call(self, method, path, body, auth=True):
        link = http.client.HTTPConnection("127.0.0.1", self.http, timeout=30)
        headers = {"Content-Type": "application/json"}
        if auth:
            headers["Authorization"] = f"Bearer {self.token}"
        link.request(method, f"/api/v1{path}", json.dumps(body), headers)
        answer = link.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text)

    def listen(self, seen):
        """Notes when each alarm comes out of the event stream."""
        stream = socket.create_connection(("127.0.0.1", self.http))
        stream.sendall(
            f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode()
        )

        def read():
            pending = b""
            while data := stream.recv(65536):
                now = time.perf_counter()
                pending += data
                for text in re.findall(rb'"text":"n(\d+)"', pending):
                    seen.setdefault(int(text), now)
                pending = pending[-200:]

        threading.Thread(target=read, daemon=True).start()


class Device:
    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.host = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.sequence = 0

    def message(self, method, to, body="", more=()):
        self.sequence += 1
        lines = [
            f"{method} sip:{PLATFORM}@{DOMAIN} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host};rport;branch=z9hG4bKm{self.sequence}",
            f"From: <sip:{DEVICE}@{DOMAIN}>;tag=m",
            f"To: <sip:{to}@{DOMAIN}>",
            f"Call-ID: {method}{self.sequence if method != 'REGISTER' else ''}@measure",
            f"CSeq: {self.sequence} {method}",
            f"Contact: <sip:{DEVICE}@{self.host}>",
            *more,
            f"Content-Length: {len(body)}",
        ]
        self.socket.send(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    def answer(self, wanted):
        """Answers what the platform asks until one of the wanted answers is here."""
        while True:
            text = self.socket.recv(65536).decode(errors="replace")
            if text.startswith("SIP/2.0"):
                if f" {wanted}" in text:
                    return text
                continue
            kept = re.findall(r"^(?:Via|From|To|Call-ID|CSeq):.*$", text, re.M | re.I)
            status = "489 Bad Event" if text.startswith("SUBSCRIBE") else "200 OK"
            lines = [f"SIP/2.0 {status}", *[line.strip() for line in kept], "Content-Length: 0", "", ""]
            self.socket.send("\r\n".join(lines).encode())

    def register(self):
        self.message("REGISTER", DEVICE, more=["Expires: 3600"])
        nonce = re.search(r'nonce="([^"]+)"', self.answer("REGISTER")).group(1)
        md5 = lambda text: hashlib.md5(text.encode()).hexdigest()
        uri = f"sip:{PLATFORM}@{DOMAIN}"
        response = md5(f"{md5(f'{DEVICE}:{DOMAIN}:{PASSWORD}')}:{nonce}:{md5(f'REGISTER:{uri}')}")
        credentials = (
            f'Digest username="{DEVICE}", realm="{DOMAIN}", nonce="{nonce}", uri="{uri}", '
            f'response="{response}", algorithm=MD5'
        )
        self.message("REGISTER", DEVICE, more=["Expires: 3600", f"Authorization: {credentials}"])
        if " 200 " not in self.answer("REGISTER").split("\r\n")[0]:
            raise SystemExit("the registration was refused")

    def alarm(self, number):
        body = (
            f"<?xml version=\"1.0\"?>\r\n<Notify><CmdType>Alarm</CmdType><SN>{number}</SN><DeviceID>{DEVICE}</DeviceID>"
            f"<AlarmPriority>1</AlarmPriority><AlarmMethod>5</AlarmMethod><AlarmDescription>n{number}</AlarmDescription>"
            f"<AlarmTime>2026-01-01T00:00:00</AlarmTime><Info><AlarmType>{number}</AlarmType></Info></Notify>\r\n"
        )
        self.message("MESSAGE", PLATFORM, body, ["Content-Type: Application/MANSCDP+xml"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=".build/release/tributary")
    parser.add_argument("--alarms", type=int, default=500)
    parser.add_argument("--pause", type=float, default=0.02, help="seconds between two alarms")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(options.binary, folder)
        try:
            measure(server, options)
        finally:
            server.process.terminate()
            server.process.wait()


def measure(server, options):
    server.call("POST", "/devices", {"id": DEVICE, "name": "Measure", "password": PASSWORD})
    seen, sent = {}, {}
    server.listen(seen)
    device = Device(server.sip)
    device.register()
    threading.Thread(target=lambda: device.answer("nothing"), daemon=True).start()
    time.sleep(2)
    for number in range(1, options.alarms + 1):
        sent[number] = time.perf_counter()
        device.alarm(number)
        time.sleep(options.pause)
    end = time.time() + 10
    while len(seen) < options.alarms and time.time() < end:
        time.sleep(0.05)
    delays = sorted((seen[n] - sent[n]) * 1000 for n in seen)
    if len(delays) < options.alarms:
        raise SystemExit(f"only {len(delays)} of {options.alarms} alarms came")
    print(
        f"{len(delays)} alarms, {1 / options.pause:.0f} a second: median {statistics.median(delays):.1f} ms, "
        f"99 % {delays[len(delays) * 99 // 100]:.1f} ms, slowest {delays[-1]:.1f} ms"
    )


if __name__ == "__main__":
    main()
