// SPDX-License-Identifier: Apache-2.0

/// What the operator wants of a secret.
public struct SecretSpec: Sendable, Hashable {
  /// The secret's name and labels.
  public var annotations: Annotations
  /// The secret itself.
  public var data: [UInt8]
  /// The template language of ``data``.
  public var templating: Driver?
  /// The driver that provides the data instead.
  public var driver: Driver?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    annotations: Annotations = Annotations(),
    data: [UInt8] = [],
    templating: Driver? = nil,
    driver: Driver? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.annotations = annotations
    self.data = data
    self.templating = templating
    self.driver = driver
    self.unknownFields = unknownFields
  }
}
