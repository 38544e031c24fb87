import Foundation
import Networking
import Runner

/// The demo's folder: one for each member, the roster, the watch-list.
struct DemoFolder {
    let url: URL
    static let dealerName = "dealer"

    init(_ url: URL) { self.url = url }

    var roster: URL { url.appending(path: "roster.json") }
    var watchlist: URL { url.appending(path: "watchlist.csv") }
    private var mark: URL { url.appending(path: ".parley-demo") }

    func member(_ name: String) -> PartyDirectory { PartyDirectory(url.appending(path: name)) }
    func transfers(_ name: String) -> URL { url.appending(path: "\(name)/transfers.csv") }

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
    func makeRoster(banks: [String]) throws -> Roster {
        let ports = FreePorts.take(banks.count + 1)
        let members = try zip(banks + [Self.dealerName], ports).map { name, port in
            try member(name).createIdentity(name: name, host: "127.0.0.1", port: port, days: 30)
        }
        let roster = try Roster(parties: Array(members.dropLast()), dealer: members.last)
        try Data(roster.text.utf8).write(to: self.roster, options: .atomic)
        return roster
    }
}

/// Ports of the loopback interface that nobody uses at the moment.
enum FreePorts {
    static func take(_ count: Int) -> [Int] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            // Both calls see the local variable for their own duration only.
            unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    _ = unsafe bind(descriptor, generic, length)
                    _ = unsafe getsockname(descriptor, generic, &length)
                }
            }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}
