// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import Testing

@Suite("TaskRecord")
struct TaskRecordTests {
  var record: TaskRecord {
    var task = WorkerHarness.task(state: .running)
    task.status.container = ContainerStatus(containerID: "c", pid: 7)
    task.status.portStatus = PortStatus(ports: [PortConfig(targetPort: 80, publishedPort: 32_768, publishMode: .host)])
    return TaskRecord(task: task)
  }

  @Test("a record is read as it was written")
  func roundTrip() throws {
    let bytes = self.record.encode()
    let read = try TaskRecord.last(in: bytes)
    #expect(read.record == self.record)
    #expect(read.wholeBytes == bytes.count)
  }

  @Test("a record begins with its version and length")
  func header() {
    let bytes = self.record.encode()
    #expect(Array(bytes.prefix(5)) == [1, UInt8(bytes.count - 5), 0, 0, 0])
  }

  @Test("of several records the last whole one counts, wherever the next was cut short")
  func appended() throws {
    let first = self.record.encode()
    var later = self.record
    later.task.status.state = .failed
    let second = later.encode()
    for length in 0..<second.count {
      let read = try TaskRecord.last(in: first + second.prefix(length))
      #expect(read.record == self.record)
      #expect(read.wholeBytes == first.count)
    }
    #expect(try TaskRecord.last(in: first + second).record == later)
  }

  @Test("without a whole record there is an error")
  func damaged() {
    let bytes = self.record.encode()
    for length in 0..<bytes.count {
      #expect(throws: SwarmError.self) { try TaskRecord.last(in: Array(bytes.prefix(length))) }
    }
    #expect(throws: SwarmError.self) { try TaskRecord.last(in: [UInt8](repeating: 0, count: bytes.count)) }
  }

  @Test("any bytes give a record or an error", arguments: [7, 8] as [UInt64])
  func arbitrary(seed: UInt64) {
    var chance = IdentifierGenerator(seed: seed)
    let bytes = self.record.encode()
    for _ in 0..<3_000 {
      var damaged = bytes
      for _ in 0..<3 {
        damaged[Int(chance.next() % UInt64(damaged.count))] = UInt8(truncatingIfNeeded: chance.next())
      }
      if let read = try? TaskRecord.last(in: damaged) { #expect(read.wholeBytes <= damaged.count) }
    }
  }

  @Test("a newer format is told from damage")
  func newer() {
    var bytes = self.record.encode()
    bytes[0] = 2
    #expect {
      try TaskRecord.last(in: bytes)
    } throws: {
      ($0 as? SwarmError)?.code == .unsupportedFormat
    }
  }
}
