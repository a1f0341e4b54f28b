// SPDX-License-Identifier: Apache-2.0

/// What the operator wants of a config.
public struct ConfigSpec: Sendable, Hashable {
  /// The config's name and labels.
  public var annotations: Annotations
  /// The content.
  public var data: [UInt8]
  /// The template language of ``data``.
  public var templating: Driver?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    annotations: Annotations = Annotations(),
    data: [UInt8] = [],
    templating: Driver? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.annotations = annotations
    self.data = data
    self.templating = templating
    self.unknownFields = unknownFields
  }
}
