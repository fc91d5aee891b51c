"""A GB/T 28181 device in plain Python, written from the standard and sharing nothing with Tributary.

It registers with digest, keeps alive, answers Catalog and DeviceInfo, and on INVITE sends a program
stream that FFmpeg muxed, as RTP over UDP or TCP.
"""
import hashlib
import random
import re
import socket
import struct
import threading
import time


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


class ProgramStream:
    """Splits a PS file into pictures: (90 kHz time, bytes). Optionally weaves in G.711 A-law."""

    def __init__(self, path, alaw=None):
        data = open(path, "rb").read()
        self.frames = []
        current, stamp = bytearray(), None
        position = 0
        while position + 14 <= len(data):
            if data[position:position + 4] != b"\0\0\1\xba":
                break
            start = position
            position += 14 + (data[position + 13] & 7)
            starts_picture = None
            while position + 6 <= len(data) and data[position:position + 4] != b"\0\0\1\xba":
                code = data[position + 3]
                if code == 0xB9:
                    position += 4
                    break
                length = struct.unpack(">H", data[position + 4:position + 6])[0]
                if 0xE0 <= code <= 0xEF and data[position + 7] & 0x80:
                    p = data[position + 9:position + 14]
                    starts_picture = ((p[0] >> 1 & 7) << 30 | p[1] << 22 | (p[2] >> 1) << 15 | p[3] << 7 | p[4] >> 1)
                position += 6 + length
            pack = data[start:position]
            if starts_picture is not None and current and stamp is not None:
                self.frames.append((stamp, bytes(current)))
                current = bytearray()
            if starts_picture is not None:
                stamp = starts_picture
            current += pack
        if current and stamp is not None:
            self.frames.append((stamp, bytes(current)))
        self.base = base = self.frames[0][0]
        self.frames = [(t - base, b) for t, b in self.frames]
        self.alaw = open(alaw, "rb").read() if alaw else None

    def audio_pes(self, stamp, samples):
        stamp &= (1 << 33) - 1
        head = bytes([0x21 | (stamp >> 29 & 0x0E), stamp >> 22 & 0xFF, (stamp >> 14 & 0xFE) | 1,
                      stamp >> 7 & 0xFF, (stamp << 1 & 0xFE) | 1])
        return b"\0\0\1\xc0" + struct.pack(">H", len(samples) + 8) + b"\x80\x80\x05" + head + samples


class Peer:
    def __init__(self, server, identity, channel, password, media, domain="3402000000",
                 platform="34020000002000000001", alaw=None, behaviour=None):
        self.server, self.id, self.channel, self.password = server, identity, channel, password
        self.domain, self.platform = domain, platform
        self.media = ProgramStream(media, alaw)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.behaviour = behaviour or {}
        self.registered = threading.Event()
        self.finished = threading.Event()
        self.playing = threading.Event()
        self.offers, self.answers = [], []
        self.stop = False
        self.sequence = 1
        self.calls = {}
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    # -- SIP ------------------------------------------------------------------------------------
    def send(self, text):
        self.socket.sendto(text if isinstance(text, bytes) else text.encode(), self.server)

    def request(self, method, target, extra, body=b"", call=None, kind=None):
        self.sequence += 1
        branch = "z9hG4bK%08x" % random.getrandbits(32)
        call = call or "%08x@127.0.0.1" % random.getrandbits(32)
        lines = [f"{method} sip:{target}@{self.domain} SIP/2.0",
                 f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch={branch}",
                 f"From: <sip:{self.id}@{self.domain}>;tag={random.getrandbits(24):x}",
                 f"To: <sip:{target}@{self.domain}>", f"Call-ID: {call}", f"CSeq: {self.sequence} {method}",
                 f"Contact: <sip:{self.id}@127.0.0.1:{self.port}>", "Max-Forwards: 70", "User-Agent: Plain Peer"]
        if kind:
            lines.append(f"Content-Type: {kind}")
        lines += extra + [f"Content-Length: {len(body)}", "", ""]
        self.send("\r\n".join(lines).encode() + body)

    def register(self, authorization=None):
        extra = ["Expires: 3600"] + ([authorization] if authorization else [])
        self.request("REGISTER", self.platform, extra)

    def message(self, xml):
        body = ('<?xml version="1.0" encoding="GB2312"?>\r\n' + xml).encode("gb18030")
        self.request("MESSAGE", self.platform, [], body, kind="Application/MANSCDP+xml")

    def keepalive(self):
        self.message(f"<Notify><CmdType>Keepalive</CmdType><SN>{self.sequence}</SN>"
                     f"<DeviceID>{self.id}</DeviceID><Status>OK</Status></Notify>")

    def reply(self, head, status, reason, body=b"", kind=None, tag=True):
        keep = [line for line in head.split("\r\n")[1:]
                if line.split(":")[0].strip().lower() in ("via", "from", "call-id", "cseq", "v", "f", "i")]
        to = re.search(r"(?im)^(?:to|t)\s*:.*$", head).group(0).strip()
        if tag and "tag=" not in to:
            to += ";tag=peer%s" % self.id[-4:]
        lines = [f"SIP/2.0 {status} {reason}"] + keep + [to, f"Contact: <sip:{self.channel}@127.0.0.1:{self.port}>"]
        if kind:
            lines.append(f"Content-Type: {kind}")
        lines += [f"Content-Length: {len(body)}", "", ""]
        self.send("\r\n".join(lines).encode() + body)

    def run(self):
        self.register()
        last = time.time()
        while not self.stop:
            if self.registered.is_set() and time.time() - last > 5:
                last = time.time()
                self.keepalive()
            try:
                data, _ = self.socket.recvfrom(65535)
            except socket.timeout:
                continue
            except OSError:
                return
            head, _, body = data.partition(b"\r\n\r\n")
            head = head.decode("latin-1")
            first = head.split("\r\n")[0]
            if first.startswith("SIP/2.0"):
                self.on_response(first, head)
            else:
                self.on_request(first.split(" ")[0].upper(), head, body)

    def on_response(self, first, head):
        if "REGISTER" not in head:
            return
        status = int(first.split(" ")[1])
        if status == 401:
            get = lambda key: (re.search(key + r'="?([^",\r]+)', head) or [None, None])[1]
            realm, nonce = get("realm"), get("nonce")
            uri = f"sip:{self.platform}@{self.domain}"
            ha1, ha2 = md5(f"{self.id}:{realm}:{self.password}"), md5(f"REGISTER:{uri}")
            self.register(f'Authorization: Digest username="{self.id}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
                          f'response="{md5(f"{ha1}:{nonce}:{ha2}")}", algorithm=MD5')
        elif status == 200:
            self.registered.set()
            self.keepalive()

    def on_request(self, method, head, body):
        call = re.search(r"(?im)^(?:call-id|i)\s*:\s*(\S+)", head).group(1)
        if method == "MESSAGE":
            self.reply(head, 200, "OK")
            text = body.decode("gb18030", "replace")
            number = (re.search(r"<SN>\s*(\d+)", text) or [0, "0"])[1]
            if "<Query>" in text and "Catalog" in text:
                self.message(
                    f"<Response><CmdType>Catalog</CmdType><SN>{number}</SN><DeviceID>{self.id}</DeviceID>"
                    f'<SumNum>1</SumNum><DeviceList Num="1"><Item><DeviceID>{self.channel}</DeviceID>'
                    f"<Name>独立对端 Peer</Name><Manufacturer>Plain</Manufacturer><Model>P</Model><Owner>O</Owner>"
                    f"<CivilCode>340200</CivilCode><Address>A & B</Address><Parental>0</Parental>"
                    f"<ParentID>{self.id}</ParentID><RegisterWay>1</RegisterWay><Secrecy>0</Secrecy>"
                    f"<Status>ON</Status></Item></DeviceList></Response>")
            elif "<Query>" in text and "DeviceInfo" in text:
                self.message(
                    f"<Response><CmdType>DeviceInfo</CmdType><SN>{number}</SN><DeviceID>{self.id}</DeviceID>"
                    f"<Result>OK</Result><DeviceName>Peer</DeviceName><Manufacturer>Plain</Manufacturer>"
                    f"<Model>P</Model><Firmware>1</Firmware><Channel>1</Channel></Response>")
        elif method == "INVITE":
            offer = body.decode("latin-1")
            self.offers.append(offer)
            tcp = "TCP/RTP/AVP" in offer
            refuse = self.behaviour.get("refuse")
            if refuse and refuse(offer):
                self.reply(head, 488, "Not Acceptable Here")
                return
            self.reply(head, 100, "Trying", tag=False)
            port = int(re.search(r"m=video (\d+)", offer)[1])
            host = re.search(r"c=IN IP4 (\S+)", offer)[1]
            ssrc = re.search(r"y=(\d+)", offer)
            passive = "a=setup:passive" in offer
            listener, own = None, self.port + 1
            if tcp and not passive:
                listener = socket.create_server(("127.0.0.1", 0))
                own = listener.getsockname()[1]
            if tcp:
                media = f"m=video {own} TCP/RTP/AVP 96\r\na=sendonly\r\na=rtpmap:96 PS/90000\r\n" \
                        f"a=setup:{'active' if passive else 'passive'}\r\na=connection:new\r\n"
            else:
                media = f"m=video {own} RTP/AVP 96\r\na=sendonly\r\na=rtpmap:96 PS/90000\r\n"
            number = self.behaviour.get("ssrc") or (ssrc[1] if ssrc else "0200000001")
            sdp = (f"v=0\r\no={self.channel} 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                   f"{media}y={number}\r\n")
            self.calls[call] = dict(host=host, port=port, ssrc=int(number), tcp=tcp, listener=listener, go=True)
            self.answers.append(sdp)
            self.reply(head, 200, "OK", sdp.encode(), "APPLICATION/SDP")
        elif method == "ACK":
            target = self.calls.get(call)
            if target and not target.get("started"):
                target["started"] = True
                threading.Thread(target=self.stream, args=(target,), daemon=True).start()
        elif method == "BYE":
            if call in self.calls:
                self.calls.pop(call)["go"] = False
            self.reply(head, 200, "OK")
        else:
            self.reply(head, 200, "OK")

    # -- media ----------------------------------------------------------------------------------
    def stream(self, call):
        if call["tcp"]:
            if call["listener"]:
                connection, _ = call["listener"].accept()
            else:
                connection = socket.create_connection((call["host"], call["port"]))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            connection.connect((call["host"], call["port"]))
        self.playing.set()
        sequence = random.getrandbits(16)
        begin = time.time()
        sent_audio = 0
        try:
            for stamp, data in self.media.frames:
                if not call["go"] or self.stop:
                    break
                delay = begin + stamp / 90000.0 - time.time()
                if delay > 0:
                    time.sleep(delay)
                if self.media.alaw:
                    until = min((stamp + 3600) * 8 // 90, len(self.media.alaw))
                    if until > sent_audio:
                        data += self.media.audio_pes(self.media.base + sent_audio * 90 // 8, self.media.alaw[sent_audio:until])
                        sent_audio = until
                for offset in range(0, len(data), 1400):
                    part = data[offset:offset + 1400]
                    marker = 0x80 if offset + 1400 >= len(data) else 0
                    packet = struct.pack(">BBHII", 0x80, 96 | marker, sequence & 0xFFFF, stamp & 0xFFFFFFFF, call["ssrc"]) + part
                    sequence += 1
                    connection.sendall(struct.pack(">H", len(packet)) + packet) if call["tcp"] else connection.send(packet)
        except OSError:
            pass
        self.finished.set()

    def close(self):
        self.stop = True
        self.thread.join(2)
        self.socket.close()
