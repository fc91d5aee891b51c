"""The canned county the mock server shows: devices, channels, trees, quarantine, recordings with gaps."""

import datetime
import threading
import time

START = time.time()
PLATFORM = "34020000002000000001"

STREETS = [("34020001", "滨江街道"), ("34020002", "城关镇"), ("34020003", "柳河乡")]
SITES = [  # name, street index, kind, cameras, status, manufacturer, model, edition, transport
    (
        "滨江路与中山街口",
        0,
        "camera",
        ["北向全景", "南向全景", "东进口", "西进口"],
        "online",
        "Hikvision",
        "iDS-2CD7A46",
        "2022",
        "udp",
    ),
    (
        "人民广场",
        0,
        "nvr",
        ["东门", "西门", "地下通道入口", "喷泉", "公交站台", "停车场出口", "停车场入口", "广场制高点"],
        "online",
        "Dahua",
        "NVR5216",
        "2016",
        "udp",
    ),
    (
        "县政府大院",
        1,
        "nvr",
        ["正门", "侧门", "围墙西北角", "围墙东南角"],
        "online",
        "Uniview",
        "NVR302-16S",
        "2016",
        "tcp",
    ),
    (
        "城东客运站",
        1,
        "nvr",
        ["候车厅", "检票口", "站前道路", "出站口"],
        "suspect",
        "Tiandy",
        "TC-R3110",
        "2016",
        "tcp",
    ),
    (
        "柳河大桥水文站",
        2,
        "camera",
        ["上游水位", "下游水位"],
        "online",
        "Hikvision",
        "DS-2DE4425",
        "2022",
        "udp",
    ),
    ("柳河中心小学", 2, "camera", ["校门口道路"], "offline", "Dahua", "IPC-HFW5442", "2016", "udp"),
    (
        "省道 S206 K12+300",
        2,
        "camera",
        ["往县城方向", "往省城方向"],
        "online",
        "Sunell",
        "SN-IPR57",
        "2016",
        "tcp",
    ),
    (
        "Riverside pumping station",
        2,
        "camera",
        ["Forebay", "Control gate"],
        "online",
        "Axis",
        "P1468-LE",
        "2022",
        "udp",
    ),
]
CAUSES = ["device-offline", "network", "recorder-stopped", "disk-full", "clock-step", "unknown"]


def stamp(seconds):
    return (
        datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class World:
    def __init__(self):
        self.lock = threading.RLock()
        self.devices, self.channels, self.messages = {}, {}, {}
        self.rules = {}  # channel id → {"freeze":bool, "refuse":{…}, "slow":seconds}
        self.figures = {}  # of the recorder and the disk, over the canned ones
        self.extra = 0  # padding channels for the large tree
        camera = 0
        for n, (name, street, kind, cameras, status, maker, model, edition, transport) in enumerate(SITES, 1):
            device = f"3402000000{'111' if kind == 'nvr' else '132'}0{n:06d}"
            self.devices[device] = dict(
                id=device,
                name=name,
                status=status,
                since=stamp(START - 3600 * n),
                manufacturer=maker,
                model=model,
                firmware="V5.7." + str(n),
                gbVersion="3.0" if edition == "2022" else "2.0",
                transport=transport,
                address=f"192.0.2.{10 + n}:5060",
                channels=len(cameras),
                channelsOnline=0 if status == "offline" else len(cameras),
                mediaTransport="tcpPassive" if transport == "tcp" else "udp",
                lastKeepalive=stamp(START - (4000 if status == "offline" else 12)),
                registrationExpires=stamp(START + 3000),
                heartbeatInterval=60,
                heartbeatCount=3,
                _street=street,
            )
            for title in cameras:
                camera += 1
                code = f"34020000001320{camera:06d}"
                channel = f"{device}_{code}"
                self.channels[channel] = dict(
                    id=channel,
                    device=device,
                    channel=code,
                    name=f"{name} · {title}",
                    parent=device,
                    kind="camera",
                    playable=True,
                    status={"suspect": "online"}.get(status, status),
                    since=stamp(START - 3600 * n),
                    civilCode=STREETS[street][0],
                    recording=(
                        "off" if camera % 9 == 0 else ("recording" if status == "online" else "planned")
                    ),
                    manufacturer=maker,
                    model=model,
                    longitude=117.2 + camera / 500,
                    latitude=31.8 + camera / 700,
                    _scene=camera - 1,
                )
        self.quarantine = {
            "34020000001320000911": dict(
                id="34020000001320000911",
                address="192.0.2.77:5060",
                transport="udp",
                userAgent="IP Camera",
                firstSeen=stamp(START - 900),
                lastSeen=stamp(START - 14),
                attempts=22,
                reason="The device is not provisioned here; approve it in the quarantine queue.",
            ),
            "34020000001110000912": dict(
                id="34020000001110000912",
                address="198.51.100.9:35211",
                transport="tcp",
                userAgent="Embedded NVR 4.2",
                firstSeen=stamp(START - 86400),
                lastSeen=stamp(START - 3600),
                attempts=3,
                reason="The device is not provisioned here; approve it in the quarantine queue.",
            ),
        }

    # -- trees ---------------------------------------------------------------------------------

    def tree(self, view):
        nodes = []
        if view == "device":
            for device in self.devices.values():
                nodes.append(
                    dict(
                        id=device["id"],
                        parent=None,
                        name=device["name"],
                        kind="device",
                        status=device["status"],
                    )
                )
                nodes += [
                    self._leaf(c, device["id"]) for c in self.channels.values() if c["device"] == device["id"]
                ]
        elif view == "civil":
            nodes.append(dict(id="340200", parent=None, name="示例县", kind="area", status="unknown"))
            for code, name in STREETS:
                nodes.append(dict(id=code, parent="340200", name=name, kind="area", status="unknown"))
                nodes += [self._leaf(c, code) for c in self.channels.values() if c["civilCode"] == code]
        else:
            groups = {"g1": ("交通路口", (1, 7)), "g2": ("重点场所", (2, 3, 4)), "g3": ("水利设施", (5, 8))}
            for group, (name, sites) in groups.items():
                nodes.append(dict(id=group, parent=None, name=name, kind="group", status="unknown"))
                nodes += [
                    self._leaf(c, group) for c in self.channels.values() if int(c["device"][-6:]) in sites
                ]
        for n in range(self.extra):
            if n % 100 == 0:
                folder = f"pad{n // 100}"
                nodes.append(
                    dict(
                        id=folder,
                        parent=None,
                        name=f"压力测试目录 {n // 100:04d}",
                        kind="group",
                        status="unknown",
                    )
                )
            code = f"34020000009990000001_34020000001329{n:06d}"
            nodes.append(
                dict(
                    id=f"{view}{n}",
                    parent=folder,
                    name=f"模拟点位 {n:06d}",
                    kind="camera",
                    channel=code,
                    status="online" if n % 7 else "offline",
                )
            )
        return nodes

    def _leaf(self, channel, parent):
        return dict(
            id=f"{parent}/{channel['id']}",
            parent=parent,
            name=channel["name"].split(" · ")[-1],
            kind=channel["kind"],
            channel=channel["id"],
            status=channel["status"],
        )

    # -- recordings ----------------------------------------------------------------------------

    def gaps(self, channel):
        """Gaps of a channel, the same for the life of the process."""
        seed = int(channel[-6:]) if channel[-6:].isdigit() else 0
        hour = 3600
        base = START - START % hour
        out = [dict(start=base - 72 * hour, end=base - 50 * hour, cause="purged", detail="retention 2 d")]
        for n, cause in enumerate(CAUSES):
            start = base - (2 + n * 5 + (seed + n) % 3) * hour + 600 + 60 * ((seed * 7 + n * 11) % 40)
            out.append(
                dict(
                    start=start,
                    end=start + 120 + 180 * ((seed + n * 3) % 9),
                    cause=cause,
                    detail=f"evidence {n + 1}",
                )
            )
        out.append(dict(start=START - 420, end=START - 294, cause="network", detail="no packets for 126 s"))
        return sorted(out, key=lambda g: g["start"])

    def timeline(self, channel, start, end):
        now = time.time()
        begin, stop = max(start, START - 72 * 3600), min(end, now)
        recorded, gaps, at = [], [], begin
        for gap in self.gaps(channel):
            a, b = max(gap["start"], begin), min(gap["end"], stop)
            if a >= b:
                continue
            if a > at:
                recorded.append((at, a))
            gaps.append(dict(**{"from": stamp(a), "to": stamp(b)}, cause=gap["cause"], detail=gap["detail"]))
            at = max(at, b)
        if stop > at:
            recorded.append((at, stop))
        spans = [dict(**{"from": stamp(a), "to": stamp(b)}, source="own") for a, b in recorded]
        planned = max(0, stop - begin)
        unknown = sum(moment(g["to"]) - moment(g["from"]) for g in gaps if g["cause"] == "unknown")
        explained = sum(moment(g["to"]) - moment(g["from"]) for g in gaps) - unknown
        return {
            "from": stamp(start),
            "to": stamp(end),
            "recorded": spans,
            "gaps": gaps,
            "events": [],
            "planned": [{"from": stamp(begin), "to": stamp(stop)}] if stop > begin else [],
            "totals": dict(
                plannedSeconds=planned,
                recordedSeconds=sum(b - a for a, b in recorded),
                explainedSeconds=explained,
                unknownSeconds=unknown,
            ),
        }

    # -- health --------------------------------------------------------------------------------

    def health(self, live):
        count = lambda s: sum(1 for d in self.devices.values() if d["status"] == s)
        writing = sum(1 for c in self.channels.values() if c["recording"] == "recording")
        disk = dict(
            path="/var/lib/tributary/recordings",
            total=7_200_000_000_000,
            free=4_100_000_000_000,
            reserve=200_000_000_000,
            used=2_900_000_000_000,
        )
        speed = writing * 666_667
        days = round((disk["free"] - disk["reserve"]) / speed / 86400, 2) if writing else None
        recorder = dict(channels=writing, writing=writing, bytesPerSecond=speed, queue=81920, daysToFull=days)
        recorder.update(self.figures.get("recorder", {}))
        disk.update(self.figures.get("disk", {}))
        return dict(
            status="warn",
            since=stamp(START),
            checks=[
                dict(name="database", status="ok", text="The database answers."),
                dict(name="recorder", status="ok", text="Nothing had to be dropped."),
                dict(name="media port", status="ok", text="No packet was dropped by the kernel."),
                dict(
                    name="storage",
                    status="warn",
                    text="full in 3.4 days at the present rate",
                    fix="Add a disk or shorten the retention of class “ordinary” below 21 days.",
                ),
                dict(
                    name="quarantine",
                    status="warn",
                    text=f"{len(self.quarantine)} devices wait for approval.",
                ),
            ],
            devices=dict(
                online=count("online"),
                suspect=count("suspect"),
                offline=count("offline"),
                unknown=count("unknown"),
            ),
            streams=dict(live=writing + live, connecting=0, viewers=live, playback=0, transcoded=0),
            recorder={k: v for k, v in recorder.items() if v is not None},
            storage=[disk],
            sip=dict(
                requestsIn=182331,
                responsesIn=9120,
                malformed=2,
                scanners=5,
                retransmissionsIn=17,
                retransmissionsOut=3,
                timeouts=0,
                connections=3,
                transactions=0,
                registrations=8,
                refused=22,
                heartbeats=171204,
                calls=writing,
            ),
            media=dict(
                streams=writing,
                bitsPerSecond=writing * 2.1e6,
                packets=88123411,
                lost=112,
                foreignPackets=0,
                kernelDrops=0,
            ),
        )
