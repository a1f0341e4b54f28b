// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Raft
internal import RaftNIO

/// Reads any bytes as what a peer sends, and gives a member the messages in them.
///
/// The first byte of an input says how many bytes come at once, the second whether checksums of entries are made right (1),
/// whether the member leads (2) and whether its disk is slow (4).
enum FrameTarget {
  /// A small limit finds as much as a large one.
  private static let maximumLength = 1 << 16

  static func run(_ input: [UInt8]) {
    guard input.count > 2 else { return }
    let step = Int(input[0]) + 1
    var reader = FrameReader(maximumLength: self.maximumLength)
    var member = FuzzedMember(leads: input[1] & 2 == 2, hasSlowDisk: input[1] & 4 == 4)
    do throws(RaftError) {
      for start in stride(from: 2, to: input.count, by: step) {
        reader.append(ByteBuffer(bytes: input[start..<min(start + step, input.count)]))
        for frame in try reader.takeFrames() {
          try self.take(frame, repairing: input[1] & 1 == 1, member: &member)
        }
      }
    } catch {
      switch error.code {
      case .corrupt, .incomplete, .unsupportedFormat: break
      default: fatalError("a frame is refused with \(error)")
      }
    }
  }

  private static func take(_ bytes: ArraySlice<UInt8>, repairing: Bool, member: inout FuzzedMember) throws(RaftError) {
    var frame = Array(bytes)
    // Entries come last; where they begin is where one of them fits exactly.
    if repairing, frame.count > 5, frame[1] == 5, let start = self.startOfEntries(frame) {
      Checksums.repair(entriesIn: &frame, from: start, to: frame.count)
    }
    let decoded = try PeerFrame(decoding: frame[...])
    let once = self.encoded(decoded)
    let again: PeerFrame
    do throws(RaftError) {
      again = try PeerFrame(decoding: once.dropFirst(MessageCodec.lengthPrefix))
    } catch {
      fatalError("\(decoded) isn't read back: \(error)")
    }
    promise(self.encoded(again) == once, "\(decoded) is read back as \(again)")
    if case .message(let message) = decoded { member.receive(message) }
  }

  private static func encoded(_ frame: PeerFrame) -> ArraySlice<UInt8> {
    var buffer = ByteBuffer()
    frame.encode(into: &buffer)
    return Array(buffer.readableBytesView)[...]
  }

  private static func startOfEntries(_ frame: [UInt8]) -> Int? {
    for start in 8..<max(8, frame.count) where start + EntryCodec.headerLength <= frame.count && frame[start + 4] == 1 {
      var end = start
      while end + EntryCodec.headerLength <= frame.count, let length = try? EntryCodec.length(of: frame[end...]) { end += length }
      if end == frame.count { return start }
    }
    return nil
  }
}
