// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import EngineSchema
internal import HTTPTypes
package import Hummingbird
package import Logging
internal import NIOCore
internal import Synchronization

/// Sends requests to the API inside this process, and looks whether the answers are what every answer must be: complete, in time, and with a sentence
/// where something is refused.
package final class APIFuzzer: Sendable {
  private struct State: Sendable {
    var known = KnownObjects()
    var isInSwarm = true
    var report = FuzzReport()
    /// What each client waits for, and since when.
    var waiting: [Int: (request: FuzzRequest, start: ContinuousClock.Instant)] = [:]
  }

  private let responder: EngineAPIResponder<FuzzContext>
  private let state = Mutex(State())

  package init(_ responder: EngineAPIResponder<FuzzContext>) {
    self.responder = responder
  }

  /// What came of it so far.
  package var report: FuzzReport { self.state.withLock(\.report) }

  /// Sends requests from several clients at a time.
  package func run(requests: Int, seed: UInt64, clients: Int = 8) async {
    await withDiscardingTaskGroup { group in
      for client in 0..<clients {
        group.addTask {
          var generator = RequestGenerator(routes: self.responder.patterns, seed: seed &* 1_000_003 &+ UInt64(client))
          for _ in 0..<(requests / clients + (client < requests % clients ? 1 : 0)) {
            guard !Task.isCancelled else { return }
            let (known, isInSwarm) = self.state.withLock { ($0.known, $0.isInSwarm) }
            let request = generator.next(known, isInSwarm: isInSwarm)
            self.state.withLock { $0.waiting[client] = (request, .now) }
            await self.send(request)
          }
          self.state.withLock { _ = $0.waiting.removeValue(forKey: client) }
        }
      }
    }
  }

  /// Requests that have waited for their answers for longer than this.
  package func unanswered(for duration: Duration) -> [FuzzRequest] {
    let now = ContinuousClock.now
    return self.state.withLock { $0.waiting.values.filter { $0.start.duration(to: now) > duration }.map(\.request) }
  }

  private func send(_ request: FuzzRequest) async {
    var head = HTTPRequest(method: HTTPRequest.Method(request.method) ?? .get, scheme: nil, authority: nil, path: request.target)
    head.headerFields[.contentType] = "application/json"
    let clock = ContinuousClock()
    let start = clock.now
    let response = await self.responder.respond(
      to: Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: request.body))),
      context: FuzzContext(source: FuzzContext.Source())
    )
    let body = await Self.read(response.body)
    let duration = start.duration(to: clock.now)
    let status = response.status.code
    let complaint = Self.complaint(about: response, body, to: request, after: duration)
    let answer = (200..<300).contains(status) ? try? EngineJSON.decode(JSONValue.self, from: body) : nil
    let sentence = String(decoding: body, as: UTF8.self)
    self.state.withLock { state in
      state.report.add(request, status: status, took: duration, complaint: complaint)
      let noun = String(request.route.drop { $0 != " " }.dropFirst().prefix { $0 != "/" })
      // The one request whose answer is about an object of another kind.
      let kind = request.route == "POST containers/*/exec" ? "exec" : noun
      if let answer { state.known.learn(kind, from: answer) }
      if status == 503, sentence.contains("not a swarm manager") { state.isInSwarm = false }
      if request.route == "POST swarm/init", status == 200 || sentence.contains("already part of") { state.isInSwarm = true }
    }
  }

  /// What is wrong with an answer; `nil` for nothing.
  private static func complaint(
    about response: Response,
    _ body: [UInt8],
    to request: FuzzRequest,
    after duration: Duration
  ) -> String? {
    if duration > .seconds(15) { return "no answer for \(duration)" }
    let status = response.status.code
    guard (200..<600).contains(status) else { return "a status that isn't one" }
    guard status >= 300 else {
      let isJSON = response.headers[.contentType] == "application/json" && !body.isEmpty
      let isWhole = !isJSON || request.route == "GET events" || (try? EngineJSON.decode(JSONValue.self, from: body)) != nil
      return isWhole || request.method == "HEAD" ? nil : "an answer that isn't JSON"
    }
    if request.method == "HEAD" { return nil }
    guard let error = try? EngineJSON.decode(Engine.ErrorBody.self, from: body), let message = error.message, !message.isEmpty
    else {
      return "a refusal without a message"
    }
    return message.contains("internal error") ? "an error that nobody foresaw" : nil
  }

  /// Reads an answer; one that has no end is left after a moment.
  private static func read(_ body: ResponseBody) async -> [UInt8] {
    let collected = Collected()
    if body.contentLength != nil {
      try? await body.write(FuzzWriter(collected: collected))
    } else {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { try? await body.write(FuzzWriter(collected: collected)) }
        group.addTask { try? await Task.sleep(for: .milliseconds(30)) }
        await group.next()
        group.cancelAll()
      }
    }
    return collected.bytes.withLock(\.self)
  }
}

private final class Collected: Sendable {
  let bytes = Mutex<[UInt8]>([])
}

private struct FuzzWriter: ResponseBodyWriter {
  let collected: Collected

  mutating func write(_ buffer: ByteBuffer) async throws {
    try Task.checkCancellation()
    self.collected.bytes.withLock { $0 += buffer.readableBytesView }
  }

  consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

/// The context of a request that came over no connection.
package struct FuzzContext: RequestContext {
  package var coreContext: CoreRequestContextStorage

  package struct Source: RequestContextSource {
    package let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }

    package init() {}
  }

  package init(source: Source) {
    self.coreContext = CoreRequestContextStorage(source: source)
  }
}
