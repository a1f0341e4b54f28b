// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// The one handler of the UDP socket: hands datagrams on and ends the turn when a read is complete.
final class PacketHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>
  typealias OutboundOut = AddressedEnvelope<ByteBuffer>

  private weak var driver: GossipDriver?

  init(_ driver: GossipDriver) { self.driver = driver }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = self.unwrapInboundIn(data)
    self.driver?.received(envelope.data, from: envelope.remoteAddress)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    self.driver?.turn()
  }

  /// A datagram that couldn't be sent is lost, as others are; the socket lives on.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    self.driver?.packetFailed(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.driver?.socketClosed()
  }
}
