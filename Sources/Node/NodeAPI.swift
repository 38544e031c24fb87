import Foundation
public import Ledger
public import Primitives

/// The node's interface: which request means what, and who may make it.
///
/// It knows nothing of sockets, so that every route and refusal can be tested without one.
public struct NodeAPI: Sendable {
    /// The largest body: contents of 8,192 bytes whose every character JSON writes as `\u0000`,
    /// and a collection's name.
    public static let maxBodyBytes = 65_536
    private static let versions = ["2022-05-13", "2024-12-09-preview"]

    let routes: [Route]
    private let users: Users
    private let clock: any ParleyClock
    private let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - postTime: how long a post waits for the other parties' cosignatures.
    ///   - report: takes a line about what failed inside the node; it never holds contents.
    public init(
        ledger: any LedgerService, identity: ServiceIdentity, users: Users,
        postTime: Duration = .seconds(20), clock: any ParleyClock = SystemClock(),
        report: @escaping @Sendable (String) -> Void
    ) {
        (self.users, self.clock, self.report) = (users, clock, report)
        let listed =
            LedgerRoutes(ledger: ledger, identity: identity, postTime: postTime).routes
            + AdministrationRoutes(ledger: ledger, identity: identity, users: users).routes
            + TileRoutes(ledger: ledger).routes
            + [
                Route(
                    "GET", "/healthz", nil, "GetHealth",
                    "Whether the node can read its ledger.",
                    .reading { _ in NodeResponse(json: ["entries": try ledger.count]) })
            ]
        let description = OpenAPI.document(of: listed)
        routes =
            listed + [
                Route(
                    "GET", "/openapi.json", nil, "GetDescription", "This description.",
                    .reading { _ in description })
            ]
    }

    /// Answers a request; every failure is an answer too.
    public func respond(to request: NodeRequest) async -> NodeResponse {
        do {
            return try await answer(request)
        } catch let refusal as ServiceError {
            return refusal.response
        } catch {
            // Only our own errors are known to quote nothing that a client sent.
            let isOwn = error is LedgerError || error is FileError
            report("\(request.method) failed: \(isOwn ? "\(error)" : "\(type(of: error))")")
            return ServiceError(
                500, "InternalError", "the node cannot read or write its ledger; see its log"
            ).response
        }
    }

    private func answer(_ request: NodeRequest) async throws -> NodeResponse {
        // 1. Which route is it?
        guard let target = Target(request.target) else {
            throw ServiceError.badRequest(
                "InvalidInput", "the request's path or query is malformed")
        }
        let found = routes.lazy.compactMap { route in
            route.match(target.path).map { (route: route, parts: $0) }
        }
        guard let (route, parts) = found.first(where: { $0.route.method == request.method }) else {
            let methods = Set(found.map(\.route.method)).sorted().joined(separator: ", ")
            guard !methods.isEmpty else {
                throw ServiceError(404, "NotFound", "the node has no such path; see /openapi.json")
            }
            var response = ServiceError(
                405, "MethodNotAllowed", "this path answers to \(methods)"
            ).response
            response.headers["allow"] = methods
            return response
        }
        // 2. May the client make it?
        if let role = route.role { try authorize(request.certificate, role) }
        // 3. Is it in a form that we know?
        if route.isVersioned {
            guard let version = target.query["api-version"], Self.versions.contains(version) else {
                throw ServiceError.badRequest(
                    "UnsupportedApiVersion",
                    "api-version is one of \(Self.versions.joined(separator: " and "))")
            }
        }
        guard request.body.count <= Self.maxBodyBytes else {
            throw ServiceError(
                413, "RequestBodyTooLarge", "a body has at most \(Self.maxBodyBytes) bytes")
        }
        // 4. The answer.
        let call = Call(
            path: parts.names, rest: parts.rest, query: target.query, body: request.body)
        switch route.answer {
        case .reading(let body): return try await Blocking.run { try body(call) }
        case .waiting(let body): return try await body(call)
        }
    }

    private func authorize(
        _ certificate: Certificate?, _ needed: Role
    ) throws(ServiceError) {
        guard let certificate else {
            throw ServiceError(
                401, "InvalidAuthenticationInfo", "this path needs a client certificate")
        }
        guard let role = users.role(of: certificate.fingerprint),
            certificate.isValid(at: clock.wallSeconds)
        else {
            throw ServiceError(
                401, "InvalidAuthenticationInfo",
                "the client certificate is not one of a user, or not valid at this time; ask an "
                    + "administrator of this node to add it")
        }
        guard role >= needed else {
            throw ServiceError(
                403, "Forbidden",
                "this needs the role \(needed.rawValue); the certificate has \(role.rawValue)")
        }
    }
}
