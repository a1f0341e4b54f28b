// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension StackBuilder {
  /// Keys that other tools understand and that have no meaning for a service of a swarm.
  private static let ignoredKeys = [
    "annotations", "attach", "blkio_config", "build", "cgroup", "cgroup_parent", "cgroupns_mode", "container_name", "cpu_count",
    "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares", "cpuset", "develop",
    "device_cgroup_rules", "devices", "domainname", "expose", "external_links", "gpus", "ipc", "links", "mac_address",
    "mem_swappiness", "memswap_limit", "models", "network_mode", "oom_kill_disable", "pid", "post_start", "pre_stop",
    "privileged",
    "provider", "pull_policy", "pull_refresh_after", "runtime", "security_opt", "shm_size", "storage_opt", "use_api_socket",
    "userns_mode", "uts", "volumes_from",
  ]

  /// What a service that others depend on must be, in the words of compose files and in those of the swarm.
  private static let conditions = [
    "service_started": "started", "service_healthy": "healthy", "service_completed_successfully": "completed",
  ]

  mutating func readService(_ entry: ComposeMap.Entry) throws(ComposeError) {
    var reader = try MapReader(entry.value, path: "services.\(entry.key)")
    try self.readDependencies(&reader, of: entry.key)
    if let profiles = reader.take("profiles") {
      let names = try profiles.textOrTexts(reader.path("profiles")).joined(separator: ", ")
      self.note(
        "\(reader.path): profiles (\(names)) mean nothing in a swarm; the service is part of the stack",
        at: profiles.position
      )
    }
    let image = try reader.text("image") ?? ""
    var spec = Engine.ServiceSpec()
    spec.name = self.scoped(entry.key)
    var template = Engine.TaskTemplate()
    template.containerSpec = try self.container(&reader, image: image)
    template.containerSpec?.secrets = try self.secretReferences(&reader)
    let privileges = template.containerSpec?.privileges
    template.containerSpec?.configs = try self.configReferences(&reader, credentials: privileges)
    template.containerSpec?.mounts = try self.mounts(&reader)
    template.networks = try self.attachments(&reader, of: entry.key)
    template.logDriver = try Self.logging(&reader)
    let ports = try self.ports(&reader)
    try self.readDeploy(&reader, ports: ports, into: &spec, &template)
    spec.labels = self.labelled(spec.labels)
    spec.labels?[Stack.imageLabel] = image
    spec.taskTemplate = template
    // Said even when there are none, so that they are gone when they are no more in the file.
    spec.dependencies = (self.dependencies[entry.key] ?? []).map {
      Engine.ServiceDependency(service: self.scoped($0.name), condition: $0.condition)
    }
    reader.ignore(Self.ignoredKeys)
    try reader.finish()
    guard !image.isEmpty else {
      throw ComposeError("\(reader.path): an image is needed; a swarm builds none", at: entry.position)
    }
    self.noteIgnored(by: reader)
    self.services.append((entry.key, spec))
  }

  private mutating func readDependencies(_ reader: inout MapReader, of name: String) throws(ComposeError) {
    guard let node = reader.take("depends_on") else { return }
    let path = reader.path("depends_on")
    if let map = node.map {
      for entry in map.entries {
        var condition = try MapReader(entry.value, path: "\(path).\(entry.key)")
        let word = try condition.word("condition", of: Self.conditions.keys.sorted())
        condition.ignore(["restart"])
        let isRequired = try condition.bool("required") ?? true
        try condition.finish()
        self.noteIgnored(by: condition)
        guard isRequired || self.serviceNames.contains(entry.key) else { continue }
        self.dependencies[name, default: []].append(
          Dependency(name: entry.key, condition: word.flatMap { Self.conditions[$0] } ?? "started", position: entry.position)
        )
      }
    } else {
      for (index, element) in try node.list(path).enumerated() {
        self.dependencies[name, default: []].append(
          Dependency(name: try element.text("\(path)[\(index)]"), condition: "started", position: element.position)
        )
      }
    }
  }

  private mutating func container(_ reader: inout MapReader, image: String) throws(ComposeError) -> Engine.ContainerSpec {
    var container = Engine.ContainerSpec()
    container.image = ImageName.tagged(image)
    container.labels = self.labelled(try reader.labels("labels"))
    reader.ignore(["label_file"])
    container.command = try reader.command("entrypoint")
    container.args = try reader.command("command")
    container.hostname = try reader.text("hostname")
    container.env = try self.variables(&reader)
    container.dir = try reader.text("working_dir")
    container.user = try reader.text("user")
    container.groups = try reader.texts("group_add")
    container.usesInit = try reader.bool("init")
    container.stopSignal = try reader.text("stop_signal")
    container.stopGracePeriod = try reader.duration("stop_grace_period")
    container.tty = try reader.bool("tty")
    container.openStdin = try reader.bool("stdin_open")
    container.readOnly = try reader.bool("read_only")
    container.healthcheck = try Self.healthcheck(&reader)
    container.hosts = try Self.hosts(&reader)
    container.dnsConfig = try Self.names(&reader)
    container.isolation = try reader.text("isolation")
    container.sysctls = try reader.labels("sysctls")
    container.capabilityAdd = try reader.texts("cap_add")?.map(CapabilityName.complete)
    container.capabilityDrop = try reader.texts("cap_drop")?.map(CapabilityName.complete)
    container.ulimits = try Self.ulimits(&reader)
    container.oomScoreAdj = try reader.integer("oom_score_adj")
    container.privileges = try self.privileges(&reader)
    return container
  }

  /// The variables of env files, and over them those that the file gives; sorted by name.
  private func variables(_ reader: inout MapReader) throws(ComposeError) -> [String]? {
    var variables: [String: String?] = [:]
    if let node = reader.take("env_file") {
      let path = reader.path("env_file")
      let files: [ComposeNode]
      if case .list(let elements) = node.content { files = elements } else { files = [node] }
      for (index, file) in files.enumerated() {
        for (name, value) in try self.envFile(file, path: "\(path)[\(index)]") { variables.updateValue(value, forKey: name) }
      }
    }
    for (name, value) in try reader.take("environment")?.pairs(reader.path("environment")) ?? [] {
      variables.updateValue(value ?? self.surroundings.environment[name], forKey: name)
    }
    guard !variables.isEmpty else { return nil }
    // A name without a value takes a variable of the image away.
    return variables.sorted { $0.key < $1.key }.map { name, value in value.map { "\(name)=\($0)" } ?? name }
  }

  private func envFile(_ node: ComposeNode, path: String) throws(ComposeError) -> [(key: String, value: String)] {
    var file: String
    var isRequired = true
    if node.map == nil {
      file = try node.text(path, "a path")
    } else {
      var reader = try MapReader(node, path: path)
      guard let given = try reader.text("path") else { throw ComposeError("\(path): path is missing", at: node.position) }
      file = given
      isRequired = try reader.bool("required") ?? true
      _ = try reader.word("format", of: ["raw"])
      try reader.finish()
    }
    let bytes: [UInt8]
    do {
      bytes = try self.read(file, at: node.position)
    } catch {
      if isRequired { throw error }
      return []
    }
    do {
      return try EnvFile.parse(bytes, environment: self.surroundings.environment)
    } catch {
      throw ComposeError("\(path): \(file): \(error.message)", at: node.position)
    }
  }
}
