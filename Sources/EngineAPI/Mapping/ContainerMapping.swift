// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmAgent
internal import SwarmModel

extension TaskContainer {
  /// As `GET /containers/json` lists it.
  func summary(now: Int64) -> JSONValue {
    .object([
      "Id": .string(self.id),
      "Names": .array([.string("/\(self.name)")]),
      "Image": .string(self.image),
      "ImageID": .string(LocalImage.id(of: self.image)),
      "Command": .string(self.command.map(Self.quoted).joined(separator: " ")),
      "Created": .integer(self.task.meta.createdAt.apiValue.seconds),
      "Ports": .array(self.ports.map(\.containerPort)),
      "Labels": .strings(self.labels),
      "State": .string(self.state.rawValue),
      "Status": .string(self.statusText(now: now)),
      "HostConfig": .object(["NetworkMode": .string("default")]),
      "NetworkSettings": .object(["Networks": .object([:])]),
      "Mounts": .array(self.mounts(self.spec.mounts)),
    ])
  }

  /// As `GET /containers/{id}/json` shows it.
  ///
  /// - Parameter hostname: the node's.
  func details(hostname: String) -> JSONValue {
    let context = self.context(hostname: hostname)
    let created = EngineTime(nanosecondsSince1970: self.task.meta.createdAt.nanoseconds)
    return .object([
      "Id": .string(self.id),
      "Created": .string(created.description),
      "Path": .string(self.command.first ?? ""),
      "Args": .strings(self.command.dropFirst()),
      "State": self.stateDetails,
      "Image": .string(LocalImage.id(of: self.image)),
      "ResolvConfPath": .string(""),
      "HostnamePath": .string(""),
      "HostsPath": .string(""),
      "LogPath": .string(""),
      "Name": .string("/\(self.name)"),
      "RestartCount": .integer(0),
      "Driver": .string(""),
      "Platform": .string(HostInformation.osType),
      "MountLabel": .string(""),
      "ProcessLabel": .string(""),
      "AppArmorProfile": .string(""),
      "ExecIDs": .null,
      "HostConfig": self.hostDetails,
      "Mounts": .array(self.mounts((try? context.mounts(for: self.task)) ?? self.spec.mounts)),
      "Config": self.configuration(context),
      "NetworkSettings": .object(["Ports": self.portMap, "Networks": .object([:])]),
    ])
  }

  private var stateDetails: JSONValue {
    let status = self.task.status
    let never = EngineTime.zero.description
    return .object([
      "Status": .string(self.state.rawValue),
      "Running": .bool(self.state == .running),
      "Paused": .bool(false),
      "Restarting": .bool(false),
      "OOMKilled": .bool(false),
      "Dead": .bool(false),
      "Pid": .integer(self.state == .running ? Int64(status.container?.pid ?? 0) : 0),
      "ExitCode": .integer(Int64(self.exitCode)),
      "Error": .string(status.err),
      "StartedAt": .string(self.state == .running ? status.timestamp.apiValue.description : never),
      "FinishedAt": .string(self.state == .exited ? status.timestamp.apiValue.description : never),
    ])
  }

  private var hostDetails: JSONValue {
    let limits = self.task.spec.value.resources?.limits
    return .object([
      "NetworkMode": .string("default"),
      "RestartPolicy": .object(["Name": .string("no"), "MaximumRetryCount": .integer(0)]),
      "LogConfig": .object([
        "Type": .string(self.task.logDriver?.name ?? ""), "Config": .strings(self.task.logDriver?.options ?? [:]),
      ]),
      "Memory": .integer(limits?.memoryBytes ?? 0),
      "NanoCpus": .integer(limits?.nanoCPUs ?? 0),
      "PortBindings": .object([:]),
      "Privileged": .bool(false),
      "ReadonlyRootfs": .bool(self.spec.readOnly),
    ])
  }

  private func configuration(_ context: TaskContext) -> JSONValue {
    let hostname = (try? context.hostname(for: self.task)) ?? self.spec.hostname
    return .object([
      "Hostname": .string(hostname),
      "Domainname": .string(""),
      "User": .string(self.spec.user),
      "AttachStdin": .bool(false),
      "AttachStdout": .bool(false),
      "AttachStderr": .bool(false),
      "Tty": .bool(self.spec.tty),
      "OpenStdin": .bool(self.spec.openStdin),
      "StdinOnce": .bool(false),
      "Env": .strings((try? context.environment(for: self.task)) ?? self.spec.env),
      "Cmd": self.spec.args.isEmpty ? .null : .strings(self.spec.args),
      "Image": .string(self.image),
      "Volumes": .null,
      "WorkingDir": .string(self.spec.dir),
      "Entrypoint": self.spec.command.isEmpty ? .null : .strings(self.spec.command),
      "OnBuild": .null,
      "Labels": .strings(self.labels),
      "StopSignal": .string(self.spec.stopSignal),
    ])
  }

  // MARK: - Ports and mounts

  /// The ports that the task opened on its node.
  private var ports: [PortConfig] {
    self.state == .running ? (self.task.status.portStatus?.ports ?? []).filter { $0.publishMode == .host } : []
  }

  private var portMap: JSONValue {
    var map = JSONMembers()
    for port in self.ports {
      let binding: JSONValue = .object(["HostIp": .string("0.0.0.0"), "HostPort": .string("\(port.publishedPort)")])
      let key = "\(port.targetPort)/\(PortConfig.ProtocolKind.engineNames[port.protocol])"
      if case .array(let others)? = map[key] { map[key] = .array(others + [binding]) } else { map[key] = .array([binding]) }
    }
    return .object(map)
  }

  private func mounts(_ mounts: [Mount]) -> [JSONValue] {
    mounts.map { mount in
      .object([
        "Type": .string(Mount.Kind.engineNames[mount.type]),
        "Name": .string(mount.type == .volume ? mount.source : ""),
        "Source": .string(mount.type == .volume ? "" : mount.source),
        "Destination": .string(mount.target),
        "Mode": .string(""),
        "RW": .bool(!mount.readonly),
        "Propagation": .string(""),
      ])
    }
  }

  private static func quoted(_ argument: String) -> String {
    argument.contains(" ") ? "'\(argument)'" : argument
  }
}

extension PortConfig {
  fileprivate var containerPort: JSONValue {
    .object([
      "IP": .string("0.0.0.0"),
      "PrivatePort": .integer(Int64(self.targetPort)),
      "PublicPort": .integer(Int64(self.publishedPort)),
      "Type": .string(ProtocolKind.engineNames[self.protocol]),
    ])
  }
}

extension JSONValue {
  static func strings(_ texts: some Sequence<String>) -> Self { .array(texts.map { .string($0) }) }

  static func strings(_ texts: [String: String]) -> Self {
    var members = JSONMembers()
    for (key, text) in texts.sorted(by: { $0.key < $1.key }) { members[key] = .string(text) }
    return .object(members)
  }
}
