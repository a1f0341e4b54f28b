// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import HTTPTypes
public import Hummingbird
public import Logging
internal import NIOCore
internal import ServiceLifecycle
public import Swarm
internal import Synchronization

/// Answers requests of Docker's Engine API; for hosts that mount it into a Hummingbird server of their own.
///
/// ```swift
/// let api = EngineAPIResponder<BasicRequestContext>(node: node, logger: logger)
/// let application = Application(responder: api)
/// ```
///
/// Every path is answered, unknown ones with status 404. A request that its client gives up on is still carried out: each takes a few seconds at most; but
/// logs and events, which come piece by piece, end with their client: at once in ``EngineAPIServer``, elsewhere when the next piece can't be written.
/// `GET /events` tells only what happens while ``run()`` runs, and commands that nobody waits for (`docker exec -d`) run only then. Others than
/// ``EngineAPIServer`` give commands no input: they can't take a connection away from HTTP.
public struct EngineAPIResponder<Context: RequestContext>: HTTPResponder {
  private let table: RouteTable
  private let journal: EventJournal
  private let commands: ExecInstances
  private let backend: any SwarmBackend
  private let maximumBodyBytes: Int
  private let deadline: Duration
  private let logger: Logger

  /// Creates a responder.
  ///
  /// - Parameters:
  ///   - node: The node that requests are about.
  ///   - configuration: Limits; the endpoints in it don't matter here.
  ///   - logger: Where unexpected errors are written.
  public init(node: SwarmNode, configuration: EngineAPIConfiguration = .init(endpoints: []), logger: Logger) {
    self.init(backend: NodeBackend(node: node), configuration: configuration, logger: logger)
  }

  package init(backend: any SwarmBackend, configuration: EngineAPIConfiguration, logger: Logger) {
    let journal = EventJournal()
    let commands = ExecInstances()
    self.journal = journal
    self.commands = commands
    self.backend = backend
    self.table = RouteTable(
      SystemRoutes(backend: backend, hostname: configuration.hostname).routes
        + SwarmRoutes(backend: backend).routes
        + NodeRoutes(backend: backend).routes
        + ServiceRoutes(backend: backend).routes
        + SecretRoutes(backend: backend).routes
        + NetworkRoutes(backend: backend).routes
        + TaskRoutes(backend: backend).routes
        + LogRoutes(backend: backend).routes
        + ExecRoutes(backend: backend).routes
        + UsageRoutes(backend: backend).routes
        + ContainerRoutes(backend: backend, hostname: configuration.hostname).routes
        + ContainerExecRoutes(backend: backend, commands: commands).routes
        + ImageRoutes(backend: backend).routes
        + EventRoutes(journal: journal).routes
        + BeyondRoutes(backend: backend).routes
        + AbsentRoutes.routes
        + UnavailableRoutes.routes
    )
    self.maximumBodyBytes = configuration.maximumBodyBytes
    self.deadline = configuration.requestDeadline
    self.logger = logger
  }

  /// All that is answered, as methods and paths with `*` for what is open: `POST services/*/update`.
  package var patterns: [String] { self.table.patterns }

  /// Remembers the swarm's events, for clients that ask for them, and runs commands that nobody waits for, until the task is cancelled.
  public func run() async {
    async let _: Void = self.commands.run(self.backend)
    await self.journal.run(self.backend)
  }

  /// Answers one request.
  public func respond(to request: Request, context: Context) async -> Response {
    let reply: EngineReply
    do {
      reply = try await self.reply(to: request)
    } catch {
      let failure = APIFailure(error)
      self.logger.debug("\(request.method) \(request.uri.path): \(failure.status) \(failure.message)")
      reply = .failure(failure)
    }
    let channel = (context as? EngineRequestContext)?.channel
    guard let protocols = request.wantedProtocols else { return Self.response(reply, to: request, on: channel) }
    if let takeover = reply.takeover, protocols.contains("tcp"), let channel, let input = await ConnectionTap.take(channel) {
      return Self.response(taking: channel, input: input, as: reply.contentType, takeover)
    }
    var response = Self.response(reply, to: request, on: channel)
    // The parser reads nothing more behind such a request.
    response.headers[.connection] = "close"
    if let channel { response.body = response.body.then { await ConnectionTap.end(channel) } }
    return response
  }

  private func reply(to request: Request) async throws -> EngineReply {
    guard let verb = HTTPVerb(rawValue: request.method.rawValue) else { throw APIFailure.notFound("page not found") }
    let (route, parameters) = try self.table.route(verb, path: request.uri.path)
    var call = EngineCall(parameters: parameters, query: Query(request.uri.query ?? ""), body: [])
    call.registryAuth = request.headers[.registryAuth] ?? ""
    if route.takesUpload { call.upload = request.body }
    let progress = RequestProgress()
    return try await withDeadline(self.deadline) { [call] in
      var call = call
      if !route.takesUpload { call.body = Array(buffer: try await self.body(of: request)) }
      progress.isRead.store(true, ordering: .relaxed)
      return try await route.handler(call)
    } onTimeout: {
      if progress.isRead.load(ordering: .relaxed) {
        APIFailure(status: 503, message: "the request took longer than \(self.deadline): whether it was carried out isn't known")
      } else {
        APIFailure(status: 408, message: "the request's body didn't come within \(self.deadline)", endsConnection: true)
      }
    }
  }

  /// Reads the body, which may not be too large.
  private func body(of request: Request) async throws -> ByteBuffer {
    let limit = self.maximumBodyBytes
    let tooLarge = APIFailure(status: 413, message: "the request's body has more than \(limit) bytes", endsConnection: true)
    if let length = request.headers[.contentLength] {
      if length == "0" { return ByteBuffer() }
      // Most clients say so before they send it.
      if Int(length).map({ $0 > limit }) ?? true { throw tooLarge }
    } else if request.headers[.transferEncoding] == nil, request.method == .get || request.method == .head {
      return ByteBuffer()
    }
    do {
      return try await request.body.collect(upTo: limit)
    } catch is NIOTooManyBytesError {
      throw tooLarge
    }
  }

  private static func response(_ reply: EngineReply, to request: Request, on channel: (any Channel)?) -> Response {
    var headers = HTTPFields.ofEveryAnswer
    // Nothing has no type: some clients would read it as JSON.
    let hasBody = !reply.body.isEmpty || reply.stream != nil || reply.exchange != nil || reply.takeover != nil
    headers[.contentType] = hasBody ? reply.contentType : nil
    if reply.endsConnection {
      headers[.connection] = "close"
      // Time to read the answer; what the client sends meanwhile is thrown away.
      if let channel { channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) } }
    }
    if reply.contentType.hasPrefix("text/plain") { headers[.cacheControl] = "no-cache, no-store, must-revalidate" }
    var exchange = reply.exchange
    if let takeover = reply.takeover {
      exchange = { write in
        let input = ExecInputQueue()
        input.end()
        try await takeover(input, write)
      }
    }
    let status = HTTPResponse.Status(code: reply.status)
    if let stream = reply.stream {
      let body = Self.body(until: channel) { output in try await output.write(stream) }
      return Response(status: status, headers: headers, body: body)
    }
    if let exchange {
      // Whatever the client still sends is about this request.
      headers[.connection] = "close"
      let body = Self.body(until: channel) { output in
        try await exchange { try await output.write($0) }
        try await output.finish()
      }
      return Response(status: status, headers: headers, body: body)
    }
    let response = Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
    return request.method == .head ? response.createHeadResponse() : response
  }

  /// Agrees to leave HTTP: what is written then is sent as it is.
  private static func response(
    taking channel: any Channel,
    input: ExecInputQueue,
    as contentType: String,
    _ takeover: @escaping EngineReply.Takeover
  ) -> Response {
    let headers: HTTPFields = [.contentType: contentType, .connection: "Upgrade", .upgrade: "tcp"]
    let body = Self.body(until: channel) { output in
      try await takeover(input) { try await output.write($0) }
      try await output.finish()
    }
    return Response(status: .switchingProtocols, headers: headers, body: body.then { await ConnectionTap.end(channel) })
  }

  /// A body that is written until it ends, the client hangs up or the server stops.
  private static func body(
    until channel: (any Channel)?,
    _ produce: @escaping @Sendable (StreamOutput) async throws -> Void
  ) -> ResponseBody {
    ResponseBody { writer in
      let output = StreamOutput(writer)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await cancelWhenGracefulShutdown { try await produce(output) } }
        if let channel {
          group.addTask {
            await HangUpObserver.wait(channel)
            throw CancellationError()
          }
        }
        defer { group.cancelAll() }
        try await group.next()
      }
    }
  }
}

/// How far a request has come.
private final class RequestProgress: Sendable {
  /// Whether its body is there.
  let isRead = Atomic(false)
}

/// Where the pieces of an answer go.
///
/// Unchecked, because the writer is handed from the closure that it belongs to, which waits meanwhile, to who writes, one call at a time.
private final class StreamOutput: @unchecked Sendable {
  private var writer: any ResponseBodyWriter

  init(_ writer: any ResponseBodyWriter) { self.writer = writer }

  func write(_ bytes: [UInt8]) async throws { try await self.writer.write(ByteBuffer(bytes: bytes)) }

  func write(_ pieces: some AsyncSequence<[UInt8], any Error>) async throws {
    for try await bytes in pieces { try await self.write(bytes) }
    try await self.finish()
  }

  func finish() async throws { try await self.writer.finish(nil) }
}

extension Request {
  /// What the client would rather go on with than HTTP on the same connection (`tcp`; some clients ask for `h2c` every time); `nil` when with nothing.
  fileprivate var wantedProtocols: [Substring]? {
    guard let protocols = self.headers[.upgrade]?.lowercased(),
      self.headers[.connection]?.lowercased().contains("upgrade") ?? false
    else { return nil }
    return protocols.split { $0 == "," || $0 == " " }
  }
}

extension ResponseBody {
  /// The same body, and what follows when all of it was written.
  fileprivate func then(_ finish: @escaping @Sendable () async -> Void) -> Self {
    ResponseBody(contentLength: self.contentLength) { writer in
      try await self.write(writer)
      await finish()
    }
  }
}

extension HTTPFields {
  fileprivate static let ofEveryAnswer: Self = [
    .apiVersion: Engine.version,
    .dockerExperimental: "false",
    .osType: HostInformation.osType,
    .server: "swift-swarm/\(HostInformation.softwareVersion)",
  ]
}

extension HTTPField.Name {
  fileprivate static let apiVersion = Self("Api-Version") ?? .server
  fileprivate static let dockerExperimental = Self("Docker-Experimental") ?? .server
  fileprivate static let osType = Self("Ostype") ?? .server
  fileprivate static let registryAuth = Self("X-Registry-Auth") ?? .authorization
}
