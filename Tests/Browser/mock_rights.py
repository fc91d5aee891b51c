"""Purposes, grants, requests and emergencies of the mock server: enough of the rules for the console to be tried."""

import secrets
import time

from mock_keeping import Refusal
from mock_world import stamp

LIST = [
    ("patrol", "Patrol", "视频巡查", False, False),
    ("incident", "Incident", "警情处置", False, False),
    ("case", "Case", "案件办理", True, False),
    ("maintenance", "Maintenance", "运行维护", False, False),
    ("training", "Training", "培训", False, True),
    ("break-glass", "Emergency, glass broken", "紧急破窗", False, False),
]
STANDING = {"administrator": "maintenance", "operator": "patrol", "device-manager": "maintenance"}
ALL = ["audio", "control", "download", "live", "replay"]


class Rights:
    def __init__(self):
        self.purposes = [
            dict(code=c, english=e, chinese=z, needsCase=k, needsApprover=a, reserved=c == "break-glass", enabled=True)
            for c, e, z, k, a in LIST
        ]
        self.chosen, self.organisations, self.members = {}, [], {}
        self.grants = [
            self.grant(dict(kind="role", name=role), dict(kind="all"), ALL, "tributary", "house-" + role)
            for role in ("administrator", "operator")
        ]
        self.requests, self.glasses, self.proposals, self.tokens = [], [], [], []
        self.unmarked, self.denial = False, None

    @staticmethod
    def grant(grantee, scope, operations, by, name=None, conditions=None, note=""):
        return dict(
            id=name or secrets.token_hex(8),
            issuer="34020000002000000001",
            grantee=grantee,
            scope=scope,
            operations=operations,
            conditions=conditions or {},
            note=note,
            created=stamp(time.time()),
            createdBy=by,
            inForce=True,
        )

    def own(self, user):
        chosen = self.chosen.get(user["name"])
        code = STANDING.get(user["role"])
        standing = chosen or (dict(purpose=code) if code else None)
        return dict({"standing": standing} if standing else {}, byRole=chosen is None)

    def choose(self, user, body):
        known = next((p for p in self.purposes if p["code"] == body["purpose"]), None)
        if not known or known["needsCase"] and not body.get("caseNumber"):
            raise Refusal(422, "invalid", "A value breaks a rule", "this purpose needs a case number.")
        self.chosen[user["name"]] = body
        return self.own(user)

    @staticmethod
    def one(items, name):
        found = next((item for item in items if item["id"] == name), None)
        if not found:
            raise Refusal(404, "not-found", "Not found", "There is no such object.")
        return found

    def answer(self, method, parts, body, user, users):
        """(answer, status) of a path below /api/v1, or None when it is not one of these."""
        name, rest = parts[0], parts[1:]
        if name == "purposes":
            return dict(items=self.purposes), 200
        if parts == ["session", "purpose"]:
            if method == "PUT":
                return self.choose(user, body), 200
            if method == "DELETE":
                self.chosen.pop(user["name"], None)
            return self.own(user), 200
        if name == "proposals":
            return self.proposed(method, rest, user)
        if name == "tokens":
            return self.keys(method, rest, body, user)
        if name == "organisations":
            if method == "PUT":
                self.organisations = [o for o in self.organisations if o["id"] != rest[0]]
                new = dict(id=rest[0], name=body["name"])
                self.organisations.append(dict(new, parent=body["parent"]) if body.get("parent") else new)
            if method == "DELETE":
                self.organisations = [o for o in self.organisations if o["id"] != rest[0]]
            return dict(items=self.organisations), 200
        if name == "people":
            if method == "PATCH":
                self.members[rest[0]] = body["organisation"]
            items = [dict(name=n, organisation=self.members.get(n)) for n in users]
            return dict(items=[{k: v for k, v in item.items() if v} for item in items]), 200
        if name == "grants":
            return self.granted(method, rest, body, user)
        if name == "access-requests":
            return self.asked(method, rest, body, user)
        if name == "break-glass":
            return self.glass(method, rest, body, user)
        return None

    def admit(self):
        """Refuses a look while a denial is set."""
        if self.denial:
            problem = Refusal(403, "access-denied", "Access was not granted", "Nobody granted it.")
            problem.reason = self.denial
            raise problem

    def proposed(self, method, rest, user):
        items = [dict(p, mine=p["proposedBy"] == user["name"]) for p in self.proposals]
        if method == "GET":
            return dict(items=items), 200
        found = self.one(self.proposals, rest[0])
        if found["state"] != "proposed":
            raise Refusal(409, "conflict", "Conflict", "It is confirmed, withdrawn or expired.")
        state = "withdrawn" if method == "DELETE" else "confirmed"
        found.update(state=state, decidedBy=user["name"], decided=stamp(time.time()))
        return dict(found), 200

    def keys(self, method, rest, body, user):
        if method == "POST":
            new = dict(id=secrets.token_hex(6), name=body["name"], role=body["role"], created=stamp(time.time()),
                       createdBy=user["name"])
            self.tokens.append(new)
            return dict(new, token="trb_" + secrets.token_hex(20)), 201
        if method == "DELETE":
            self.tokens.remove(self.one(self.tokens, rest[0]))
            return {}, 200
        return dict(items=self.tokens), 200

    def granted(self, method, rest, body, user):
        if rest == ["explain"]:
            known = [g for g in self.grants if g["inForce"]]
            allowed = body["operation"] in ALL and bool(known)
            found = dict(allowed=allowed, considered=[dict(grant=g) for g in known])
            if allowed:
                found["grant"] = known[0]["id"]
            else:
                found.update(reason="operation-not-granted", text="not included", fix="Ask for access.")
            return found, 200
        if method == "POST":
            new = self.grant(
                body["grantee"], body["scope"], body["operations"], user["name"],
                conditions=body.get("conditions"), note=body.get("note", ""),
            )
            self.grants.insert(0, new)
            return new, 201
        if method == "DELETE":
            found = self.one(self.grants, rest[0])
            found.update(inForce=False, revoked=stamp(time.time()), revokedBy=user["name"])
            return found, 200
        return dict(items=self.grants), 200

    def asked(self, method, rest, body, user):
        if method == "POST" and not rest:
            purpose = dict(purpose=body["purpose"], words=body.get("words"))
            new = dict(
                id=secrets.token_hex(8), asker=user["name"], scope=body["scope"], operations=body["operations"],
                purpose=purpose, until=body["until"], created=stamp(time.time()), state="asked",
            )
            self.requests.insert(0, new)
            return new, 201
        if method == "POST":
            found = self.one(self.requests, rest[0])
            found.update(
                state="granted" if body["grant"] else "refused", decided=stamp(time.time()),
                decidedBy=user["name"], answer=body.get("answer", ""),
            )
            return found, 200
        if method == "DELETE":
            found = self.one(self.requests, rest[0])
            found.update(state="withdrawn")
            return found, 200
        return dict(items=self.requests), 200

    def glass(self, method, rest, body, user):
        if method == "POST" and not rest:
            if len(body["reason"].strip()) < 10:
                raise Refusal(422, "invalid", "A value breaks a rule", "The reason needs at least 10 characters.")
            began = time.time()
            new = dict(
                id=secrets.token_hex(8), person=user["name"], reason=body["reason"], opened=stamp(began),
                until=stamp(began + 1800), grant="glass", late=False,
            )
            self.glasses.insert(0, new)
            return new, 201
        if method == "POST":
            found = self.one(self.glasses, rest[0])
            found.update(verdict=body["verdict"], reviewedBy=user["name"], words=body.get("words", ""))
            return found, 200
        return dict(items=self.glasses), 200

    def control(self, body):
        """What another person did meanwhile."""
        if body["what"] == "request":
            self.requests.insert(0, dict(
                id=secrets.token_hex(8), asker="li", scope=dict(kind="subtree", name="3402"), operations=["live"],
                purpose=dict(purpose="incident", words="flood"), until=stamp(time.time() + 86400),
                created=stamp(time.time()), state="asked",
            ))
        elif body["what"] == "level":
            base = dict(asker=body["asker"], scope=dict(kind="list", channels=["a_b"]), operations=["live"],
                        purpose=dict(purpose="incident", words="flood"), until=stamp(time.time() + 86400),
                        created=stamp(time.time()), state="asked")
            self.requests.insert(0, dict(base, id=secrets.token_hex(8), level="34000000002000000001"))
            self.requests.insert(0, dict(base, id=secrets.token_hex(8), owner="34020300002000000001", delivered=True))
        elif body["what"] == "glass":
            self.glasses.insert(0, dict(
                id=secrets.token_hex(8), person="li", reason="smoke in the school", opened=stamp(time.time()),
                until=stamp(time.time() + 1800), grant="glass", late=False,
            ))
        elif body["what"] == "proposal":
            self.proposals.insert(0, dict(
                id=secrets.token_hex(8), kind="accounts", verb="POST", path="/api/v1/users", proposedBy="wang",
                content='{"name":"third","role":"operator"}', proposed=stamp(time.time()),
                expires=stamp(time.time() + 900), state="proposed",
            ))
        elif body["what"] == "deny":
            self.denial = body["reason"]
        elif body["what"] == "allow":
            self.denial = None
        elif body["what"] == "unmarked":
            self.unmarked = True
        else:
            self.__init__()
        return {}
