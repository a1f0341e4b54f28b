// SPDX-License-Identifier: Apache-2.0

/// The methods that the API has.
enum HTTPVerb: String, Sendable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case delete = "DELETE"
}

/// One method and path of the API, and what answers it.
struct Route: Sendable {
  typealias Handler = @Sendable (EngineCall) async throws -> EngineReply

  private enum Part: Sendable {
    case literal(String)
    /// One part, whatever it is.
    case open
    /// All that is left, even nothing.
    case rest
  }

  let method: HTTPVerb
  /// Whether the handler reads the request's body itself, while it comes.
  let takesUpload: Bool
  /// The path as the route was made with, `services/*/update`.
  let path: String
  let handler: Handler
  private let parts: [Part]

  /// A route.
  ///
  /// - Parameters:
  ///   - path: For example `services/*/update`; `*` is one open part, and `**` at the end is any number of them.
  ///   - takesUpload: Whether the handler reads the request's body itself, while it comes.
  init(_ method: HTTPVerb, _ path: String, takesUpload: Bool = false, handler: @escaping Handler) {
    self.method = method
    self.takesUpload = takesUpload
    self.path = path
    self.handler = handler
    self.parts = path.split(separator: "/").map { part in
      switch part {
      case "*": .open
      case "**": .rest
      default: .literal(String(part))
      }
    }
  }

  /// The open parts of a path that this route answers; `nil` when it doesn't.
  func match(_ method: HTTPVerb, _ path: [String]) -> [String]? {
    guard method == self.method else { return nil }
    var open: [String] = []
    for (position, part) in self.parts.enumerated() {
      if case .rest = part { return open + [path.dropFirst(position).joined(separator: "/")] }
      guard position < path.count else { return nil }
      switch part {
      case .literal(let text): if text != path[position] { return nil }
      case .open: open.append(path[position])
      case .rest: break
      }
    }
    return path.count == self.parts.count ? open : nil
  }
}
