// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// A request as it comes from a client.
package struct FuzzRequest: Sendable {
  package var method: String
  /// The path with its percent signs, and the query.
  package var target: String
  package var body: [UInt8]
  /// The route that it is meant for: `POST services/*/update`.
  package var route: String
  /// Whether nothing about it was changed at random.
  package var isSound: Bool
}

/// Makes requests for all routes of the API: sound ones, ones that are wrong in a few places, and noise.
struct RequestGenerator: Sendable {
  private let routes: [String]
  private var random: FuzzRandom

  /// - Parameter routes: All routes, `GET services/*`.
  init(routes: [String], seed: UInt64) {
    self.routes = routes
    self.random = FuzzRandom(seed: seed)
  }

  /// The next request.
  ///
  /// - Parameter isInSwarm: Whether the last answers came from a manager; outside a swarm most requests only tell that.
  mutating func next(_ known: KnownObjects, isInSwarm: Bool) -> FuzzRequest {
    var route = self.random.pick(self.routes)
    // These cost what hundreds of others do.
    if ["POST swarm/leave", "POST swarm/join"].contains(route), !self.random.happens(1) { route = "GET info" }
    if !isInSwarm, self.random.happens(20) { route = "POST swarm/init" }
    let parts = route.split(separator: " ").map(String.init)
    let kind = String(parts[1].prefix { $0 != "/" })
    let isSound = self.random.happens(30)
    let (id, version) = known.any(kind, &self.random)
    var request = FuzzRequest(method: parts[0], target: "", body: [], route: route, isSound: isSound)
    request.target = self.path(parts[1], id: id, isSound: isSound) + self.query(route, version: version, isSound: isSound)
    request.body = self.body(route, isSound: isSound)
    if !isSound, self.random.happens(3) {
      request.method = self.random.pick(["GET", "PUT", "PATCH", "OPTIONS", "HEAD", "BREW", "DELETE"])
    }
    return request
  }

  /// The names of objects: few, so that there never are many objects.
  private mutating func name() -> String { "n\(self.random.below(6))" }

  // MARK: - Paths

  private mutating func path(_ pattern: String, id: String, isSound: Bool) -> String {
    var path = isSound || self.random.happens(85) ? self.random.pick(["/v1.41/", "/v1.24/", "/"]) : self.strangePrefix()
    path += pattern.split(separator: "/").map { part in
      switch part {
      case "*": return self.reference(id: id, isSound: isSound)
      case "**": return (0..<self.random.below(3)).map { _ in self.reference(id: id, isSound: isSound) }.joined(separator: "/")
      default:
        return !isSound && self.random.happens(1) ? PercentCoding.encode(self.random.pick(JSONMutator.texts)) : String(part)
      }
    }.joined(separator: "/")
    return path
  }

  private mutating func strangePrefix() -> String {
    self.random.pick([
      "/v1.999/", "/v0.1/", "/v99999999999999999999.1/", "/v1.41.1/", "//", "/v/", "/v1.-1/", "/%76%31.41/", "/%/", "/%zz/",
      "/%00/", "v1.41/", "",
      "/v1.41//", "http://x/",
    ])
  }

  private mutating func reference(id: String, isSound: Bool) -> String {
    switch self.random.below(isSound ? 8 : 12) {
    case 0...2: return self.name()
    case 3...6: return id
    case 7: return String(id.prefix(1 + self.random.below(6)))
    case 8: return String(repeating: "a", count: 5000)
    default: return PercentCoding.encode(self.random.pick(JSONMutator.texts))
    }
  }

  // MARK: - Queries

  private static let flags = [
    "force", "status", "insertDefaults", "stdout", "stderr", "follow", "timestamps", "details", "rotateWorkerToken",
    "rotateManagerToken",
    "rotateManagerUnlockKey", "verbose",
  ]
  private static let filterKeys = [
    "id", "name", "names", "label", "node.label", "membership", "role", "mode", "runtime", "service", "node", "desired-state",
    "_up-to-date", "type",
    "event", "scope", "driver", "secret", "config", "network", "container", "dangling", "status", "ancestor", "exited", "is-task",
    "reference",
  ]

  private mutating func query(_ route: String, version: Int64, isSound: Bool) -> String {
    var pairs: [(String, String)] = []
    if route.hasSuffix("/update") {
      let isRight = isSound || self.random.happens(80)
      pairs.append(
        ("version", isRight ? String(version) : self.random.pick(["", "-1", "1e3", "18446744073709551616", "0", "x"]))
      )
      if route.hasPrefix("POST services"), self.random.happens(10) {
        pairs.append(("rollback", isSound ? "previous" : self.random.pick(JSONMutator.texts)))
      }
    }
    if route.hasSuffix("/logs") {
      pairs += [
        ("stdout", "1"), ("stderr", self.random.pick(["0", "1"])),
        ("tail", self.random.pick(["all", "0", "3", "-1", "x", "99999999999999999999"])),
      ]
    }
    if route == "POST exec/*/resize" { pairs += [("h", self.random.pick(["24", "0", "-1", "x"])), ("w", "80")] }
    if route == "GET containers/json" { pairs += [("all", "1"), ("limit", self.random.pick(["", "0", "2", "-1", "x"]))] }
    if route.hasSuffix("/stats"), self.random.happens(50) { pairs += [("stream", "0"), ("one-shot", "1")] }
    if route == "GET events" || route.hasSuffix("/logs"), self.random.happens(50) {
      for name in ["since", "until"] where self.random.happens(60) {
        pairs.append(
          (
            name,
            self.random.pick([
              "0", "1", "1700000000.5", "99999999999", "-1", "2026-01-01T00:00:00Z", "1e30", "x", ".", "1.999999999999",
            ])
          )
        )
      }
    }
    if route.hasPrefix("GET "), self.random.happens(35) { pairs.append(("filters", self.filters(isSound: isSound))) }
    for flag in Self.flags where self.random.happens(5) {
      pairs.append((flag, isSound ? self.random.pick(["1", "0", "true", "false"]) : self.random.pick(JSONMutator.texts)))
    }
    if route == "DELETE nodes/*", self.random.happens(90) { pairs.removeAll { $0.0 == "force" } }
    if !isSound, self.random.happens(5) {
      pairs.append((self.random.pick(JSONMutator.texts), self.random.pick(JSONMutator.texts)))
    }
    guard !pairs.isEmpty else {
      return isSound || self.random.happens(95) ? "" : self.random.pick(["?", "?&&&", "?=", "?%", "?a=%zz", "??"])
    }
    return "?" + pairs.map { "\($0)=\(PercentCoding.encode($1))" }.joined(separator: "&")
  }

  private mutating func filters(isSound: Bool) -> String {
    var members = JSONMembers()
    for _ in 0..<(1 + self.random.below(2)) {
      let value = self.random.happens(60) ? self.name() : self.random.pick(JSONMutator.texts)
      members[self.random.pick(Self.filterKeys)] =
        self.random.happens(50) ? .array([.string(value)]) : .object([value: .bool(true)])
    }
    let filters = JSONValue.object(members)
    return (isSound ? filters : JSONMutator.mutate(filters, times: 1, &self.random)).text
  }

  // MARK: - Bodies

  private mutating func body(_ route: String, isSound: Bool) -> [UInt8] {
    let name = self.name()
    guard let template = Bodies.template(for: route, name: name, &self.random) else {
      return !isSound && self.random.happens(10) ? Array(JSONMutator.strange(&self.random).text.utf8) : []
    }
    guard !isSound else { return Array(template.text.utf8) }
    switch self.random.below(10) {
    case 0: return self.noise()
    case 1...3:
      let broken = self.broken(Array(template.text.utf8))
      // What can still be read is held to the same bounds.
      guard let value = try? EngineJSON.decode(JSONValue.self, from: broken) else { return broken }
      let bounded = Self.bounded(value)
      return bounded == value ? broken : Array(bounded.text.utf8)
    default:
      let mutated = JSONMutator.mutate(template, times: 1 + self.random.below(4), &self.random)
      return Array(Self.bounded(mutated).text.utf8)
    }
  }

  private mutating func noise() -> [UInt8] {
    (0..<self.random.below(200)).map { _ in UInt8.random(in: .min ... .max, using: &self.random) }
  }

  /// Text with a few bytes changed, lost, repeated or put in.
  private mutating func broken(_ text: [UInt8]) -> [UInt8] {
    var bytes = text
    for _ in 0..<(1 + self.random.below(3)) {
      guard !bytes.isEmpty else { return bytes }
      let place = self.random.below(bytes.count)
      switch self.random.below(6) {
      case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &self.random)
      case 1: bytes[place] ^= 1 << UInt8(self.random.below(8))
      case 2: bytes.remove(at: place)
      case 3: bytes.insert(self.random.pick(Array(#"{}[]",:\0e-"#.utf8)), at: place)
      case 4: bytes.removeSubrange(place...)
      default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + self.random.below(40))], at: place)
      }
    }
    return bytes
  }

  /// Values that are right, but would keep the swarm busy for the rest of the run with what one user asked for.
  private static func bounded(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let elements): return .array(elements.map(Self.bounded))
    case .object(let members):
      var bounded = JSONMembers()
      for (key, member) in members.pairs { bounded[key] = Self.bounded(member, of: key.lowercased()) }
      return .object(bounded)
    default: return value
    }
  }

  private static func bounded(_ value: JSONValue, of key: String) -> JSONValue {
    switch (key, value) {
    case ("replicas", .integer(let count)) where (4...1_000_000).contains(count): .integer(3)
    case ("totalcompletions", .integer(let count)) where (4...1_000_000).contains(count): .integer(3)
    case ("maxconcurrent", .integer(let count)) where (4...1_000_000).contains(count): .integer(3)
    case ("delay", .integer(let delay)) where (0..<1_000_000_000).contains(delay): .integer(5_000_000_000)
    case ("taskhistoryretentionlimit", .integer(let limit)) where limit > 5 || limit < 0: .integer(2)
    case ("forcenewcluster", _): .bool(false)
    case ("listenaddr", .string): .string("127.0.0.1:0")
    default: Self.bounded(value)
    }
  }
}
