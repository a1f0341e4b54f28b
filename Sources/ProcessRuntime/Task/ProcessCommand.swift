// SPDX-License-Identifier: Apache-2.0

package import SwarmAgent
package import SwarmModel

/// What a task's spec comes to as a process.
package struct ProcessCommand: Hashable, Sendable {
  /// The program and its arguments; never empty.
  package var arguments: [String]
  /// The environment as `NAME=value`, sorted by name, every name once.
  package var environment: [String]
  /// The working directory, as an absolute path.
  package var workingDirectory: String
  /// The signal that asks the task to end.
  package var stopSignal: Int32
  /// How long it may take then.
  package var stopGrace: Duration

  /// Derives the command of a task.
  ///
  /// - Throws: when the spec asks for something that a plain process can't have.
  package init(
    task: SwarmTask,
    context: TaskContext,
    work: String,
    defaults: [String: String] = [:]
  ) throws(RuntimeError) {
    guard let spec = task.spec.value.container else {
      throw RuntimeError(code: .unsupported, message: "the process runtime only runs tasks with a container spec")
    }
    try Self.checkSupported(spec)
    // As in Docker, the command replaces the image's entry point and the arguments follow it; without an image there is no entry point to
    // fall back to, so arguments alone are the command.
    self.arguments = spec.command + spec.args
    guard let program = self.arguments.first, !program.isEmpty else {
      throw RuntimeError(
        code: .invalidArgument,
        message:
          "the task has no command: the process runtime runs commands of this machine, the image \"\(spec.image)\" is only a label for it"
      )
    }
    self.workingDirectory = spec.dir.isEmpty ? work : spec.dir
    guard self.workingDirectory.hasPrefix("/") else {
      throw RuntimeError(code: .invalidArgument, message: "the working directory \"\(spec.dir)\" is not an absolute path")
    }
    self.environment = try Self.environment(task: task, context: context, spec: spec, work: work, defaults: defaults)
    self.stopSignal = try StopSignal.number(of: spec.stopSignal)
    self.stopGrace = spec.stopGracePeriod ?? .seconds(10)
    for text in self.arguments + self.environment + [self.workingDirectory] where text.utf8.contains(0) {
      throw RuntimeError(code: .invalidArgument, message: "the command, environment or directory contains a NUL character")
    }
  }

  private static func environment(
    task: SwarmTask,
    context: TaskContext,
    spec: ContainerSpec,
    work: String,
    defaults: [String: String]
  ) throws(RuntimeError) -> [String] {
    var variables = defaults
    variables["HOME"] = work
    // A process has no file system of its own in which its files could have a fixed place.
    variables["SWARM_SECRETS"] = spec.secrets.isEmpty ? nil : TaskFiles.directory(.secrets, of: context.directory)
    variables["SWARM_CONFIGS"] = spec.configs.isEmpty ? nil : TaskFiles.directory(.configs, of: context.directory)
    variables["HOSTNAME"] = try context.hostname(for: task) ?? context.nodeHostname
    variables["SWARM_TASK_ID"] = "\(task.id)"
    variables["SWARM_TASK_NAME"] = context.taskName
    variables["SWARM_TASK_SLOT"] = "\(task.slot)"
    variables["SWARM_SERVICE_ID"] = task.serviceID.map { "\($0)" }
    variables["SWARM_SERVICE_NAME"] = context.serviceName
    variables["SWARM_NODE_ID"] = "\(context.nodeID)"
    variables["SWARM_NODE_HOSTNAME"] = context.nodeHostname
    for entry in try context.environment(for: task) {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = parts.first, !name.isEmpty else {
        throw RuntimeError(code: .invalidArgument, message: "invalid environment variable: \(entry)")
      }
      variables[String(name)] = parts.count == 2 ? String(parts[1]) : nil
    }
    return variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  /// Refuses what would be missing without the task noticing.
  ///
  /// Not refused: an init process, for the shim is one; an open standard input, for nobody could write to it, and who reads finds its end; and security
  /// options that ask for less than a container has, for a process has that little anyway.
  private static func checkSupported(_ spec: ContainerSpec) throws(RuntimeError) {
    let (dns, privileges) = (spec.dnsConfig, spec.privileges)
    let credentials = privileges?.credentialSpec
    let labels = privileges?.selinuxContext
    let asked: [(Bool, String)] = [
      (!spec.mounts.isEmpty, "mounts"),
      (!spec.user.isEmpty, "a user of their own"),
      (!spec.groups.isEmpty, "groups of their own"),
      (spec.tty, "a terminal"),
      (spec.readOnly, "a read-only root file system"),
      (!(dns?.nameservers ?? []).isEmpty || !(dns?.search ?? []).isEmpty || !(dns?.options ?? []).isEmpty, "DNS settings"),
      (!spec.hosts.isEmpty, "host entries"),
      (!spec.sysctls.isEmpty, "kernel parameters"),
      (!spec.capabilityAdd.isEmpty || !spec.capabilityDrop.isEmpty, "capabilities of their own"),
      (!spec.ulimits.isEmpty, "resource limits of their own (ulimits)"),
      (spec.oomScoreAdj != 0, "an OOM score of their own"),
      (privileges?.noNewPrivileges == true, "the option no-new-privileges"),
      (privileges?.seccomp?.mode == .custom, "a seccomp profile of their own"),
      ([labels?.user, labels?.role, labels?.type, labels?.level].contains { $0?.isEmpty == false }, "SELinux labels"),
      ([credentials?.file, credentials?.registry, credentials?.config].contains { $0 != nil }, "a credential specification"),
    ]
    for (isAsked, what) in asked where isAsked {
      throw RuntimeError(code: .unsupported, message: "tasks of the process runtime can't have \(what)")
    }
  }
}
