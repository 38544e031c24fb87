import Foundation

extension CostEstimate {
    /// A table for people: a line for each operator, then the sums.
    ///
    /// - Parameter speed: with it, and a link, each line has its seconds.
    public func text(on link: Link? = nil, speed: MachineSpeed? = nil) -> String {
        let lines =
            rows.map { ($0.name, $0.cost) } + [
                ("total", total), ("of it preprocessing", preprocessing), ("of it online", online),
            ]
        let width = lines.reduce(8) { max($0, $1.0.count) }
        func line(_ name: String, _ cells: [String]) -> String {
            let padded = cells.map { String(repeating: " ", count: max(0, 14 - $0.count)) + $0 }
            return name + String(repeating: " ", count: width - name.count) + padded.joined()
        }
        var header = ["rounds", "bytes sent", "bytes of all"]
        if link != nil, speed != nil { header.append("seconds") }
        let body = lines.map { name, cost in
            var cells = [cost.rounds, cost.largestBytesSent, cost.totalBytesSent].map(String.init)
            if let link, let speed {
                cells.append(String(format: "%.3f", cost.seconds(on: link, speed: speed)))
            }
            return line(name, cells)
        }
        return ([line("operator", header)] + body).joined(separator: "\n")
            + "\nmemory about \(memory >> 20) MiB of shares at a party; bytes sent are those of the "
            + "participant that sends most\n"
    }
}
