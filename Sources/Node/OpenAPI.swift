import Foundation

/// The interface's description, made of the routes themselves: OpenAPI 3.0,
/// <https://spec.openapis.org/oas/v3.0.3>.
enum OpenAPI {
    static func document(of routes: [Route]) -> NodeResponse {
        var paths: [String: [String: Operation]] = [:]
        for route in routes {
            let path = "/" + route.pattern.map { $0 == "*" ? "{tile}" : $0 }.joined(separator: "/")
            paths[path, default: [:]][route.method.lowercased()] = Operation(route)
        }
        return NodeResponse(json: Document(paths: paths))
    }

    private struct Document: Encodable {
        struct Info: Encodable {
            let title = "parley-node"
            let version = "2022-05-13"
            let description =
                "A party's ledger: the REST interface of Azure Confidential Ledger, and the log as "
                + "C2SP tiles. A tile's number may itself contain slashes."
        }
        struct Components: Encodable {
            let securitySchemes = ["certificate": Scheme()]
            let schemas = ["Error": Schema.error]
        }
        let openapi = "3.0.3"
        let info = Info()
        let paths: [String: [String: Operation]]
        let components = Components()
    }

    private struct Scheme: Encodable {
        let type = "http"
        let scheme = "mutual"
        let description = "TLS with a client certificate that an administrator gave a role."
    }

    private struct Schema: Encodable {
        var type: String?
        var properties: [String: Schema]?
        var required: [String]?
        var reference: String?

        enum CodingKeys: String, CodingKey {
            case type, properties, required
            case reference = "$ref"
        }

        static let text = Schema(type: "string")

        static func texts(_ names: [String]) -> Schema {
            Schema(
                type: "object", properties: .init(uniqueKeysWithValues: names.map { ($0, text) }),
                required: names)
        }

        static var error: Schema {
            Schema(
                type: "object", properties: ["error": texts(["code", "message"])],
                required: ["error"])
        }
    }

    private struct Content: Encodable {
        var schema: Schema?
    }

    private struct Answer: Encodable {
        let description: String
        var content: [String: Content]?
    }

    private struct Body: Encodable {
        let required = true
        let content: [String: Content]
    }

    private struct Parameter: Encodable {
        let name: String
        let place: String
        let required: Bool
        let description: String?
        let schema = Schema.text

        enum CodingKeys: String, CodingKey {
            case name, required, description, schema
            case place = "in"
        }
    }

    private struct Operation: Encodable {
        let operationId: String
        let summary: String
        let parameters: [Parameter]
        let requestBody: Body?
        let responses: [String: Answer]
        let security: [[String: [String]]]

        init(_ route: Route) {
            operationId = route.operation
            summary =
                route.role.map { "\(route.summary) Role: \($0.rawValue)." } ?? route.summary
            let inPath = route.pattern.filter { $0.hasPrefix("{") }
                .map { String($0.dropFirst().dropLast()) }
            let version =
                route.isVersioned
                ? [
                    Parameter(
                        name: "api-version", place: "query", required: true,
                        description: "2022-05-13 or 2024-12-09-preview.")
                ] : []
            parameters =
                (inPath + (route.pattern.last == "*" ? ["tile"] : [])).map {
                    Parameter(name: $0, place: "path", required: true, description: nil)
                } + version
                + route.parameters.map {
                    Parameter(
                        name: $0.name, place: "query", required: false,
                        description: $0.description)
                }
            let type = route.method == "PATCH" ? "application/merge-patch+json" : "application/json"
            requestBody = route.takes.map {
                Body(content: [type: Content(schema: .texts($0))])
            }
            let refusal = Answer(
                description: "Refused; code and message say why.",
                content: [
                    "application/json": Content(
                        schema: Schema(reference: "#/components/schemas/Error"))
                ])
            responses = [
                "\(route.status)": Answer(
                    description: "As asked.",
                    content: route.status == 204 ? nil : [route.produces: Content()]),
                "default": refusal,
            ]
            security = route.role == nil ? [] : [["certificate": []]]
        }
    }
}
