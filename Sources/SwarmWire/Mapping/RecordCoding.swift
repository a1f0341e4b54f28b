// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import SwarmModel

/// Writes a record as a gRPC message: its own encoding is protobuf's, so no generated message stands between.
struct RecordSerializer<Message: WireRecord>: MessageSerializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: Message) -> Bytes {
    Bytes(message.encoded())
  }
}

/// Reads a record from a gRPC message.
struct RecordDeserializer<Message: WireRecord>: MessageDeserializer {
  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> Message {
    try Message(encoded: unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) })
  }
}
