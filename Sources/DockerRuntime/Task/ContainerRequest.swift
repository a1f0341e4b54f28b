// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmAgent
internal import SwarmModel

/// The body of `POST /containers/create` for a task.
struct ContainerRequest {
  private let task: SwarmTask
  private let context: TaskContext
  private let node: NodeContext
  private let spec: ContainerSpec
  private let defaultNetwork: String
  /// Networks of the task that the engine doesn't have.
  ///
  /// A swarm's networks carry no traffic here; a task that is on none of the engine's own is on the default one.
  var missingNetworks: Set<String> = []

  init(task: SwarmTask, context: TaskContext, node: NodeContext, defaultNetwork: String) throws(RuntimeError) {
    guard let spec = task.spec.value.container else {
      throw RuntimeError(code: .unsupported, message: "the Docker runtime runs containers only")
    }
    self.task = task
    self.context = context
    self.node = node
    self.spec = spec
    self.defaultNetwork = defaultNetwork
  }

  /// The body.
  ///
  /// - Parameter files: The secrets and configs, which are mounted as files.
  /// - Throws: ``RuntimeError`` when the task asks for what an engine can't do.
  func body(files: [TaskFiles.Entry]) throws(RuntimeError) -> JSONValue {
    var body = JSONMembers()
    body["Image"] = .string(self.spec.image)
    body["Labels"] = .texts(TaskLabels.labels(of: self.task, self.context, self.node))
    body["Env"] = .texts(try self.environment())
    if !self.spec.command.isEmpty {
      // A command replaces the image's entry point, and its arguments with it.
      body["Entrypoint"] = .texts(self.spec.command)
      body["Cmd"] = .texts(self.spec.args)
    } else if !self.spec.args.isEmpty {
      body["Cmd"] = .texts(self.spec.args)
    }
    if let hostname = try self.context.hostname(for: self.task) { body["Hostname"] = .string(hostname) }
    if !self.spec.user.isEmpty { body["User"] = .string(self.spec.user) }
    if !self.spec.dir.isEmpty { body["WorkingDir"] = .string(self.spec.dir) }
    body["Tty"] = .bool(self.spec.tty)
    body["OpenStdin"] = .bool(self.spec.openStdin)
    if !self.spec.stopSignal.isEmpty { body["StopSignal"] = .string(self.spec.stopSignal) }
    if let health = self.spec.healthcheck { body["Healthcheck"] = Self.healthcheck(health) }
    let ports = self.task.hostPorts
    if !ports.isEmpty {
      body["ExposedPorts"] = .object(JSONMembers(ports.map { (Self.name(of: $0), .object([:])) }))
    }
    body["HostConfig"] = try self.hostConfig(files: files, ports: ports)
    let networks = self.networks
    if let first = networks.first, !Self.predefined.contains(first.name) {
      body["NetworkingConfig"] = .object([
        "EndpointsConfig": .object(JSONMembers([(first.name, first.endpoint)]))
      ])
    }
    return .object(body)
  }

  /// The networks beside the first, which the container is connected to once it is there.
  var furtherNetworks: [(name: String, body: JSONValue)] {
    self.networks.dropFirst().map { ($0.name, $0.endpoint) }
  }

  /// Networks that every engine has; their containers have no aliases.
  static let predefined: Set<String> = ["host", "none", "bridge"]

  /// What the engine must be asked for: which networks the task names, without those that every engine has.
  var networkNames: Set<String> { Set(self.networks.map(\.name)).subtracting(Self.predefined) }

  private var networks: [NetworkPlace] { self.wanted.filter { !self.missingNetworks.contains($0.name) } }

  /// The networks of the task, by the engine's names.
  private var wanted: [NetworkPlace] {
    let attached = self.task.networks.compactMap { attachment in
      attachment.network.map {
        NetworkPlace(name: $0.spec.annotations.name, aliases: attachment.aliases, options: attachment.driverAttachmentOpts)
      }
    }
    if !attached.isEmpty { return attached }
    return self.task.spec.value.networks.map {
      NetworkPlace(name: $0.target, aliases: $0.aliases, options: $0.driverAttachmentOpts)
    }
  }

  /// A network and what the container is there.
  private struct NetworkPlace {
    var name: String
    var aliases: [String]
    var options: [String: String]

    /// As the engine takes it.
    var endpoint: JSONValue {
      var endpoint = JSONMembers()
      endpoint["Aliases"] = .texts(self.aliases)
      if !self.options.isEmpty { endpoint["DriverOpts"] = .texts(self.options) }
      return .object(endpoint)
    }
  }

  /// The variables, and the generic resources that the task was given.
  private func environment() throws(RuntimeError) -> [String] {
    var resources: [String: [String]] = [:]
    for resource in self.task.assignedGenericResources {
      switch resource {
      case .named(let kind, let value): resources[kind, default: []].append(value)
      case .discrete(let kind, let value): resources[kind, default: []].append("\(value)")
      }
    }
    return try self.context.environment(for: self.task)
      + resources.sorted { $0.key < $1.key }.map { "DOCKER_RESOURCE_\($0.key.uppercased())=\($0.value.joined(separator: ","))" }
  }

  private func hostConfig(files: [TaskFiles.Entry], ports: [PortConfig]) throws(RuntimeError) -> JSONValue {
    var config = JSONMembers()
    config["NetworkMode"] = .string(self.networks.first?.name ?? self.defaultNetwork)
    config["RestartPolicy"] = .object(["Name": .string("no")])
    config["ReadonlyRootfs"] = .bool(self.spec.readOnly)
    if let usesInit = self.spec.initProcess { config["Init"] = .bool(usesInit) }
    config["Isolation"] = .string("\(self.spec.isolation)")
    config["Mounts"] = .array(try self.mounts(files))
    config["PortBindings"] = Self.bindings(ports)
    config["CapAdd"] = .texts(self.spec.capabilityAdd)
    config["CapDrop"] = .texts(self.spec.capabilityDrop)
    config["GroupAdd"] = .texts(self.spec.groups)
    config["Sysctls"] = .texts(self.spec.sysctls)
    config["SecurityOpt"] = .texts(try self.securityOptions())
    config["Ulimits"] = .array(
      self.spec.ulimits.map { ["Name": .string($0.name), "Soft": .integer($0.soft), "Hard": .integer($0.hard)] }.map(
        JSONValue.object
      )
    )
    if self.spec.oomScoreAdj != 0 { config["OomScoreAdj"] = .integer(self.spec.oomScoreAdj) }
    config["ExtraHosts"] = .texts(self.spec.hosts.flatMap(Self.hosts))
    if let names = self.spec.dnsConfig {
      config["Dns"] = .texts(names.nameservers)
      config["DnsSearch"] = .texts(names.search)
      config["DnsOptions"] = .texts(names.options)
    }
    if let driver = self.task.logDriver ?? self.task.spec.value.logDriver, !driver.name.isEmpty {
      config["LogConfig"] = .object(["Type": .string(driver.name), "Config": .texts(driver.options)])
    }
    self.addResources(to: &config)
    return .object(config)
  }

  private func mounts(_ files: [TaskFiles.Entry]) throws(RuntimeError) -> [JSONValue] {
    var mounts: [JSONValue] = []
    for mount in try self.context.mounts(for: self.task) { mounts.append(try TaskMounts.value(mount)) }
    return mounts + files.map { TaskMounts.file($0) }
  }

  private func addResources(to config: inout JSONMembers) {
    let resources = self.task.spec.value.resources
    if let limits = resources?.limits {
      if limits.memoryBytes > 0 { config["Memory"] = .integer(limits.memoryBytes) }
      if limits.nanoCPUs > 0 { config["NanoCpus"] = .integer(limits.nanoCPUs) }
    }
    if let reserved = resources?.reservations?.memoryBytes, reserved > 0 { config["MemoryReservation"] = .integer(reserved) }
    if let swap = resources?.swapBytes, let memory = resources?.limits?.memoryBytes, memory > 0 {
      config["MemorySwap"] = .integer(swap < 0 ? -1 : memory.addingReportingOverflow(swap).partialValue)
    }
    if let swappiness = resources?.memorySwappiness { config["MemorySwappiness"] = .integer(swappiness) }
    if self.spec.pidsLimit > 0 { config["PidsLimit"] = .integer(self.spec.pidsLimit) }
  }

  /// A line of a hosts file, `address name…`, as the engine takes it: `name:address`.
  private static func hosts(_ line: String) -> [String] {
    let words = line.split(whereSeparator: \.isWhitespace)
    return words.dropFirst().map { "\($0):\(words[0])" }
  }

  private func securityOptions() throws(RuntimeError) -> [String] {
    guard let privileges = self.spec.privileges else { return [] }
    var options: [String] = []
    if privileges.noNewPrivileges { options.append("no-new-privileges") }
    switch privileges.seccomp?.mode {
    case .unconfined: options.append("seccomp=unconfined")
    case .custom: options.append("seccomp=\(String(decoding: privileges.seccomp?.profile ?? [], as: UTF8.self))")
    case .default, nil: break
    }
    if privileges.apparmor?.mode == .disabled { options.append("apparmor=unconfined") }
    if let labels = privileges.selinuxContext {
      let values = [("user", labels.user), ("role", labels.role), ("type", labels.type), ("level", labels.level)]
      options += labels.disable ? ["label=disable"] : values.filter { !$0.1.isEmpty }.map { "label=\($0.0):\($0.1)" }
    }
    if let file = privileges.credentialSpec?.file { options.append("credentialspec=file://\(file)") }
    if let value = privileges.credentialSpec?.registry { options.append("credentialspec=registry://\(value)") }
    if let config = privileges.credentialSpec?.config {
      // The engine doesn't know the swarm's configs, but takes the content of one as well.
      let content = try self.context.content(ofConfig: config, for: self.task)
      options.append("credentialspec=raw://\(String(decoding: content, as: UTF8.self))")
    }
    return options
  }

  // MARK: Ports

  private static func name(of port: PortConfig) -> String { "\(port.targetPort)/\(port.protocol)" }

  private static func bindings(_ ports: [PortConfig]) -> JSONValue {
    var bindings: [(String, JSONValue)] = []
    for (name, published) in Dictionary(grouping: ports, by: self.name(of:)).sorted(by: { $0.key < $1.key }) {
      let ends = published.map { port in
        JSONValue.object(["HostPort": .string(port.publishedPort > 0 ? "\(port.publishedPort)" : "")])
      }
      bindings.append((name, .array(ends)))
    }
    return .object(JSONMembers(bindings))
  }

  private static func healthcheck(_ health: HealthConfig) -> JSONValue {
    var value = JSONMembers()
    value["Test"] = .texts(health.test)
    let times = [
      ("Interval", health.interval), ("Timeout", health.timeout), ("StartPeriod", health.startPeriod),
      ("StartInterval", health.startInterval),
    ]
    for (name, time) in times { if let time { value[name] = .integer(time.wholeNanoseconds) } }
    value["Retries"] = .integer(Int64(health.retries))
    return .object(value)
  }
}
