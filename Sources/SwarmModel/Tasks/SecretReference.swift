// SPDX-License-Identifier: Apache-2.0

/// A secret that a task uses.
public struct SecretReference: Sendable, Hashable {
  /// The secret.
  public var secretID: SecretID
  /// The secret's name when the reference was made.
  public var secretName: String
  /// Where the secret appears inside the task.
  public var file: FileTarget?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    secretID: SecretID = SecretID(),
    secretName: String = "",
    file: FileTarget? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.secretID = secretID
    self.secretName = secretName
    self.file = file
    self.unknownFields = unknownFields
  }
}
