// SPDX-License-Identifier: Apache-2.0

/// A service that has to be there before another one begins.
///
/// The other one's first tasks wait; once it has tasks, it goes on whatever becomes of the services that it depends on. (Not in SwarmKit.)
public struct ServiceDependency: Sendable, Hashable {
  /// The name of the service that is waited for; it needn't exist yet.
  public var service: String
  /// What is waited for.
  public var condition: Condition
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    service: String = "",
    condition: Condition = .healthy,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.service = service
    self.condition = condition
    self.unknownFields = unknownFields
  }

  /// What is waited for.
  public enum Condition: Int32, Sendable, Hashable, CaseIterable {
    /// All of its tasks run, which they only do when their health checks succeed.
    case healthy = 0
    /// One of its tasks runs, or ran to its end.
    case started = 1
    /// It is a job and all of it has completed.
    case completed = 2
  }
}
