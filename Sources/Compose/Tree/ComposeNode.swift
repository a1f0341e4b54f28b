// SPDX-License-Identifier: Apache-2.0

/// A value of a compose file, with its place.
struct ComposeNode: Hashable, Sendable {
  /// The kinds of values.
  enum Content: Hashable, Sendable {
    /// A text; whether it is a number or a truth value is decided by who reads it. `isPlain` says that it had no quotes.
    case scalar(String, isPlain: Bool)
    case list([ComposeNode])
    case map(ComposeMap)
  }

  /// What the value does to one of an earlier file: the tags `!reset` and `!override`.
  enum Precedence: Hashable, Sendable {
    case merged
    case replacing
    case resetting
  }

  var content: Content
  var position: ComposePosition
  var precedence = Precedence.merged

  init(_ content: Content, at position: ComposePosition) {
    self.content = content
    self.position = position
  }

  static func text(_ text: String, at position: ComposePosition) -> Self {
    Self(.scalar(text, isPlain: false), at: position)
  }

  /// Whether nothing stands there.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = self.content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The members of a map; `nil` for everything else.
  var map: ComposeMap? {
    guard case .map(let map) = self.content else { return nil }
    return map
  }

  /// What the value is called in messages.
  var kind: String {
    switch self.content {
    case .scalar(let text, _): self.isNull ? "nothing" : "\"\(text.prefix(64))\""
    case .list: "a list"
    case .map: "a map"
    }
  }
}
