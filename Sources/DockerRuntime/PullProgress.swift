// SPDX-License-Identifier: Apache-2.0

/// How far the fetch of an image is.
public struct PullProgress: Hashable, Sendable {
  /// The image as the task names it.
  public var image: String
  /// What happens, in the engine's words, for example `Downloading`.
  public var status: String
  /// The layer that it happens to; empty when it is the whole image.
  public var layer: String
  /// How many bytes of the layer are done, when the engine says so.
  public var current: Int64?
  /// How many bytes the layer has, when the engine says so.
  public var total: Int64?
}
