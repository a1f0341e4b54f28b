// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// All routes of the API, and the way to the right one.
struct RouteTable: Sendable {
  /// Methods and paths, `POST services/*/update`.
  let patterns: [String]
  /// The routes by the first part of their paths, which no route leaves open.
  private let routes: [String: [Route]]

  init(_ routes: [Route]) {
    self.patterns = routes.map { "\($0.method.rawValue) \($0.path)" }
    self.routes = Dictionary(grouping: routes) { String($0.path.prefix { $0 != "/" }) }
  }

  /// Finds what answers a request.
  ///
  /// - Parameter path: The path with its percent signs, with or without a version in front.
  func route(_ method: HTTPVerb, path: String) throws(APIFailure) -> (route: Route, parameters: [String]) {
    var parts: [String] = []
    for part in path.split(separator: "/") {
      guard let decoded = PercentCoding.decode(part) else { throw .notFound("page not found") }
      parts.append(decoded)
    }
    if let first = parts.first, let version = APIVersion(pathComponent: first) {
      try version.check()
      parts.removeFirst()
    }
    for route in self.routes[parts.first ?? ""] ?? [] {
      if let parameters = route.match(method, parts) { return (route, parameters) }
    }
    throw .notFound("page not found")
  }
}
