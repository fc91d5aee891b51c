import Access
import HTTPTypes
import Hummingbird

/// Purposes, organisations, grants, requests and emergencies.
enum RightsRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    purposes(operations) + people(operations) + grants(operations) + requests(operations)
      + emergencies(operations) + labels(operations)
  }

  private static func purposes(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/purposes", .needs(.ownSession)) { _ in
        try .json(API.Page(items: try await operations.purposes()))
      },
      Route(.put, "/api/v1/purposes/{code}", .needs(.manageGrants)) { call in
        let change = try await call.json(API.PurposeChange.self)
        return try .json(
          try await operations.savePurpose(try call.text("code"), change, by: try call.caller()))
      },
      Route(.get, "/api/v1/session/purpose", .needs(.ownSession)) { call in
        try .json(try await operations.ownPurpose(of: try call.caller()))
      },
      Route(.put, "/api/v1/session/purpose", .needs(.ownSession)) { call in
        let standing = try await call.json(API.StandingPurpose.self)
        return try .json(try await operations.setOwnPurpose(standing, of: try call.caller()))
      },
      Route(.delete, "/api/v1/session/purpose", .needs(.ownSession)) { call in
        try .json(try await operations.setOwnPurpose(nil, of: try call.caller()))
      },
    ]
  }

  private static func people(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/organisations", .needs(.ownSession)) { _ in
        try .json(API.Page(items: try await operations.organisations()))
      },
      Route(.put, "/api/v1/organisations/{id}", .needs(.manageAccounts)) { call in
        let change = try await call.json(API.OrganisationChange.self)
        return try .json(
          try await operations.saveOrganisation(try call.id(), change, by: try call.caller()))
      },
      Route(.delete, "/api/v1/organisations/{id}", .needs(.manageAccounts)) { call in
        try await operations.removeOrganisation(try call.id(), by: try call.caller())
        return .noContent
      },
      Route(.get, "/api/v1/people", .needs(.manageAccounts)) { _ in
        try .json(API.Page(items: try await operations.persons()))
      },
      Route(.patch, "/api/v1/people/{name}", .needs(.manageAccounts)) { call in
        let change = try await call.json(API.PersonChange.self)
        return try .json(
          try await operations.changePerson(try call.text("name"), change, by: try call.caller()))
      },
    ]
  }

  private static func grants(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/grants", .needs(.viewGrants)) { _ in
        try .json(API.Page(items: try await operations.grants()))
      },
      Route(.post, "/api/v1/grants", .needs(.manageGrants), secondPerson: .grants) { call in
        let grant = try await call.json(API.NewGrant.self)
        return try .json(try await operations.addGrant(grant, by: try call.caller()), status: .created)
      },
      Route(.delete, "/api/v1/grants/{id}", .needs(.manageGrants)) { call in
        try .json(try await operations.revokeGrant(try call.id(), by: try call.caller()))
      },
      Route(.post, "/api/v1/grants/explain", .needs(.viewGrants)) { call in
        try .json(try await operations.explainAccess(try await call.json(API.AccessTrial.self)))
      },
    ]
  }

  private static func requests(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/access-requests", .needs(.ownSession)) { call in
        try .json(API.Page(items: try await operations.accessRequests(for: try call.caller())))
      },
      Route(.post, "/api/v1/access-requests", .needs(.ownSession)) { call in
        let request = try await call.json(API.NewAccessRequest.self)
        return try .json(
          try await operations.askForAccess(request, by: try call.caller()), status: .created)
      },
      Route(
        .post, "/api/v1/access-requests/{id}/decision", .needs(.manageGrants), secondPerson: .grants
      ) { call in
        let decision = try await call.json(API.AccessRequestDecision.self)
        return try .json(
          try await operations.decideAccessRequest(try call.id(), decision, by: try call.caller()))
      },
      Route(.delete, "/api/v1/access-requests/{id}", .needs(.ownSession)) { call in
        try .json(try await operations.withdrawAccessRequest(try call.id(), by: try call.caller()))
      },
    ]
  }

  private static func emergencies(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/break-glass", .needs(.ownSession)) { call in
        try .json(API.Page(items: try await operations.brokenGlasses(for: try call.caller())))
      },
      Route(.post, "/api/v1/break-glass", .needs(.breakGlass)) { call in
        let new = try await call.json(API.NewBreakGlass.self)
        return try .json(try await operations.breakGlass(new, by: try call.caller()), status: .created)
      },
      Route(.post, "/api/v1/break-glass/{id}/review", .needs(.reviewBreakGlass)) { call in
        let review = try await call.json(API.BreakGlassReview.self)
        return try .json(
          try await operations.reviewBreakGlass(try call.id(), review, by: try call.caller()))
      },
    ]
  }

  private static func labels(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/channels/{id}/labels", .needs(.viewRegistry), .shown) { call in
        try .json(try await operations.labels(channel: try call.id()))
      },
      Route(.put, "/api/v1/channels/{id}/labels", .needs(.manageGrants), .shown) { call in
        let labels = try await call.json(API.ChannelLabels.self)
        return try .json(
          try await operations.setLabels(labels, channel: try call.id(), by: try call.caller()))
      },
    ]
  }
}
