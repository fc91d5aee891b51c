"""Platforms above and below, as the server tells of them."""

from datetime import datetime, timedelta, timezone

ABOVE = "34010000002000000001"
BELOW = ["34030000002000000001", "34040000002000000001"]


def ago(seconds):
    return (datetime.now(timezone.utc) - timedelta(seconds=seconds)).isoformat(timespec="seconds")


class Levels:
    def __init__(self):
        self.clear()

    def clear(self):
        since = ago(300)
        self.above = {
            ABOVE: dict(
                id=ABOVE, name="Region", ownId="34020000002000000001", realm="3401000000", servers=["192.0.2.1:5060"],
                transport="udp", gbVersion="3.0", encoding="GB18030", expires=86400, heartbeatInterval=60,
                heartbeatCount=3, itemsPerMessage=4, sharesGroups=True, enabled=True, state="registered", since=since,
                server="192.0.2.1:5060", items=4321, subscribed=True, streams=2,
            )
        }
        common = dict(since=since, transport="tcp", gbVersion="3.0", broken=0, subscribed=True, differences=0)
        self.below = {
            BELOW[0]: dict(
                id=BELOW[0], name="County A", status="online", address="192.0.2.3:5060", items=120, cameras=100,
                camerasOnline=98, catalog="following", knowsDigests=True, agreed=ago(20), streams=2, **common,
            ),
            BELOW[1]: dict(
                id=BELOW[1], name="County B", status="offline", items=40, cameras=30, camerasOnline=0,
                catalog="unknown", knowsDigests=False, streams=0, **common,
            ),
        }
        self.compared = []
        samples = [dict(time=ago(3600 - 10 * n), rate=4_000_000 + 60_000 * (n % 50), streams=2) for n in range(360)]
        self.roads = {
            "up-" + ABOVE: dict(
                id="up-" + ABOVE, direction="up", peer=ABOVE, name="Region", capacity=20_000_000, reserve=4_000_000,
                reservePriority=200, rate=4_600_000, counted=4_600_000, refused=3, displaced=1, samples=samples,
                streams=[
                    dict(user="North gate for Region", priority=100, rate=2_600_000),
                    dict(user="Pier for Region", priority=100, rate=2_000_000),
                ],
            )
        }
        self.enrolled = {BELOW[0]}

    def superiors(self, method, parts, body):
        if len(parts) == 1:
            return dict(items=list(self.above.values()))
        if parts[-1] == "ladder":
            return dict(messages=[])
        if method == "DELETE":
            self.above.pop(parts[1], None)
            return {}
        if method == "PUT":
            known = self.above.setdefault(parts[1], dict(self.fresh(parts[1])))
            known.update({k: v for k, v in body.items() if k != "password"})
        if parts[-1] == "register":
            self.above[parts[1]]["state"] = "registering"
        return self.above.get(parts[1])

    def fresh(self, code):
        return dict(
            id=code, name=code, ownId="34020000002000000001", realm=code[:10], servers=[], transport="udp",
            gbVersion="3.0", encoding="GB18030", expires=86400, heartbeatInterval=60, heartbeatCount=3,
            itemsPerMessage=4, sharesGroups=True, enabled=True, state="waiting", since=ago(0), server="192.0.2.9:5060",
            lastStatus=403, cause=dict(code="refused", text="It refuses us with 403.", fix="Ask there."), items=0,
            subscribed=False, streams=0,
        )

    def keys(self, method, parts, body):
        if parts[1:] == ["visitors"]:
            region = "34000000002000000001"
            visitor = dict(
                person=f"{region}/person/0123456789abcdef", organisation=f"{region}/organisation/traffic",
                name="Zhao of the region", neighbour=ABOVE, seen=ago(60),
            )
            return dict(items=[visitor])
        if parts[1:] == ["codes"]:
            return dict(code="34020000002000000001-3f8k-3f8k", expires=ago(-3600))
        if parts[1:] == ["enrol"]:
            self.enrolled.add(ABOVE)
            return self.key(ABOVE, "superior")
        if parts[-1] == "revoke":
            self.enrolled.discard(parts[1])
            return self.key(parts[1], "superior")
        rows = [self.key(ABOVE, "superior")] + [self.key(code, "lower") for code in BELOW]
        return dict(key="0123456789abcdef", made=ago(9000), items=rows)

    def key(self, code, role):
        known = (self.above if role == "superior" else self.below).get(code, {})
        row = dict(id=code, role=role, name=known.get("name", code), connected=True, state="stranger")
        if code in self.enrolled:
            row.update(state="enrolled", enrolled=ago(60), key="fedcba9876543210", knowsOurKey=True)
        return row

    def lower(self, method, parts):
        if len(parts) == 1:
            return dict(items=list(self.below.values()))
        if parts[-1] == "compare":
            self.compared.append(parts[1])
            self.below[parts[1]].update(catalog="repairing")
        return self.below.get(parts[1])

    def links(self, method, parts, body):
        if len(parts) == 1:
            return dict(items=list(self.roads.values()))
        direction, peer = parts[1].split("-", 1)
        road = self.roads.setdefault(parts[1], dict(
            id=parts[1], direction=direction, peer=peer, name=peer, reserve=0, reservePriority=200, rate=0, counted=0,
            refused=0, displaced=0, samples=[], streams=[],
        ))
        road.pop("capacity", None)
        road.update(body)
        return road
