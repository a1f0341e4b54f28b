// SPDX-License-Identifier: Apache-2.0

/// The natural logarithm from the standard library alone, the same on every machine.
enum Logarithm {
  static let two = 0.693_147_180_559_945_3
  static let ten = 2.302_585_092_994_045_7

  /// The logarithm of a positive finite number.
  static func natural(_ number: Double) -> Double {
    guard number > 0, number.isFinite else { return 0 }
    // With s = (m - 1) / (m + 1) is ln m = 2 (s + s^3/3 + s^5/5 …); m is below 2, so s is below a third.
    let ratio = (number.significand - 1) / (number.significand + 1)
    let square = ratio * ratio
    var power = ratio
    var sum = 0.0
    for divisor in stride(from: 1.0, through: 25, by: 2) {
      sum += power / divisor
      power *= square
    }
    return 2 * sum + Double(number.exponent) * Self.two
  }

  static func decimal(_ number: Double) -> Double { self.natural(number) / self.ten }
}
