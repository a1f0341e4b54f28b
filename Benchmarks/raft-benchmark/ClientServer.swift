// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Raft
internal import RaftNIO

/// Serves the clients of one connection, on the member's event loop.
///
/// What a read brings is proposed together, and what a batch answers is written together.
final class ClientServer: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let node: RaftNode<CountingMachine>
  private var context: ChannelHandlerContext?
  private var received = ByteBuffer()
  private var answers = ByteBuffer()
  private var isFlushScheduled = false

  init(_ node: RaftNode<CountingMachine>) { self.node = node }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var read = self.unwrapInboundIn(data)
    if self.received.readableBytes == 0 { self.received = read } else { self.received.writeBuffer(&read) }
    do {
      while let request = try ClientProtocol.readRequest(&self.received) { self.serve(request, context.eventLoop) }
      self.received.discardReadBytes()
    } catch {
      context.close(promise: nil)
    }
  }

  private func serve(_ request: ClientProtocol.Request, _ eventLoop: any EventLoop) {
    let server = NIOLoopBound(self, eventLoop: eventLoop)
    let number = request.number
    switch request.operation {
    case .propose:
      self.node.propose(Array(buffer: request.payload)) { result in server.value.answer(number, result.map { $0.index.rawValue })
      }
    case .read:
      self.node.readIndex { result in server.value.answer(number, result.map { $0.rawValue }) }
    case .isLeader, .syncs, .bytes, .batches:
      self.node.status { result in server.value.answer(number, request.operation, result) }
    }
  }

  private func answer(
    _ number: UInt64,
    _ operation: ClientProtocol.Request.Operation,
    _ result: Result<NodeStatus, any Error>
  ) {
    guard let status = try? result.get() else { return self.answer(number, .failure(RaftError(.stopped, "no status"))) }
    switch operation {
    case .syncs: self.answer(number, .success(UInt64(status.log.syncs)))
    case .bytes: self.answer(number, .success(UInt64(status.log.bytes)))
    case .batches: self.answer(number, .success(UInt64(status.log.batches)))
    case .isLeader, .propose, .read:
      let isReady = status.role == .leader && status.applied == status.commit
      self.answer(number, isReady ? .success(0) : .failure(RaftError(.notLeader, "another member leads")))
    }
  }

  private func answer(_ number: UInt64, _ result: Result<UInt64, RaftError>) {
    let outcome: ClientProtocol.Answer.Outcome =
      switch result {
      case .success: .done
      case .failure(let error): error.code == .notLeader ? .notLeader : .failed
      }
    let value = (try? result.get()) ?? 0
    ClientProtocol.write(ClientProtocol.Answer(number: number, outcome: outcome, value: value), into: &self.answers)
    guard !self.isFlushScheduled, let context else { return }
    self.isFlushScheduled = true
    context.eventLoop.assumeIsolated().execute {
      self.isFlushScheduled = false
      guard let context = self.context else { return }
      let answers = self.answers
      self.answers = context.channel.allocator.buffer(capacity: answers.readableBytes)
      context.writeAndFlush(self.wrapOutboundOut(answers), promise: nil)
    }
  }
}
