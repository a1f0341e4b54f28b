// SPDX-License-Identifier: Apache-2.0

/// Encoded fields that this version does not know, kept as they came.
///
/// They are written back behind the known fields, so that a newer version's data survives an older version.
public struct UnknownFields: Sendable, Hashable {
  /// The fields, each with its tag, in the order of arrival.
  public var bytes: [UInt8]

  /// Creates a value; empty by default.
  public init(_ bytes: [UInt8] = []) {
    self.bytes = bytes
  }

  /// Whether there are none.
  public var isEmpty: Bool { self.bytes.isEmpty }
}
