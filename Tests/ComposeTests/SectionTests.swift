// SPDX-License-Identifier: Apache-2.0

import Compose
import EngineSchema
import Testing

@Suite("sections of compose files")
struct SectionTests {
  @Test("networks are created when a service is on them, with the stack's name and label")
  func networks() throws {
    let stack = try stack(
      """
      services:
        a: {image: x, networks: [n, theirs]}
        b: {image: x}
      networks:
        n:
          driver: overlay
          attachable: true
          driver_opts: {encrypted: ""}
          labels: [l=m]
          ipam: {driver: default, config: [{subnet: 10.9.0.0/24, gateway: 10.9.0.1}]}
        unused: {}
        theirs: {external: true}
        default: {internal: true, name: given}
      """
    )
    #expect(stack.networks.map(\.name) == ["given", "st_n", "theirs"])
    #expect(
      stack.networks.map { $0.body?.text } == [
        #"{"Name":"given","CheckDuplicate":true,"Driver":"overlay","Attachable":false,"Internal":true,"EnableIPv6":false,"#
          + #""Options":{},"Labels":{"com.docker.stack.namespace":"st"}}"#,
        #"{"Name":"st_n","CheckDuplicate":true,"Driver":"overlay","Attachable":true,"Internal":false,"EnableIPv6":false,"#
          + #""Options":{"encrypted":""},"Labels":{"com.docker.stack.namespace":"st","l":"m"},"#
          + #""IPAM":{"Driver":"default","Config":[{"Subnet":"10.9.0.0/24","Gateway":"10.9.0.1"}]}}"#,
        nil,
      ]
    )
  }

  @Test("secrets and configs have their content from a file, from the text or from a variable")
  func files() throws {
    let stack = try stack(
      """
      services:
        a: {image: x, secrets: [f, e, theirs], configs: [c, t]}
      secrets:
        f: {file: ./secret.txt, labels: {l: m}}
        e: {environment: TOKEN, name: named}
        theirs: {external: {name: older}}
        unused: {file: ./missing.txt}
      configs:
        c: {content: "hi ${WHO}"}
        t: {file: /abs, template_driver: golang}
      """,
      environment: ["TOKEN": "t", "WHO": "you"],
      files: ["/project/secret.txt": "s\u{0}", "/abs": "a", "/project/missing.txt": "m"]
    )
    #expect(stack.secrets.map(\.name) == ["named", "st_f", "older"])
    #expect(
      stack.secrets.map { $0.body?.text } == [
        #"{"Name":"named","Labels":{"com.docker.stack.namespace":"st"},"Data":"dA=="}"#,
        #"{"Name":"st_f","Labels":{"com.docker.stack.namespace":"st","l":"m"},"Data":"cwA="}"#, nil,
      ]
    )
    #expect(
      stack.configs.map { $0.body?.text } == [
        #"{"Name":"st_c","Labels":{"com.docker.stack.namespace":"st"},"Data":"aGkgeW91"}"#,
        #"{"Name":"st_t","Labels":{"com.docker.stack.namespace":"st"},"Data":"YQ==","Templating":{"Name":"golang"}}"#,
      ]
    )
  }

  @Test("services come after those that they depend on")
  func order() throws {
    let stack = try stack(
      """
      services:
        a: {image: x, depends_on: [c]}
        b: {image: x}
        c: {image: x, depends_on: {d: {condition: service_healthy, restart: true}, gone: {required: false}}}
        d: {image: x}
      """
    )
    #expect(stack.services.compactMap(\.name) == ["st_b", "st_d", "st_c", "st_a"])
    #expect(stack.services[2].dependencies == [Engine.ServiceDependency(service: "st_d", condition: "healthy")])
    #expect(stack.services[3].dependencies == [Engine.ServiceDependency(service: "st_c", condition: "started")])
    #expect(stack.services[0].dependencies == [])
  }

  @Test("a service that isn't required is waited for when it is there")
  func optionalDependency() throws {
    let stack = try stack(
      """
      services:
        a: {image: x, depends_on: {b: {condition: service_healthy, required: false}, gone: {required: false}}}
        b: {image: x}
      """
    )
    #expect(stack.services.compactMap(\.name) == ["st_b", "st_a"])
    #expect(stack.services[1].dependencies == [Engine.ServiceDependency(service: "st_b", condition: "healthy")])
    #expect(stack.notes == [])
  }

  @Test("files are laid over each other with their variables as they stand, whatever they ask for")
  func mergeAlone() throws {
    let files = [
      ComposeFile(path: "/project/a.yml", text: "services: {w: {image: 'x:${TAG:?needed}', deploy: {replicas: $COUNT}}}"),
      ComposeFile(path: "/project/b.yml", text: "services: {w: {hostname: $$h}}"),
    ]
    #expect(
      try Stack.merge(files)
        == "services:\n  w:\n    image: \"x:${TAG:?needed}\"\n    deploy:\n      replicas: \"$COUNT\"\n    hostname: \"$$h\"\n"
    )
    #expect(throws: ComposeError.self) { try Stack.merge([ComposeFile(path: "x", text: "a: [")]) }
  }

  @Test("a service may wait for a job to complete")
  func completion() throws {
    let stack = try stack(
      """
      services:
        web: {image: x, depends_on: {migrate: {condition: service_completed_successfully}}}
        migrate: {image: x, deploy: {mode: replicated-job}}
      """
    )
    #expect(stack.services[1].dependencies == [Engine.ServiceDependency(service: "st_migrate", condition: "completed")])
  }

  @Test("the requests of a stack create what is used before what uses it")
  func requests() throws {
    let stack = try stack(
      "services: {a: {image: x, secrets: [s], configs: [c]}}\nsecrets: {s: {content: x}}\nconfigs: {c: {content: y}}"
    )
    #expect(stack.requests.map(\.path) == ["/networks/create", "/secrets/create", "/configs/create", "/services/create"])
    #expect(stack.requests.map(\.name) == ["st_default", "st_s", "st_c", "st_a"])
    let body = try #require(stack.requests.last?.body)
    #expect(try EngineJSON.decode(Engine.ServiceSpec.self, from: body) == stack.services.first)
  }

  @Test("names of stacks that can't be", arguments: ["", "a b", "a/b", "ä"])
  func names(name: String) {
    #expect(throws: ComposeError.self) {
      try Stack(name: name, files: [ComposeFile(path: "x", text: "services: {a: {image: x}}")])
    }
  }
}
