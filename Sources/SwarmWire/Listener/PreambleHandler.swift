// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOTLS

/// Waits at the head of an accepted connection, or behind its TLS handler, until it is known what it speaks, then
/// makes room for that protocol's handlers.
///
/// The bytes read so far reach those handlers as if nobody had looked. The connection is closed when it
/// speaks neither protocol, says nothing within the time limit, or the listener shuts down before it is
/// known.
final class PreambleHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = Never

  /// What tells the protocol.
  enum Source {
    /// The first bytes.
    case bytes
    /// The end of the TLS handshake.
    case handshake
  }

  private enum State {
    /// Fewer bytes came than are needed.
    case waiting
    /// The protocol's handlers are being added; a read that was asked for meanwhile waits.
    case handingOver(readIsDue: Bool)
    /// The connection is closed, or belongs to the protocol.
    case done
  }

  private var state: State
  private var received: ByteBuffer
  private var timer: Scheduled<Void>?
  private let source: Source
  private let timeLimit: TimeAmount
  private let handOver: (WireProtocol, any Channel) -> EventLoopFuture<Void>

  /// Creates a handler.
  ///
  /// - Parameters:
  ///   - source: What tells the protocol.
  ///   - timeLimit: How long that may take.
  ///   - handOver: Adds the protocol's handlers to the channel; called once, on its event loop. A failure
  ///     closes the connection.
  init(
    source: Source,
    timeLimit: TimeAmount,
    handOver: @escaping (WireProtocol, any Channel) -> EventLoopFuture<Void>
  ) {
    self.source = source
    self.state = .waiting
    self.received = ByteBuffer()
    self.timeLimit = timeLimit
    self.handOver = handOver
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let context = NIOLoopBound(context, eventLoop: context.eventLoop)
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    self.timer = context.eventLoop.scheduleTask(in: self.timeLimit) {
      guard case .waiting = handler.value.state else { return }
      handler.value.close(context.value)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.timer?.cancel()
    self.state = .done
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = Self.unwrapInboundIn(data)
    self.received.writeBuffer(&bytes)
    guard case .waiting = self.state, case .bytes = self.source else { return }
    switch WireProtocol.judge(self.received.readableBytesView) {
    case .undecided: ()
    case .foreign: self.close(context)
    case .speaks(let wireProtocol): self.begin(wireProtocol, context)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    // Nobody behind this handler has seen a read.
  }

  func read(context: ChannelHandlerContext) {
    switch self.state {
    case .waiting: context.read()
    case .handingOver: self.state = .handingOver(readIsDue: true)
    case .done: ()
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .waiting = self.state {
      if event is ChannelShouldQuiesceEvent {
        self.close(context)
      } else if case .handshake = self.source, case .handshakeCompleted(let name)? = event as? TLSUserEvent {
        if let wireProtocol = WireProtocol(negotiated: name) {
          self.begin(wireProtocol, context)
        } else {
          self.close(context)
        }
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A handshake that fails, mostly; nobody behind this handler has heard of the connection.
    self.close(context)
  }

  func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
    let state = self.state
    self.state = .done
    context.fireChannelRead(self.wrapInboundOut(self.received))
    context.fireChannelReadComplete()
    if case .handingOver(readIsDue: true) = state { context.read() }
    context.leavePipeline(removalToken: removalToken)
  }

  private func begin(_ wireProtocol: WireProtocol, _ context: ChannelHandlerContext) {
    self.timer?.cancel()
    self.state = .handingOver(readIsDue: false)
    self.handOver(wireProtocol, context.channel)
      .hop(to: context.eventLoop)
      .assumeIsolated()
      .whenComplete { result in
        guard case .handingOver = self.state else { return }
        switch result {
        case .success: context.pipeline.syncOperations.removeHandler(self, promise: nil)
        case .failure: self.close(context)
        }
      }
  }

  private func close(_ context: ChannelHandlerContext) {
    self.timer?.cancel()
    self.state = .done
    context.close(promise: nil)
  }
}
