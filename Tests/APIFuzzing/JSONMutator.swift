// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// Makes values that aren't quite what a request wants.
enum JSONMutator {
  /// A tree that differs from another in a few places.
  static func mutate(_ value: JSONValue, times: Int, _ random: inout FuzzRandom) -> JSONValue {
    var mutated = value
    for _ in 0..<times { mutated = self.changed(mutated, &random) }
    return mutated
  }

  /// Changes one place of a tree.
  private static func changed(_ value: JSONValue, _ random: inout FuzzRandom) -> JSONValue {
    switch value {
    case .object(let members) where !members.isEmpty && !random.happens(12):
      let chosen = random.pick(members.keys)
      let fate = random.below(10)
      var changed = JSONMembers()
      for (key, member) in members.pairs {
        switch (key == chosen, fate) {
        case (true, 0): continue
        case (true, 1): changed[random.happens(50) ? key.lowercased() : key + "X"] = member
        default: changed[key] = key == chosen ? self.changed(member, &random) : member
        }
      }
      return .object(changed)
    case .array(var elements) where !elements.isEmpty && !random.happens(15):
      let index = random.below(elements.count)
      switch random.below(6) {
      case 0: elements.remove(at: index)
      case 1: elements.append(elements[index])
      default: elements[index] = self.changed(elements[index], &random)
      }
      return .array(elements)
    default: return self.strange(&random)
    }
  }

  /// A value of any type, seldom a sensible one.
  static func strange(_ random: inout FuzzRandom) -> JSONValue {
    switch random.below(14) {
    case 0: return .null
    case 1: return .bool(random.happens(50))
    case 2, 3, 4: return .integer(random.pick(self.numbers))
    case 5: return .number(random.pick([0.5, -0.1, 1e300, -1e18, 1.000001, 9_223_372_036_854_775_808]))
    case 6: return .array((0..<random.below(4)).map { _ in self.strange(&random) })
    case 7:
      var members = JSONMembers()
      for _ in 0..<random.below(4) { members[random.pick(self.texts)] = self.strange(&random) }
      return .object(members)
    case 8: return self.nested(depth: random.pick([3, 120, 127, 129, 400]))
    case 9: return .string(String(repeating: random.pick(self.texts), count: random.pick([2, 64, 300, 3000])))
    default: return .string(random.pick(self.texts))
    }
  }

  private static func nested(depth: Int) -> JSONValue {
    (0..<depth).reduce(.null) { value, level in level % 2 == 0 ? .array([value]) : .object(["a": value]) }
  }

  private static let numbers: [Int64] = [
    0, 1, 2, 3, -1, 10, 255, 256, 65_535, 65_536, 1_000_000, 4_194_304, 1_000_000_000, 2_147_483_648, 4_294_967_296, .max, .min,
    .max - 1,
  ]

  static let texts = [
    "", " ", "a", "web", "n1", "0", "-1", "1e9", "true", "null", "[]", "{}", "../../etc/passwd", "\u{0}", "\u{7f}", "ß", "日本",
    "🐳", "e\u{301}",
    "a b", "a=b", "=", "!=", "node.role==manager", "node.labels.a != b", "node.id==x==y", "node.hostname~=a", "10.0.0.0/8",
    "10.0.0.0/33",
    "::/0", "256.1.1.1", "127.0.0.1:1", "[::1]:1", "unix:///tmp/x", "sha256:00", "brief", "ticker", "ticker@sha256:ab",
    "UPPER/Case:tag",
    "SIGKILL", "9", "{{.Node.Hostname}}", "{{", "{{.Task.Nope}}", "%s%n", "'; DROP TABLE", "<script>", "container", "plugin",
    "ingress", "host",
    "tcp", "sctp", "vip", "dnsrr", "active", "drain", "worker", "manager", "overlay", "default", "\\", "\"", "a\nb", "\r\n\r\n",
  ]
}
