// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwarmModel

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

extension SwarmError {
  /// Why a port can't be taken, in docker's words.
  init(listeningOn address: NetworkAddress, _ error: any Error) {
    let reason: String
    var code = Code.failedPrecondition
    switch (error as? IOError)?.errnoCode {
    case EADDRINUSE?: reason = "bind: address already in use"
    case EADDRNOTAVAIL?: reason = "bind: cannot assign requested address"
    case EACCES?: (reason, code) = ("bind: permission denied", .permissionDenied)
    default: (reason, code) = ("\(error)", error is SocketAddressError ? .invalidArgument : .failedPrecondition)
    }
    self.init(
      code: code,
      message: "failed to listen on remote API address: listen tcp \(address): \(reason)",
      cause: error
    )
  }

  /// Why a manager can't be reached.
  init(connectingTo address: NetworkAddress, _ error: any Error) {
    self.init(code: .unavailable, message: "no manager answers at \(address): \(error)", cause: error)
  }
}
