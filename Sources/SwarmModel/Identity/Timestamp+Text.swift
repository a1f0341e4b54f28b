// SPDX-License-Identifier: Apache-2.0

extension Timestamp: CustomStringConvertible {
  /// The moment in UTC as RFC 3339 writes it, with as many digits of the second as are needed: `2026-11-22T20:36:34.5Z`.
  public var description: String {
    var (seconds, rest) = self.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    if rest < 0 {
      seconds -= 1
      rest += 1_000_000_000
    }
    var (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
    if second < 0 {
      days -= 1
      second += 86_400
    }
    let date = CivilDate(daysSince1970: days)
    let day = "\(Self.padded(date.year, 4))-\(Self.padded(date.month, 2))-\(Self.padded(date.day, 2))"
    let hour = Self.padded(second / 3600, 2)
    let time = "\(hour):\(Self.padded(second / 60 % 60, 2)):\(Self.padded(second % 60, 2))"
    return "\(day)T\(time)\(Self.fraction(rest))Z"
  }

  /// Reads a moment as RFC 3339 writes it, with any offset from UTC; `nil` for anything else and for moments out of range.
  public init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    guard let year = rest.takeNumber(digits: 4), rest.take("-"),
      let month = rest.takeNumber(digits: 2), rest.take("-"),
      let day = rest.takeNumber(digits: 2), rest.take("T") || rest.take("t"),
      let hour = rest.takeNumber(digits: 2), rest.take(":"),
      let minute = rest.takeNumber(digits: 2), rest.take(":"),
      let second = rest.takeNumber(digits: 2),
      let fraction = rest.takeFraction(),
      let offset = rest.takeOffset(), rest.isEmpty
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    // A day that the month doesn't have would come out as another date.
    guard CivilDate(daysSince1970: date.daysSince1970) == date, hour < 24, minute < 60, second < 60 else {
      return nil
    }
    let seconds = date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset
    // Before 1970 the next second is taken and the rest subtracted: the second itself may be out of range.
    let borrowed: Int64 = seconds < 0 ? 1 : 0
    let (whole, overflow) = (seconds + borrowed).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflow2) = whole.addingReportingOverflow(fraction - borrowed * 1_000_000_000)
    guard !overflow, !overflow2 else { return nil }
    self.init(nanoseconds: sum)
  }

  private static func padded(_ number: Int64, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  private static func fraction(_ nanoseconds: Int64) -> String {
    guard nanoseconds > 0 else { return "" }
    var digits = Self.padded(nanoseconds, 9)
    while digits.last == "0" {
      digits.removeLast()
    }
    return "." + digits
  }
}

extension ArraySlice<UInt8> {
  fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard self.first == UInt8(ascii: character) else { return false }
    self.removeFirst()
    return true
  }

  fileprivate mutating func takeNumber(digits: Int) -> Int64? {
    let text = self.prefix(digits)
    guard text.count == digits, text.allSatisfy(\.isASCIIDigit) else { return nil }
    self.removeFirst(digits)
    return text.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  /// Up to nine digits after a point; none without a point.
  fileprivate mutating func takeFraction() -> Int64? {
    guard self.take(".") else { return 0 }
    let digits = self.prefix(while: \.isASCIIDigit)
    guard (1...9).contains(digits.count), var fraction = self.takeNumber(digits: digits.count) else { return nil }
    for _ in digits.count..<9 {
      fraction *= 10
    }
    return fraction
  }

  /// `Z`, or hours and minutes ahead of UTC, in seconds.
  fileprivate mutating func takeOffset() -> Int64? {
    if self.take("Z") || self.take("z") { return 0 }
    let sign: Int64
    if self.take("+") {
      sign = 1
    } else if self.take("-") {
      sign = -1
    } else {
      return nil
    }
    guard let hours = self.takeNumber(digits: 2), self.take(":"), let minutes = self.takeNumber(digits: 2),
      hours < 24, minutes < 60
    else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }
}
