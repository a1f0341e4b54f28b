// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Values that must be understood, unlike fields that a newer version added.
enum UnknownValue {
  /// Throws `invalidArgument` when a field that wasn't understood is the one with this number.
  static func refuse(_ field: ArraySlice<UInt8>, _ number: Int, _ message: String) throws(SwarmError) {
    var reader = WireReader(field)
    guard try reader.next()?.number != number else { throw SwarmError(code: .invalidArgument, message: message) }
  }
}
