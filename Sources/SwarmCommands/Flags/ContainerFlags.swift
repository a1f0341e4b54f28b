// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The flags about a task's container that `service create` and `service update` share.
///
/// Docker calls lists by their name in one (`--dns`) and by `-add` and `-rm` in the other; here each understands both.
struct ContainerFlags: ParsableArguments {
  @Option(
    name: Self.adding("mount"),
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Mount something.", valueName: "mount")
  )
  var mount: [MountValue] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove a mount by its target.", valueName: "target"))
  var mountRm: [String] = []

  @Option(name: Self.adding("dns"), parsing: .unconditionalSingleValue, help: ArgumentHelp("A DNS server.", valueName: "address"))
  var dns: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove a DNS server.", valueName: "address"))
  var dnsRm: [String] = []

  @Option(
    name: Self.adding("dns-search"),
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A DNS search domain.", valueName: "domain")
  )
  var dnsSearch: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove a DNS search domain.", valueName: "domain"))
  var dnsSearchRm: [String] = []

  @Option(
    name: Self.adding("dns-option"),
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("An option of the resolver.", valueName: "option")
  )
  var dnsOption: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove an option of the resolver.", valueName: "option"))
  var dnsOptionRm: [String] = []

  @Option(
    name: Self.adding("host"),
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A line of the hosts file.", valueName: "name:address")
  )
  var host: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove a line of the hosts file.", valueName: "name:address"))
  var hostRm: [String] = []

  @Option(
    name: Self.adding("group"),
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A further group.", valueName: "group")
  )
  var group: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove a further group.", valueName: "group"))
  var groupRm: [String] = []

  @Option(
    name: Self.adding("sysctl"),
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A kernel parameter.", valueName: "name=value")
  )
  var sysctl: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove a kernel parameter.", valueName: "name"))
  var sysctlRm: [String] = []

  @Option(
    name: Self.adding("ulimit"),
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A limit of its processes.", valueName: "name=soft:hard")
  )
  var ulimit: [UlimitValue] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove a limit of its processes.", valueName: "name"))
  var ulimitRm: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Add a capability.", valueName: "capability"))
  var capAdd: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Drop a capability.", valueName: "capability"))
  var capDrop: [String] = []

  @Option(parsing: .unconditional, help: "How soon the kernel kills it when memory runs out, -1000 to 1000.")
  var oomScoreAdj: Int64?

  @Option(parsing: .unconditional, help: "How it is kept apart from others: default, or on Windows process or hyperv.")
  var isolation: String?

  @Option(parsing: .unconditional, help: "Where its output goes.")
  var logDriver: String?

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("An option of the log driver.", valueName: "key=value"))
  var logOpt: [String] = []

  func apply(to template: inout Engine.TaskTemplate) throws(CommandFailure) {
    if let wrong = self.dns.first(where: { AddressRange(address: $0) == nil }) {
      throw .flags("invalid argument \"\(wrong)\" for \"--dns\" flag: IP address is not correctly formatted: \(wrong)")
    }
    var container = template.containerSpec ?? Engine.ContainerSpec()
    container.mounts = Self.changed(container.mounts, adding: self.mount.map(\.mount), removing: self.mountRm) { $0.target ?? "" }
    container.groups = Self.changed(container.groups, adding: self.group, removing: self.groupRm) { $0 }
    container.ulimits = Self.changed(container.ulimits, adding: self.ulimit.map(\.ulimit), removing: self.ulimitRm) {
      $0.name ?? ""
    }
    container.hosts = try self.hosts(container.hosts)
    container.dnsConfig = self.names(container.dnsConfig)
    if !self.sysctl.isEmpty || !self.sysctlRm.isEmpty {
      var sysctls = container.sysctls ?? [:]
      for name in self.sysctlRm { sysctls[name] = nil }
      container.sysctls = sysctls.merging(KeyValues.labels(self.sysctl)) { _, new in new }
    }
    self.changeCapabilities(of: &container)
    if let oomScoreAdj { container.oomScoreAdj = oomScoreAdj }
    if let isolation { container.isolation = isolation }
    template.containerSpec = container
    if self.logDriver != nil || !self.logOpt.isEmpty {
      // Another driver has other options.
      var driver = self.logDriver == nil ? template.logDriver ?? Engine.Driver() : Engine.Driver()
      if let logDriver { driver.name = logDriver }
      if !self.logOpt.isEmpty {
        driver.options = (driver.options ?? [:]).merging(KeyValues.labels(self.logOpt)) { _, new in new }
      }
      template.logDriver = driver
    }
  }

  private static func adding(_ name: String) -> NameSpecification { [.customLong(name), .customLong("\(name)-add")] }

  /// A list without what is removed or replaced, and with what is added; as it was when nothing is asked for.
  private static func changed<Element>(
    _ current: [Element]?,
    adding added: [Element],
    removing removed: [String],
    key: (Element) -> String
  ) -> [Element]? {
    guard !added.isEmpty || !removed.isEmpty else { return current }
    let gone = Set(removed).union(added.map(key))
    let result = (current ?? []).filter { !gone.contains(key($0)) } + added
    return result.isEmpty ? nil : result
  }

  private func names(_ current: Engine.DNSConfig?) -> Engine.DNSConfig? {
    var names = current ?? Engine.DNSConfig()
    names.nameservers = Self.changed(names.nameservers, adding: self.dns, removing: self.dnsRm) { $0 }
    names.search = Self.changed(names.search, adding: self.dnsSearch, removing: self.dnsSearchRm) { $0 }
    names.options = Self.changed(names.options, adding: self.dnsOption, removing: self.dnsOptionRm) { $0 }
    return names == Engine.DNSConfig() ? current : names
  }

  /// The flags say `name:address`, the API `address name`.
  private func hosts(_ current: [String]?) throws(CommandFailure) -> [String]? {
    var added: [String] = []
    for text in self.host {
      func refusal(_ reason: String) -> CommandFailure {
        .flags("invalid argument \"\(text)\" for \"--host\" flag: \(reason)")
      }
      guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
        throw refusal("bad format for add-host: \"\(text)\"")
      }
      let address = String(text[text.index(after: colon)...])
      // Docker puts the node's own address in the place of this word.
      guard address == "host-gateway" || AddressRange(address: address) != nil else {
        throw refusal("invalid IP address in add-host: \"\(address)\"")
      }
      added.append("\(address) \(text[..<colon])")
    }
    // A name alone removes it with all of its addresses.
    let removed = (current ?? []).filter { line in
      let words = line.split(separator: " ", maxSplits: 1)
      return self.hostRm.contains { $0 == words.last.map(String.init) || $0 == words.reversed().joined(separator: ":") }
    }
    return Self.changed(current, adding: added, removing: removed) { $0 }
  }

  /// A capability is on one of the lists or on none: to add one that was dropped takes it back, and the other way around; `RESET` forgets all.
  private func changeCapabilities(of container: inout Engine.ContainerSpec) {
    guard !self.capAdd.isEmpty || !self.capDrop.isEmpty else { return }
    let (adding, dropping) = (self.capAdd.map(CapabilityName.complete), self.capDrop.map(CapabilityName.complete))
    var (added, dropped) = (Set(container.capabilityAdd ?? []), Set(container.capabilityDrop ?? []))
    if adding.contains("CAP_RESET") { added = [] }
    if dropping.contains("CAP_RESET") { dropped = [] }
    let (wasAdded, wasDropped) = (added, dropped)
    let (wanted, unwanted) = (Set(adding).subtracting(["CAP_RESET"]), Set(dropping).subtracting(["CAP_RESET"]))
    // What is asked for both ways at once is dropped.
    added = wasAdded.subtracting(unwanted).union(wanted.subtracting(wasDropped).subtracting(unwanted))
    dropped = wasDropped.subtracting(wanted).union(unwanted.subtracting(wasAdded))
    container.capabilityAdd = added.isEmpty ? nil : added.sorted()
    container.capabilityDrop = dropped.isEmpty ? nil : dropped.sorted()
  }
}
