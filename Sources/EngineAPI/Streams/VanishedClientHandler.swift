// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NIOCore

/// Closes a TCP connection whose client is gone without a word (a power cut, a pulled cable) while bytes are on their way to it.
///
/// The kernel's probes find that out only when nothing is on its way, and its limit for bytes that are (TCP_USER_TIMEOUT) also cuts off
/// those who just don't read, as a pager doesn't for as long as somebody looks at a page. Their machines answer; that tells them apart.
final class VanishedClientHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  /// How long nothing may be heard of the client's machine.
  private let patience: Duration
  private let interval: TimeAmount
  private var check: Scheduled<Void>?

  init(patience: Duration = .seconds(30), interval: TimeAmount = .seconds(10)) {
    self.patience = patience
    self.interval = interval
  }

  func handlerAdded(context: ChannelHandlerContext) { self.scheduleCheck(of: context.channel) }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.check?.cancel()
    self.check = nil
  }

  private func scheduleCheck(of channel: any Channel) {
    self.check = channel.eventLoop.assumeIsolated().scheduleTask(in: self.interval) {
      (channel as? any SocketOptionProvider)?.getTCPInfo().assumeIsolated().whenSuccess { information in
        guard self.check != nil else { return }
        if information.isUnanswered(for: self.patience) {
          channel.close(promise: nil)
        } else {
          self.scheduleCheck(of: channel)
        }
      }
    }
  }
}

extension tcp_info {
  /// Whether packets were sent again, as the other side let one go unanswered, and nothing was heard of it for long.
  ///
  /// One probe alone may be on its way: to who doesn't read, the kernel sends one every two minutes at last.
  fileprivate func isUnanswered(for patience: Duration) -> Bool {
    (self.tcpi_retransmits > 1 || self.tcpi_probes > 1) && .milliseconds(Int64(self.tcpi_last_ack_recv)) >= patience
  }
}
