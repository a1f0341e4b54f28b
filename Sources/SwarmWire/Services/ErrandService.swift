// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCProtobuf
package import SwarmKitProtobuf
package import SwarmModel

/// What our workers call to hear what is asked of them and to do it, and other managers for who asks.
///
/// The calls are ours: their messages are bytes in the envelope of ``ForwardService``'s.
struct ErrandService<Backend: ManagerBackend>: RegistrableRPCService {
  let backend: Backend

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    let (deserializer, serializer) = (ProtobufDeserializer<ProtoSubmitRequest>(), ProtobufSerializer<ProtoSubmitResponse>())
    router.registerHandler(forMethod: ErrandMethod.listen, deserializer: deserializer, serializer: serializer) {
      try await self.listen($0, $1)
    }
    router.registerHandler(forMethod: ErrandMethod.attend, deserializer: deserializer, serializer: serializer) {
      try self.attend($0, $1)
    }
    router.registerHandler(forMethod: ErrandMethod.exec, deserializer: deserializer, serializer: serializer) {
      self.exec($0, $1)
    }
    router.registerHandler(forMethod: ErrandMethod.answer, deserializer: deserializer, serializer: serializer) {
      try await self.answer(ServerRequest(stream: $0), $1)
    }
    router.registerHandler(forMethod: ErrandMethod.usages, deserializer: deserializer, serializer: serializer) { request, _ in
      try await self.usages(ServerRequest(stream: request))
    }
  }

  private func answer(
    _ request: ServerRequest<ProtoSubmitRequest>,
    _ context: ServerContext
  ) async throws -> StreamingServerResponse<ProtoSubmitResponse> {
    let node = try Caller(metadata: request.metadata, context: context).nodeID
    let report = try UsageReport(encoded: [UInt8](request.message.request))
    guard let errand = report.errand, let usage = report.usages.first else { throw ExecFrame.isMissing }
    try await self.backend.answer(errand, node: node, usage: usage)
    return StreamingServerResponse(single: ServerResponse(message: ProtoSubmitResponse()))
  }

  private func usages(
    _ request: ServerRequest<ProtoSubmitRequest>
  ) async throws -> StreamingServerResponse<ProtoSubmitResponse> {
    let question = try UsageReport(encoded: [UInt8](request.message.request))
    var response = ProtoSubmitResponse()
    response.response = .init(wire: UsageReport(usages: try await self.backend.usages(of: question.nodes)).encoded())
    return StreamingServerResponse(single: ServerResponse(message: response))
  }

  private func listen(
    _ request: StreamingServerRequest<ProtoSubmitRequest>,
    _ context: ServerContext
  ) async throws -> StreamingServerResponse<ProtoSubmitResponse> {
    let errands = try await self.backend.errands(node: Caller(metadata: request.metadata, context: context).nodeID)
    return StreamingServerResponse { writer in
      try await Relay.run(errands, to: writer, until: context.cancellation)
      return [:]
    }
  }

  private func attend(
    _ request: StreamingServerRequest<ProtoSubmitRequest>,
    _ context: ServerContext
  ) throws -> StreamingServerResponse<ProtoSubmitResponse> {
    let node = try Caller(metadata: request.metadata, context: context).nodeID
    return StreamingServerResponse { writer in
      let frames = FrameReader(request.messages) { try ExecFrame(encoded: [UInt8]($0.request)) }
      guard let first = try await frames.next(), let errand = first.errand else { throw ExecFrame.isMissing }
      let allowance = Allowance()
      allowance.grant(first.grant)
      // A worker of an older version grants nothing, and is sent what there is.
      let isCounted = first.grant > 0
      try await Relay.run(until: context.cancellation) {
        try await self.backend.attend(errand, node: node, events: frames.events(granting: allowance)) { input in
          if isCounted { try await allowance.take() }
          try await writer.write(ExecFrame(input).proto)
        }
      }
      return [:]
    }
  }

  private func exec(
    _ request: StreamingServerRequest<ProtoSubmitRequest>,
    _ context: ServerContext
  ) -> StreamingServerResponse<ProtoSubmitResponse> {
    StreamingServerResponse { writer in
      let frames = FrameReader(request.messages) { try ExecFrame(encoded: [UInt8]($0.request)) }
      guard let command = try await frames.next()?.command else { throw ExecFrame.isMissing }
      try await Relay.run(until: context.cancellation) {
        let code = try await self.backend.exec(command, input: frames.inputs) { output in
          try await writer.write(ExecFrame(.output(output)).proto)
        }
        try await writer.write(ExecFrame(.exited(code)).proto)
      }
      return [:]
    }
  }
}

enum ErrandMethod {
  private static func method(_ name: String) -> MethodDescriptor {
    MethodDescriptor(fullyQualifiedService: "swiftswarm.v1.Errands", method: name)
  }

  /// What is asked of a worker, as it is asked.
  static let listen = Self.method("Listen")
  /// A worker's side of a command that it runs.
  static let attend = Self.method("Attend")
  /// The other side of it, for a manager that doesn't lead.
  static let exec = Self.method("Exec")

  /// What a worker says that is used of it.
  static let answer = Self.method("Answer")
  /// What all say, for a manager that doesn't lead.
  static let usages = Self.method("Usages")

  static let all = [Self.listen, Self.attend, Self.exec, Self.answer, Self.usages]
}

extension ExecFrame {
  /// The frame as the managers' message.
  var proto: ProtoSubmitResponse {
    var response = ProtoSubmitResponse()
    response.response = .init(wire: self.encoded())
    return response
  }

  fileprivate static let isMissing = SwarmError(code: .invalidArgument, message: "the stream doesn't say what it is about")
}

extension Errand: ProtoMapped {
  package init(_ proto: ProtoSubmitResponse) throws(SwarmError) {
    try self.init(encoded: [UInt8](proto.response))
  }

  package var proto: ProtoSubmitResponse {
    var response = ProtoSubmitResponse()
    response.response = .init(wire: self.encoded())
    return response
  }
}
