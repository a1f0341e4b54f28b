// SPDX-License-Identifier: Apache-2.0

/// When a job runs again by itself; such a job doesn't run when it is created. (Not in SwarmKit.)
public struct JobSchedule: Sendable, Hashable {
  /// The moments in UTC, as ``CronSchedule`` reads them.
  public var cron: String
  /// What happens when the run before isn't over at such a moment.
  public var ifRunning: Overlap
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    cron: String = "",
    ifRunning: Overlap = .wait,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.cron = cron
    self.ifRunning = ifRunning
    self.unknownFields = unknownFields
  }

  /// What happens when the run before isn't over.
  public enum Overlap: Int32, Sendable, Hashable, CaseIterable {
    /// The next run begins when the one before is over; moments that went by meanwhile make one run together.
    case wait = 0
    /// The tasks of the run before are removed.
    case replace = 1
  }
}
