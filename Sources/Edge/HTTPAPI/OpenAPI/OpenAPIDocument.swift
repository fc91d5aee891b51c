/// The description of the HTTP interface, OpenAPI 3.1, served at `/openapi.json`.
///
/// Plain text, area by area; a test holds it against the table of routes,
/// against every answer's real shape, and against itself.
enum OpenAPIDocument {
  static let text = #"""
    {
    "openapi": "3.1.0",
    "info": {
      "title": "Tributary",
      "version": "1",
      "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
      "description": "Devices, pictures and recordings of one level of a video network. Times are RFC 3339."
    },
    "security": [{"bearer": []}, {"cookie": []}],
    "paths": {

    """#
    + [
      systemPaths,
      accountsPaths,
      devicesPaths,
      channelsPaths,
      picturesPaths,
      recordingsPaths,
      deviceRecordsPaths,
      keepingPaths,
      controlPaths,
      deviceCarePaths,
      alarmsPaths,
      profilesPaths,
      voicePaths,
      superiorsPaths, levelsPaths,
      lowerPlatformsPaths,
      linksPaths,
      rightsPaths,
      accessLogPaths,
    ].joined(separator: ",\n") + #"""
      },
      "components": {
        "securitySchemes": {
          "bearer": {"type": "http", "scheme": "bearer"},
          "cookie": {"type": "apiKey", "in": "cookie", "name": "tributary_session"}
        },
        "parameters": {
          "cursor": {
            "name": "cursor", "in": "query", "schema": {"type": "string"},
            "description": "Where the previous page ended: its \u201cnext\u201d."
          },
          "limit": {
            "name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
            "description": "Items per page."
          },
          "from": {
            "name": "from", "in": "query", "required": true, "schema": {"type": "string", "format": "date-time"},
            "description": "Beginning of the interval."
          },
          "to": {
            "name": "to", "in": "query", "required": true, "schema": {"type": "string", "format": "date-time"},
            "description": "End of the interval, not part of it."
          }
        },
        "responses": {
          "Problem": {
            "description": "A problem document (RFC 9457).",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
          }
        },
        "schemas": {

      """#
    + [
      platformSchemas,
      devicesSchemas,
      channelsSchemas,
      mediaSessionsSchemas,
      timelinesSchemas,
      deviceRecordsSchemas,
      keepingSchemas,
      controlSchemas,
      deviceCareSchemas,
      alarmsSchemas,
      profilesSchemas,
      voiceSchemas,
      superiorsSchemas, levelsSchemas,
      lowerPlatformsSchemas,
      linksSchemas,
      rightsSchemas,
      accessLogSchemas,
      diagnosisSchemas,
      accountsSchemas,
      eventsSchemas,
      sharedSchemas,
    ].joined(separator: ",\n") + "\n}\n}\n}\n"
}
