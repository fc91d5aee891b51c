"""Peers that share no code with Tributary: SIPp for signalling, FFmpeg and plain Python for media.

For H.264 and H.265, UDP, TCP passive and TCP active, with and without G.711, a device written in plain
Python sends a program stream muxed by FFmpeg; the server records it; the exported MP4 is decoded by FFmpeg
and must hold exactly the frames that went in.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(__file__))
from peer import Peer  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("TRIBUTARY_BINARY", str(ROOT / ".build/release/tributary"))
passed, failed = 0, 0


def check(name, good, detail=""):
    global passed, failed
    if good:
        passed += 1
        print(f"ok    {name}")
    else:
        failed += 1
        print(f"FAIL  {name}: {detail}")
    sys.stdout.flush()


def free_port():
    while True:
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def until(condition, seconds, what):
    end = time.time() + seconds
    while time.time() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise TimeoutError(what)


class Server:
    def __init__(self, folder):
        self.http, self.sip, self.media = free_port(), free_port(), free_port()
        config = folder / "tributary.yaml"
        config.write_text(
            f'platform: {{ id: "34020000002000000001", name: Interop }}\ndata: {folder}/data\n'
            f"listen: {{ http: 127.0.0.1:{self.http}, sip: 127.0.0.1:{self.sip}, media: 127.0.0.1:{self.media}, "
            f"metrics: off }}\nlog: {{ level: info }}\n")
        self.log = open(folder / "server.log", "wb")
        self.process = subprocess.Popen([BINARY, "serve", "--config", str(config)], stdout=self.log, stderr=self.log)
        until(lambda: self.get("/healthz", raw=True), 30, "server start")
        output = subprocess.check_output(
            [BINARY, "token", "create", "--name", "interop", "--role", "administrator", "--config", str(config), "--json"])
        self.token = json.loads(output)["token"]

    def call(self, method, path, body=None, raw=False):
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", method=method)
        if getattr(self, "token", None):
            request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                data = answer.read()
                return data if raw else (json.loads(data) if data else {})
        except (urllib.error.URLError, ConnectionError) as error:
            if raw:
                return None
            detail = error.read().decode() if isinstance(error, urllib.error.HTTPError) else ""
            raise RuntimeError(f"{method} {path}: {error} {detail}") from error

    def get(self, path, raw=False):
        return self.call("GET", path, raw=raw)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def ffmpeg(*arguments):
    return subprocess.check_output(["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", *map(str, arguments)])


def frames(path, stream):
    text = ffmpeg("-v", "fatal", "-i", path, "-map", f"0:{stream}", "-f", "framemd5", "-").decode()
    return [line.split(",")[-1].strip() for line in text.splitlines() if line and not line.startswith("#")]


def samples(path):
    return ffmpeg("-i", path, "-map", "0:a", "-c:a", "pcm_s16le", "-f", "s16le", "-")


def clips(folder):
    picture = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=6"]
    h264 = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", "50", "-pix_fmt", "yuv420p",
            "-x264-params", "repeat-headers=1:scenecut=0"]
    h265 = ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
            "-x265-params", "keyint=50:min-keyint=50:bframes=0:repeat-headers=1:scenecut=0:open-gop=0:log-level=error"]
    ffmpeg(*picture, *h264, "-f", "vob", folder / "h264.vob")
    ffmpeg(*picture, *h265, "-f", "vob", folder / "h265.vob")
    ffmpeg(*picture, *h264, "-f", "mpeg", folder / "h264.mpg")
    ffmpeg("-f", "lavfi", "-i", "sine=frequency=440:duration=6", "-ar", 8000, "-ac", 1, "-f", "alaw", folder / "tone.al")


def identity(server, folder, number, clip, path, audio):
    name = f"{clip} over {path}" + (" with G.711" if audio else "")
    device, channel = f"3402000000118000{number:04d}", f"3402000000132000{number:04d}"
    server.call("POST", "/api/v1/devices", {"id": device, "name": name, "password": "interop-pw-1"})
    allowed = {"udp": lambda o: "TCP/RTP" in o, "tcp-passive": lambda o: "setup:passive" not in o,
               "tcp-active": lambda o: "setup:active" not in o}[path]
    peer = Peer(("127.0.0.1", server.sip), device, channel, "interop-pw-1", folder / clip,
                alaw=folder / "tone.al" if audio else None, behaviour={"refuse": allowed})
    try:
        key = f"{device}_{channel}"
        until(lambda: any(item["id"] == key for item in server.get(f"/api/v1/channels?device={device}")["items"]), 20, "catalog")
        begin = time.time()
        server.call("PATCH", f"/api/v1/channels/{key}", {"recordingPlan": "continuous"})
        if not peer.finished.wait(40):
            raise TimeoutError("the stream was never played to its end")
        # Nothing marks the last picture of such a stream as complete but the quiet after it.
        time.sleep(1.5)
        server.call("PATCH", f"/api/v1/channels/{key}", {"recordingPlan": "off"})
        stamp = lambda t: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))
        window = f"from={stamp(begin - 5)}&to={stamp(time.time() + 5)}"
        wanted = frames(folder / clip, "v")
        target = folder / f"export-{number}.mp4"

        def exported():
            data = server.call("GET", f"/api/v1/channels/{key}/export.mp4?{window}", raw=True)
            if not data:
                return None
            target.write_bytes(data)
            try:
                got = frames(target, "v")
            except subprocess.CalledProcessError:
                return None
            return got if len(got) >= len(wanted) else None

        try:
            got = until(exported, 15, "export")
        except TimeoutError:
            got = frames(target, "v") if target.exists() else []
        check(f"{name}: {len(wanted)} frames in, the same out", got == wanted,
              f"{len(got)} frames, first difference at {next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b), 'the end')}")
        if audio:
            heard, sent = samples(target), ffmpeg("-f", "alaw", "-ar", 8000, "-ac", 1, "-i", folder / "tone.al", "-f", "s16le", "-")
            # The block that belongs to the first picture may come before that picture is known to be complete.
            lost = sent.find(heard[:6400])
            check(f"{name}: the sound is bit-identical", 0 <= lost <= 1280 and heard == sent[lost:lost + len(heard)]
                  and len(heard) > len(sent) * 0.98, f"{len(heard)} of {len(sent)} bytes, begins at {lost}")
    except Exception as error:  # one broken case must not hide the others
        check(name, False, repr(error) + "\n      last answer: " + (peer.answers[-1] if peer.answers else "none"))
    finally:
        peer.close()


def sipp(server, folder):
    rows = ["SEQUENTIAL"]
    for index in range(20):
        device = f"3402000000119000{index:04d}"
        server.call("POST", "/api/v1/devices", {"id": device, "name": f"sipp {index}", "password": "sipp-pw-1"})
        rows.append(f"{device};[authentication username={device} password=sipp-pw-1]")
    (folder / "devices.csv").write_text("\n".join(rows) + "\n")
    here = pathlib.Path(__file__).parent
    for scenario, name in (("register.xml", "SIPp registers 20 devices with digest"),
                           ("keepalive.xml", "SIPp keeps 20 devices alive")):
        for transport in ("u1", "t1"):
            run = subprocess.run(
                ["sipp", f"127.0.0.1:{server.sip}", "-sf", str(here / scenario), "-inf", str(folder / "devices.csv"), "-m", "20",
                 "-r", "20", "-t", transport, "-i", "127.0.0.1", "-p", str(free_port()), "-nostdin", "-timeout", "30s",
                 "-timeout_error", "-trace_err", "-error_file", str(folder / "sipp.err")],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder)
            detail = run.stdout.decode("utf8", "replace")[-600:]
            if (folder / "sipp.err").exists():
                detail += (folder / "sipp.err").read_text(errors="replace")[-600:]
            check(f"{name} over {'UDP' if transport == 'u1' else 'TCP'}", run.returncode == 0, detail)
    items = server.get("/api/v1/devices?q=sipp&limit=100")["items"]
    online = sum(item["status"] == "online" for item in items)
    check("all 20 are online", online == 20, f"{online} of {len(items)}")


def malformed(server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(5)
        sender.sendto(b"MESSAGE sip:34020000002000000001@3402000000 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx;rport\r\n"
                      b"From: <sip:34020000009990000001@3402000000>;tag=1\r\nTo: <sip:34020000002000000001@3402000000>\r\n"
                      b"Call-ID: unknown-1\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n", ("127.0.0.1", server.sip))
        answer = sender.recv(65535).split(b"\r\n")[0]
        check("a MESSAGE from an unknown device gets 403 or 404", b" 403 " in answer or b" 404 " in answer, answer)
        sender.sendto(b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKy;rport\r\nCSeq: nonsense\r\n\r\n",
                      ("127.0.0.1", server.sip))
        sender.sendto(os.urandom(900), ("127.0.0.1", server.sip))
        try:
            answer = sender.recv(65535).split(b"\r\n")[0]
            check("a malformed request gets 400", b" 400 " in answer, answer)
        except socket.timeout:
            text = server.get("/metrics", raw=True) or b""
            check("a malformed request is counted", b"malformed" in text, "no counter")
    check("the server still answers", server.get("/healthz", raw=True) is not None)


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tributary-interop-"))
    server = None
    try:
        clips(folder)
        server = Server(folder)
        sipp(server, folder)
        malformed(server)
        number = 1
        for clip in ("h264.vob", "h265.vob"):
            for path in ("udp", "tcp-passive", "tcp-active"):
                identity(server, folder, number, clip, path, audio=False)
                number += 1
        identity(server, folder, number, "h264.mpg", "udp", audio=False)
        identity(server, folder, number + 1, "h264.vob", "udp", audio=True)
        identity(server, folder, number + 2, "h265.vob", "tcp-passive", audio=True)
        check("the server stops cleanly", server.stop() == 0)
    finally:
        if server and server.process.poll() is None:
            server.process.kill()
        if failed:
            print((folder / "server.log").read_text(errors="replace")[-4000:])
            print(f"kept for inspection: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
