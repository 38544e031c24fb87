import Foundation
import Ledger
import Primitives

/// Users, governance and the node's identity, as Azure Confidential Ledger has them.
struct AdministrationRoutes: Sendable {
    let ledger: any LedgerService
    let identity: ServiceIdentity
    let users: Users

    var routes: [Route] {
        [
            Route(
                "GET", "/app/users/{userId}", .administrator, "GetUser",
                "The role of the owner of a certificate.", .reading(user)),
            Route(
                "PATCH", "/app/users/{userId}", .administrator, "CreateOrUpdateUser",
                "Gives the owner of a certificate a role.", takes: ["assignedRole"],
                .reading(assign)),
            Route(
                "DELETE", "/app/users/{userId}", .administrator, "DeleteUser",
                "Takes the role away.", status: 204, .reading(remove)),
            Route(
                "GET", "/app/governance/constitution", .reader, "GetConstitution",
                "The rule by which the members decide, and its digest.", .reading(constitution)),
            Route(
                "GET", "/app/governance/members", .reader, "ListConsortiumMembers",
                "The parties and their certificates.", .reading(members)),
            Route(
                "GET", "/app/enclaveQuotes", .reader, "GetEnclaveQuotes",
                "No quotes: secrecy comes from the computation, not from an enclave.",
                .reading(quotes)),
            Route(
                "GET", "/ledgerIdentity/{ledgerId}", nil, "GetLedgerIdentity",
                "The service certificate that clients are to trust, once they have compared it.",
                .reading(ledgerIdentity)),
        ]
    }

    // MARK: Users

    private func id(_ call: Call) throws(ServiceError) -> Digest {
        guard let id = Users.fingerprint(call.path["userId"] ?? "") else {
            throw .badRequest(
                "InvalidInput", "a user is named by its certificate's SHA-256 fingerprint, AB:CD:…")
        }
        return id
    }

    private func user(_ call: Call) throws -> NodeResponse {
        guard let user = users.user(try id(call)) else {
            throw ServiceError(404, "ResourceNotFound", "the node does not know this user")
        }
        return NodeResponse(json: user)
    }

    private struct Assignment: Decodable {
        let assignedRole: Role
    }

    private func assign(_ call: Call) throws -> NodeResponse {
        let id = try id(call)
        guard let body = try? JSONDecoder().decode(Assignment.self, from: Data(call.body)) else {
            throw ServiceError.badRequest(
                "InvalidInput",
                "the body is JSON with \"assignedRole\": Administrator, Contributor or Reader")
        }
        return NodeResponse(json: try users.assign(body.assignedRole, to: id))
    }

    private func remove(_ call: Call) throws -> NodeResponse {
        try users.remove(try id(call))
        return .empty
    }

    // MARK: Governance

    private struct Constitution: Encodable {
        let digest, script: String
    }

    private func constitution(_ call: Call) throws -> NodeResponse {
        let text = try ledger.constitution()
        return NodeResponse(
            json: Constitution(digest: SHA256.hash(Array(text.utf8)).hex, script: text))
    }

    private struct Members: Encodable {
        struct Member: Encodable {
            let certificate, id: String
        }
        let members: [Member]
    }

    private func members(_ call: Call) throws -> NodeResponse {
        NodeResponse(
            json: Members(
                members: try ledger.members().map {
                    .init(certificate: $0.certificate, id: $0.name)
                }
            ))
    }

    private struct Quotes: Encodable {
        struct Quote: Encodable {
            let nodeId: String
            let quoteVersion = "none"
            let raw = ""
        }
        let currentNodeId: String
        let enclaveQuotes: [String: Quote]
    }

    private func quotes(_ call: Call) -> NodeResponse {
        let id = identity.nodeID.hex
        return NodeResponse(
            json: Quotes(currentNodeId: id, enclaveQuotes: [id: .init(nodeId: id)]))
    }

    private struct Identity: Encodable {
        let ledgerId, ledgerTlsCertificate: String
    }

    private func ledgerIdentity(_ call: Call) -> NodeResponse {
        NodeResponse(
            json: Identity(
                ledgerId: call.path["ledgerId"] ?? "",
                ledgerTlsCertificate: identity.service.pem))
    }
}
