extension OpenAPIDocument {
  /// Schemas: who may look, and why.
  static let rightsSchemas = #"""
    "StandingPurpose": {
      "type": "object",
      "description": "A purpose as an account carries it.",
      "properties": {
        "purpose": {"type": "string"},
        "caseNumber": {"type": "string"},
        "approver": {"type": "string"},
        "words": {"type": "string"},
        "until": {
          "type": "string",
          "format": "date-time",
          "description": "When it ends; pictures end with it."
        }
      },
      "required": ["purpose"]
    },
    "OwnPurpose": {
      "type": "object",
      "description": "The purpose that the own looks carry; absent when there is none.",
      "properties": {
        "standing": {"$ref": "#/components/schemas/StandingPurpose"},
        "byRole": {
          "type": "boolean",
          "description": "Whether it is the role's, not one that was chosen."
        }
      },
      "required": ["byRole"]
    },
    "Purpose": {
      "type": "object",
      "description": "An entry of the list of purposes.",
      "properties": {
        "code": {"type": "string"},
        "english": {"type": "string"},
        "chinese": {"type": "string"},
        "needsCase": {"type": "boolean"},
        "needsApprover": {"type": "boolean"},
        "reserved": {"type": "boolean", "description": "Only a grant that names it carries it."},
        "enabled": {"type": "boolean"}
      },
      "required": ["code", "english", "chinese", "needsCase", "needsApprover", "reserved", "enabled"]
    },
    "PurposeChange": {
      "type": "object",
      "description": "A purpose to be added or changed.",
      "properties": {
        "english": {"type": "string"},
        "chinese": {"type": "string"},
        "needsCase": {"type": "boolean"},
        "needsApprover": {"type": "boolean"},
        "enabled": {"type": "boolean"}
      },
      "required": ["english", "chinese"]
    },
    "Organisation": {
      "type": "object",
      "description": "A body that people belong to.",
      "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "parent": {"type": "string"}},
      "required": ["id", "name"]
    },
    "OrganisationChange": {
      "type": "object",
      "description": "An organisation to be added or changed.",
      "properties": {"name": {"type": "string"}, "parent": {"type": "string"}},
      "required": ["name"]
    },
    "Person": {
      "type": "object",
      "description": "What an account has beside its role.",
      "properties": {
        "name": {"type": "string"},
        "organisation": {"type": "string"},
        "standing": {"$ref": "#/components/schemas/StandingPurpose"}
      },
      "required": ["name"]
    },
    "PersonChange": {
      "type": "object",
      "description": "What of an account is changed. An empty text takes the organisation away.",
      "properties": {
        "organisation": {"type": "string"},
        "standing": {"$ref": "#/components/schemas/StandingPurpose"},
        "standingByRole": {"type": "boolean", "description": "Back to the purpose of the role."}
      }
    },
    "Grantee": {
      "type": "object",
      "description": "Whom a grant is for.",
      "properties": {
        "kind": {"type": "string", "enum": ["person", "key", "role", "organisation", "level"]},
        "name": {"type": "string"}
      },
      "required": ["kind", "name"]
    },
    "GrantScope": {
      "type": "object",
      "description": "Which channels are meant: all, what hangs below a node of a tree, a group, a list, a label.",
      "properties": {
        "kind": {"type": "string", "enum": ["all", "subtree", "group", "list", "label"]},
        "name": {"type": "string"},
        "channels": {"type": "array", "items": {"type": "string"}}
      },
      "required": ["kind"]
    },
    "WeeklyHours": {
      "type": "object",
      "description": "Hours of a week.",
      "properties": {
        "weekdays": {
          "type": "array",
          "items": {"type": "integer"},
          "description": "1 Monday to 7 Sunday."
        },
        "from": {"type": "string", "description": "HH:MM"},
        "to": {"type": "string", "description": "HH:MM; not after “from” means of the next day."},
        "offset": {"type": "integer", "description": "Minutes east of UTC; absent 480."}
      },
      "required": ["from", "to"]
    },
    "GrantConditions": {
      "type": "object",
      "description": "Under what conditions a grant holds; what is absent does not limit.",
      "properties": {
        "purposes": {"type": "array", "items": {"type": "string"}},
        "hours": {"$ref": "#/components/schemas/WeeklyHours"},
        "footageSince": {"type": "string", "format": "date-time"},
        "footageSeconds": {"type": "integer"},
        "starts": {"type": "string", "format": "date-time"},
        "expires": {"type": "string", "format": "date-time"},
        "viewers": {"type": "integer", "description": "Looks at once."},
        "visitors": {
          "type": "array",
          "items": {"type": "string"},
          "description": "Of a grant for another level: only these people, level/person/name, and organisations, level/organisation/id."
        },
        "unmarked": {
          "type": "boolean",
          "description": "Whether pictures under it are shown without their viewer's name over them."
        }
      }
    },
    "NewGrant": {
      "type": "object",
      "description": "A grant to be given.",
      "properties": {
        "grantee": {"$ref": "#/components/schemas/Grantee"},
        "scope": {"$ref": "#/components/schemas/GrantScope"},
        "operations": {"type": "array", "items": {"$ref": "#/components/schemas/AccessOperation"}},
        "priority": {"type": "integer", "minimum": 1, "maximum": 254},
        "conditions": {"$ref": "#/components/schemas/GrantConditions"},
        "note": {"type": "string"}
      },
      "required": ["grantee", "scope", "operations"]
    },
    "AccessOperation": {
      "type": "string",
      "enum": ["live", "replay", "download", "control", "audio", "configure"]
    },
    "Grant": {
      "type": "object",
      "description": "A grant. It is never changed, only revoked.",
      "properties": {
        "id": {"type": "string"},
        "issuer": {"type": "string", "description": "The level that gave it."},
        "grantee": {"$ref": "#/components/schemas/Grantee"},
        "scope": {"$ref": "#/components/schemas/GrantScope"},
        "operations": {"type": "array", "items": {"$ref": "#/components/schemas/AccessOperation"}},
        "priority": {"type": "integer"},
        "conditions": {"$ref": "#/components/schemas/GrantConditions"},
        "note": {"type": "string"},
        "created": {"type": "string", "format": "date-time"},
        "createdBy": {"type": "string"},
        "inForce": {"type": "boolean", "description": "Whether it holds now, its hours apart."},
        "revoked": {"type": "string", "format": "date-time"},
        "revokedBy": {"type": "string"}
      },
      "required": [
        "id",
        "issuer",
        "grantee",
        "scope",
        "operations",
        "conditions",
        "note",
        "created",
        "createdBy",
        "inForce"
      ]
    },
    "AccessTrial": {
      "type": "object",
      "description": "A question to be explained.",
      "properties": {
        "asker": {"$ref": "#/components/schemas/Grantee"},
        "visitor": {"type": "string", "description": "Who of a level asks, as in the conditions of a grant."},
        "operation": {"$ref": "#/components/schemas/AccessOperation"},
        "channel": {"type": "string"},
        "purpose": {"type": "string"},
        "caseNumber": {"type": "string"},
        "approver": {"type": "string"},
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"}
      },
      "required": ["asker", "operation", "channel"]
    },
    "GrantOpinion": {
      "type": "object",
      "description": "What a grant says to a question; no reason is a yes.",
      "properties": {
        "grant": {"$ref": "#/components/schemas/Grant"},
        "reason": {"$ref": "#/components/schemas/DenialReason"}
      },
      "required": ["grant"]
    },
    "DenialReason": {
      "type": "string",
      "enum": [
        "no-grant",
        "operation-not-granted",
        "revoked",
        "expired",
        "other-visitor",
        "not-yet",
        "outside-footage",
        "wrong-purpose",
        "outside-hours",
        "too-many-viewers",
        "unknown-purpose",
        "purpose-expired",
        "purpose-needed",
        "case-needed",
        "approver-needed"
      ]
    },
    "AccessExplanation": {
      "type": "object",
      "description": "What would be decided, and why.",
      "properties": {
        "allowed": {"type": "boolean"},
        "grant": {"type": "string"},
        "reason": {"$ref": "#/components/schemas/DenialReason"},
        "text": {"type": "string"},
        "fix": {"type": "string"},
        "until": {"type": "string", "format": "date-time"},
        "considered": {"type": "array", "items": {"$ref": "#/components/schemas/GrantOpinion"}}
      },
      "required": ["allowed", "considered"]
    },
    "NewAccessRequest": {
      "type": "object",
      "description": "Access that somebody asks for.",
      "properties": {
        "scope": {"$ref": "#/components/schemas/GrantScope"},
        "operations": {"type": "array", "items": {"$ref": "#/components/schemas/AccessOperation"}},
        "purpose": {"type": "string"},
        "caseNumber": {"type": "string"},
        "approver": {"type": "string"},
        "words": {"type": "string"},
        "until": {"type": "string", "format": "date-time"}
      },
      "required": ["scope", "operations", "purpose", "until"]
    },
    "AccessRequest": {
      "type": "object",
      "description": "A request for access and its state.",
      "properties": {
        "id": {"type": "string"},
        "asker": {"type": "string"},
        "scope": {"$ref": "#/components/schemas/GrantScope"},
        "operations": {"type": "array", "items": {"$ref": "#/components/schemas/AccessOperation"}},
        "purpose": {"$ref": "#/components/schemas/StandingPurpose"},
        "until": {"type": "string", "format": "date-time"},
        "created": {"type": "string", "format": "date-time"},
        "state": {"type": "string", "enum": ["asked", "granted", "refused", "withdrawn", "expired"]},
        "decided": {"type": "string", "format": "date-time"},
        "decidedBy": {"type": "string"},
        "answer": {"type": "string"},
        "grant": {"type": "string"},
        "level": {"type": "string", "description": "The level where the asker is, when it is another one."},
        "owner": {
          "type": "string",
          "description": "The next level on the way to the owner, which decides; absent when it is decided here."
        },
        "delivered": {"type": "boolean", "description": "Whether that level has it."}
      },
      "required": ["id", "asker", "scope", "operations", "purpose", "until", "created", "state"]
    },
    "AccessRequestDecision": {
      "type": "object",
      "description": "An approver's decision.",
      "properties": {
        "grant": {"type": "boolean"},
        "answer": {"type": "string"},
        "until": {"type": "string", "format": "date-time", "description": "An earlier end."},
        "operations": {
          "type": "array",
          "items": {"$ref": "#/components/schemas/AccessOperation"},
          "description": "Some of those that were asked for."
        },
        "hours": {"$ref": "#/components/schemas/WeeklyHours"},
        "footageSeconds": {"type": "integer"},
        "viewers": {"type": "integer"}
      },
      "required": ["grant"]
    },
    "NewBreakGlass": {
      "type": "object",
      "description": "Why somebody breaks the glass.",
      "properties": {"reason": {"type": "string", "description": "At least ten characters."}},
      "required": ["reason"]
    },
    "BreakGlass": {
      "type": "object",
      "description": "Access taken in an emergency. Its looks state the purpose “break-glass”.",
      "properties": {
        "id": {"type": "string"},
        "person": {"type": "string"},
        "reason": {"type": "string"},
        "opened": {"type": "string", "format": "date-time"},
        "until": {"type": "string", "format": "date-time"},
        "grant": {"type": "string"},
        "late": {"type": "boolean", "description": "Whether its review is late."},
        "verdict": {"type": "string", "enum": ["justified", "unjustified"]},
        "reviewed": {"type": "string", "format": "date-time"},
        "reviewedBy": {"type": "string"},
        "words": {"type": "string"}
      },
      "required": ["id", "person", "reason", "opened", "until", "grant", "late"]
    },
    "BreakGlassReview": {
      "type": "object",
      "description": "A reviewer's verdict.",
      "properties": {
        "verdict": {"type": "string", "enum": ["justified", "unjustified"]},
        "words": {"type": "string"}
      },
      "required": ["verdict"]
    },
    "Proposal": {
      "type": "object",
      "description": "An action that somebody proposed and another person confirms.",
      "properties": {
        "id": {"type": "string"},
        "kind": {"type": "string", "enum": ["grants", "accounts", "holds", "retention", "log-erasure"]},
        "verb": {"type": "string"},
        "path": {"type": "string"},
        "content": {"type": "string", "description": "The body as it was sent, without passwords."},
        "proposedBy": {"type": "string"},
        "proposed": {"type": "string", "format": "date-time"},
        "expires": {"type": "string", "format": "date-time"},
        "state": {"type": "string", "enum": ["proposed", "confirmed", "withdrawn", "expired"]},
        "decidedBy": {"type": "string"},
        "decided": {"type": "string", "format": "date-time"},
        "mine": {"type": "boolean", "description": "Whether who asks proposed it."}
      },
      "required": ["id", "kind", "verb", "path", "proposedBy", "proposed", "expires", "state", "mine"]
    },
    "ProposalPage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Proposal"}},
        "next": {"type": "string"},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "ChannelLabels": {
      "type": "object",
      "description": "The labels of a channel.",
      "properties": {"labels": {"type": "array", "items": {"type": "string"}}},
      "required": ["labels"]
    },
    "SignedInElsewhere": {
      "type": "object",
      "description": "Somebody who is signed in.",
      "properties": {
        "id": {"type": "string"},
        "user": {"type": "string"},
        "source": {"type": "string"},
        "created": {"type": "string", "format": "date-time"},
        "expires": {"type": "string", "format": "date-time"},
        "own": {"type": "boolean", "description": "Whether it is the session that asks."}
      },
      "required": ["id", "user", "source", "created", "expires", "own"]
    },
    "PurposePage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Purpose"}},
        "next": {"type": "string"},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "OrganisationPage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Organisation"}},
        "next": {"type": "string"},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "PersonPage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}},
        "next": {"type": "string"},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "GrantPage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Grant"}},
        "next": {"type": "string"},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "AccessRequestPage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/AccessRequest"}},
        "next": {"type": "string"},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "BreakGlassPage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/BreakGlass"}},
        "next": {"type": "string"},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    },
    "SignedInElsewherePage": {
      "type": "object",
      "description": "One page.",
      "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/SignedInElsewhere"}},
        "next": {"type": "string"},
        "total": {"type": "integer"}
      },
      "required": ["items"]
    }
    """#
}
