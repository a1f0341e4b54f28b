// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1

/// Closes a connection that nothing has been asked on for long; never one whose request is being answered.
///
/// Hummingbird's own timer counts the bodies of requests as well, and so would end a command to which its user types nothing for some minutes. How long a body
/// may take to come is bounded by the request's deadline.
final class IdleConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart

  private let patience: TimeAmount
  private var unanswered = 0
  private var idleSince = NIODeadline.now()
  /// One for many requests: most find that there has been another since.
  private var check: Scheduled<Void>?

  init(patience: TimeAmount) {
    self.patience = patience
  }

  func handlerAdded(context: ChannelHandlerContext) { self.scheduleCheck(of: context.channel) }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.check?.cancel()
    self.check = nil
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head = self.unwrapInboundIn(data) { self.unanswered += 1 }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let part = self.unwrapOutboundIn(data)
    context.write(data, promise: promise)
    guard case .end = part else { return }
    // What isn't HTTP is answered as well, and has no head.
    self.unanswered = max(0, self.unanswered - 1)
    guard self.unanswered == 0 else { return }
    self.idleSince = .now()
    if self.check == nil { self.scheduleCheck(of: context.channel) }
  }

  private func scheduleCheck(of channel: any Channel) {
    self.check = channel.eventLoop.assumeIsolated().scheduleTask(deadline: self.idleSince + self.patience) {
      self.check = nil
      guard self.unanswered == 0 else { return }
      if NIODeadline.now() >= self.idleSince + self.patience {
        channel.close(promise: nil)
      } else {
        self.scheduleCheck(of: channel)
      }
    }
  }
}
