// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization

/// Stands between whoever dials it and a port, counts what goes through towards the port, and cuts connections.
final class CuttingProxy: Sendable {
  private struct State {
    var target: Int
    var forwarded = 0
    var limit: Int?
    var cuts = 0
    var reached: CheckedContinuation<Void, Never>?
  }

  private let state: Mutex<State>
  private let listener = Mutex<(any Channel)?>(nil)

  init(to target: Int) { self.state = Mutex(State(target: target)) }

  /// Starts to listen; gives the port.
  func start() async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { inbound in
        let target = self.state.withLock { $0.target }
        return ClientBootstrap(group: inbound.eventLoop).connect(host: "127.0.0.1", port: target).flatMapThrowing { outbound in
          try inbound.pipeline.syncOperations.addHandler(Pipe(to: outbound) { self.passes($0) })
          try outbound.pipeline.syncOperations.addHandler(Pipe(to: inbound) { _ in true })
        }
      }
      .bind(host: "127.0.0.1", port: 0)
      .get()
    self.listener.withLock { $0 = channel }
    return channel.localAddress?.port ?? 0
  }

  func stop() async throws { try await self.listener.withLock { $0 }?.close() }

  /// From now on, cuts the connection when so many more bytes have gone through.
  func cut(after bytes: Int) { self.state.withLock { $0.limit = $0.forwarded + bytes } }

  func point(to target: Int) { self.state.withLock { $0.target = target } }

  var forwarded: Int { self.state.withLock { $0.forwarded } }

  /// Waits until a connection was cut.
  func waitForCut() async {
    await withCheckedContinuation { continuation in
      let isDone = self.state.withLock { state in
        if state.cuts == 0 { state.reached = continuation }
        return state.cuts > 0
      }
      if isDone { continuation.resume() }
    }
  }

  private func passes(_ bytes: Int) -> Bool {
    let (passes, reached) = self.state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
      state.forwarded += bytes
      guard let limit = state.limit, state.forwarded > limit else { return (true, nil) }
      state.limit = nil
      state.cuts += 1
      defer { state.reached = nil }
      return (false, state.reached)
    }
    reached?.resume()
    return passes
  }

  private final class Pipe: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let other: any Channel
    private let passes: (Int) -> Bool

    init(to other: any Channel, _ passes: @escaping (Int) -> Bool) {
      self.other = other
      self.passes = passes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let buffer = self.unwrapInboundIn(data)
      if self.passes(buffer.readableBytes) {
        self.other.writeAndFlush(buffer, promise: nil)
      } else {
        context.close(promise: nil)
      }
    }

    func channelInactive(context: ChannelHandlerContext) { self.other.close(promise: nil) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
