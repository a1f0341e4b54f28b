// SPDX-License-Identifier: Apache-2.0

/// An operating system and a processor architecture.
public struct Platform: Sendable, Hashable {
  /// The processor architecture, for example `x86_64` or `amd64`; empty means any.
  public var architecture: String
  /// The operating system, for example `linux`; empty means any.
  public var os: String
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    architecture: String = "",
    os: String = "",
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.architecture = architecture
    self.os = os
    self.unknownFields = unknownFields
  }
}
