import Foundation
import LedgerFixture
import Node
import Primitives
import TestSupport
import Testing

@Suite struct AdministrationRouteTests {
    /// What each client may do; a role may do what those below it may.
    @Test func rolesDecide() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            let user = "/app/users/\(node.fingerprint("Reader"))"
            let calls: [(String, String, String, least: String)] = [
                ("GET", "/app/transactions", "", "Reader"),
                ("GET", "/app/collections", "", "Reader"),
                ("GET", "/app/governance/constitution", "", "Reader"),
                ("GET", "/app/governance/members", "", "Reader"),
                ("GET", "/app/enclaveQuotes", "", "Reader"),
                ("POST", "/app/transactions", #"{"contents":"x"}"#, "Contributor"),
                ("GET", user, "", "Administrator"),
                ("PATCH", user, #"{"assignedRole":"Reader"}"#, "Administrator"),
            ]
            let roles = ["Reader", "Contributor", "Administrator"]
            for (method, target, body, least) in calls {
                for client in roles {
                    let answer = await node.call(method, target, body, as: client)
                    let needed = try #require(roles.firstIndex(of: least))
                    let isAllowed = try #require(roles.firstIndex(of: client)) >= needed
                    #expect(answer.status == (isAllowed ? 200 : 403), "\(client) \(target)")
                    #expect(isAllowed || answer.code == "Forbidden")
                }
                for client in ["stranger", nil] {
                    let answer = await node.call(method, target, body, as: client)
                    #expect(answer.status == 401)
                    #expect(answer.code == "InvalidAuthenticationInfo")
                }
            }
        }
    }

    @Test func expiredCertificatesAreRefused() async throws {
        try await withTemporaryFolder { url in
            let clock = ManualClock(wallSeconds: SystemClock().wallSeconds)
            let node = try await NodeFixture(url, clock: clock)
            #expect((await node.call("GET", "/app/collections")).status == 200)
            clock.advance(seconds: 31 * 86_400)
            #expect((await node.call("GET", "/app/collections")).status == 401)
        }
    }

    @Test func usersComeAndGo() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            let user = "/app/users/\(node.fingerprint("stranger"))"
            #expect((await node.call("GET", user, as: "Administrator")).status == 404)
            let made = await node.call(
                "PATCH", user, #"{"assignedRole":"Contributor"}"#, as: "Administrator")
            #expect(made.text("userId") == node.fingerprint("stranger"))
            #expect(made.text("assignedRole") == "Contributor")
            let posted = await node.call(
                "POST", "/app/transactions", #"{"contents":"x"}"#, as: "stranger")
            #expect(posted.status == 200)
            // What was written is there after a restart.
            let administrator = try #require(node.clients["Administrator"]).node.fingerprint
            _ = try Users(file: node.folder.usersFile, administrator: administrator)
            let text = try String(contentsOf: node.folder.usersFile, encoding: .utf8)
            #expect(text.contains(node.fingerprint("stranger")))
            // Without colons and in lower case it is the same user.
            let plain = node.fingerprint("stranger").replacingOccurrences(of: ":", with: "")
                .lowercased()
            let gone = await node.call("DELETE", "/app/users/\(plain)", as: "Administrator")
            #expect(gone.status == 204 && gone.body.isEmpty)
            #expect((await node.call("GET", "/app/collections", as: "stranger")).status == 401)
            #expect((await node.call("DELETE", user, as: "Administrator")).status == 204)
        }
    }

    @Test func badUsersAreRefused() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            let id = node.fingerprint("stranger")
            let good = #"{"assignedRole":"Reader"}"#
            for name in ["x", "AB:CD", id + ":00", String(id.dropLast()), "A:BCD", "%FF", ""] {
                let answer = await node.call(
                    "PATCH", "/app/users/\(name)", good, as: "Administrator")
                #expect(answer.status == 400, "\(name)")
            }
            for body in ["", "{}", #"{"assignedRole":"Owner"}"#, #"{"assignedRole":1}"#, "[]"] {
                let answer = await node.call("PATCH", "/app/users/\(id)", body, as: "Administrator")
                #expect(answer.code == "InvalidInput", "\(body)")
            }
            // Nobody takes the party's own administrator away.
            let own = "/app/users/\(node.fingerprint("Administrator"))"
            for (method, body) in [("PATCH", good), ("DELETE", "")] {
                let answer = await node.call(method, own, body, as: "Administrator")
                #expect(answer.status == 400 && answer.code == "InvalidUser")
            }
        }
    }

    @Test(arguments: [
        "", "{}", "[1]", #"[{"userId":"x","assignedRole":"Reader"}]"#,
        #"[{"userId":"00","assignedRole":"Owner"}]"#,
    ])
    func damagedUsersFileIsRefused(_ text: String) async throws {
        try await withTemporaryFolder { url in
            let file = url.appendingPathComponent("users.json")
            try Data(text.utf8).write(to: file)
            #expect(throws: FileError.self) {
                try Users(file: file, administrator: SHA256.hash())
            }
        }
    }

    @Test func governanceAndIdentity() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            let rule = await node.call("GET", "/app/governance/constitution")
            let script = try #require(rule.text("script"))
            #expect(rule.text("digest") == "\(SHA256.hash(Array(script.utf8)))")
            let members = await node.call("GET", "/app/governance/members")
            let ids = (members.object["members"] as? [[String: String]])?.compactMap { $0["id"] }
            #expect(ids == MemoryLedger.names)
            let quotes = await node.call("GET", "/app/enclaveQuotes")
            #expect(quotes.text("currentNodeId") == "\(node.identity.nodeID)")
            let identity = await node.call("GET", "/ledgerIdentity/any%20name", as: nil)
            #expect(identity.text("ledgerId") == "any name")
            #expect(identity.text("ledgerTlsCertificate") == node.identity.service.pem)
        }
    }
}
