// SPDX-License-Identifier: Apache-2.0

/// What a task reserves and what it may use at most.
public struct ResourceRequirements: Sendable, Hashable {
  /// The most that the task may use; `nil` and zero mean unlimited.
  public var limits: Resources?
  /// What the scheduler sets aside on the node; `nil` means nothing.
  public var reservations: Resources?
  /// Swap in bytes that the task may use; `nil` leaves it to the runtime.
  public var swapBytes: Int64?
  /// The kernel's swappiness (0–100) for the task; `nil` leaves it to the runtime.
  public var memorySwappiness: Int64?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    limits: Resources? = nil,
    reservations: Resources? = nil,
    swapBytes: Int64? = nil,
    memorySwappiness: Int64? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.limits = limits
    self.reservations = reservations
    self.swapBytes = swapBytes
    self.memorySwappiness = memorySwappiness
    self.unknownFields = unknownFields
  }
}
