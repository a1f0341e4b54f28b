// SPDX-License-Identifier: Apache-2.0
import SwarmModel
import Testing

@Suite("Timestamp text")
struct TimestampTextTests {
  @Test(
    "moments are written as RFC 3339 and read back",
    arguments: [
      (0, "1970-01-01T00:00:00Z"),
      (1, "1970-01-01T00:00:00.000000001Z"),
      (-1, "1969-12-31T23:59:59.999999999Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00Z"),
      (1_709_251_199_500_000_000, "2024-02-29T23:59:59.5Z"),
      (1_795_379_794_123_456_789, "2026-11-22T20:36:34.123456789Z"),
      (.max, "2262-04-11T23:47:16.854775807Z"),
      (.min, "1677-09-21T00:12:43.145224192Z"),
    ] as [(Int64, String)]
  )
  func text(nanoseconds: Int64, text: String) {
    #expect(Timestamp(nanoseconds: nanoseconds).description == text)
    #expect(Timestamp(text) == Timestamp(nanoseconds: nanoseconds))
  }

  @Test("offsets from UTC are understood")
  func offsets() {
    let utc = Timestamp("2026-11-22T20:00:00Z")
    #expect(utc != nil)
    #expect(Timestamp("2026-11-22T22:30:00+02:30") == utc)
    #expect(Timestamp("2026-11-22t12:00:00-08:00") == utc)
  }

  @Test(
    "anything else is refused",
    arguments: [
      "", "2026", "2026-11-22", "2026-11-22T20:36:34", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z",
      "2026-11-22T20:60:00Z", "2026-11-22T20:36:34.Z", "2026-11-22T20:36:34.1234567890Z", "2026-11-22T20:36:34+0200",
      "9999-01-01T00:00:00Z",
      "0001-01-01T00:00:00Z", "2026-11-22T20:36:34Zx", "2026-00-10T00:00:00Z",
    ]
  )
  func refused(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test("the days around leap years come back", arguments: [1700, 1900, 2000, 2100])
  func days(year: Int) {
    let start = Timestamp("\(year)-01-01T12:00:00Z")
    for day in 0..<800 {
      let moment = (start ?? .zero) + .seconds(day * 86_400)
      #expect(Timestamp(moment.description) == moment)
    }
  }
}
