// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import HTTPTypes
public import Hummingbird
public import Logging
internal import NIOCore
public import Swarm

/// Answers requests of Docker's Engine API; for hosts that mount it into a Hummingbird server of their own.
///
/// ```swift
/// let api = EngineAPIResponder<BasicRequestContext>(node: node, logger: logger)
/// let application = Application(responder: api)
/// ```
///
/// Every path is answered, unknown ones with status 404. A request that its client gives up on is still carried
/// out: each takes a few
/// seconds at most.
public struct EngineAPIResponder<Context: RequestContext>: HTTPResponder {
  private let table: RouteTable
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
    self.table = RouteTable(
      SystemRoutes(backend: backend, hostname: configuration.hostname).routes
        + SwarmRoutes(backend: backend).routes
        + NodeRoutes(backend: backend).routes
        + ServiceRoutes(backend: backend).routes
        + SecretRoutes(backend: backend).routes
        + NetworkRoutes(backend: backend).routes
        + TaskRoutes(backend: backend).routes
        + UnavailableRoutes.routes
    )
    self.maximumBodyBytes = configuration.maximumBodyBytes
    self.deadline = configuration.requestDeadline
    self.logger = logger
  }

  /// Answers one request.
  public func respond(to request: Request, context: Context) async -> Response {
    var reply: EngineReply
    do {
      reply = try await self.reply(to: request)
    } catch {
      let failure = APIFailure(error)
      self.logger.debug("\(request.method) \(request.uri.path): \(failure.status) \(failure.message)")
      reply = .failure(failure)
    }
    return Self.response(reply, isHead: request.method == .head)
  }

  private func reply(to request: Request) async throws -> EngineReply {
    guard let verb = HTTPVerb(rawValue: request.method.rawValue) else { throw APIFailure.notFound("page not found") }
    let (handler, parameters) = try self.table.route(verb, path: request.uri.path)
    let body: ByteBuffer
    do {
      body = try await request.body.collect(upTo: self.maximumBodyBytes)
    } catch is NIOTooManyBytesError {
      throw APIFailure(status: 413, message: "the request's body has more than \(self.maximumBodyBytes) bytes")
    }
    let call = EngineCall(
      parameters: parameters,
      query: Query(request.uri.query ?? ""),
      body: Array(buffer: body)
    )
    return try await withDeadline(self.deadline) {
      try await handler(call)
    } onTimeout: {
      APIFailure(status: 503, message: "the request took longer than \(self.deadline): whether it was carried out isn't known")
    }
  }

  private static func response(_ reply: EngineReply, isHead: Bool) -> Response {
    var headers: HTTPFields = [
      .contentType: reply.contentType,
      .apiVersion: Engine.version,
      .dockerExperimental: "false",
      .osType: HostInformation.osType,
      .server: "swift-swarm/\(HostInformation.softwareVersion)",
    ]
    if reply.contentType.hasPrefix("text/plain") { headers[.cacheControl] = "no-cache, no-store, must-revalidate" }
    let status = HTTPResponse.Status(code: reply.status)
    let response = Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
    return isHead ? response.createHeadResponse() : response
  }
}

extension HTTPField.Name {
  fileprivate static var apiVersion: Self { Self("Api-Version") ?? .server }
  fileprivate static var dockerExperimental: Self { Self("Docker-Experimental") ?? .server }
  fileprivate static var osType: Self { Self("Ostype") ?? .server }
}
