// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Counts the calls on a connection on which no certificate was shown, and closes it when there are more than joining a swarm takes.
///
/// Whoever makes calls and resets them before anybody can answer (CVE-2023-44487) needs a handshake for every few of them then, which costs both sides the
/// same. Of HTTP/2 only the headers of its frames are read.
final class StrangerCalls: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// The length of what HTTP/2 begins with, before its first frame.
  private static let prefaceLength = 24
  private static let frameHeaderLength = 9
  /// The type of the frames that begin a call.
  private static let headers: UInt8 = 1

  private let limit: Int
  private var calls = 0
  /// How many bytes pass until the next frame begins.
  private var untilFrame = StrangerCalls.prefaceLength
  /// What has come of a frame's header.
  private var header: [UInt8] = []

  init(limit: Int) {
    self.limit = limit
    self.header.reserveCapacity(Self.frameHeaderLength)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    self.count(Self.unwrapInboundIn(data).readableBytesView)
    guard self.calls <= self.limit else { return context.close(promise: nil) }
    context.fireChannelRead(data)
  }

  private func count(_ bytes: ByteBufferView) {
    var rest = bytes
    while !rest.isEmpty {
      guard self.untilFrame == 0 else {
        let passing = min(self.untilFrame, rest.count)
        rest = rest.dropFirst(passing)
        self.untilFrame -= passing
        continue
      }
      self.header.append(rest.removeFirst())
      guard self.header.count == Self.frameHeaderLength else { continue }
      if self.header[3] == Self.headers { self.calls += 1 }
      self.untilFrame = self.header[..<3].reduce(0) { $0 << 8 | Int($1) }
      self.header.removeAll(keepingCapacity: true)
    }
  }
}
