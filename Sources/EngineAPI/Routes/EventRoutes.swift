// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// What happens in the swarm.
struct EventRoutes: Sendable {
  let journal: EventJournal

  var routes: [Route] { [Route(.get, "events", handler: self.events)] }

  private func events(_ call: EngineCall) async throws -> EngineReply {
    let filter = try EventFilter(call.query)
    let since = try call.query.time("since")?.nanosecondsSince1970
    let until = try call.query.time("until")?.nanosecondsSince1970
    if let since, let until, since > until {
      throw APIFailure.badRequest(
        "`since` time (\(call.query["since"] ?? "")) cannot be after `until` time (\(call.query["until"] ?? ""))"
      )
    }
    let (past, news) = self.journal.read(until: until)
    // Without a moment to begin at, what has happened is of no interest.
    let wanted = past.filter { event in
      guard let since, let time = event.timeNano else { return false }
      return time >= since && time <= until ?? .max && filter.matches(event)
    }
    return .stream(EventReply(past: wanted, news: news, filter: filter, until: until), contentType: "application/json")
  }
}

/// Events as lines of JSON.
struct EventReply: AsyncSequence, Sendable {
  typealias Element = [UInt8]
  typealias Failure = any Error

  let past: [Engine.Event]
  let news: AsyncStream<Engine.Event>
  let filter: EventFilter
  /// The last moment that is of interest, in nanoseconds since 1970.
  let until: Int64?

  func makeAsyncIterator() -> Iterator {
    Iterator(past: self.past[...], news: self.news.makeAsyncIterator(), filter: self.filter, until: self.until)
  }

  struct Iterator: AsyncIteratorProtocol {
    private var past: ArraySlice<Engine.Event>
    private var news: AsyncStream<Engine.Event>.AsyncIterator
    private let filter: EventFilter
    private let until: Int64?

    init(past: ArraySlice<Engine.Event>, news: AsyncStream<Engine.Event>.AsyncIterator, filter: EventFilter, until: Int64?) {
      self.past = past
      self.news = news
      self.filter = filter
      self.until = until
    }

    mutating func next() async throws -> [UInt8]? {
      if let event = self.past.popFirst() { return try Self.line(event) }
      while let event = await self.news.next(isolation: #isolation) {
        if let until, let time = event.timeNano, time > until { return nil }
        if self.filter.matches(event) { return try Self.line(event) }
      }
      return nil
    }

    private static func line(_ event: Engine.Event) throws -> [UInt8] { try EngineJSON.encode(event) + [0x0A] }
  }
}
