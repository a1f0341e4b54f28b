// SPDX-License-Identifier: Apache-2.0

/// Throws docker's sentence for a wrong value.
func refuse(_ message: String) -> SwarmError {
  SwarmError(code: .invalidArgument, message: message)
}

extension Annotations {
  /// Checks a name that becomes part of host names.
  ///
  /// Letters and digits, with `-` and `_` in between, at most 63 characters.
  ///
  /// - Throws: `invalidArgument` with docker's sentence.
  public func validateName() throws(SwarmError) {
    guard !self.name.isEmpty else { throw refuse("meta: name must be provided") }
    guard Self.isDNSComponent(self.name) else { throw refuse("name must be valid as a DNS name component") }
    guard self.name.utf8.count <= 63 else { throw refuse("name must be 63 characters or fewer") }
  }

  private static func isDNSComponent(_ name: String) -> Bool {
    guard let first = name.utf8.first, let last = name.utf8.last else { return false }
    func isAlphanumeric(_ byte: UInt8) -> Bool { byte.isASCIILetter || byte.isASCIIDigit }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && name.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
  }
}

extension ClusterSpec {
  /// Checks the specification.
  ///
  /// - Throws: `invalidArgument` with docker's sentence.
  public func validate() throws(SwarmError) {
    guard self.annotations.name == "default" else { throw refuse(#"swarm spec must be named "default""#) }
    let expiry = self.caConfig.nodeCertExpiry
    guard expiry == .zero || expiry >= .seconds(3600) else {
      throw refuse("minimum certificate expiry time is: 1h0m0s")
    }
    guard self.dispatcher.heartbeatPeriod >= .zero else {
      throw refuse("heartbeat time period cannot be a negative duration")
    }
  }
}
