// SPDX-License-Identifier: Apache-2.0

/// What makes two elements of lists the same: for a mount its target, for a port both its ends, for a secret the file that it
/// becomes, else everything.
enum ElementKey {
  /// The key of an element.
  ///
  /// - Parameter list: The key that the list stands under.
  static func of(_ node: ComposeNode, in list: String?) -> String {
    switch (list, node.content) {
    case ("volumes", .scalar(let text, _)):
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      return String(parts.count > 1 ? parts[1] : parts[0])
    case ("volumes", .map(let map)): return self.word(map["target"]) ?? self.whole(node)
    case ("secrets", .scalar(let text, _)), ("configs", .scalar(let text, _)): return text
    case ("secrets", .map(let map)), ("configs", .map(let map)):
      return self.word(map["target"]) ?? self.word(map["source"]) ?? self.whole(node)
    case ("ports", .map(let map)):
      return [map["published"], map["target"], map["protocol"]].map { self.word($0) ?? "" }.joined(separator: ":")
    case ("ports", .scalar(let text, _)):
      let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      let ends = parts[0].contains(":") ? String(parts[0]) : ":\(parts[0])"
      return "\(ends):\(parts.count > 1 ? String(parts[1]) : "")"
    default: return self.whole(node)
    }
  }

  private static func word(_ node: ComposeNode?) -> String? {
    guard case .scalar(let text, _) = node?.content else { return nil }
    return text
  }

  /// Everything that the node says, but not where it stands.
  private static func whole(_ node: ComposeNode) -> String {
    switch node.content {
    case .scalar(let text, _): text
    case .list(let elements): "[\(elements.map(self.whole).joined(separator: "\u{0}"))]"
    case .map(let map): "{\(map.entries.map { "\($0.key)\u{0}\(self.whole($0.value))" }.joined(separator: "\u{0}"))}"
    }
  }
}
