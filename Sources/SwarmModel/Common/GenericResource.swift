// SPDX-License-Identifier: Apache-2.0

/// A resource that the host names itself: either one named thing or a number of alike things.
public enum GenericResource: Sendable, Hashable {
  /// One thing with a name, for example one graphics card.
  case named(kind: String, value: String)
  /// A number of things that need no telling apart.
  case discrete(kind: String, value: Int64)

  /// What kind of thing this is.
  public var kind: String {
    switch self {
    case .named(let kind, _), .discrete(let kind, _): kind
    }
  }
}
