// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import SwiftProtobuf

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

extension Identifier {
  /// Reads an id that must be there.
  init(wire string: String) throws(SwarmError) {
    guard let id = Self(string) else {
      throw SwarmError(code: .invalidArgument, message: "not an id: \"\(string.prefix(64))\"")
    }
    self = id
  }
}

extension RawRepresentable where RawValue: BinaryInteger {
  /// Reads a case by its number.
  init(wire value: some SwiftProtobuf.Enum) throws(SwarmError) {
    guard let number = RawValue(exactly: value.rawValue), let known = Self(rawValue: number) else {
      throw SwarmError(code: .invalidArgument, message: "\(Self.self) has no value \(value.rawValue)")
    }
    self = known
  }
}

extension SwiftProtobuf.Enum {
  /// The case of the same number.
  init(wire value: some RawRepresentable<some BinaryInteger>) {
    self = Self(rawValue: Int(value.rawValue)) ?? Self()
  }
}

extension Data {
  /// The same bytes.
  init(wire bytes: [UInt8]) {
    self.init(bytes)
  }
}

extension Duration {
  /// Reads a duration.
  init(_ proto: Google_Protobuf_Duration) {
    self = .seconds(proto.seconds) + .nanoseconds(Int64(proto.nanos))
  }

  /// The message that stands for this duration, cut to whole nanoseconds.
  var proto: Google_Protobuf_Duration {
    let (seconds, attoseconds) = self.components
    return Google_Protobuf_Duration(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000))
  }
}

extension Timestamp {
  /// Reads a time; one that 64 bits of nanoseconds can't hold becomes the nearest that they can.
  init(_ proto: Google_Protobuf_Timestamp) {
    self = Timestamp.zero + (.seconds(proto.seconds) + .nanoseconds(Int64(proto.nanos)))
  }

  /// The message that stands for this time.
  var proto: Google_Protobuf_Timestamp {
    let (seconds, rest) = self.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    // The nanoseconds count forward, also before 1970.
    return Google_Protobuf_Timestamp(
      seconds: rest < 0 ? seconds - 1 : seconds,
      nanos: Int32(rest < 0 ? rest + 1_000_000_000 : rest)
    )
  }
}
