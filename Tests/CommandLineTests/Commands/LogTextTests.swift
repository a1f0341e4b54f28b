// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Testing

@Suite("logs and moments")
struct LogTextTests {
  private static let now = EngineTime(seconds: 1_700_000_000, nanoseconds: 500)

  @Test(
    "a moment is a time, a part of one, seconds since 1970, or how long ago",
    arguments: [
      ("2023-11-14T22:13:20Z", "1700000000.000000000"), ("2023-11-14T22:13:20", "1700000000.000000000"),
      ("2023-11-14T22:13", "1699999980.000000000"), ("2023-11-14", "1699920000.000000000"),
      ("1700000000.25", "1700000000.250000000"), ("1700000000", "1700000000.000000000"), ("10m", "1699999400.000000500"),
      ("0s", "1700000000.000000500"), ("0", "0.000000000"),
    ]
  )
  func moments(text: String, unix: String) throws {
    #expect(try Moment.parse(text, flag: "since", now: Self.now).unixText == unix)
  }

  @Test("other texts are no moments", arguments: ["", "soon", "2023-13-01", "1.", "1.x", "--1"])
  func noMoments(text: String) {
    #expect(throws: CommandFailure.self) { try Moment.parse(text, flag: "since", now: Self.now) }
  }

  @Test("the text of a log's time has thirty characters")
  func fixedText() {
    #expect(Self.now.fixedText == "2023-11-14T22:13:20.000000500Z")
    #expect(EngineTime(seconds: 0, nanoseconds: 0).fixedText == "1970-01-01T00:00:00.000000000Z")
  }

  @Test("frames are found wherever the pieces are cut", arguments: 1...20)
  func frames(size: Int) throws {
    let bytes: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 2, 0x61, 0x0A, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 1, 0x62]
    var frames = LogFrames()
    var found: [LogFrames.Frame] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      found += try frames.read(Array(bytes[start..<min(start + size, bytes.count)]))
    }
    #expect(found.map(\.stream) == [1, 2, 3])
    #expect(found.map(\.bytes) == [[0x61, 0x0A], [], [0x62]])
  }

  @Test("what isn't a frame is refused", arguments: [[4, 0, 0, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0xFF, 0, 0, 0]] as [[UInt8]])
  func noFrames(bytes: [UInt8]) {
    var frames = LogFrames()
    #expect(throws: CommandFailure.self) { try frames.read(bytes) }
  }
}
