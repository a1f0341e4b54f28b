// SPDX-License-Identifier: Apache-2.0
internal import HashTreeCollections
package import SwarmModel

// A snapshot is one byte with the format's version, then fields in the order of `SnapshotField`, the objects of each kind sorted by id.
// Tasks refer to their specification by its position in a table, so that tasks that shared a specification share it again.

extension Store {
  /// The newest snapshot format that this version writes and reads.
  package static var snapshotFormat: UInt8 { 1 }

  private enum SnapshotField {
    static let version = 1
    static let time = 2
    static let nextClientExpiry = 3
    static let cluster = 4
    static let node = 5
    static let service = 6
    static let taskSpec = 7
    static let task = 8
    static let client = 9
    static let secret = 16
    static let config = 17
    static let network = 18
  }

  /// Writes the whole state; equal stores give equal bytes.
  package func encodeSnapshot() -> [UInt8] {
    var writer = WireWriter()
    writer.append(CollectionOfOne(Self.snapshotFormat))
    self.version.write(SnapshotField.version, to: &writer)
    self.time.write(SnapshotField.time, to: &writer)
    self.clients.nextExpiry.write(SnapshotField.nextClientExpiry, to: &writer)
    self.cluster?.write(SnapshotField.cluster, to: &writer)
    for id in self.nodeIDs() {
      self.nodesByID[id]?.value.write(SnapshotField.node, to: &writer)
    }
    for id in self.serviceIDs() {
      self.servicesByID[id]?.value.write(SnapshotField.service, to: &writer)
    }
    self.writeTasks(to: &writer)
    for (client, session) in self.clients.sessions.sorted(by: { $0.key < $1.key }) {
      SnapshotClient(client: client, session: session).write(SnapshotField.client, to: &writer)
    }
    for secret in self.secrets() { secret.write(SnapshotField.secret, to: &writer) }
    for config in self.configs() { config.write(SnapshotField.config, to: &writer) }
    for network in self.networks() { network.write(SnapshotField.network, to: &writer) }
    return writer.bytes
  }

  private func writeTasks(to writer: inout WireWriter) {
    struct Origin: Hashable {
      var service: ServiceID?
      var version: Version
    }
    var positions: [Origin: (position: UInt64, spec: TaskSpecBox)] = [:]
    for id in self.taskIDs() {
      guard let task = self.tasksByID[id]?.value else { continue }
      let origin = Origin(service: task.serviceID, version: task.specVersion)
      if positions[origin] == nil {
        positions[origin] = (UInt64(positions.count), task.spec)
        task.spec.value.write(SnapshotField.taskSpec, to: &writer)
      }
      var record = SnapshotTask(task: task)
      if let known = positions[origin], known.spec == task.spec {
        // Zero says that the task holds its specification itself.
        record.spec = known.position + 1
        record.task.spec = .empty
      }
      record.write(SnapshotField.task, to: &writer)
    }
  }

  /// Reads what ``encodeSnapshot()`` wrote.
  ///
  /// - Throws: `dataLoss` for damaged bytes, `unsupportedFormat` for a newer format.
  package init(snapshot: [UInt8]) throws(SwarmError) {
    self.init()
    guard let format = snapshot.first else {
      throw SwarmError(code: .dataLoss, message: "the snapshot is empty")
    }
    guard format == Self.snapshotFormat else {
      throw SwarmError(
        code: .unsupportedFormat,
        message: "the snapshot has format \(format); this version reads format \(Self.snapshotFormat)"
      )
    }
    var reader = WireReader(snapshot.dropFirst())
    var specs: [TaskSpecBox] = []
    while let field = try reader.next() {
      switch field.number {
      case SnapshotField.version: self.version = try Self.read(field)
      case SnapshotField.time: self.time = try Self.read(field)
      case SnapshotField.nextClientExpiry: self.clients.nextExpiry = try Self.read(field)
      case SnapshotField.cluster: self.insert(Stored(try Self.read(field, as: Cluster.self)))
      case SnapshotField.node: self.insert(Stored(try Self.read(field, as: Node.self)))
      case SnapshotField.service: self.insert(Stored(try Self.read(field, as: Service.self)))
      case SnapshotField.secret: self.insert(Stored(try Self.read(field, as: Secret.self)))
      case SnapshotField.config: self.insert(Stored(try Self.read(field, as: Config.self)))
      case SnapshotField.network: self.insert(Stored(try Self.read(field, as: Network.self)))
      case SnapshotField.taskSpec: specs.append(TaskSpecBox(try Self.read(field)))
      case SnapshotField.task: try self.restore(Self.read(field), specs: specs)
      case SnapshotField.client:
        let record = try Self.read(field, as: SnapshotClient.self)
        self.clients.sessions[record.client] = record.session
      default:
        throw SwarmError(
          code: .unsupportedFormat,
          message: "the snapshot has a field \(field.number), which this version does not know"
        )
      }
    }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(45) { self.addressesByNetwork = [:] }
      if PlantedBug.isPlanted(48) { self.time = .zero }
    #endif
  }

  private mutating func restore(_ record: SnapshotTask, specs: [TaskSpecBox]) throws(SwarmError) {
    var task = record.task
    if record.spec > 0 {
      guard record.spec <= UInt64(specs.count) else {
        throw SwarmError(code: .dataLoss, message: "a task of the snapshot refers to a specification that isn't there")
      }
      task.spec = specs[Int(record.spec - 1)]
    }
    // New tasks of the service share the box, too.
    if let service = task.serviceID, self.servicesByID[service]?.value.specVersion == task.specVersion,
      self.taskSpecs[service] == task.spec
    {
      self.taskSpecs[service] = task.spec
    }
    self.insert(Stored(task))
  }

  private static func read<Record: WireField>(
    _ field: WireReader.Field,
    as type: Record.Type = Record.self
  ) throws(SwarmError) -> Record {
    var record = Record.blank
    guard try record.read(field.value) else {
      throw SwarmError(code: .dataLoss, message: "field \(field.number) of the snapshot can't be read")
    }
    return record
  }

  /// A number that equal stores share, whatever the hash seeds of their processes are: FNV-1a over the snapshot.
  package func digest() -> UInt64 {
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in self.encodeSnapshot() {
      digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    return digest
  }
}
