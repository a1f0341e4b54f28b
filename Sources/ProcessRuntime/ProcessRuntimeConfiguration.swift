// SPDX-License-Identifier: Apache-2.0

public import SwarmAgent

/// How a ``ProcessRuntime`` runs tasks.
public struct ProcessRuntimeConfiguration: Sendable, Hashable {
  /// The name that the node shows; empty means the machine's host name.
  ///
  /// Default: empty.
  public var hostname: String
  /// How long tasks go on without a sign of life from their node before they are killed.
  ///
  /// Default: 10 seconds.
  public var lease: Duration
  /// How often a living node gives that sign.
  ///
  /// Default: 1 second.
  public var renewal: Duration
  /// The size in bytes at which a task's log file is put aside and a new one begun, for tasks whose log driver has no option `max-size`.
  ///
  /// Default: 16 MiB.
  public var logFileSize: Int
  /// How many log files a task has at most, the current one included, for tasks whose log driver has no option `max-file`.
  ///
  /// Default: 2.
  public var logFiles: Int
  /// Where tasks get control groups of their own, in which limits of memory, processor time and processes are enforced.
  ///
  /// Default: automatic.
  public var controlGroups: ControlGroupPlace
  /// Variables that every task gets beneath those of its own spec.
  ///
  /// Default: a `PATH` of the usual directories.
  public var environment: [String: String]

  /// Creates a configuration.
  public init(
    hostname: String = "",
    lease: Duration = .seconds(10),
    renewal: Duration = .seconds(1),
    logFileSize: Int = 16 * 1024 * 1024,
    logFiles: Int = 2,
    controlGroups: ControlGroupPlace = .automatic,
    environment: [String: String] = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
  ) {
    self.hostname = hostname
    self.lease = lease
    self.renewal = renewal
    self.logFileSize = logFileSize
    self.logFiles = logFiles
    self.controlGroups = controlGroups
    self.environment = environment
  }

  /// Checks the values.
  ///
  /// - Throws: ``RuntimeError/Code/invalidArgument`` with the reason.
  public func validate() throws(RuntimeError) {
    guard self.renewal > .zero, self.lease >= self.renewal * 2 else {
      throw RuntimeError(code: .invalidArgument, message: "the lease must be at least twice as long as its renewal interval")
    }
    guard self.logFileSize >= 64 * 1024 else {
      throw RuntimeError(code: .invalidArgument, message: "the log file size must be at least 64 KiB")
    }
    guard LogRetention.possibleFiles.contains(self.logFiles) else {
      throw RuntimeError(code: .invalidArgument, message: "there have to be 1 to 100 log files")
    }
  }
}
