// SPDX-License-Identifier: Apache-2.0

/// The shapes of Docker's Engine HTTP API (its swarm part), shared by the server and the command line.
///
/// Every field that may be absent on the wire is an optional property: `nil` is "absent", and absent stays
/// absent when a value is
/// encoded again. Decoding ignores fields it doesn't know and reads `null` as absent; a field of the wrong type
/// is an error that
/// names it. Names are Docker's (version 1.41 of the API) with a small first letter.
package enum Engine {
  /// The version of the API that these shapes describe.
  package static let version = "1.41"
  /// The oldest version of the API that is answered.
  package static let minimumVersion = "1.24"
}
