"""How the mock server keeps recordings: holds, the rules of deleting, and their dry run over canned files."""

import threading
import time

from mock_world import START, moment, stamp

DAY = 86400
FILE = 600  # seconds of one file
SIZE = 400_000_000  # bytes of one file
FIRST = START - START % 3600 - 50 * 3600  # what is older has been purged, as the timelines say
CLASSES = ("expendable", "normal", "important")
LONGEST_REASON = 500
LOOKED_AT = 5000  # files; of more only the beginning is counted


class Refusal(Exception):
    """What the server would answer: (status, slug, title, detail)."""


def invalid(detail):
    return Refusal(422, "invalid", "A value breaks a rule", detail)


def missing(detail):
    return Refusal(404, "not-found", "Not found", detail)


class Keeping:
    def __init__(self, world):
        self.world = world
        self.lock = threading.RLock()
        self.reset()

    def reset(self):
        self.rules = dict(
            classes=[
                dict(name="expendable", maximumDays=14, minimumDays=0),
                dict(name="normal", maximumDays=30, minimumDays=1),
                dict(name="important", minimumDays=7),
            ],
            reserveBytes=200_000_000_000,
            exhaustion="shed",
        )
        self.deleted = {"maximum-age": [41_472, 16_588_800_000_000], "reserved-space": [312, 124_800_000_000]}
        self.gone = set()  # (channel, number of the file)
        self.orders = []  # bodies of previews and changes, for the tests
        cameras = list(self.world.channels)
        placed, hour = START - 5400, 3600
        self.holds = [
            self._hold("1", cameras[0], START - 3000, START - 2400, "accident 7", "chen", placed, None),
            self._hold(
                "2", cameras[4], START - 32 * hour, START - 28 * hour, "request 118", "chen", placed, START + 20 * DAY
            ),
        ]

    @staticmethod
    def _hold(number, channel, start, end, reason, by, placed, until):
        hold = dict(id=number, channel=channel, reason=reason, by=by, placed=stamp(placed))
        hold.update({"from": stamp(start), "to": stamp(end)})
        if until is not None:
            hold["until"] = stamp(until)
        return hold

    # -- holds -----------------------------------------------------------------------------------

    def shown(self, hold):
        files = [f for f in self.files(hold["channel"], open_too=True) if self._meets(hold, f)]
        return dict(hold, active=self._active(hold), files=len(files), bytes=len(files) * SIZE)

    @staticmethod
    def _active(hold):
        return "released" not in hold and ("until" not in hold or moment(hold["until"]) > time.time())

    @staticmethod
    def _meets(hold, file):
        return file["start"] < moment(hold["to"]) and file["end"] > moment(hold["from"])

    def list(self, ended):
        with self.lock:
            items = [h for h in reversed(self.holds) if ended or self._active(h)]
            return dict(items=[self.shown(h) for h in items])

    def place(self, body, user):
        start, end, reason = moment(body["from"]), moment(body["to"]), body["reason"].strip()
        rule = self.world.rules.get(body["channel"], {})
        if body["channel"] not in self.world.channels or "unknown-to-holds" in rule:
            raise missing(f"There is neither a channel “{body['channel']}” nor anything recorded of it then.")
        if start >= end:
            raise invalid("A hold must end after it begins.")
        if not 1 <= len(reason) <= LONGEST_REASON:
            raise invalid("Say in at most 500 characters why this must be kept.")
        until = moment(body["until"]) if body.get("until") else None
        if until is not None and until <= time.time():
            raise invalid("A hold that has ended already protects nothing.")
        with self.lock:
            number = str(len(self.holds) + 1)
            hold = self._hold(number, body["channel"], start, end, reason, user, time.time(), until)
            self.holds.append(hold)
            return self.shown(hold)

    def release(self, number, user):
        with self.lock:
            hold = next((h for h in self.holds if h["id"] == number), None)
            if not hold:
                raise missing(f"There is no hold “{number}”.")
            if self._active(hold):
                hold.update(released=stamp(time.time()), releasedBy=user)
            return self.shown(hold)

    # -- rules -----------------------------------------------------------------------------------

    def retention_class(self, channel):
        """Cameras without a plan have none."""
        if channel["recording"] == "off":
            return None
        return channel.setdefault("_class", CLASSES[1 if channel["_scene"] % 5 else channel["_scene"] // 5 % 3])

    def files(self, channel, open_too=False):
        """The closed files, and the one being written if wanted."""
        entry = self.world.channels[channel]
        name = self.retention_class(entry)
        if not name:
            return []
        count = int((time.time() - FIRST) / FILE) + open_too
        return [
            dict(channel=channel, number=n, retention=name, start=FIRST + n * FILE, end=FIRST + (n + 1) * FILE)
            for n in range(count)
            if (channel, n) not in self.gone
        ]

    def everything(self):
        return [f for channel in self.world.channels for f in self.files(channel)]

    def retention(self):
        with self.lock:
            files = self.everything()
            answer = dict(
                rules=self.rules,
                deleted=[dict(rule=r, files=n, bytes=b) for r, (n, b) in sorted(self.deleted.items())],
                files=len(files),
                bytes=len(files) * SIZE,
            )
            if files:
                answer.update(
                    oldest=stamp(min(f["start"] for f in files)), newest=stamp(max(f["end"] for f in files))
                )
            return answer

    @staticmethod
    def check(rules):
        for entry in rules["classes"]:
            if entry["name"] not in CLASSES:
                raise invalid(f"A class is expendable, normal or important, not “{entry['name']}”.")
            low, high = entry["minimumDays"], entry.get("maximumDays")
            if low < 0 or (high is not None and (high <= 0 or high < low)):
                raise invalid(
                    f"Of “{entry['name']}” the minimum must not be negative, and the maximum not shorter than it."
                )
        if rules["reserveBytes"] < 0:
            raise invalid("The reserve must not be negative.")
        if rules["exhaustion"] not in ("shed", "stop"):
            raise invalid("“exhaustion” is shed or stop.")

    def decide(self, rules):
        """Which files would go and why: [(file, rule)], with bytes still missing, whether a promise breaks, whether that is all."""
        now, held = time.time(), [h for h in self.holds if self._active(h)]
        ages = {c["name"]: c for c in rules["classes"]}
        usable = [
            f
            for f in self.everything()
            if not any(h["channel"] == f["channel"] and self._meets(h, f) for h in held)
        ]
        old = lambda f, days: now - f["end"] > days * DAY
        maximum = lambda f: ages[f["retention"]].get("maximumDays")
        losses = [(f, "maximum-age") for f in usable if maximum(f) is not None and old(f, maximum(f))]
        complete = len(losses) <= LOOKED_AT
        losses = losses[:LOOKED_AT]
        taken = {(f["channel"], f["number"]) for f, _ in losses}
        lack = rules["reserveBytes"] - self.free() - len(losses) * SIZE
        young = []
        rest = [f for f in usable if (f["channel"], f["number"]) not in taken]
        for file in sorted(rest, key=lambda f: (CLASSES.index(f["retention"]), f["start"], f["channel"])):
            if lack <= 0:
                break
            if old(file, ages[file["retention"]]["minimumDays"]):
                losses.append((file, "reserved-space"))
                lack -= SIZE
            else:
                young.append(file)
        breaks = lack > 0 and bool(young)
        if rules["exhaustion"] == "shed":
            for file in young:
                if lack <= 0:
                    break
                losses.append((file, "reserved-space-below-minimum-age"))
                lack -= SIZE
        return losses, max(0, lack), breaks, complete

    def free(self):
        return 4_100_000_000_000 + len(self.gone) * SIZE

    @staticmethod
    def _sum(files):
        return dict(
            files=len(files),
            bytes=len(files) * SIZE,
            oldest=stamp(min(f["start"] for f in files)),
            newest=stamp(max(f["end"] for f in files)),
        )

    def preview(self, rules):
        self.check(rules)
        with self.lock:
            self.orders.append(dict(order="preview", rules=rules))
            losses, lack, breaks, complete = self.decide(rules)
        by_rule, by_channel = {}, {}
        for file, rule in losses:
            by_rule.setdefault(rule, []).append(file)
            by_channel.setdefault(file["channel"], []).append(file)
        answer = self._sum([f for f, _ in losses]) if losses else dict(files=0, bytes=0)
        channels = [dict(channel=c, **self._sum(files)) for c, files in by_channel.items()]
        answer.update(
            rules=[dict(rule=r, files=len(f), bytes=len(f) * SIZE) for r, f in sorted(by_rule.items())],
            channels=sorted(channels, key=lambda c: (-c["bytes"], c["channel"])),
            breaksPromise=breaks,
            missingBytes=lack,
            complete=complete,
        )
        return answer

    def change(self, rules):
        self.check(rules)
        with self.lock:
            self.orders.append(dict(order="change", rules=rules))
            self.rules = rules
            for file, rule in self.decide(rules)[0]:
                self.gone.add((file["channel"], file["number"]))
                total = self.deleted.setdefault(rule, [0, 0])
                total[0] += 1
                total[1] += SIZE
            return self.retention()

    # -- routes ----------------------------------------------------------------------------------

    ROUTES = {  # as the contract says: permission and status
        ("GET", "retention"): ("viewHealth", 200),
        ("PUT", "retention"): ("manageRecording", 200),
        ("POST", "retention/preview"): ("manageRecording", 200),
        ("GET", "holds"): ("viewTimeline", 200),
        ("POST", "holds"): ("holdRecordings", 201),
        ("DELETE", "holds/{id}"): ("holdRecordings", 200),
    }

    def answer(self, method, parts, query, body, user, permissions):
        """(body, status) for a request under /retention or /holds."""
        path = "holds/{id}" if parts[0] == "holds" and len(parts) == 2 else "/".join(parts)
        if (method, path) not in self.ROUTES:
            raise Refusal(405, "method-not-allowed", "Method not allowed", f"{method} {path}")
        permission, status = self.ROUTES[method, path]
        if permission not in permissions:
            raise Refusal(403, "forbidden", "Not allowed", f"Your role does not hold “{permission}”.")
        act = {
            ("GET", "retention"): lambda: self.retention(),
            ("PUT", "retention"): lambda: self.change(body),
            ("POST", "retention/preview"): lambda: self.preview(body),
            ("GET", "holds"): lambda: self.list(query.get("ended") == "true"),
            ("POST", "holds"): lambda: self.place(body, user),
            ("DELETE", "holds/{id}"): lambda: self.release(parts[1], user),
        }[method, path]
        return act(), status
