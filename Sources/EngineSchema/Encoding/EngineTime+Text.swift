// SPDX-License-Identifier: Apache-2.0

extension EngineTime: LosslessStringConvertible {
  /// RFC 3339 in UTC, for example `2026-11-22T20:36:34.12Z`; years outside 1…9999 show as the nearest moment inside.
  package var description: String {
    let clamped = min(max(self, .zero), Self(seconds: 253_402_300_799, nanoseconds: 999_999_999))
    let (day, second) = clamped.dayAndSecond
    let date = CivilDate(daysSince1970: day)
    var text = ""
    text.reserveCapacity(30)
    text.append(padded(date.year, 4), "-", padded(date.month, 2), "-", padded(date.day, 2), "T")
    text.append(padded(second / 3600, 2), ":", padded(second / 60 % 60, 2), ":", padded(second % 60, 2))
    if clamped.nanoseconds != 0 {
      var fraction = Substring(padded(Int64(clamped.nanoseconds), 9))
      while fraction.last == "0" { fraction.removeLast() }
      text.append(".", String(fraction))
    }
    text.append("Z")
    return text
  }

  /// RFC 3339 in UTC with all nine digits of the nanoseconds, so that every text is equally long.
  package var fixedText: String {
    let text = EngineTime(seconds: self.seconds, nanoseconds: 0).description
    return "\(text.dropLast()).\(padded(Int64(self.nanoseconds), 9))Z"
  }

  /// Reads seconds since 1970 as docker's clients send them: `1700000000` or `1700000000.000000001`.
  package init?(unixText text: String) {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let seconds = Int64(parts[0]) else { return nil }
    var nanoseconds: Int32 = 0
    if parts.count > 1 {
      let digits = parts[1].prefix(9)
      guard !digits.isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = Int32(digits + String(repeating: "0", count: 9 - digits.utf8.count))
      else { return nil }
      nanoseconds = number
    }
    self.init(seconds: seconds, nanoseconds: nanoseconds)
  }

  /// Seconds since 1970 as docker's clients send them.
  package var unixText: String { "\(self.seconds).\(padded(Int64(self.nanoseconds), 9))" }

  /// Reads RFC 3339 with any offset and up to nine fractional digits (more are cut off).
  package init?(_ text: String) {
    var reader = Reader(rest: Array(text.utf8)[...])
    guard let year = reader.number(4), reader.take("-"),
      let month = reader.number(2), (1...12).contains(month), reader.take("-"),
      let day = reader.number(2), (1...31).contains(day), reader.take("T") || reader.take("t"),
      let hour = reader.number(2), hour < 24, reader.take(":"),
      let minute = reader.number(2), minute < 60, reader.take(":"),
      let second = reader.number(2), second < 61,
      let nanoseconds = reader.fraction(),
      let offset = reader.offset(),
      reader.rest.isEmpty
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    guard CivilDate(daysSince1970: date.daysSince1970) == date else { return nil }
    self.init(
      seconds: date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset,
      nanoseconds: Int32(nanoseconds)
    )
  }

  private var dayAndSecond: (day: Int64, second: Int64) {
    let (quotient, remainder) = self.seconds.quotientAndRemainder(dividingBy: 86_400)
    return remainder < 0 ? (quotient - 1, remainder + 86_400) : (quotient, remainder)
  }
}

/// A date of the Gregorian calendar, extended to all years.
private struct CivilDate: Equatable {
  var year: Int64
  var month: Int64
  var day: Int64

  init(year: Int64, month: Int64, day: Int64) {
    self.year = year
    self.month = month
    self.day = day
  }

  // Years begin in March here, so that the leap day is the last day of its year; 400 years are 146,097 days.
  init(daysSince1970: Int64) {
    let shifted = daysSince1970 + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    self.day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    self.month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
  }

  var daysSince1970: Int64 {
    let marchYear = self.month <= 2 ? self.year - 1 : self.year
    let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let monthFromMarch = self.month > 2 ? self.month - 3 : self.month + 9
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + self.day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

/// Takes the parts of a time off the front of a text.
private struct Reader {
  var rest: ArraySlice<UInt8>

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let first = self.rest.first, UInt32(first) == character.value else { return false }
    self.rest.removeFirst()
    return true
  }

  mutating func number(_ digits: Int) -> Int64? {
    guard self.rest.count >= digits else { return nil }
    var value: Int64 = 0
    for byte in self.rest.prefix(digits) {
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + Int64(byte - 0x30)
    }
    self.rest.removeFirst(digits)
    return value
  }

  /// Nanoseconds of the fraction; 0 when there is none.
  mutating func fraction() -> Int64? {
    guard self.take(".") else { return 0 }
    var value: Int64 = 0
    var digits = 0
    while let digit = self.number(1) {
      if digits < 9 { value = value * 10 + digit }
      digits += 1
    }
    guard digits > 0 else { return nil }
    for _ in min(digits, 9)..<9 { value *= 10 }
    return value
  }

  /// Seconds east of UTC.
  mutating func offset() -> Int64? {
    if self.take("Z") || self.take("z") { return 0 }
    let sign: Int64
    if self.take("+") { sign = 1 } else if self.take("-") { sign = -1 } else { return nil }
    guard let hours = self.number(2), hours < 24, self.take(":"), let minutes = self.number(2), minutes < 60 else {
      return nil
    }
    return sign * (hours * 3600 + minutes * 60)
  }
}

private func padded(_ number: Int64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

extension String {
  fileprivate mutating func append(_ parts: String...) {
    for part in parts { self += part }
  }
}
