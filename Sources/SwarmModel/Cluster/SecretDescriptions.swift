// SPDX-License-Identifier: Apache-2.0

// What holds keys and tokens says what it is and not what it holds: a value that ends up in a log line, or inside another one that
// does, shows nothing.

extension RootCA: CustomStringConvertible, CustomDebugStringConvertible {
  /// The digest of the root certificates.
  public var description: String { "RootCA(\(self.caCertHash))" }

  /// The digest of the root certificates.
  public var debugDescription: String { self.description }
}

extension RootRotation: CustomStringConvertible, CustomDebugStringConvertible {
  /// Only what this is.
  public var description: String { "RootRotation(…)" }

  /// Only what this is.
  public var debugDescription: String { self.description }
}

extension ContainerSpec.PullOptions: CustomStringConvertible, CustomDebugStringConvertible {
  /// Only what this is.
  public var description: String { "PullOptions(…)" }

  /// Only what this is.
  public var debugDescription: String { self.description }
}

extension JoinTokens: CustomStringConvertible, CustomDebugStringConvertible {
  /// Only what this is.
  public var description: String { "JoinTokens(…)" }

  /// Only what this is.
  public var debugDescription: String { self.description }
}
