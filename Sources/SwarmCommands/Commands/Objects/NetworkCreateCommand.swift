// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl network create`.
struct NetworkCreateCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(commandName: "create", abstract: "Create a network.")

  @Option(name: .shortAndLong, parsing: .unconditional, help: "The network's driver.")
  var driver = "overlay"

  @Flag(inversion: .prefixedNo, help: "Let containers be attached by hand.")
  var attachable = false

  @Flag(inversion: .prefixedNo, help: "Give no way out.")
  var `internal` = false

  @Flag(inversion: .prefixedNo, help: "Make it the network of published ports.")
  var ingress = false

  @Flag(inversion: .prefixedNo, help: "Have IPv6 addresses.")
  var ipv6 = false

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("A subnet, like 10.0.9.0/24.", valueName: "subnet"))
  var subnet: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("The gateway of a subnet.", valueName: "address"))
  var gateway: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("The part of a subnet that addresses are taken from.", valueName: "range")
  )
  var ipRange: [String] = []

  @Option(
    name: [.customShort("o"), .long],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("An option of the driver.", valueName: "key=value")
  )
  var opt: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("A label.", valueName: "key=value"))
  var label: [String] = []

  @Option(parsing: .unconditional, help: .hidden)
  var scope = ""

  @Argument(help: "The network's name.")
  var name: [String] = []

  func check() throws {
    try require(self.name, of: "network create")
    guard self.name.count == 1 else { throw CommandFailure("'swarmctl network create' requires 1 argument") }
    guard self.gateway.count <= self.subnet.count, self.ipRange.count <= self.subnet.count else {
      throw CommandFailure("each --gateway and --ip-range needs a --subnet before it")
    }
  }

  func run(in session: CommandSession) async throws {
    var body = JSONMembers()
    body["Name"] = .string(self.name[0])
    body["CheckDuplicate"] = .bool(true)
    body["Driver"] = .string(self.driver)
    body["Scope"] = .string(self.scope)
    body["Attachable"] = .bool(self.attachable)
    body["Internal"] = .bool(self.internal)
    body["Ingress"] = .bool(self.ingress)
    body["EnableIPv6"] = .bool(self.ipv6)
    body["Options"] = Self.object(self.opt)
    body["Labels"] = Self.object(self.label)
    body["IPAM"] = .object(["Driver": .string("default"), "Config": .array(self.pools)])
    let created: JSONValue = try await session.client.post("/networks/create", body: JSONValue.object(body))
    if case .string(let warning) = created["Warning"], !warning.isEmpty { session.console.complain("WARNING: \(warning)") }
    guard case .string(let id) = created["Id"] else { return }
    session.console.print(id)
  }

  private var pools: [JSONValue] {
    self.subnet.enumerated().map { index, subnet in
      var pool: JSONMembers = ["Subnet": .string(subnet)]
      if index < self.gateway.count { pool["Gateway"] = .string(self.gateway[index]) }
      if index < self.ipRange.count { pool["IPRange"] = .string(self.ipRange[index]) }
      return .object(pool)
    }
  }

  private static func object(_ pairs: [String]) -> JSONValue {
    var members = JSONMembers()
    for (key, value) in KeyValues.labels(pairs).sorted(by: { $0.key < $1.key }) { members[key] = .string(value) }
    return .object(members)
  }
}
