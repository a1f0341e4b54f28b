// SPDX-License-Identifier: Apache-2.0

import SwarmControl
import SwarmModel
import Testing

@testable import Swarm

@Suite("Streams of sessions", .timeLimit(.minutes(1)))
struct SessionStreamsTests {
  private static let session: SessionID = Identifier(String(repeating: "s", count: 25)) ?? Identifier()

  @Test("a session goes on over a newer stream when the older one ends late")
  func resumed() async throws {
    var streams = SessionStreams()
    let (first, older) = SessionStream.make { _, _ in }
    let (second, newer) = SessionStream.make { _, _ in }
    for stream in [older, newer] {
      let registration = streams.registering(stream)
      let gone = streams.send(.accepted(registration, SessionMessage(sessionID: Self.session)))
      #expect(gone?.0 == nil)
    }
    // Who still reads the older one hears that it is over.
    await #expect(throws: SwarmError.self) { for try await _ in first {} }
    let isForgotten = streams.forget(Self.session, of: older)
    #expect(!isForgotten)
    _ = streams.send(.session(Self.session, SessionMessage(sessionID: Self.session)))
    streams.endAll()
    var count = 0
    await #expect(throws: SwarmError.self) { for try await _ in second { count += 1 } }
    #expect(count == 2)
  }

  @Test("a session whose only stream ends is dropped")
  func lost() {
    var streams = SessionStreams()
    let (messages, stream) = SessionStream.make { _, _ in }
    let registration = streams.registering(stream)
    withExtendedLifetime(messages) {
      let gone = streams.send(.accepted(registration, SessionMessage(sessionID: Self.session)))
      #expect(gone?.0 == nil)
      let isForgotten = streams.forget(Self.session, of: stream)
      #expect(isForgotten)
    }
  }
}
