import Foundation
public import Primitives

/// A request as the interface sees it, apart from how it was carried.
public struct NodeRequest: Sendable {
    /// In upper case, such as `GET`.
    public let method: String
    /// Path and query as the client wrote them.
    public let target: String
    /// The whole body.
    public let body: [UInt8]
    /// The client's certificate, whose key TLS proved that it has.
    public let certificate: Certificate?

    public init(
        method: String, target: String, body: [UInt8] = [], certificate: Certificate? = nil
    ) {
        (self.method, self.target, self.body) = (method, target, body)
        self.certificate = certificate
    }
}

/// An answer, apart from how it is carried.
public struct NodeResponse: Sendable, Hashable {
    public let status: Int
    /// Names in lower case.
    public var headers: [String: String]
    public let body: [UInt8]

    init(status: Int = 200, type: String, _ body: [UInt8], headers: [String: String] = [:]) {
        (self.status, self.body) = (status, body)
        self.headers = headers.merging(
            ["content-type": type, "x-content-type-options": "nosniff"]
        ) { own, _ in own }
    }

    /// A value as JSON.
    init(status: Int = 200, json value: some Encodable, headers: [String: String] = [:]) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Values here are strings and numbers, which always have a JSON form.
        let body = (try? encoder.encode(value)).map(Array.init) ?? []
        self.init(status: status, type: "application/json", body, headers: headers)
    }

    /// Nothing, with status 204.
    static let empty = NodeResponse(status: 204, headers: [:], body: [])

    private init(status: Int, headers: [String: String], body: [UInt8]) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }
}

/// A refusal in the shape of Azure's services: `{"error":{"code":…,"message":…}}`.
public struct ServiceError: Error, Hashable, Sendable {
    public let status: Int
    public let code: String
    /// What happened and what to do, in a sentence.
    public let message: String

    init(_ status: Int, _ code: String, _ message: String) {
        (self.status, self.code, self.message) = (status, code, message)
    }

    static func badRequest(_ code: String, _ message: String) -> ServiceError {
        ServiceError(400, code, message)
    }

    static let noSuchTransaction = ServiceError(
        404, "InvalidTransactionId", "the ledger has no transaction with this id")

    private struct Document: Encodable {
        struct Part: Encodable {
            let code, message: String
        }
        let error: Part
    }

    var response: NodeResponse {
        NodeResponse(status: status, json: Document(error: .init(code: code, message: message)))
    }
}
