// SPDX-License-Identifier: Apache-2.0

/// How managers and workers talk.
public struct DispatcherConfig: Sendable, Hashable {
  /// Time between a worker's heartbeats.
  public var heartbeatPeriod: Duration
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    heartbeatPeriod: Duration = .seconds(5),
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.heartbeatPeriod = heartbeatPeriod
    self.unknownFields = unknownFields
  }
}
