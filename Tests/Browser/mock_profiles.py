"""Profiles of makes, and how the mock server's devices are spoken to."""

from mock_keeping import Refusal

HABITS = {
    "edition": ["2011", "2016", "2022"],
    "charset": ["GB2312", "GB18030", "UTF-8"],
    "heartbeat-interval": None,
    "heartbeat-count": None,
    "media": None,
    "stream": ["streamnumber", "streamprofile", "stream", "streamMode"],
    "key-frame": ["2016", "2022", "both"],
    "time-zone": None,
    "arms-guard": ["yes", "no"],
    "resets-alarms": ["yes", "no"],
}
MAKES = {
    "hikvision": ("Hikvision", {"stream": "streamnumber", "key-frame": "both", "arms-guard": "yes"}),
    "dahua": ("Dahua", {"stream": "streamprofile", "key-frame": "both"}),
    "uniview": ("Uniview", {}),
    "standard": ("GB/T 28181", {}),
}


class Profiles:
    def __init__(self, world):
        self.world = world
        self.chosen = {}
        self.own = {}

    def book(self):
        return dict(
            items=[
                dict(id=i, name=n, note="", marks=dict(manufacturers=[i], models=[], userAgents=[]), habits=h)
                for i, (n, h) in MAKES.items()
            ],
            habits=[dict(name=n, values=", ".join(v or []), summary=n) for n, v in HABITS.items()],
        )

    def answer(self, method, device, body):
        own = self.own.setdefault(device, {})
        if method == "PATCH":
            for name, value in (body.get("habits") or {}).items():
                if value and HABITS[name] and value not in HABITS[name]:
                    raise Refusal(422, "invalid", "Invalid", f"“{name}” must be one of {HABITS[name]}.")
                if name == "time-zone" and value and value[0] not in "+-":
                    raise Refusal(422, "invalid", "Invalid", "“time-zone” must be +08:00 and the like.")
                own[name] = value
            if "profile" in body:
                self.chosen[device] = None if body["profile"] == "auto" else body["profile"]
        maker = (self.world.devices[device].get("manufacturer") or "").lower()
        found = next((i for i in MAKES if i in maker), "standard")
        profile = self.chosen.get(device) or found
        ground = "setting" if self.chosen.get(device) else "none" if found == "standard" else "manufacturer"
        name, habits = MAKES[profile]
        rows = []
        for key in HABITS:
            value = own.get(key) or habits.get(key)
            origin = "device" if own.get(key) else "profile" if habits.get(key) else "standard"
            rows.append(dict(name=key, **({"value": value} if value else {}), **{"from": origin}))
        return dict(profile=profile, name=name, note="Why it is so.", ground=ground, habits=rows)
