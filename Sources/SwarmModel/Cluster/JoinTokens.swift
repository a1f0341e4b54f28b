// SPDX-License-Identifier: Apache-2.0

/// The tokens that let nodes into the cluster, one for each role.
public struct JoinTokens: Sendable, Hashable {
  /// The token that makes a worker.
  public var worker: String
  /// The token that makes a manager.
  public var manager: String
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    worker: String = "",
    manager: String = "",
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.worker = worker
    self.manager = manager
    self.unknownFields = unknownFields
  }
}
