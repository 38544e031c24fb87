import Foundation
import Networking
import Runner

/// The demo's folder: one for each member, the roster, the script.
struct DemoFolder {
    let url: URL
    static let dealerName = "dealer"

    init(_ url: URL) { self.url = url }

    var roster: URL { url.appending(path: "roster.json") }
    var script: URL { url.appending(path: "script.parley") }
    private var mark: URL { url.appending(path: ".parley-demo") }

    func member(_ name: String) -> PartyDirectory { PartyDirectory(url.appending(path: name)) }

    /// Makes the folder anew; only one that an earlier demo made is replaced.
    func create() throws(RunFailure) {
        let files = FileManager.default
        do {
            if files.fileExists(atPath: url.path) {
                guard files.fileExists(atPath: mark.path) else {
                    throw RunFailure(
                        .cannotCreate,
                        "\(url.path) exists and is not an earlier demo; choose --directory")
                }
                try files.removeItem(at: url)
            }
            try files.createDirectory(at: url, withIntermediateDirectories: true)
            try Data().write(to: mark)
        } catch let failure as RunFailure {
            throw failure
        } catch {
            throw RunFailure(.cannotCreate, "\(url.path): \(error.localizedDescription)")
        }
    }

    /// Identities of all members on free loopback ports, and their roster.
    func makeRoster(parties: [String], withDealer: Bool) throws -> Roster {
        let names = parties + (withDealer ? [Self.dealerName] : [])
        let members = try zip(names, FreePorts.take(names.count)).map { name, port in
            try member(name).createIdentity(name: name, host: "127.0.0.1", port: port, days: 30)
        }
        let roster = try Roster(
            parties: Array(members.prefix(parties.count)), dealer: withDealer ? members.last : nil)
        try Data(roster.text.utf8).write(to: self.roster, options: .atomic)
        return roster
    }
}

/// Ports of the loopback interface that nobody uses at the moment, below those that the system
/// hands out to callers.
enum FreePorts {
    static func take(_ count: Int) -> [Int] {
        let first = Int.random(in: 20_000..<29_000)
        return Array((first..<32_000).lazy.filter(isFree).prefix(count))
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // The call sees the local variable for its own duration only.
        return unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
