import Foundation
import Ledger
import Primitives

/// The transactions and collections of Azure Confidential Ledger.
///
/// Transaction `2.N` is entry N − 1 of the log. Ledger entries, in Azure's sense, are our notes;
/// the log's other entries have a status and a receipt, but no contents to show.
struct LedgerRoutes: Sendable {
    static let pageCount = 100
    static let maxCollections = 5000

    let ledger: any LedgerService
    let identity: ServiceIdentity
    let postTime: Duration

    private struct Note: Encodable {
        let collectionId, contents, transactionId: String

        init(_ note: LedgerNote) {
            (collectionId, contents) = (note.collection, note.contents)
            transactionId = ConfidentialReceipt.transactionID(note.index)
        }
    }

    var routes: [Route] {
        let collection = Route.Parameter(
            name: "collectionId", description: "The collection; subledger:0 if none is named.")
        return [
            Route(
                "POST", "/app/transactions", .contributor, "CreateLedgerEntry",
                "Posts a note and waits until all parties have cosigned it.",
                parameters: [collection], takes: ["contents"], .waiting(create)),
            Route(
                "GET", "/app/transactions", .reader, "ListLedgerEntries",
                "The notes of a collection, oldest first, in pages.",
                parameters: [
                    collection,
                    .init(name: "fromTransactionId", description: "The first transaction."),
                    .init(name: "toTransactionId", description: "The last transaction."),
                ], .reading(list)),
            Route(
                "GET", "/app/transactions/current", .reader, "GetCurrentLedgerEntry",
                "The newest note of a collection.", parameters: [collection], .reading(current)),
            Route(
                "GET", "/app/transactions/{transactionId}", .reader, "GetLedgerEntry",
                "One note.", parameters: [collection], .reading(get)),
            Route(
                "GET", "/app/transactions/{transactionId}/status", .reader, "GetTransactionStatus",
                "Whether a transaction is in the cosigned log.", .reading(status)),
            Route(
                "GET", "/app/transactions/{transactionId}/receipt", .reader, "GetReceipt",
                "The receipt of a transaction against the newest cosigned checkpoint.",
                .reading(receipt)),
            Route(
                "GET", "/app/collections", .reader, "ListCollections",
                "The names of all collections, in pages.",
                parameters: [
                    .init(name: "after", description: "The last name of the page before.")
                ], .reading(collections)),
        ]
    }

    // MARK: Posting

    private struct Contents: Decodable {
        let contents: String
    }

    private struct Created: Encodable {
        let collectionId: String
    }

    private func create(_ call: Call) async throws -> NodeResponse {
        guard let note = try? JSONDecoder().decode(Contents.self, from: Data(call.body)) else {
            throw ServiceError.badRequest(
                "InvalidInput", "the body is JSON with the text \"contents\"")
        }
        guard note.contents.utf8.count <= LedgerNote.maxContentsBytes else {
            throw ServiceError.badRequest(
                "EntrySizeCapacityExceeded",
                "contents have at most \(LedgerNote.maxContentsBytes) bytes; store larger ones as a "
                    + "file and post its digest")
        }
        let collection = try checked(call.collection)
        try await Blocking.run { try checkCapacity(collection) }
        do {
            let index = try await ledger.post(
                note.contents, collection: collection, within: postTime)
            return NodeResponse(
                json: Created(collectionId: collection),
                headers: [
                    "x-ms-ccf-transaction-id": ConfidentialReceipt.transactionID(index)
                ])
        } catch let waiting as WaitingForCosigners {
            throw ServiceError(503, "WaitingForCosigners", waiting.description)
        }
    }

    private func checked(_ collection: String) throws(ServiceError) -> String {
        guard collection.utf8.count <= LedgerNote.maxCollectionBytes else {
            throw .badRequest(
                "CollectionIdTooLong",
                "a collection's name has at most \(LedgerNote.maxCollectionBytes) bytes")
        }
        guard !collection.isEmpty, collection.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
            throw .badRequest("InvalidInput", "a collection's name is visible text")
        }
        return collection
    }

    private func checkCapacity(_ collection: String) throws {
        guard try ledger.newestNote(in: collection) == nil else { return }
        guard
            try ledger.collections(after: nil, limit: Self.maxCollections).count
                < Self.maxCollections
        else {
            throw ServiceError.badRequest(
                "CollectionCapacityExceeded",
                "the ledger has \(Self.maxCollections) collections; post to one of them")
        }
    }

    // MARK: Reading

    private struct Page: Encodable {
        let entries: [Note]
        let nextLink: String?
        let state = "Ready"
    }

    private func list(_ call: Call) throws -> NodeResponse {
        let from = try call.query["fromTransactionId"].map(index) ?? 0
        let to = try call.query["toTransactionId"].map(index)
        let collection = try checked(call.collection)
        let notes = try ledger.notes(
            in: collection, from: from, to: to, limit: Self.pageCount + 1)
        let next = notes.count > Self.pageCount ? notes[Self.pageCount].index : nil
        var fields = [("collectionId", collection)]
        if let next {
            fields.append(("fromTransactionId", ConfidentialReceipt.transactionID(next)))
        }
        if let to { fields.append(("toTransactionId", ConfidentialReceipt.transactionID(to))) }
        return NodeResponse(
            json: Page(
                entries: notes.prefix(Self.pageCount).map(Note.init),
                nextLink: next.map { _ in link("/app/transactions", fields, call) }))
    }

    private func current(_ call: Call) throws -> NodeResponse {
        guard let note = try ledger.newestNote(in: checked(call.collection)) else {
            throw ServiceError(404, "ResourceNotFound", "the collection has no entries")
        }
        return NodeResponse(json: Note(note))
    }

    private struct Entry: Encodable {
        let entry: Note
        let state = "Ready"
    }

    private func get(_ call: Call) throws -> NodeResponse {
        let index = try committed(call)
        guard let note = try ledger.note(at: index),
            call.query["collectionId"].map({ $0 == note.collection }) ?? true
        else {
            throw ServiceError(
                404, "ResourceNotFound", "the transaction is no note that is readable here")
        }
        return NodeResponse(json: Entry(entry: Note(note)))
    }

    private struct Status: Encodable {
        let state, transactionId: String
    }

    private func status(_ call: Call) throws -> NodeResponse {
        NodeResponse(
            json: Status(
                state: "Committed",
                transactionId: ConfidentialReceipt.transactionID(try committed(call))))
    }

    private func receipt(_ call: Call) throws -> NodeResponse {
        let index = try committed(call)
        guard let window = try ledger.receiptWindow(at: index),
            let proof = try ledger.inclusionProof(at: index)
        else {
            // The entry is in the log, but no checkpoint covers it yet: clients ask again.
            return NodeResponse(
                json: Status(
                    state: "Loading", transactionId: ConfidentialReceipt.transactionID(index)))
        }
        let receipt = ConfidentialReceipt(
            of: index, note: try ledger.note(at: index), in: window,
            proof: proof.checkpoint == window.checkpoint ? proof : nil, identity: identity)
        return NodeResponse(type: "application/json", try receipt.json)
    }

    private struct Collections: Encodable {
        struct Collection: Encodable {
            let collectionId: String
        }
        let collections: [Collection]
        let nextLink: String?
    }

    private func collections(_ call: Call) throws -> NodeResponse {
        let names = try ledger.collections(
            after: call.query["after"], limit: Self.pageCount + 1)
        let page = names.prefix(Self.pageCount)
        let next = names.count > Self.pageCount ? page.last : nil
        return NodeResponse(
            json: Collections(
                collections: page.map { .init(collectionId: $0) },
                nextLink: next.map { link("/app/collections", [("after", $0)], call) }))
    }

    // MARK: Transaction ids

    /// The index that a transaction id stands for, which need not exist yet.
    private func index(_ id: String) throws(ServiceError) -> Int {
        let parts = id.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[1]), number > 0, number <= 1 << 40,
            ConfidentialReceipt.transactionID(number - 1) == id
        else {
            throw .badRequest("InvalidTransactionId", "a transaction id is 2.N with N from 1")
        }
        return number - 1
    }

    private func committed(_ call: Call) throws -> Int {
        let index = try index(call.path["transactionId"] ?? "")
        guard index < (try ledger.count) else { throw ServiceError.noSuchTransaction }
        return index
    }

    private func link(_ path: String, _ fields: [(String, String)], _ call: Call) -> String {
        let version = [("api-version", call.query["api-version"] ?? "")]
        let query = (version + fields).map { name, value in
            let encoded = value.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
            return "\(name)=\(encoded ?? "")"
        }
        return "\(path)?\(query.joined(separator: "&"))"
    }
}
