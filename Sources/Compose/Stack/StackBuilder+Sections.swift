// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension StackBuilder {
  mutating func readNetwork(_ entry: ComposeMap.Entry) throws(ComposeError) {
    var reader = try MapReader(entry.value, path: "networks.\(entry.key)")
    let identity = try self.identity(of: entry.key, &reader)
    var body = JSONMembers()
    body["Name"] = .string(identity.name)
    body["CheckDuplicate"] = .bool(true)
    body["Driver"] = .string(try reader.text("driver") ?? "overlay")
    body["Attachable"] = .bool(try reader.bool("attachable") ?? false)
    body["Internal"] = .bool(try reader.bool("internal") ?? false)
    body["EnableIPv6"] = .bool(try reader.bool("enable_ipv6") ?? false)
    body["Options"] = Self.members(try reader.labels("driver_opts") ?? [:])
    body["Labels"] = Self.members(self.labelled(try reader.labels("labels")))
    if let ipam = try reader.reader("ipam") { body["IPAM"] = try Self.addressManagement(ipam) }
    reader.ignore(["enable_ipv4"])
    try reader.finish()
    self.noteIgnored(by: reader)
    self.networks[entry.key] = StackNetwork(name: identity.name, body: identity.isExternal ? nil : .object(body))
  }

  private static func addressManagement(_ given: MapReader) throws(ComposeError) -> JSONValue {
    var reader = given
    var result = JSONMembers()
    result["Driver"] = .string(try reader.text("driver") ?? "default")
    if let options = try reader.labels("options") { result["Options"] = self.members(options) }
    var pools: [JSONValue] = []
    if let node = reader.take("config") {
      for (index, element) in try node.list(reader.path("config")).enumerated() {
        var pool = try MapReader(element, path: "\(reader.path("config"))[\(index)]")
        var members = JSONMembers()
        for (key, name) in [("subnet", "Subnet"), ("gateway", "Gateway"), ("ip_range", "IPRange")] {
          if let value = try pool.text(key) { members[name] = .string(value) }
        }
        if let addresses = try pool.labels("aux_addresses") { members["AuxiliaryAddresses"] = self.members(addresses) }
        try pool.finish()
        pools.append(.object(members))
      }
    }
    result["Config"] = .array(pools)
    try reader.finish()
    return .object(result)
  }

  mutating func readVolume(_ entry: ComposeMap.Entry) throws(ComposeError) {
    var reader = try MapReader(entry.value, path: "volumes.\(entry.key)")
    let identity = try self.identity(of: entry.key, &reader)
    var driver: Engine.Driver?
    let name = try reader.text("driver")
    let options = try reader.labels("driver_opts")
    if name != nil || options != nil {
      driver = Engine.Driver()
      driver?.name = name
      driver?.options = options
    }
    let labels = self.labelled(try reader.labels("labels"))
    reader.ignore(["x-cluster-spec", "cluster_spec"])
    try reader.finish()
    self.noteIgnored(by: reader)
    self.volumes[entry.key] =
      identity.isExternal ? Volume(name: identity.name) : Volume(name: identity.name, labels: labels, driver: driver)
  }

  /// A secret or a config.
  func file(_ entry: ComposeMap.Entry, section: String) throws(ComposeError) -> StackFile {
    var reader = try MapReader(entry.value, path: "\(section).\(entry.key)")
    let identity = try self.identity(of: entry.key, &reader)
    let labels = self.labelled(try reader.labels("labels"))
    let driver = try reader.text("driver")
    let options = try reader.labels("driver_opts")
    let templating = try reader.text("template_driver")
    let data = try self.data(of: &reader, isNeeded: !identity.isExternal && driver == nil)
    try reader.finish()
    guard !identity.isExternal else { return StackFile(name: identity.name) }
    var body = JSONMembers()
    body["Name"] = .string(identity.name)
    body["Labels"] = Self.members(labels)
    if let data { body["Data"] = (try? JSONValue(encoding: Base64Bytes(data))) ?? .null }
    if let driver { body["Driver"] = .object(["Name": .string(driver), "Options": Self.members(options ?? [:])]) }
    if let templating { body["Templating"] = .object(["Name": .string(templating)]) }
    return StackFile(name: identity.name, labels: labels, body: .object(body))
  }

  /// The content, out of one of the places that it may come from.
  private func data(of reader: inout MapReader, isNeeded: Bool) throws(ComposeError) -> [UInt8]? {
    let file = reader.take("file")
    let content = reader.take("content")
    let variable = reader.take("environment")
    let given = [file, content, variable].compactMap { $0 }
    guard given.count <= 1 else {
      throw ComposeError("\(reader.path): only one of file, content and environment can be given", at: given[1].position)
    }
    if let file { return try self.read(file.text(reader.path("file")), at: file.position) }
    if let content { return Array(try content.text(reader.path("content")).utf8) }
    if let variable {
      let name = try variable.text(reader.path("environment"))
      guard let value = self.surroundings.environment[name] else {
        throw ComposeError("\(reader.path): the environment variable \(name) isn't set", at: variable.position)
      }
      return Array(value.utf8)
    }
    guard !isNeeded else {
      throw ComposeError("\(reader.path): one of file, content, environment and external is needed", at: reader.position)
    }
    return nil
  }

  /// The full name, and whether the object is somebody else's.
  private func identity(of key: String, _ reader: inout MapReader) throws(ComposeError) -> (name: String, isExternal: Bool) {
    let given = try reader.text("name")
    guard let external = reader.take("external") else { return (given ?? self.scoped(key), false) }
    if external.map != nil {
      var older = try MapReader(external, path: reader.path("external"))
      let name = try older.text("name")
      try older.finish()
      return (name ?? given ?? key, true)
    }
    let isExternal = try external.bool(reader.path("external"))
    return (given ?? (isExternal ? key : self.scoped(key)), isExternal)
  }

  private static func members(_ labels: [String: String]) -> JSONValue {
    var members = JSONMembers()
    for (key, value) in labels.sorted(by: { $0.key < $1.key }) { members[key] = .string(value) }
    return .object(members)
  }
}
