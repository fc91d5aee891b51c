"""Alarms and subscriptions of the mock server."""

import time

from mock_keeping import Refusal
from mock_world import moment, stamp

KINDS = ["catalog", "alarm", "position", "ptz-position"]


class Alarms:
    def __init__(self, world, publish):
        self.world, self.publish = world, publish
        self.settings = {}
        self.clear()

    def clear(self):
        self.items = []

    def take(self, body):
        """Raises an alarm, or repeats the one that is named."""
        known = next((a for a in self.items if a["id"] == body.get("id")), None)
        if known:
            known.update(count=known["count"] + 1, last=stamp(time.time()))
            self.publish("alarm", known)
            return known
        camera = self.world.channels[body["camera"]]
        at = stamp(time.time() - body.get("ago", 0))
        alarm = dict(
            id=str(len(self.items) + 1),
            device=camera["device"],
            source=camera["channel"],
            name=camera["name"],
            camera=camera["id"],
            method=body.get("method", "video"),
            type=body.get("type", 2),
            kind=body.get("kind", "motion"),
            priority=body.get("priority", 3),
            time=at,
            moment=at,
            received=at,
            last=at,
            count=1,
            text=body.get("text", ""),
        )
        if body.get("blind"):
            del alarm["camera"]
        self.items.append(alarm)
        self.publish("alarm", alarm)
        return alarm

    def answer(self, method, parts, query, body, user):
        if len(parts) == 1:
            return self.list(query)
        alarm = next((a for a in self.items if a["id"] == parts[1]), None)
        if not alarm:
            raise Refusal(404, "not-found", "Not found", parts[1])
        if parts[2:] == ["acknowledge"] and method == "POST":
            note = (body or {}).get("note", "")
            alarm.setdefault("acknowledged", dict(by=user, at=stamp(time.time()), note=note))
            self.publish("alarm", alarm)
        return alarm

    def list(self, query):
        found = list(reversed(self.items))
        if query.get("acknowledged") == "false":
            found = [a for a in found if "acknowledged" not in a]
        total = len(found)
        if query.get("priority"):
            found = [a for a in found if a["priority"] <= int(query["priority"])]
        if query.get("method"):
            found = [a for a in found if a["method"] == query["method"]]
        if query.get("channel"):
            found = [a for a in found if a.get("camera") == query["channel"]]
        if query.get("from"):
            found = [a for a in found if moment(query["from"]) <= moment(a["received"]) < moment(query["to"])]
        if query.get("cursor"):
            found = [a for a in found if int(a["id"]) < int(query["cursor"])]
        limit = int(query.get("limit") or 100)
        page = dict(items=found[:limit], total=total)
        if len(found) > limit:
            page["next"] = found[limit - 1]["id"]
        return page

    def reports(self, method, device, body):
        known = self.settings.setdefault(device, dict(choices={}, resetsAlarms=False, armsGuard=False))
        if method == "PUT":
            known["choices"].update((body or {}).get("choices", {}))
            for name in ("resetsAlarms", "armsGuard"):
                known[name] = (body or {}).get(name, known[name])
        items = []
        for kind in KINDS:
            choice = known["choices"].get(kind, "usual")
            wanted = choice == "on" or choice == "usual" and kind in ("catalog", "alarm")
            state = "active" if wanted else "off"
            items.append(dict(kind=kind, choice=choice, wanted=wanted, state=state, reports=3 if wanted else 0))
        return dict(
            items=items,
            resetsAlarms=known["resetsAlarms"],
            armsGuard=known["armsGuard"],
            positionInterval=5,
        )
