// SPDX-License-Identifier: Apache-2.0

import ProcessRuntime
import SwarmAgent
import SwarmModel
import Testing

@Suite("Records of process tasks")
struct RecordTests {
  private func file(_ records: [(UInt8, String)]) -> [UInt8] {
    var bytes: [UInt8] = [0x53, 0x57, 0x54, 0x4C, 0x4F, 0x47, 0, 1]
    for (index, (stream, text)) in records.enumerated() {
      bytes += [UInt8(index), 1, 0, 0, 0, 0, 0, 0, UInt8(text.utf8.count), 0, 0, 0, stream, 0, 0, 0]
      bytes += Array(text.utf8)
    }
    return bytes
  }

  @Test("records are found however the bytes arrive", arguments: [1, 2, 3, 7, 16, 1000])
  func pieces(size: Int) {
    let bytes = self.file([(1, "one\n"), (2, ""), (0, "notice\n"), (1, "last")])
    var decoder = LogDecoder()
    var records: [LogRecord] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      decoder.append(Array(bytes[start..<min(start + size, bytes.count)]))
      while case .record(let record) = decoder.next() { records.append(record) }
    }
    #expect(records.map { String(decoding: $0.bytes, as: UTF8.self) } == ["one\n", "", "notice\n", "last"])
    #expect(records.map(\.stream) == [.stdout, .stderr, .stderr, .stdout])
    #expect(records.map(\.timestamp.nanoseconds) == [256, 257, 258, 259])
    #expect(decoder.next() == .incomplete)
  }

  @Test("a cut file gives its whole records and then nothing")
  func torn() {
    let bytes = self.file([(1, "one\n"), (1, "two\n")])
    for count in 0..<bytes.count {
      var decoder = LogDecoder()
      decoder.append(Array(bytes[..<count]))
      var found = 0
      while case .record = decoder.next() { found += 1 }
      #expect(found == (count < 28 ? 0 : 1))
      #expect(decoder.next() == .incomplete)
    }
  }

  @Test("other files and impossible lengths are damage")
  func damage() {
    var decoder = LogDecoder()
    decoder.append(Array("SWTLOG\0\u{2}".utf8))
    #expect(decoder.next() == .damaged)
    decoder = LogDecoder()
    decoder.append(self.file([]) + [UInt8](repeating: 0xFF, count: 16))
    #expect(decoder.next() == .damaged)
  }

  @Test("any bytes give records, an end or damage, in finite time")
  func total() {
    var random: UInt64 = 42
    for _ in 0..<2_000 {
      var bytes: [UInt8] = self.file([])
      for _ in 0..<64 {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes.append(UInt8(truncatingIfNeeded: random >> 60))
      }
      var decoder = LogDecoder()
      decoder.append(bytes)
      var count = 0
      while case .record = decoder.next() { count += 1 }
      #expect(count <= 4)
      #expect(ProcessRecord(bytes) == nil)
      #expect(StatusRecord(bytes) == nil)
    }
  }

  @Test("a process record is read whole or not at all")
  func processRecord() throws {
    let text = "swarm-pid 1\nboot abc\nshim 10 1000\ntask 11 1001\nstarted 5\n"
    let record = try #require(ProcessRecord(Array(text.utf8)))
    #expect(record.boot == "abc")
    #expect((record.shim.pid, record.shim.startTime) == (10, 1000))
    #expect((record.task.pid, record.task.startTime) == (11, 1001))
    #expect(record.startedAt == Timestamp(nanoseconds: 5))
    for line in ["swarm-pid 1", "boot abc", "shim 10 1000", "task 11 1001", "started 5"] {
      let cut = text.split(separator: "\n").filter { $0 != line }.joined(separator: "\n")
      #expect(ProcessRecord(Array(cut.utf8)) == nil)
    }
    #expect(ProcessRecord(Array(text.utf8.map { $0 == UInt8(ascii: "0") ? UInt8(ascii: "x") : $0 })) == nil)
    #expect(ProcessRecord([]) == nil)
  }

  @Test("a status record says how the task ended")
  func statusRecord() throws {
    let text = "swarm-status 1\ncause grace\ncode 137\nsignal 9\nerrno 0\nexited 77\n"
    let record = try #require(StatusRecord(Array(text.utf8)))
    #expect(record.cause == .grace)
    #expect(record.exitStatus == ExitStatus(exitCode: 137, signal: 9, exitedAt: Timestamp(nanoseconds: 77)))
    #expect(record.encoded == Array(text.utf8))
    let later = text.replacing("cause grace", with: "cause something-new")
    #expect(StatusRecord(Array(later.utf8))?.cause == .exit)
    #expect(StatusRecord(Array("swarm-status 2\n".utf8)) == nil)
  }
}
