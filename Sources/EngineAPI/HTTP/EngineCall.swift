// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Hummingbird

/// One request, taken apart.
struct EngineCall: Sendable {
  /// The parts of the path that the route leaves open, percent-decoded.
  var parameters: [String]
  var query: Query
  var body: [UInt8]
  /// The body as it comes, for a route that takes it so; `body` is empty then.
  var upload: RequestBody?
  /// The credentials for an image's registry that come along, encoded as docker does; empty for none.
  var registryAuth = ""

  /// The object that the path names.
  var reference: String { self.parameters.first ?? "" }

  /// The body as a value of the API.
  func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws(APIFailure) -> Value {
    do {
      return try EngineJSON.decode(type, from: self.body)
    } catch {
      throw .badRequest(error.message)
    }
  }
}

/// The answer to a request.
struct EngineReply: Sendable {
  /// Writes an answer piece by piece with the function that it gets, one call at a time.
  typealias Exchange = @Sendable (_ write: @escaping @Sendable ([UInt8]) async throws -> Void) async throws -> Void

  /// As ``Exchange``; what the client sends meanwhile comes by the queue.
  typealias Takeover =
    @Sendable (_ input: ExecInputQueue, _ write: @escaping @Sendable ([UInt8]) async throws -> Void) async throws -> Void

  var status: Int
  var contentType: String
  var body: [UInt8]
  /// Whether nothing else can be asked on this connection: the rest of the request isn't read.
  var endsConnection = false
  /// The body of an answer that comes piece by piece; it ends when the client hangs up or the server stops.
  var stream: (any AsyncSequence<[UInt8], any Error> & Sendable)?

  /// What writes the body while the request's is still read; it is cancelled when the client hangs up or the server stops.
  var exchange: Exchange?

  /// What takes the connection away from HTTP, if its client wants that; else it gets no input, and writes the body.
  var takeover: Takeover?

  init(status: Int = 200, contentType: String = "application/json", body: [UInt8] = []) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// An answer that comes piece by piece.
  static func stream(_ stream: any AsyncSequence<[UInt8], any Error> & Sendable, contentType: String) -> Self {
    var reply = Self(contentType: contentType)
    reply.stream = stream
    return reply
  }

  /// An answer that is written while the request's body is read.
  static func exchange(contentType: String, _ exchange: @escaping Exchange) -> Self {
    var reply = Self(contentType: contentType)
    reply.exchange = exchange
    return reply
  }

  /// An answer that is written while the client sends on the same connection what isn't HTTP.
  static func takeover(contentType: String, _ takeover: @escaping Takeover) -> Self {
    var reply = Self(contentType: contentType)
    reply.takeover = takeover
    return reply
  }

  /// A value of the API.
  static func json(_ value: some Encodable, status: Int = 200) throws -> Self {
    Self(status: status, body: try EngineJSON.encode(value) + [0x0A])
  }

  /// A sentence about what went wrong.
  static func failure(_ failure: APIFailure) -> Self {
    var body = Engine.ErrorBody()
    body.message = failure.message
    let text = (try? EngineJSON.encode(body)) ?? Array(#"{"message":"internal error"}"#.utf8)
    var reply = Self(status: failure.status, body: text + [0x0A])
    reply.endsConnection = failure.endsConnection
    return reply
  }

  /// Done, and nothing to say.
  static let empty = Self()
}
