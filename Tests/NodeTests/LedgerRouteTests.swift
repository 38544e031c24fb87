import Foundation
import Ledger
import LedgerFixture
import Node
import Primitives
import Testing

@Suite struct LedgerRouteTests {
    @Test func postedNoteIsReadBack() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            let posted = await node.post("first \"\u{e9}\"")
            #expect(posted.status == 200 && posted.text("collectionId") == "subledger:0")
            #expect(posted.headers["x-ms-ccf-transaction-id"] == "2.1")
            #expect((await node.post("private", "a,b")).text("collectionId") == "a,b")
            let read = await node.call("GET", "/app/transactions/2.1", as: "Reader")
            #expect(read.text("state") == "Ready")
            let entry = try #require(read.object["entry"] as? [String: String])
            #expect(
                entry == [
                    "collectionId": "subledger:0", "contents": "first \"\u{e9}\"",
                    "transactionId": "2.1",
                ])
            let current = await node.call("GET", "/app/transactions/current")
            #expect(current.text("contents") == "first \"\u{e9}\"")
            let other = await node.call("GET", "/app/transactions/current?collectionId=a%2Cb")
            #expect(other.text("transactionId") == "2.2")
            let status = await node.call("GET", "/app/transactions/2.2/status")
            #expect(status.text("state") == "Committed" && status.text("transactionId") == "2.2")
            // In another collection it is not.
            let elsewhere = await node.call("GET", "/app/transactions/2.1?collectionId=a%2Cb")
            #expect(elsewhere.status == 404)
        }
    }

    @Test func listsComeInPages() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            for index in 0..<230 {
                _ = await node.post("\(index)", index % 23 == 22 ? "other one" : nil)
            }
            func all(_ first: String) async -> [String] {
                var (link, contents) = (first as String?, [String]())
                while let target = link {
                    let page = await node.call("GET", target, as: "Reader")
                    guard page.text("state") == "Ready",
                        let entries = page.object["entries"] as? [[String: String]]
                    else { break }
                    #expect(entries.count <= 100)
                    contents += entries.compactMap { $0["contents"] }
                    link = page.text("nextLink")
                }
                return contents
            }
            let expected = (0..<230).filter { $0 % 23 != 22 }.map(String.init)
            #expect(await all("/app/transactions") == expected)
            #expect(
                await all("/app/transactions?fromTransactionId=2.31&toTransactionId=2.203")
                    == expected.filter { (30...202).contains(Int($0) ?? 0) })
            #expect(await all("/app/transactions?collectionId=other+one").count == 10)
            #expect(await all("/app/transactions?collectionId=none").isEmpty)
        }
    }

    @Test func collectionsComeInPages() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            let names = (100..<250).map { "c \($0)&" }
            for name in names {
                _ = try await node.ledger.post("x", collection: name, within: .seconds(1))
            }
            var (link, found) = ("/app/collections" as String?, [String]())
            while let target = link {
                let page = await node.call("GET", target)
                let part = page.object["collections"] as? [[String: String]] ?? []
                found += part.compactMap { $0["collectionId"] }
                link = page.text("nextLink")
            }
            #expect(found == names)
        }
    }

    @Test func limitsOfPosts() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            #expect((await node.post(String(repeating: "x", count: 8192))).status == 200)
            #expect((await node.post(String(repeating: "\u{1}", count: 8192))).status == 200)
            let long = await node.post(String(repeating: "x", count: 8193))
            #expect(long.status == 400 && long.code == "EntrySizeCapacityExceeded")
            let wide = await node.post(String(repeating: "\u{e9}", count: 4097))
            #expect(wide.code == "EntrySizeCapacityExceeded")
            #expect((await node.post("x", String(repeating: "c", count: 256))).status == 200)
            let name = await node.post("x", String(repeating: "c", count: 257))
            #expect(name.status == 400 && name.code == "CollectionIdTooLong")
            #expect((await node.post("x", "")).code == "InvalidInput")
            #expect((await node.post("x", "a%0Ab")).code == "InvalidInput")
            for body in ["", "{}", "[]", "null", #"{"contents":1}"#, #"{"contents":"x""#] {
                #expect(
                    (await node.call("POST", "/app/transactions", body)).code == "InvalidInput")
            }
            let huge = await node.call(
                "POST", "/app/transactions", String(repeating: " ", count: 65_537))
            #expect(huge.status == 413 && huge.code == "RequestBodyTooLarge")
            #expect(node.ledger.count == 3)
        }
    }

    @Test func collectionsAreLimited() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            node.ledger.post(collections: 5000)
            let refused = await node.post("x", "one-more")
            #expect(refused.status == 400 && refused.code == "CollectionCapacityExceeded")
            #expect((await node.post("x", "c17")).status == 200)
        }
    }

    @Test func missingCosignersAreNamed() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            node.ledger.wait(for: ["bank-b", "bank-c"])
            let answer = await node.post("x")
            #expect(answer.status == 503 && answer.code == "WaitingForCosigners")
            let error = answer.object["error"] as? [String: String]
            #expect(error?["message"]?.contains("bank-b, bank-c") == true)
        }
    }

    @Test func unknownTransactions() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            node.ledger.append(Array("a run".utf8))
            for suffix in ["", "/status", "/receipt"] {
                let missing = await node.call("GET", "/app/transactions/2.999\(suffix)")
                #expect(missing.status == 404 && missing.code == "InvalidTransactionId")
                for id in ["2.0", "2.-1", "2.01", "3.1", "2", "x", "2.1.1", "2.99999999999999"] {
                    let bad = await node.call("GET", "/app/transactions/\(id)\(suffix)")
                    #expect(bad.status == 400 && bad.code == "InvalidTransactionId")
                }
            }
            // An entry that is no note has no contents, but a status and a receipt.
            #expect((await node.call("GET", "/app/transactions/2.1")).code == "ResourceNotFound")
            #expect((await node.call("GET", "/app/transactions/2.1/status")).status == 200)
            let receipt = await node.call("GET", "/app/transactions/2.1/receipt")
            #expect(receipt.object["applicationClaims"] == nil)
            let read = try ConfidentialReceipt(parsing: receipt.body)
            try read.verify(
                service: node.identity.service, at: SystemClock().wallSeconds)
            #expect((await node.call("GET", "/app/transactions/current")).status == 404)
        }
    }

    @Test func receiptsVerify() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            for index in 0..<5 { _ = await node.post("contents \(index)") }
            let identity = await node.call("GET", "/ledgerIdentity/x", as: nil)
            let service = try Certificate(pem: #require(identity.text("ledgerTlsCertificate")))
            for index in 0..<5 {
                let answer = await node.call("GET", "/app/transactions/2.\(index + 1)/receipt")
                let receipt = try ConfidentialReceipt(parsing: answer.body)
                let proof = try receipt.verify(service: service, at: SystemClock().wallSeconds)
                #expect(receipt.index == index && proof?.size == 5)
                #expect(answer.object["applicationClaims"] != nil)
            }
        }
    }
}
