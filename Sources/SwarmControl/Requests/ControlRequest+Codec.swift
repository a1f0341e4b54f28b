// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

extension ControlRequest {
  private enum Kind: Int {
    case createService = 16
    case updateService = 17
    case removeService = 18
    case restartService = 19
    case stopService = 20
    case updateNode = 24
    case removeNode = 25
    case registerNode = 26
    case certifyNode = 27
    case updateCluster = 32
    case replaceRootCA = 33
    case changeCluster = 34
    case createSecret = 40
    case updateSecret = 41
    case removeSecret = 42
    case createConfig = 48
    case updateConfig = 49
    case removeConfig = 50
    case createNetwork = 56
    case removeNetwork = 57
  }

  /// The request as it is forwarded, with the stamp that makes a retry apply once.
  package func encode(client: ClientStamp?) -> [UInt8] {
    var writer = WireWriter()
    writer.append(CollectionOfOne(ForwardingFormat.version))
    client?.write(ForwardingFormat.client, to: &writer)
    func write(_ kind: Kind, _ record: some WireRecord) {
      record.write(kind.rawValue, to: &writer)
    }
    switch self {
    case .createService(let spec):
      write(.createService, spec)
    case .updateService(let reference, let version, let spec, let rollback):
      write(.updateService, RequestedUpdate(reference: reference, version: version, spec: spec, isRollback: rollback))
    case .removeService(let reference):
      write(.removeService, RequestedRemoval(reference: reference))
    case .updateNode(let reference, let version, let spec):
      write(.updateNode, RequestedUpdate(reference: reference, version: version, spec: spec))
    case .removeNode(let reference, let force):
      write(.removeNode, RequestedRemoval(reference: reference, force: force))
    case .registerNode(let registration):
      write(.registerNode, registration)
    case .certifyNode(let id, let certificate):
      write(.certifyNode, RequestedUpdate(reference: id.description, spec: certificate))
    case .updateCluster(let version, let spec):
      write(.updateCluster, RequestedUpdate(version: version, spec: spec))
    case .replaceRootCA(let version, let rootCA):
      write(.replaceRootCA, RequestedUpdate(version: version, spec: rootCA))
    case .changeCluster(let version, let change):
      write(.changeCluster, ClusterUpdate(expected: Version(index: version), change: change))
    case .createSecret(let spec):
      write(.createSecret, spec)
    case .updateSecret(let reference, let version, let spec):
      write(.updateSecret, RequestedUpdate(reference: reference, version: version, spec: spec))
    case .removeSecret(let reference):
      write(.removeSecret, RequestedRemoval(reference: reference))
    case .createConfig(let spec):
      write(.createConfig, spec)
    case .updateConfig(let reference, let version, let spec):
      write(.updateConfig, RequestedUpdate(reference: reference, version: version, spec: spec))
    case .removeConfig(let reference):
      write(.removeConfig, RequestedRemoval(reference: reference))
    case .restartService(let reference):
      write(.restartService, RequestedRemoval(reference: reference))
    case .stopService(let reference, let isStopped):
      write(.stopService, RequestedRemoval(reference: reference, force: isStopped))
    case .createNetwork(let spec):
      write(.createNetwork, spec)
    case .removeNetwork(let reference):
      write(.removeNetwork, RequestedRemoval(reference: reference))
    }
    return writer.bytes
  }

  /// Reads a forwarded request.
  ///
  /// - Throws: `unsupportedFormat` for what a newer version asks, `dataLoss` for bytes that aren't a request.
  package static func decode(
    _ bytes: [UInt8]
  ) throws(SwarmError) -> (request: ControlRequest, client: ClientStamp?) {
    var client: ClientStamp?
    let field = try ForwardingFormat.body(of: bytes, client: &client)
    guard let kind = Kind(rawValue: field.number) else {
      throw SwarmError(
        code: .unsupportedFormat,
        message: "a manager forwarded a request of kind \(field.number), which this version does not know"
      )
    }
    switch kind {
    case .createService:
      return (.createService(try ForwardingFormat.read(field)), client)
    case .updateService:
      let update: RequestedUpdate<ServiceSpec> = try ForwardingFormat.read(field)
      return (
        .updateService(
          reference: update.reference,
          version: update.version,
          spec: update.spec,
          rollback: update.isRollback
        ),
        client
      )
    case .removeService:
      let removal: RequestedRemoval = try ForwardingFormat.read(field)
      return (.removeService(reference: removal.reference), client)
    case .updateNode:
      let update: RequestedUpdate<NodeSpec> = try ForwardingFormat.read(field)
      return (.updateNode(reference: update.reference, version: update.version, spec: update.spec), client)
    case .removeNode:
      let removal: RequestedRemoval = try ForwardingFormat.read(field)
      return (.removeNode(reference: removal.reference, force: removal.force), client)
    case .registerNode:
      return (.registerNode(try ForwardingFormat.read(field)), client)
    case .certifyNode:
      let update: RequestedUpdate<NodeCertificate> = try ForwardingFormat.read(field)
      guard let id = NodeID(update.reference) else {
        throw SwarmError(code: .dataLoss, message: "a forwarded request can't be read")
      }
      return (.certifyNode(id, update.spec), client)
    case .updateCluster:
      let update: RequestedUpdate<ClusterSpec> = try ForwardingFormat.read(field)
      return (.updateCluster(version: update.version, spec: update.spec), client)
    case .replaceRootCA:
      let update: RequestedUpdate<RootCA> = try ForwardingFormat.read(field)
      return (.replaceRootCA(version: update.version, update.spec), client)
    case .changeCluster:
      let update: ClusterUpdate = try ForwardingFormat.read(field)
      return (.changeCluster(version: update.expected?.index ?? 0, update.change), client)
    case .createSecret:
      return (.createSecret(try ForwardingFormat.read(field)), client)
    case .updateSecret:
      let update: RequestedUpdate<SecretSpec> = try ForwardingFormat.read(field)
      return (.updateSecret(reference: update.reference, version: update.version, spec: update.spec), client)
    case .removeSecret:
      let removal: RequestedRemoval = try ForwardingFormat.read(field)
      return (.removeSecret(reference: removal.reference), client)
    case .createConfig:
      return (.createConfig(try ForwardingFormat.read(field)), client)
    case .updateConfig:
      let update: RequestedUpdate<ConfigSpec> = try ForwardingFormat.read(field)
      return (.updateConfig(reference: update.reference, version: update.version, spec: update.spec), client)
    case .removeConfig:
      let removal: RequestedRemoval = try ForwardingFormat.read(field)
      return (.removeConfig(reference: removal.reference), client)
    case .restartService:
      let named: RequestedRemoval = try ForwardingFormat.read(field)
      return (.restartService(reference: named.reference), client)
    case .stopService:
      let named: RequestedRemoval = try ForwardingFormat.read(field)
      return (.stopService(reference: named.reference, isStopped: named.force), client)
    case .createNetwork:
      return (.createNetwork(try ForwardingFormat.read(field)), client)
    case .removeNetwork:
      let removal: RequestedRemoval = try ForwardingFormat.read(field)
      return (.removeNetwork(reference: removal.reference), client)
    }
  }
}

/// What forwarded requests and their answers have in common: one byte with the format's version, then fields.
enum ForwardingFormat {
  static var version: UInt8 { 1 }
  static let client = 1

  /// Reads everything up to the one field that tells what is asked or answered.
  static func body(of bytes: [UInt8], client: inout ClientStamp?) throws(SwarmError) -> WireReader.Field {
    guard let version = bytes.first else {
      throw SwarmError(code: .dataLoss, message: "a forwarded request is empty")
    }
    guard version == Self.version else {
      throw SwarmError(
        code: .unsupportedFormat,
        message: "a manager forwarded a request in format \(version); this version reads format \(Self.version)"
      )
    }
    var reader = WireReader(bytes.dropFirst())
    while let field = try reader.next() {
      guard field.number == Self.client else { return field }
      guard try client.read(field.value) else { break }
    }
    throw SwarmError(code: .dataLoss, message: "a forwarded request asks for nothing")
  }

  static func read<Record: WireRecord>(_ field: WireReader.Field) throws(SwarmError) -> Record {
    var record = Record.blank
    guard try record.read(field.value) else {
      throw SwarmError(code: .dataLoss, message: "a forwarded request can't be read")
    }
    return record
  }
}

private struct RequestedUpdate<Spec: WireMessage>: WireRecord {
  var reference = ""
  var version: UInt64 = 0
  var spec = Spec.blank
  var isRollback = false

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.reference)
    try fields.visit(2, &self.version)
    try fields.visit(3, &self.spec)
    try fields.visit(4, &self.isRollback)
  }
}

/// A reference with a switch.
private struct RequestedRemoval: WireRecord {
  var reference = ""
  var force = false

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.reference)
    try fields.visit(2, &self.force)
  }
}

extension NodeRegistration: WireRecord {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.role)
    try fields.visit(3, &self.availability)
    try fields.visit(4, &self.hostname)
    try fields.visit(5, &self.certificate)
  }
}
