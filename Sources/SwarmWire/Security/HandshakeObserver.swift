// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOTLS

/// Tells when a TLS handshake that this side began is over, and how.
final class HandshakeObserver: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var done: EventLoopPromise<Void>?

  init(done: EventLoopPromise<Void>) {
    self.done = done
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .handshakeCompleted(let name)? = event as? TLSUserEvent {
      if WireProtocol(negotiated: name) == nil {
        self.finish(ChannelError.operationUnsupported)
      } else {
        self.finish(nil)
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    self.finish(error)
    context.fireErrorCaught(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.finish(ChannelError.eof)
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.finish(ChannelError.ioOnClosedChannel)
  }

  private func finish(_ error: (any Error)?) {
    guard let done = self.done.take() else { return }
    if let error { done.fail(error) } else { done.succeed() }
  }
}
