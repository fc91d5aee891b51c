"""Clips for the mock server: real H.264 + AAC in fragmented MP4, looped and re-timed per viewer.

ffmpeg draws a street-like scene without persons (a road, boxes that drive, a running clock); the boxes of
the file are then cut into one initialisation segment and one fragment per frame, and `Pump` sends
them with patched decode times so that the loop never ends and replay can run at any rate.
"""

import hashlib
import os
import struct
import subprocess
import tempfile
import threading

SECONDS = 8
FPS = 25
SCENES = [  # (sky, road, kerb, cars)
    ("0x26384d", "0x3b4148", "0x6c757d", ("0xd9a441", "0xb8c4ce", "0x8c3b3b")),
    ("0x4a3d52", "0x35383f", "0x7a6a5a", ("0x4f8fbf", "0xd8d2c4", "0x53785a")),
    ("0x5b7d94", "0x4c5256", "0x9aa3a0", ("0xe0e3e6", "0x394b66", "0xc08a3e")),
    ("0x141a24", "0x22272e", "0x3d4654", ("0xe8d9a0", "0x7f8b99", "0x9c4a4a")),
]


def _filter(index):
    sky, road, kerb, cars = SCENES[index % len(SCENES)]
    size = "854x480"
    parts = [
        f"color=c={sky}:s={size}:r={FPS}:d={SECONDS},"
        + "drawbox=x=40:y=90:w=120:h=160:c=0x1c2530@0.75:t=fill,"
        + "drawbox=x=190:y=130:w=180:h=120:c=0x232e3b@0.85:t=fill,"
        + "drawbox=x=420:y=60:w=110:h=190:c=0x1a222c@0.8:t=fill,"
        + "drawbox=x=580:y=120:w=220:h=130:c=0x27323f@0.85:t=fill,"
        + "drawgrid=x=0:y=0:w=26:h=22:t=1:c=0xffffff@0.05,"
        + f"drawbox=x=0:y=250:w=854:h=12:c={kerb}:t=fill,"
        + f"drawbox=x=0:y=262:w=854:h=218:c={road}:t=fill,"
        + "".join(f"drawbox=x={x}:y=366:w=56:h=5:c=0xe6e6e6@0.8:t=fill," for x in range(10, 854, 112))
        + "noise=alls=5:allf=t[bg]"
    ]
    lanes = [(290, 1, 2), (328, 1, 3), (392, -1, 2)]
    previous = "bg"
    for n, ((y, way, speed), colour) in enumerate(zip(lanes, cars)):
        width, height = 92 + 14 * n, 30 + 5 * n
        parts.append(
            f"color=c={colour}:s={width}x{height}:r={FPS}:d={SECONDS},"
            f"drawbox=x={width // 4}:y=4:w={width // 2}:h={height // 3}:c=0x10151b@0.7:t=fill[c{n}]"
        )
        # Each box crosses a whole number of times per clip, so that the loop has no jump.
        travel = f"mod(t*{speed}*974/{SECONDS}+{n * 260},974)"
        x = f"{travel}-110" if way > 0 else f"860-{travel}"
        parts.append(f"[{previous}][c{n}]overlay=x='{x}':y={y}:shortest=1[v{n}]")
        previous = f"v{n}"
    parts.append(
        f"[{previous}]drawtext=text='%{{pts\\:hms}}':x=16:y=440:fontsize=24:fontcolor=white:"
        "box=1:boxcolor=black@0.45:boxborderw=6,format=yuv420p[out]"
    )
    return ";".join(parts)


def _make(index, path, codec):
    video = {
        "h264": ["-c:v", "libx264", "-profile:v", "main", "-preset", "veryfast", "-crf", "30", "-bf", "0"],
        "h265": [
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-tag:v",
            "hvc1",
            "-x265-params",
            "log-level=error:bframes=0",
        ],
    }[codec]
    subprocess.run(
        [
            "ffmpeg",
            "-hide_banner",
            "-loglevel",
            "error",
            "-y",
            "-filter_complex",
            _filter(index),
            "-f",
            "lavfi",
            "-i",
            "anoisesrc=color=brown:amplitude=0.05:sample_rate=48000",
            "-map",
            "[out]",
            "-map",
            "0:a",
            "-t",
            str(SECONDS),
            *video,
            "-g",
            str(FPS),
            "-c:a",
            "aac",
            "-b:a",
            "48k",
            "-ac",
            "1",
            "-movflags",
            "empty_moov+default_base_moof+frag_every_frame",
            "-f",
            "mp4",
            path,
        ],
        check=True,
    )


def boxes(data, start=0, end=None):
    """(type, offset, size) of each box in a range."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        if size == 1:
            size = struct.unpack_from(">Q", data, start + 8)[0]
        if size < 8 or start + size > end:
            return
        yield kind.decode("latin-1"), start, size
        start += size


def find(data, *path):
    """Offset of the payload of a nested box, or None."""
    start, end = 0, len(data)
    for name in path:
        for kind, at, size in boxes(data, start, end):
            if kind == name:
                start, end = at + 8, at + size
                break
        else:
            return None
    return start


class Fragment:
    """One moof + mdat with one track run, and where its times are."""

    def __init__(self, data, timescales):
        self.data = bytearray(data)
        header = find(data, "moof", "traf", "tfhd")
        flags, self.track = struct.unpack_from(">II", data, header)
        flags &= 0xFFFFFF
        at = header + 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
        self.default_duration_at = at if flags & 8 else None
        self.decode_at = find(data, "moof", "traf", "tfdt") + 4
        self.decode = struct.unpack_from(">Q", data, self.decode_at)[0]
        self.scale = timescales[self.track]
        run = find(data, "moof", "traf", "trun")
        run_flags, count = struct.unpack_from(">II", data, run)
        run_flags &= 0xFFFFFF
        at = run + 8 + (4 if run_flags & 1 else 0) + (4 if run_flags & 4 else 0)
        self.run_durations = []
        stride = 4 * sum(1 for bit in (0x100, 0x200, 0x400, 0x800) if run_flags & bit)
        if run_flags & 0x100:
            self.run_durations = [at + stride * n for n in range(count)]
        self.key = False

    @property
    def seconds(self):
        return self.decode / self.scale

    def stamped(self, seconds, rate=1.0):
        """A copy that decodes at `seconds`, its durations divided by the rate."""
        out = bytearray(self.data)
        struct.pack_into(">Q", out, self.decode_at, max(0, round(seconds * self.scale)))
        if rate != 1.0:
            places = list(self.run_durations)
            if self.default_duration_at is not None:
                places.append(self.default_duration_at)
            for at in places:
                struct.pack_into(">I", out, at, max(1, round(struct.unpack_from(">I", out, at)[0] / rate)))
        return bytes(out)


class Clip:
    """An endless picture: initialisation bytes and the fragments of one loop."""

    def __init__(self, path, codecs, width=854, height=480):
        with open(path, "rb") as file:
            data = file.read()
        self.codecs, self.width, self.height = codecs, width, height
        self.init, self.fragments = b"", []
        timescales, moof = {}, None
        for kind, at, size in boxes(data):
            piece = data[at : at + size]
            if kind in ("ftyp", "moov"):
                self.init += piece
                if kind == "moov":
                    timescales = self._timescales(piece)
            elif kind == "moof":
                moof = piece
            elif kind == "mdat" and moof:
                self.fragments.append(Fragment(moof + piece, timescales))
                moof = None
        self.fragments.sort(key=lambda f: f.seconds)
        for n, fragment in enumerate(f for f in self.fragments if f.track == 1):
            fragment.key = n % FPS == 0
        self.video = [f for f in self.fragments if f.track == 1]

    @staticmethod
    def _timescales(moov):
        scales = {}
        for kind, at, size in boxes(moov, 8):
            if kind != "trak":
                continue
            track = moov[at : at + size]
            track_id = struct.unpack_from(">I", track, find(track, "trak", "tkhd") + 12)[0]
            scales[track_id] = struct.unpack_from(">I", track, find(track, "trak", "mdia", "mdhd") + 12)[0]
        return scales


_lock = threading.Lock()
_clips = {}


def clip(index, codec="h264"):
    """The clip of a scene, made once and kept in the temporary directory."""
    index %= len(SCENES)
    with _lock:
        if (index, codec) not in _clips:
            with open(__file__, "rb") as file:
                version = hashlib.sha256(file.read()).hexdigest()[:12]
            folder = os.path.join(tempfile.gettempdir(), f"tributary-mock-{os.getuid()}-{version}")
            os.makedirs(folder, exist_ok=True)
            path = os.path.join(folder, f"{codec}-{index}.mp4")
            if not os.path.exists(path):
                _make(index, path + ".part.mp4", codec)
                os.replace(path + ".part.mp4", path)
            video = "avc1.4D401E" if codec == "h264" else "hvc1.1.6.L90.90"
            _clips[index, codec] = Clip(path, f"{video},mp4a.40.2")
        return _clips[index, codec]
