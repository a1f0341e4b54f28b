// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension StackBuilder {
  static func healthcheck(_ reader: inout MapReader) throws(ComposeError) -> Engine.Healthcheck? {
    guard var check = try reader.reader("healthcheck") else { return nil }
    var result = Engine.Healthcheck()
    let isDisabled = try check.bool("disable") ?? false
    if let test = check.take("test") {
      if case .scalar = test.content {
        result.test = ["CMD-SHELL", try test.text(check.path("test"))]
      } else {
        result.test = try test.texts(check.path("test"))
        let kinds = ["NONE", "CMD", "CMD-SHELL"]
        guard let kind = result.test?.first, kinds.contains(kind) else {
          throw ComposeError("\(check.path("test")) must begin with NONE, CMD or CMD-SHELL", at: test.position)
        }
      }
      guard !isDisabled || result.test == ["NONE"] else {
        throw ComposeError("\(check.path): test and disable can't both be given", at: test.position)
      }
    }
    if isDisabled { result.test = ["NONE"] }
    result.interval = try check.duration("interval")
    result.timeout = try check.duration("timeout")
    result.startPeriod = try check.duration("start_period")
    result.startInterval = try check.duration("start_interval")
    result.retries = try check.integer("retries")
    try check.finish()
    return result
  }

  /// `name:address` becomes the line of a hosts file, `address name`.
  static func hosts(_ reader: inout MapReader) throws(ComposeError) -> [String]? {
    guard let node = reader.take("extra_hosts") else { return nil }
    let path = reader.path("extra_hosts")
    if let map = node.map {
      var lines: [String] = []
      for entry in map.entries {
        for address in try entry.value.textOrTexts("\(path).\(entry.key)") { lines.append("\(Self.bare(address)) \(entry.key)") }
      }
      return lines
    }
    var lines: [String] = []
    for (index, element) in try node.list(path).enumerated() {
      let text = try element.text("\(path)[\(index)]")
      guard let separator = text.firstIndex(of: "=") ?? text.firstIndex(of: ":"), separator != text.startIndex else {
        throw element.refused("\(path)[\(index)]", "like name=address")
      }
      lines.append("\(Self.bare(String(text[text.index(after: separator)...]))) \(text[..<separator])")
    }
    return lines
  }

  /// An address without the brackets that IPv6 may have.
  private static func bare(_ address: String) -> String {
    address.hasPrefix("[") && address.hasSuffix("]") ? String(address.dropFirst().dropLast()) : address
  }

  static func names(_ reader: inout MapReader) throws(ComposeError) -> Engine.DNSConfig? {
    var result = Engine.DNSConfig()
    result.nameservers = try reader.textOrTexts("dns")
    result.search = try reader.textOrTexts("dns_search")
    result.options = try reader.textOrTexts("dns_opt")
    return result == Engine.DNSConfig() ? nil : result
  }

  static func ulimits(_ reader: inout MapReader) throws(ComposeError) -> [Engine.Ulimit]? {
    let entries = try reader.members("ulimits")
    guard !entries.isEmpty else { return nil }
    var limits: [Engine.Ulimit] = []
    for entry in entries {
      let path = "\(reader.path("ulimits")).\(entry.key)"
      var limit = Engine.Ulimit()
      limit.name = entry.key
      if entry.value.map != nil {
        var ends = try MapReader(entry.value, path: path)
        guard let soft: Int64 = try ends.integer("soft"), let hard: Int64 = try ends.integer("hard") else {
          throw ComposeError("\(path): soft and hard are both needed", at: entry.position)
        }
        try ends.finish()
        limit.soft = soft
        limit.hard = hard
      } else {
        let both: Int64 = try entry.value.integer(path)
        limit.soft = both
        limit.hard = both
      }
      limits.append(limit)
    }
    return limits.sorted { ($0.name ?? "") < ($1.name ?? "") }
  }

  /// Where the credentials of a managed account (of Windows) come from; a config's name is made its full one.
  mutating func privileges(_ reader: inout MapReader) throws(ComposeError) -> Engine.Privileges? {
    guard var given = try reader.reader("credential_spec") else { return nil }
    var credentials = Engine.CredentialSpec()
    credentials.file = try given.text("file")
    credentials.registry = try given.text("registry")
    if let node = given.take("config") {
      let name = try node.text(given.path("config"))
      guard let config = self.configs.byName[name] else {
        throw ComposeError("\(reader.path): undefined config \"\(name)\"", at: node.position)
      }
      self.configs.usedNames.insert(name)
      credentials.config = config.name
    }
    try given.finish()
    let sources = [credentials.file, credentials.registry, credentials.config].compactMap { $0 }
    guard sources.count <= 1 else {
      throw ComposeError("\(given.path): only one of file, registry and config can be given", at: given.position)
    }
    guard !sources.isEmpty else { return nil }
    var result = Engine.Privileges()
    result.credentialSpec = credentials
    return result
  }

  static func logging(_ reader: inout MapReader) throws(ComposeError) -> Engine.Driver? {
    guard var given = try reader.reader("logging") else { return nil }
    var driver = Engine.Driver()
    driver.name = try given.text("driver")
    driver.options = try given.labels("options")
    try given.finish()
    return driver
  }

  /// The networks that a service is on, in order of names.
  mutating func attachments(_ reader: inout MapReader, of service: String) throws(ComposeError) -> [Engine.NetworkAttachment]? {
    var members: [ComposeMap.Entry] = []
    let path = reader.path("networks")
    if let node = reader.take("networks") {
      if let map = node.map {
        members = map.entries
      } else {
        for (index, element) in try node.list(path).enumerated() {
          let nothing = ComposeNode(.scalar("", isPlain: true), at: element.position)
          members.append(.init(key: try element.text("\(path)[\(index)]"), position: element.position, value: nothing))
        }
      }
    }
    let nothing = ComposeNode(.scalar("", isPlain: true), at: reader.position)
    let implied = ComposeMap.Entry(key: "default", position: reader.position, value: nothing)
    if members.isEmpty { members = [implied] }
    // This one is there without being told of.
    if self.networks["default"] == nil, members.contains(where: { $0.key == "default" }) { try self.readNetwork(implied) }
    var attachments: [Engine.NetworkAttachment] = []
    for member in members {
      guard let network = self.networks[member.key] else {
        throw ComposeError("\(reader.path): undefined network \"\(member.key)\"", at: member.position)
      }
      self.usedNetworkNames.insert(member.key)
      var given = try MapReader(member.value, path: "\(path).\(member.key)")
      var attachment = Engine.NetworkAttachment()
      attachment.target = network.name
      attachment.aliases = [service] + (try given.texts("aliases") ?? [])
      attachment.driverOpts = try given.labels("driver_opts")
      given.ignore(["gw_priority", "interface_name", "ipv4_address", "ipv6_address", "link_local_ips", "mac_address", "priority"])
      try given.finish()
      self.noteIgnored(by: given)
      attachments.append(attachment)
    }
    return attachments.sorted { ($0.target ?? "") < ($1.target ?? "") }
  }
}
