// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCProtobuf
internal import NIOCore
internal import SwarmModel
internal import SwiftProtobuf

extension ManagerClient {
  /// Makes a call with one answer.
  func call<Input: SwiftProtobuf.Message, Output: SwiftProtobuf.Message>(
    _ method: MethodDescriptor,
    _ message: Input,
    as node: NodeID?,
    metadata: Metadata = [:],
    answer: Output.Type
  ) async throws -> ClientResponse<Output> {
    try await self.call(method, message, ProtobufSerializer(), as: node, metadata: metadata, answer: answer)
  }

  /// Makes a call whose message is written by a serializer of the caller's choice.
  func call<Input: Sendable, Output: SwiftProtobuf.Message>(
    _ method: MethodDescriptor,
    _ message: Input,
    _ serializer: some MessageSerializer<Input>,
    as node: NodeID?,
    metadata: Metadata = [:],
    answer: Output.Type
  ) async throws -> ClientResponse<Output> {
    var options = self.options
    options.timeout = self.configuration.requestTimeout
    var request = self.request(message, as: node)
    request.metadata.add(contentsOf: metadata)
    return try await self.grpc.unary(
      request: request,
      descriptor: method,
      serializer: serializer,
      deserializer: ProtobufDeserializer<Output>(),
      options: options
    ) { response in
      _ = try response.message
      return response
    }
  }

  /// Makes a call and turns what it throws into a `SwarmError`.
  func translatingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch {
      throw self.translate(error)
    }
  }

  /// Opens a stream of answers; returns when the manager has accepted it.
  func open<Input: SwiftProtobuf.Message, Model: ProtoMapped & Sendable>(
    _ method: MethodDescriptor,
    _ message: Input,
    as node: NodeID
  ) async throws -> AsyncThrowingStream<Model, any Error> {
    try await self.open(method, message, ProtobufDeserializer<Model.Proto>(), as: node) { try Model($0) }
  }

  /// Opens a stream of answers that a deserializer of the caller's choice reads.
  func open<Input: SwiftProtobuf.Message, Output: Sendable, Model: Sendable>(
    _ method: MethodDescriptor,
    _ message: Input,
    _ deserializer: some MessageDeserializer<Output>,
    as node: NodeID,
    _ model: @escaping @Sendable (Output) throws -> Model
  ) async throws -> AsyncThrowingStream<Model, any Error> {
    let (messages, reader) = AsyncThrowingStream<Model, any Error>.makeStream(
      bufferingPolicy: .bufferingOldest(self.configuration.streamBuffer)
    )
    let call = StreamCall(reader: reader, accepted: self.channel.eventLoop.makePromise())
    reader.onTermination = { _ in call.readerLeft() }
    let deadline = self.channel.eventLoop.scheduleTask(in: TimeAmount(self.configuration.requestTimeout)) {
      call.end(SwarmError(code: .deadlineExceeded, message: "\(self.address) doesn't answer"))
    }
    defer { deadline.cancel() }
    let queued = self.work.yield {
      await call.run {
        try await self.pull(method, self.request(message, as: node), deserializer) {
          try call.receive(model($0))
        } accepted: {
          call.accept()
        }
      } translate: { error in
        // What is cancelled here is the connection's task, not the reader's.
        let error = self.translate(error)
        return error is CancellationError ? self.lost : error
      }
    }
    if case .terminated = queued { call.end(self.lost) }
    return try await withTaskCancellationHandler {
      try await call.accepted.futureResult.get()
      return messages
    } onCancel: {
      call.end(CancellationError())
    }
  }

  /// Turns whatever a call throws into a `SwarmError`; the cancellation of the calling task stays what it is.
  func translate(_ error: any Error) -> any Error {
    switch error {
    case is CancellationError:
      return error
    case let error as SwarmError:
      return error
    case let error as RPCError:
      if Task.isCancelled, error.code == .cancelled || error.cause is CancellationError { return CancellationError() }
      guard !error.isAnswer else { return SwarmError(error) }
      var translated = SwarmError(error)
      translated.message = "\(self.address): \(error.message)"
      return translated
    default:
      var lost = self.lost
      lost.cause = error
      return lost
    }
  }

  /// What a call on a closed connection throws.
  var lost: SwarmError {
    SwarmError(code: .unavailable, message: "the connection to \(self.address) is closed")
  }

  private func pull<Input: SwiftProtobuf.Message, Output: Sendable>(
    _ method: MethodDescriptor,
    _ request: ClientRequest<Input>,
    _ deserializer: some MessageDeserializer<Output>,
    receive: @escaping @Sendable (Output) throws -> Void,
    accepted: @escaping @Sendable () -> Void
  ) async throws {
    try await self.grpc.serverStreaming(
      request: request,
      descriptor: method,
      serializer: ProtobufSerializer<Input>(),
      deserializer: deserializer,
      options: self.options
    ) { response in
      let parts = try response.accepted.get().bodyParts
      accepted()
      for try await part in parts {
        guard case .message(let message) = part else { continue }
        try receive(message)
      }
    }
  }

  var options: CallOptions {
    var options = CallOptions.defaults
    // The transport takes this one as the limit of what it receives.
    options.maxRequestMessageBytes = self.configuration.maximumMessageSize
    return options
  }

  func request<Input>(_ message: Input, as node: NodeID?) -> ClientRequest<Input> {
    var metadata: Metadata = [:]
    if let node = node ?? self.node { metadata.addString("\(node)", forKey: MetadataKey.node) }
    return ClientRequest(message: message, metadata: metadata)
  }
}
