// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The flags of `network create` about addresses.
struct NetworkAddressFlags: ParsableArguments {
  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("A range of addresses.", valueName: "cidr"))
  var subnet: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: "The gateway's address in a subnet.")
  var gateway: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("The part of a subnet that addresses are handed out of.", valueName: "cidr")
  )
  var ipRange: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("An address that isn't handed out, and what it is for.", valueName: "name=address")
  )
  var auxAddress: [String] = []

  @Option(parsing: .unconditional, help: "Who hands addresses out.")
  var ipamDriver = "default"

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("What is handed to it.", valueName: "key=value"))
  var ipamOpt: [String] = []

  @Flag(inversion: .prefixedNo, help: .hidden)
  var ipv4 = true

  @Flag(inversion: .prefixedNo, help: "Hand out IPv6 addresses as well.")
  var ipv6 = false

  /// How addresses are to be handed out; `nil` when nothing is said about it.
  func management() throws(CommandFailure) -> Engine.IPAM? {
    guard self.ipv4 else { throw CommandFailure("--ipv4=false: networks without IPv4 addresses are not available yet") }
    let ranges = try self.ranges()
    guard !ranges.isEmpty || self.ipamDriver != "default" || !self.ipamOpt.isEmpty else { return nil }
    var management = Engine.IPAM()
    management.driver = self.ipamDriver
    if !self.ipamOpt.isEmpty { management.options = KeyValues.labels(self.ipamOpt) }
    management.config = ranges
    return management
  }

  /// The subnets, each with what lies in it.
  private func ranges() throws(CommandFailure) -> [Engine.IPAMConfig] {
    var subnets: [(range: AddressRange, config: Engine.IPAMConfig)] = []
    for text in CommaSeparated.elements(self.subnet) {
      let range = try Self.range(AddressRange(text), of: text)
      guard !subnets.contains(where: { $0.range.overlaps(range) }) else {
        throw CommandFailure("multiple overlapping subnet configuration is not supported")
      }
      var config = Engine.IPAMConfig()
      config.subnet = text
      subnets.append((range, config))
    }
    /// Puts something into the subnet that it lies in.
    func place(_ text: String, _ range: AddressRange?, _ what: String, _ put: (inout Engine.IPAMConfig) -> Bool)
      throws(CommandFailure)
    {
      let range = try Self.range(range, of: text)
      guard let index = subnets.firstIndex(where: { $0.range.contains(range) }) else {
        throw CommandFailure("no matching subnet for \(what) \(text)")
      }
      guard put(&subnets[index].config) else {
        throw CommandFailure("cannot configure multiple \(what)s on the same subnet (\(subnets[index].config.subnet ?? ""))")
      }
    }
    for text in CommaSeparated.elements(self.ipRange) {
      try place(text, AddressRange(text), "range") { Self.set(&$0.ipRange, to: text) }
    }
    for text in CommaSeparated.elements(self.gateway) {
      try place(text, AddressRange(address: text), "gateway") { Self.set(&$0.gateway, to: text) }
    }
    for (name, text) in KeyValues.labels(self.auxAddress).sorted(by: { $0.key < $1.key }) {
      try place(text, AddressRange(address: text), "aux-address") { config in
        config.auxiliaryAddresses = (config.auxiliaryAddresses ?? [:]).merging([name: text]) { _, new in new }
        return true
      }
    }
    return subnets.map(\.config)
  }

  private static func range(_ range: AddressRange?, of text: String) throws(CommandFailure) -> AddressRange {
    guard let range else { throw CommandFailure("invalid address or range of addresses: \(text)") }
    return range
  }

  /// Sets what isn't set yet.
  private static func set(_ member: inout String?, to text: String) -> Bool {
    guard member == nil else { return false }
    member = text
    return true
  }
}
