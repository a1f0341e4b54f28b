// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Testing

@Suite("values of flags")
struct ValueTests {
  @Test(
    "lengths of time",
    arguments: [
      ("0", 0, "0s"), ("5s", 5_000_000_000, "5s"), ("1m30s", 90_000_000_000, "1m30s"), ("100ms", 100_000_000, "100ms"),
      ("1.5h", 5_400_000_000_000, "1h30m0s"), ("1500ms", 1_500_000_000, "1.5s"), ("2us", 2_000, "2µs"), ("7ns", 7, "7ns"),
      ("60s", 60_000_000_000, "1m0s"),
    ] as [(String, Int64, String)]
  )
  func durations(text: String, nanoseconds: Int64, written: String) {
    #expect(DurationValue(text)?.nanoseconds == nanoseconds)
    #expect(DurationValue(nanoseconds: nanoseconds).text == written)
  }

  @Test("what isn't a length of time", arguments: ["", "5", "-1s", "s", "1x", "1s2", "1..5s", "1e400h", "9999999999h"])
  func badDurations(text: String) {
    #expect(DurationValue(text) == nil)
  }

  @Test("processors and memory")
  func resources() {
    #expect(CPUValue(argument: "0.5")?.nanoCPUs == 500_000_000)
    #expect(CPUValue(argument: "2")?.nanoCPUs == 2_000_000_000)
    #expect(CPUValue(argument: ".000000001")?.nanoCPUs == 1)
    for text in ["", ".", "-1", "x", "1.0000000001", "1e3"] { #expect(CPUValue(argument: text) == nil, "\(text)") }
    #expect(MemoryValue(argument: "64m")?.bytes == 64 << 20)
    #expect(MemoryValue(argument: "1.5GiB")?.bytes == 3 << 29)
    #expect(MemoryValue(argument: "1024")?.bytes == 1024)
    #expect(MemoryValue(argument: "10KB")?.bytes == 10_240)
    for text in ["", "m", "-1", "1x", "9999999p"] { #expect(MemoryValue(argument: text) == nil, "\(text)") }
  }

  @Test("ports, short and long")
  func ports() throws {
    let short = try #require(PortValue(argument: "8080:80/udp")?.ports.first)
    #expect(short.publishedPort == 8080)
    #expect(short.targetPort == 80)
    #expect(short.protocol == "udp")
    #expect(short.publishMode == "ingress")
    let long = try #require(PortValue(argument: "published=8080,target=80,mode=host")?.ports.first)
    #expect(long.publishMode == "host")
    #expect(long.protocol == "tcp")
    #expect(PortValue(argument: "8000-8002:80-82")?.ports.map(\.publishedPort) == [8000, 8001, 8002])
    #expect(PortValue(argument: "80")?.ports.first?.publishedPort == nil)
    #expect(PortValue(argument: "0:80")?.ports == PortValue(argument: "80")?.ports)
    let several = try #require(PortValue(argument: "8000-8002:80")?.ports)
    #expect(several.map(\.publishedPort) == [8000, 8001, 8002] && several.allSatisfy { $0.targetPort == 80 })
    for text in [
      "", "x", "80:", ":80", "1:2:3", "80/foo", "70000", "1-2:3-5", "0-2:3", "published=1", "target=0", "target=80,x=1",
      "target=80,mode=x",
    ] {
      #expect(PortValue(argument: text) == nil, "\(text)")
    }
  }

  @Test("names are put in the order in which people count")
  func naturalOrder() {
    let names = ["web.10", "web.2", "web", "api.1", "web.02", "web.1"].sorted(by: NaturalOrder.areInOrder)
    #expect(names.filter { $0 != "web.02" } == ["api.1", "web", "web.1", "web.2", "web.10"])
  }

  @Test("environment variables and labels are merged by name")
  func keyValues() {
    #expect(KeyValues.merge(["A=2", "C"], over: ["A=1", "B=1"]) == ["B=1", "A=2", "C"])
    #expect(KeyValues.merge(["A=1", "B=1", "A=2"], over: []) == ["B=1", "A=2"])
    #expect(KeyValues.remove(["A"], from: ["A=1", "A", "AB=1"]) == ["AB=1"])
    #expect(KeyValues.labels(["a=b=c", "d", "a=e"]) == ["a": "e", "d": ""])
  }

  @Test("a variable that is a name alone has the value that it has around the process, if any")
  func completedVariables() throws {
    let variables = ["A", "B=", "C", "D=x"]
    #expect(try KeyValues.completed(variables, of: "--env", from: ["A": "1=2", "B": "b"]) == ["A=1=2", "B=", "C", "D=x"])
    let failure = #expect(throws: CommandFailure.self) { try KeyValues.completed(["=x"], of: "--env", from: [:]) }
    #expect(failure?.message == #"invalid argument "=x" for "--env" flag: invalid environment variable: =x"#)
  }

  @Test(
    "images without a tag and a digest have the tag latest",
    arguments: [
      ("alpine", "alpine:latest"), ("alpine:3", "alpine:3"), ("host:5000/a", "host:5000/a:latest"),
      ("host:5000/a:1", "host:5000/a:1"),
      ("a@sha256:0", "a@sha256:0"), ("", ""), (String(repeating: "0a", count: 32), String(repeating: "0a", count: 32)),
    ]
  )
  func taggedImages(name: String, tagged: String) {
    #expect(ImageName.tagged(name) == tagged)
  }

  @Test("ranges of addresses contain what begins with their bits")
  func addressRanges() throws {
    func range(_ text: String) throws -> AddressRange { try #require(AddressRange(text) ?? AddressRange(address: text)) }
    let wide = try range("10.1.128.0/17")
    for text in ["10.1.130.0/24", "10.1.128.0/17", "10.1.255.255"] { #expect(wide.contains(try range(text)), "\(text)") }
    for text in ["10.1.127.255", "10.0.0.0/8", "10.2.128.0"] { #expect(!wide.contains(try range(text)), "\(text)") }
    #expect(wide.overlaps(try range("10.0.0.0/8")))
    let six = try range("fd00::/9")
    #expect(six.contains(try range("fd7f::1")))
    #expect(!six.contains(try range("fd80::1")))
    #expect(!six.overlaps(wide))
    #expect(try range("0.0.0.0/0").contains(wide))
    for text in ["", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/8/8", "fd00::/129", "x/8"] {
      #expect(AddressRange(text) == nil, "\(text)")
    }
    for text in ["", "10.0.0.0/8", "host"] { #expect(AddressRange(address: text) == nil, "\(text)") }
  }

  @Test("secrets and configs are named alone or field by field")
  func fileReferences() throws {
    let short = try #require(FileReferenceValue("password"))
    #expect(short.source == "password")
    #expect((short.file.name, short.file.uid, short.file.mode) == (nil, "0", 0o444))
    let long = try #require(FileReferenceValue("source=password,target=/run/p,uid=7,gid=8,mode=0400"))
    #expect(long.source == "password")
    #expect((long.file.name, long.file.uid, long.file.gid, long.file.mode) == ("/run/p", "7", "8", 0o400))
    for text in ["", "target=x", "source=a,mode=9", "source=a,nope=1", "a,b", "source=a,target="] {
      #expect(FileReferenceValue(text) == nil, "\(text)")
    }
  }

  @Test("networks are named alone or with aliases and options")
  func networks() throws {
    #expect(NetworkValue("back")?.attachment.target == "back")
    let long = try #require(NetworkValue("name=back,alias=db,alias=sql,driver-opt=a=b=c")).attachment
    #expect(long.target == "back")
    #expect(long.aliases == ["db", "sql"])
    #expect(long.driverOpts == ["a": "b=c"])
    for text in ["", "alias=db", "name=", "name=a,driver-opt=b", "a,b", "name=a,nope=1"] {
      #expect(NetworkValue(text) == nil, "\(text)")
    }
  }

  @Test("command lines are split as a shell splits them")
  func words() {
    #expect(ShellWords.split(#"sh -c "echo 'a b'" c\ d '' "#) == ["sh", "-c", "echo 'a b'", "c d", ""])
    #expect(ShellWords.split("").isEmpty)
  }

  @Test(
    "switches with values become switches",
    arguments: [
      (["service", "ls", "--quiet=true"], ["service", "ls", "--quiet"]),
      (["service", "update", "--detach=false", "web"], ["service", "update", "--no-detach", "web"]),
      (["service", "create", "-d=false", "a", "--detach=false"], ["service", "create", "--no-detach", "a", "--detach=false"]),
      (
        ["service", "create", "--name", "x", "--init=0", "-e", "--quiet=true", "a"],
        ["service", "create", "--name", "x", "--no-init", "-e", "--quiet=true", "a"]
      ),
      (["service", "create", "-dq", "a", "-d=false"], ["service", "create", "-dq", "a", "-d=false"]),
      (["service", "rm", "--", "--force=false"], ["service", "rm", "--", "--force=false"]),
    ]
  )
  func normalization(arguments: [String], expected: [String]) {
    #expect(FlagNormalizer.normalize(arguments) == expected)
  }
}
