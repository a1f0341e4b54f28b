// SPDX-License-Identifier: Apache-2.0

import SwarmIdentity
import SwarmModel
import Testing

@Suite("Wrong tokens")
struct WrongTokenLimitTests {
  @Test("an address has its burst, then one try per refill; the last try of a burst is reported once")
  func burst() {
    var limit = WrongTokenLimit(burst: 3, refill: .seconds(1))
    var reports: [Bool] = []
    for _ in 0..<3 {
      #expect(limit.allows("a", now: .zero))
      reports.append(limit.noteWrongToken(from: "a", now: .zero))
    }
    #expect(reports == [false, false, true])
    #expect(!limit.allows("a", now: .zero))
    #expect(!limit.allows("a", now: .milliseconds(999)))
    #expect(limit.allows("b", now: .zero))

    #expect(limit.allows("a", now: .seconds(1)))
    let isLast = limit.noteWrongToken(from: "a", now: .seconds(1))
    #expect(isLast)
    #expect(!limit.allows("a", now: .milliseconds(1999)))
    #expect(limit.allows("a", now: .seconds(2)))
  }

  @Test(
    "however tries are spread, an address gets no more than its burst and what was refilled",
    arguments: 0..<50 as Range<UInt64>
  )
  func neverMore(seed: UInt64) {
    var random = IdentifierGenerator(seed: seed)
    var limit = WrongTokenLimit(burst: 5, refill: .milliseconds(100))
    var now = Duration.zero
    var tries = 0
    for _ in 0..<2000 {
      now += .milliseconds(Int.random(in: 0...30, using: &random))
      guard limit.allows("a", now: now) else { continue }
      tries += 1
      _ = limit.noteWrongToken(from: "a", now: now)
    }
    let allowed = 5 + Int(now / .milliseconds(100))
    #expect(tries <= allowed + 1, "seed \(seed): \(tries) tries of \(allowed)")
    #expect(tries >= allowed - 1, "seed \(seed): \(tries) tries of \(allowed)")
  }

  @Test("the number of remembered addresses is bounded")
  func bounded() {
    var limit = WrongTokenLimit(burst: 1, refill: .seconds(10), maximumAddresses: 8)
    for number in 0..<100 { _ = limit.noteWrongToken(from: "10.0.0.\(number)", now: .milliseconds(number)) }
    #expect(limit.count == 8)
    #expect(!limit.allows("10.0.0.99", now: .milliseconds(100)))
    #expect(limit.allows("10.0.0.0", now: .milliseconds(100)))
  }
}
