// SPDX-License-Identifier: Apache-2.0

extension SecretSpec {
  /// A secret's data is smaller than this number of bytes (SwarmKit's limit).
  public static var sizeLimit: Int { 500 * 1_024 }

  /// Checks the specification by itself.
  ///
  /// - Throws: `invalidArgument` with docker's sentence; `unimplemented` for secrets that a driver keeps.
  public func validate() throws(SwarmError) {
    try self.annotations.validateResourceName()
    guard self.driver == nil else {
      throw SwarmError(code: .unimplemented, message: "secrets of a secret driver are not supported")
    }
    guard !self.data.isEmpty, self.data.count < Self.sizeLimit else {
      throw refuse("secret data must be larger than 0 and less than \(Self.sizeLimit) bytes")
    }
    try self.templating?.validateTemplating()
  }
}

extension ConfigSpec {
  /// A config's data is smaller than this number of bytes (SwarmKit's limit).
  public static var sizeLimit: Int { 1_000 * 1_024 }

  /// Checks the specification by itself.
  ///
  /// - Throws: `invalidArgument` with docker's sentence.
  public func validate() throws(SwarmError) {
    try self.annotations.validateResourceName()
    guard !self.data.isEmpty, self.data.count < Self.sizeLimit else {
      throw refuse("config data must be larger than 0 and less than \(Self.sizeLimit) bytes")
    }
    try self.templating?.validateTemplating()
  }
}

extension Driver {
  fileprivate func validateTemplating() throws(SwarmError) {
    guard self.name == "golang" else { throw refuse("unrecognized template driver \"\(self.name)\"") }
  }
}

extension Annotations {
  /// Checks the name of something that no host name is made of: a secret or a config.
  ///
  /// Letters and digits, with `-`, `_` and `.` in between, at most 64 characters.
  ///
  /// - Throws: `invalidArgument` with docker's sentence.
  public func validateResourceName() throws(SwarmError) {
    guard !self.name.isEmpty else { throw refuse("meta: name must be provided") }
    func isAlphanumeric(_ byte: UInt8?) -> Bool { byte.map { $0.isASCIILetter || $0.isASCIIDigit } ?? false }
    guard self.name.utf8.count <= 64, isAlphanumeric(self.name.utf8.first), isAlphanumeric(self.name.utf8.last),
      self.name.utf8.allSatisfy({ isAlphanumeric($0) || "-_.".utf8.contains($0) })
    else {
      throw refuse(
        "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]"
      )
    }
  }
}
