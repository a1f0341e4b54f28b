// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmKitProtobuf
internal import SwarmModel
internal import SwarmWire
internal import SwiftProtobuf
internal import Testing

@Suite("Assignments and reports on the wire")
struct AssignmentTests {
  private static let seeds = Array(1...20) as [UInt64]

  private static func proto(_ seed: UInt64) throws -> ProtoAssignmentsMessage {
    var proto = try RandomDecoder.message(ProtoAssignmentsMessage.self, seed: seed)
    proto.type = seed.isMultiple(of: 2) ? .complete : .incremental
    var task = try RandomDecoder.message(ProtoTask.self, seed: seed)
    var secret = try RandomDecoder.message(ProtoSecret.self, seed: seed)
    var config = try RandomDecoder.message(ProtoConfig.self, seed: seed)
    task.id = Sample.task.description
    secret.id = Sample.secret.description
    config.id = Sample.config.description
    proto.changes = [.with { $0.assignment.task = task }]
    proto.changes.append(.with { ($0.assignment.secret, $0.action) = (secret, .remove) })
    proto.changes.append(.with { $0.assignment.config = config })
    return proto
  }

  @Test("what a manager of SwarmKit's writes is read, and written back the same", arguments: seeds)
  func assignments(seed: UInt64) throws {
    let proto = try Self.proto(seed)
    let message = try AssignmentsMessage(encoded: proto.serializedBytes() as [UInt8])
    #expect(message.kind == (seed.isMultiple(of: 2) ? .complete : .incremental))
    #expect(message.appliesTo == proto.appliesTo)
    #expect(message.resultsIn == proto.resultsIn)
    #expect(message.changes.map(\.action) == [.update, .remove, .update])
    guard case .task(let task) = message.changes[0].object else { throw Missing() }
    #expect(task == (try SwarmTask(proto.changes[0].assignment.task)))
    #expect(try ProtoAssignmentsMessage(serializedBytes: message.encoded()) == proto)
  }

  @Test("cluster volumes and kinds that nobody knows yet are skipped")
  func skipped() throws {
    var proto = ProtoAssignmentsMessage()
    proto.changes = [.with { $0.assignment.volume.id = "volume" }, ProtoAssignmentChange()]
    proto.changes.append(.with { $0.assignment.task.id = Sample.task.description })
    let message = try AssignmentsMessage(encoded: proto.serializedBytes() as [UInt8])
    #expect(message.changes == [AssignmentChange(action: .update, object: .task(SwarmTask(id: Sample.task)))])
  }

  @Test("what can't be understood is refused: kinds and actions without a name, objects without an id")
  func refused() throws {
    var kind = ProtoAssignmentsMessage()
    kind.type = .UNRECOGNIZED(7)
    var action = ProtoAssignmentsMessage()
    action.changes = [
      .with { change in
        change.action = .UNRECOGNIZED(7)
        change.assignment.task.id = Sample.task.description
      }
    ]
    var nameless = ProtoAssignmentsMessage()
    nameless.changes = [.with { $0.assignment.task.slot = 1 }]
    var malformed = ProtoAssignmentsMessage()
    malformed.changes = [.with { $0.assignment.secret.id = "no id" }]
    for proto in [kind, action, nameless, malformed] {
      let bytes: [UInt8] = try proto.serializedBytes()
      let error = #expect(throws: SwarmError.self) { try AssignmentsMessage(encoded: bytes) }
      #expect(error?.code == .invalidArgument)
    }
  }

  @Test("a report reads and writes as SwarmKit's does", arguments: seeds)
  func report(seed: UInt64) throws {
    var proto = ProtoUpdateTaskStatusRequest()
    proto.sessionID = "session-\(seed)"
    var update = ProtoUpdateTaskStatusRequest.TaskStatusUpdate()
    update.taskID = Sample.task.description
    update.status = try RandomDecoder.message(ProtoTaskStatus.self, seed: seed)
    proto.updates = [update, update]
    let report = try TaskStatusReport(encoded: proto.serializedBytes() as [UInt8])
    #expect(report.session == proto.sessionID)
    #expect(report.updates.map(\.task) == [Sample.task, Sample.task])
    #expect(report.updates[1].status == (try TaskStatus(update.status)))
    #expect(try ProtoUpdateTaskStatusRequest(serializedBytes: report.encoded()) == proto)
  }

  @Test("a report about a task whose id is none is refused")
  func reportOfNothing() throws {
    var proto = ProtoUpdateTaskStatusRequest()
    proto.updates = [.with { $0.taskID = "no id" }]
    let bytes: [UInt8] = try proto.serializedBytes()
    let error = #expect(throws: SwarmError.self) { try TaskStatusReport(encoded: bytes) }
    #expect(error?.code == .invalidArgument)
  }

  private struct Missing: Error {}
}
