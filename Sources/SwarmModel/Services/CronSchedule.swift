// SPDX-License-Identifier: Apache-2.0

/// Moments that return, as cron writes them: `minute hour day month weekday`, in UTC.
///
/// Each field is `*`, a number, a range `a-b`, either of them with a step `/n`, or a list of these; weekdays are 0 to 7 from Sunday to Sunday.
/// When day and weekday are both restricted, either is enough, as in cron. `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly` are
/// short for the first minute of each.
public struct CronSchedule: Sendable, Hashable {
  private let minutes: UInt64
  private let hours: UInt64
  private let days: UInt64
  private let months: UInt64
  private let weekdays: UInt64
  private let isEitherDay: Bool

  /// Reads a schedule.
  ///
  /// - Throws: `invalidArgument` with a sentence that names the field.
  public init(_ text: String) throws(SwarmError) {
    let shorts = [
      "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *",
    ]
    let fields = (shorts[text] ?? text).split(separator: " ")
    guard text.utf8.count <= 256, fields.count == 5 else {
      throw refuse("invalid schedule \"\(text)\": expected minute, hour, day, month and weekday")
    }
    self.minutes = try Self.numbers(fields[0], 0...59, "minute")
    self.hours = try Self.numbers(fields[1], 0...23, "hour")
    self.days = try Self.numbers(fields[2], 1...31, "day")
    self.months = try Self.numbers(fields[3], 1...12, "month")
    let weekdays = try Self.numbers(fields[4], 0...7, "weekday")
    self.weekdays = weekdays | (weekdays >> 7 & 1)
    self.isEitherDay = fields[2] != "*" && fields[4] != "*"
  }

  private static func numbers(_ text: Substring, _ range: ClosedRange<Int>, _ name: String) throws(SwarmError) -> UInt64 {
    var set: UInt64 = 0
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let numbers = Self.part(part, range) else {
        throw refuse("invalid \(name) \"\(text)\" in a schedule: expected \(range.lowerBound) to \(range.upperBound)")
      }
      for number in numbers { set |= 1 << UInt64(number) }
    }
    return set
  }

  private static func part(_ text: Substring, _ range: ClosedRange<Int>) -> StrideTo<Int>? {
    let halves = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = halves.first, halves.count <= 2 else { return nil }
    let step = halves.count == 2 ? Self.number(halves[1]) : 1
    guard let step, step > 0 else { return nil }
    if first == "*" { return stride(from: range.lowerBound, to: range.upperBound + 1, by: step) }
    let ends = first.split(separator: "-", omittingEmptySubsequences: false).map(Self.number)
    guard let low = ends.first ?? nil, let high = ends.last ?? nil, ends.count <= 2, low <= high, range.contains(low),
      range.contains(high)
    else { return nil }
    // A lone number with a step counts from there to the end, as in most crons.
    return stride(from: low, to: (ends.count == 1 && halves.count == 2 ? range.upperBound : high) + 1, by: step)
  }

  private static func number(_ text: Substring) -> Int? {
    text.utf8.count <= 3 && !text.isEmpty && text.utf8.allSatisfy(\.isASCIIDigit) ? Int(text) : nil
  }

  /// The first moment after another one; `nil` when there is none, as for February 30.
  public func next(after moment: Timestamp) -> Timestamp? {
    let minute = moment.nanoseconds.flooringDivision(by: 60_000_000_000) + 1
    let firstDay = minute.flooringDivision(by: 1_440)
    // Leap days are at most eight years apart.
    for day in firstDay...(firstDay + 8 * 366 + 1) where self.matches(CivilDate(daysSince1970: day)) {
      let first = day == firstDay ? minute - firstDay * 1_440 : 0
      guard let found = (first..<1_440).first(where: self.matches(minuteOfDay:)) else { continue }
      let (nanoseconds, overflow) = (day * 1_440 + found).multipliedReportingOverflow(by: 60_000_000_000)
      return overflow ? nil : Timestamp(nanoseconds: nanoseconds)
    }
    return nil
  }

  private func matches(_ date: CivilDate) -> Bool {
    guard self.months >> UInt64(date.month) & 1 == 1 else { return false }
    let isDay = self.days >> UInt64(date.day) & 1 == 1
    let isWeekday = self.weekdays >> UInt64(date.weekday) & 1 == 1
    return self.isEitherDay ? isDay || isWeekday : isDay && isWeekday
  }

  private func matches(minuteOfDay: Int64) -> Bool {
    self.hours >> UInt64(minuteOfDay / 60) & 1 == 1 && self.minutes >> UInt64(minuteOfDay % 60) & 1 == 1
  }
}

extension Int64 {
  fileprivate func flooringDivision(by divisor: Int64) -> Int64 {
    let (quotient, rest) = self.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? quotient - 1 : quotient
  }
}
