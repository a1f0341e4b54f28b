// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

extension ControlResponse {
  private enum Kind: Int {
    case service = 16
    case node = 17
    case done = 18
    case failure = 19
    case object = 20
  }

  /// The answer as it is sent back to the manager that forwarded the request.
  package func encode() -> [UInt8] {
    var writer = WireWriter()
    writer.append(CollectionOfOne(ForwardingFormat.version))
    func write(_ kind: Kind, _ record: some WireRecord) {
      record.write(kind.rawValue, to: &writer)
    }
    switch self {
    case .service(let id, let version, let warnings):
      write(.service, WrittenObject(id: id, version: version, warnings: warnings))
    case .node(let id, let version):
      write(.node, WrittenObject(id: id, version: version))
    case .object(let id, let version):
      write(.object, NamedObject(id: id, version: version))
    case .done(let version):
      write(.done, version)
    case .failure(let error):
      write(.failure, error)
    }
    return writer.bytes
  }

  /// Reads an answer.
  ///
  /// - Throws: `unsupportedFormat` for an answer of a newer kind, `dataLoss` for bytes that aren't an answer.
  package init(decoding bytes: [UInt8]) throws(SwarmError) {
    var client: ClientStamp?
    let field = try ForwardingFormat.body(of: bytes, client: &client)
    switch Kind(rawValue: field.number) {
    case .service:
      let written: WrittenObject<Service> = try ForwardingFormat.read(field)
      self = .service(written.id, version: written.version, warnings: written.warnings)
    case .node:
      let written: WrittenObject<Node> = try ForwardingFormat.read(field)
      self = .node(written.id, version: written.version)
    case .object:
      let named: NamedObject = try ForwardingFormat.read(field)
      self = .object(named.id, version: named.version)
    case .done:
      self = .done(version: try ForwardingFormat.read(field))
    case .failure:
      self = .failure(try ForwardingFormat.read(field))
    case nil:
      throw SwarmError(
        code: .unsupportedFormat,
        message: "the leader gave an answer of kind \(field.number), which this version does not know"
      )
    }
  }
}

private struct NamedObject: WireRecord {
  var id = ""
  var version = Version.zero

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.version)
  }
}

private struct WrittenObject<Kind>: WireRecord {
  var id = Identifier<Kind>()
  var version = Version.zero
  var warnings: [String] = []

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.version)
    try fields.visit(3, &self.warnings)
  }
}
