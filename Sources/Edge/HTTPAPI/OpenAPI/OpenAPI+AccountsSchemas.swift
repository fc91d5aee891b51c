extension OpenAPIDocument {
  /// Schemas: Accounts.
  static let accountsSchemas = #"""
    "SignInWays": {
      "type": "object",
      "description": "How people sign in here.",
      "properties": {
        "external": {"type": "string", "description": "The name of the identity provider; absent without one."}
      }
    },
    "SignIn": {
      "type": "object",
      "description": "Either a name and a password, or the token of a single-use link.",
      "properties": {
        "user": {"type": "string"},
        "password": {"type": "string"},
        "firstRunToken": {"type": "string"},
        "otp": {"type": "string", "description": "A code of the second factor, where the account has one."}
      }
    },
    "SignedInSession": {
      "type": "object",
      "description": "The token is shown once; browsers also get it as an HttpOnly cookie.",
      "properties": {
        "token": {"type": "string"},
        "user": {"$ref": "#/components/schemas/Identity"},
        "expires": {"type": "string", "format": "date-time"},
        "needsPassword": {"type": "boolean", "description": "Whether the account has no password yet."}
      },
      "required": ["token", "user", "expires", "needsPassword"]
    },
    "Session": {
      "type": "object",
      "description": "The session that asked.",
      "properties": {
        "user": {"$ref": "#/components/schemas/Identity"},
        "expires": {"type": "string", "format": "date-time"},
        "permissions": {"type": "array", "items": {"type": "string"}},
        "secondFactor": {"type": "boolean", "description": "Whether a code is asked for at sign-in."}
      },
      "required": ["user", "permissions", "secondFactor"]
    },
    "Identity": {
      "type": "object",
      "description": "Who it is.",
      "properties": {"name": {"type": "string"}, "role": {"type": "string"}},
      "required": ["name", "role"]
    },
    "PasswordChange": {
      "type": "object",
      "description": "A new password for the own account.",
      "properties": {
        "password": {"type": "string"},
        "current": {
          "type": "string",
          "description": "The one in force; not needed after a single-use link."
        }
      },
      "required": ["password"]
    },
    "Account": {
      "type": "object",
      "description": "An account.",
      "properties": {
        "name": {"type": "string"},
        "role": {"type": "string"},
        "hasPassword": {"type": "boolean"},
        "created": {"type": "string", "format": "date-time"},
        "secondFactor": {"type": "boolean", "description": "Whether a code is asked for at sign-in."}
      },
      "required": ["name", "role", "hasPassword", "created", "secondFactor"]
    },
    "SecondFactorSecret": {
      "type": "object",
      "description": "A secret for an authenticator app; shown once.",
      "properties": {
        "secret": {"type": "string", "description": "Base32, to be typed."},
        "address": {"type": "string", "description": "otpauth://…, to be shown as a picture."}
      },
      "required": ["secret", "address"]
    },
    "SecondFactorCode": {
      "type": "object",
      "description": "A code of the app, or a recovery code.",
      "properties": {"code": {"type": "string"}},
      "required": ["code"]
    },
    "RecoveryCodes": {
      "type": "object",
      "description": "Codes that replace the app, each once; shown this once.",
      "properties": {"recoveryCodes": {"type": "array", "items": {"type": "string"}}},
      "required": ["recoveryCodes"]
    },
    "NewAccount": {
      "type": "object",
      "description": "An account to be made.",
      "properties": {"name": {"type": "string"}, "role": {"type": "string"}, "password": {"type": "string"}},
      "required": ["name", "role", "password"]
    },
    "Token": {
      "type": "object",
      "description": "An API key without the key.",
      "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "role": {"type": "string"},
        "created": {"type": "string", "format": "date-time"},
        "createdBy": {"type": "string"}
      },
      "required": ["id", "name", "role", "created", "createdBy"]
    },
    "NewToken": {
      "type": "object",
      "description": "A key to be made.",
      "properties": {"name": {"type": "string"}, "role": {"type": "string"}},
      "required": ["name", "role"]
    },
    "IssuedToken": {
      "type": "object",
      "description": "The key is shown this once.",
      "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "role": {"type": "string"},
        "token": {"type": "string"}
      },
      "required": ["id", "name", "role", "token"]
    }
    """#
}
