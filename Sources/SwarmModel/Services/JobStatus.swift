// SPDX-License-Identifier: Apache-2.0

/// The current run of a job.
public struct JobStatus: Sendable, Hashable {
  /// Counts the runs; tasks of older iterations are removed.
  public var jobIteration: Version
  /// When this run began.
  public var lastExecution: Timestamp?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    jobIteration: Version = .zero,
    lastExecution: Timestamp? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.jobIteration = jobIteration
    self.lastExecution = lastExecution
    self.unknownFields = unknownFields
  }
}
