// SPDX-License-Identifier: Apache-2.0

import Gossip
import Testing

@testable import GossipNIO

@Suite("Listeners")
struct EventHubTests {
  @Test("who reads slowly finds a mark wherever something is missing", arguments: 2...6)
  func missed(length: Int) async {
    var generator = SystemRandomNumberGenerator()
    let hub = EventHub()
    let stream = hub.makeStream(bufferLength: length)
    var iterator = stream.makeAsyncIterator()
    var said = 0
    /// Everything below is known: read, or seen when a mark was read.
    var known = 0
    for _ in 0..<2000 {
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        hub.yield([.joinFailed(attempts: said)])
        said += 1
      }
      hub.yield([.joinFailed(attempts: said)])
      said += 1
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        if known == said { break }
        switch await iterator.next() {
        case .joinFailed(let number)?:
          #expect(number <= known, "\(number) came, and \(known) is missing")
          known = max(known, number + 1)
        case .eventsMissed?:
          known = said
        default:
          Issue.record("the stream ended")
        }
      }
    }
    hub.finish()
    while let event = await iterator.next() {
      if case .joinFailed(let number) = event {
        #expect(number <= known)
        known = max(known, number + 1)
      } else {
        known = said
      }
    }
    #expect(known == said)
  }

  @Test("listeners may leave while they are told something", .timeLimit(.minutes(1)))
  func leaving() async {
    let hub = EventHub()
    for _ in 0..<3_000 {
      let stream = hub.makeStream()
      let reader = Task { for await _ in stream {} }
      // It waits by then, or soon.
      await Task.yield()
      let teller = Task { for number in 0..<5 { hub.yield([.joinFailed(attempts: number)]) } }
      await Task.yield()
      reader.cancel()
      await teller.value
      await reader.value
    }
    #expect(hub.isEmpty)
  }
}
