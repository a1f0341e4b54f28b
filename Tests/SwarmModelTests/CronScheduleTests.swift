// SPDX-License-Identifier: Apache-2.0
import SwarmModel
import Testing

@Suite("CronSchedule")
struct CronScheduleTests {
  @Test(
    "the next moment",
    arguments: [
      ("* * * * *", "2026-11-22T20:36:34Z", "2026-11-22T20:37:00Z"),
      ("* * * * *", "2026-11-22T20:36:00Z", "2026-11-22T20:37:00Z"),
      ("*/15 * * * *", "2026-11-22T20:45:00Z", "2026-11-22T21:00:00Z"),
      ("0 3 * * *", "2026-12-31T03:00:00Z", "2027-01-01T03:00:00Z"),
      ("5,10-12,50/5 8 * * *", "2026-11-22T08:12:00Z", "2026-11-22T08:50:00Z"),
      ("0 0 * * 0", "2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z"),
      ("0 0 * * 7", "2026-11-23T00:00:00Z", "2026-11-29T00:00:00Z"),
      ("0 0 * * 1-5", "2026-11-20T00:00:00Z", "2026-11-23T00:00:00Z"),
      ("0 0 1 * *", "2026-11-22T00:00:00Z", "2026-12-01T00:00:00Z"),
      ("0 0 29 2 *", "2026-11-22T00:00:00Z", "2028-02-29T00:00:00Z"),
      // Either day is enough when both are restricted.
      ("0 0 24 * 1", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"),
      ("0 0 24 * 1", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"),
      ("@hourly", "2026-11-22T20:36:34Z", "2026-11-22T21:00:00Z"),
      ("@yearly", "2026-11-22T20:36:34Z", "2027-01-01T00:00:00Z"),
      ("0 0 * * *", "1969-12-30T12:00:00Z", "1969-12-31T00:00:00Z"),
    ]
  )
  func next(text: String, after: String, expected: String) throws {
    let moment = try #require(Timestamp(after))
    #expect(try CronSchedule(text).next(after: moment)?.description == expected)
  }

  @Test("a day that no month has never comes")
  func never() throws {
    #expect(try CronSchedule("0 0 30 2 *").next(after: .zero) == nil)
    #expect(try CronSchedule("* * * * *").next(after: Timestamp(nanoseconds: .max)) == nil)
  }

  @Test(
    "what isn't a schedule is refused with a sentence that names the field",
    arguments: [
      ("", "minute, hour"), ("* * * *", "minute, hour"), ("60 * * * *", "minute"), ("* 24 * * *", "hour"), ("* * 0 * *", "day"),
      ("* * * 13 *", "month"), ("* * * * 8", "weekday"), ("a * * * *", "minute"), ("1-0 * * * *", "minute"),
      ("*/0 * * * *", "minute"),
      ("1, * * * *", "minute"), ("-1 * * * *", "minute"), ("1/2/3 * * * *", "minute"), ("1-2-3 * * * *", "minute"),
      ("@never", "minute"),
    ]
  )
  func malformed(text: String, field: String) {
    let error = #expect(throws: SwarmError.self) { try CronSchedule(text) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains(field) == true)
  }

  @Test("only jobs have schedules, and only ones that come due")
  func validation() {
    func spec(_ mode: ServiceMode, _ cron: String) -> ServiceSpec {
      ServiceSpec(
        annotations: Annotations(name: "job"),
        task: TaskSpec(runtime: .container(ContainerSpec(image: "run"))),
        mode: mode,
        schedule: JobSchedule(cron: cron)
      )
    }
    #expect(throws: Never.self) { try spec(.globalJob, "@daily").validate() }
    for wrong in [spec(.global, "@daily"), spec(.globalJob, "nope"), spec(.globalJob, "0 0 30 2 *")] {
      #expect(throws: SwarmError.self) { try wrong.validate() }
    }
  }

  @Test("the bytes of dependencies, schedules and stopped services never change")
  func golden() throws {
    let service = Service(
      spec: ServiceSpec(
        mode: .globalJob,
        dependencies: [ServiceDependency(service: "db", condition: .completed)],
        schedule: JobSchedule(cron: "@daily", ifRunning: .replace)
      ),
      isStopped: true
    )
    let bytes = service.encoded()
    #expect(try Service(encoded: bytes) == service)
    let ending = bytes.suffix(27).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(ending == "5a00c23e060a0264621002ca3e0a0a06406461696c791001c03e01")
  }
}
