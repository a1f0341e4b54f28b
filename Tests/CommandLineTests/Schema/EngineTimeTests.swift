// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Testing

@Suite("EngineTime")
struct EngineTimeTests {
  @Test(
    "times are written with as many digits as they need",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:00.000000001Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
      (1_700_000_000_120_000_000, "2023-11-14T22:13:20.12Z"), (951_782_400_000_000_000, "2000-02-29T00:00:00Z"),
      (Int64.max, "2262-04-11T23:47:16.854775807Z"), (Int64.min, "1677-09-21T00:12:43.145224192Z"),
    ] as [(Int64, String)]
  )
  func text(nanoseconds: Int64, text: String) throws {
    let time = EngineTime(nanosecondsSince1970: nanoseconds)
    #expect(time.description == text)
    let read = try #require(EngineTime(text))
    #expect(read == time)
    #expect(read.nanosecondsSince1970 == nanoseconds)
  }

  @Test("a later day is a later text, which is read back, for 800 years")
  func days() {
    var previous = EngineTime(seconds: -12_622_780_800, nanoseconds: 0)
    for _ in 0..<10_100 {
      let next = EngineTime(seconds: previous.seconds + 29 * 86_400, nanoseconds: 0)
      guard EngineTime(next.description) == next, previous.description < next.description else {
        Issue.record("\(previous) is followed by \(next)")
        return
      }
      previous = next
    }
  }

  @Test("offsets, lower case and long fractions are read")
  func variants() {
    #expect(EngineTime("2023-11-14T23:13:20.1200000009999+01:00")?.description == "2023-11-14T22:13:20.12Z")
    #expect(EngineTime("2023-11-14t22:13:20z")?.description == "2023-11-14T22:13:20Z")
    #expect(EngineTime("2023-11-14T17:43:20-04:30")?.description == "2023-11-14T22:13:20Z")
    #expect(EngineTime("0001-01-01T00:00:00Z") == .zero)
    #expect(EngineTime.zero.nanosecondsSince1970 == .min)
  }

  @Test(
    "what isn't a time is refused",
    arguments: [
      "", "2023", "2023-11-14", "2023-11-14T22:13:20", "2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-00-01T00:00:00Z",
      "2023-01-32T00:00:00Z", "2023-01-01T24:00:00Z", "2023-01-01T00:60:00Z", "2023-01-01T00:00:00.Z", "2023-01-01T00:00:00+1",
      "2023-01-01T00:00:00Zx", "x023-01-01T00:00:00Z", "2023-01-01T00:00:00+25:00",
    ]
  )
  func malformed(text: String) {
    #expect(EngineTime(text) == nil)
  }
}
