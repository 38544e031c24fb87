/// Places the boxes of a data flow in layers from above to below.
///
/// The steps of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
/// structures" (1981): layers by the longest path, places where long lines pass, an order in each
/// layer by the mean place of neighbours, then coordinates.
struct FlowLayout {
    /// A box, or where a line passes a layer.
    struct Place {
        /// The node; nil where a line passes.
        let node: Int?
        let layer: Int
        let width: Double
        var above: [Int] = []
        var below: [Int] = []
        /// Of its middle.
        var x = 0.0
    }

    private(set) var places: [Place] = []
    private(set) var layers: [[Int]] = []
    /// Each line from a box to a box, through the places between.
    private(set) var lines: [[Int]] = []

    private static let gap = 26.0
    private static let passing = 14.0
    private static let sweeps = 12

    init(_ flow: DataFlow, widths: [Double]) {
        // 1. Layers: behind everything that a node takes; what is told comes last.
        var layer = flow.nodes.map { _ in 0 }
        for node in flow.nodes.indices {
            layer[node] = flow.sources[node].map { layer[$0] + 1 }.max() ?? 0
        }
        let last = layer.max() ?? 0
        for node in flow.nodes.indices where flow.nodes[node].kind == .told { layer[node] = last }
        // A table stands just above what takes it first.
        for node in flow.nodes.indices where flow.nodes[node].kind == .given {
            let users = flow.nodes.indices.filter { flow.sources[$0].contains(node) }
            layer[node] = max(0, (users.map { layer[$0] }.min() ?? 1) - 1)
        }
        layers = Array(repeating: [], count: last + 1)
        for node in flow.nodes.indices {
            add(Place(node: node, layer: layer[node], width: widths[node]))
        }

        // 2. Lines, with a place in each layer that they pass.
        for node in flow.nodes.indices {
            for source in flow.sources[node] {
                var line = [source]
                for between in (layer[source] + 1)..<max(layer[source] + 1, layer[node]) {
                    add(Place(node: nil, layer: between, width: Self.passing))
                    line.append(places.count - 1)
                }
                line.append(node)
                for (upper, lower) in zip(line, line.dropFirst()) {
                    places[upper].below.append(lower)
                    places[lower].above.append(upper)
                }
                lines.append(line)
            }
        }

        // 3. Order and coordinates, down and up in turn.
        for layer in layers.indices { spread(layer, towards: layers[layer].map { _ in 0 }) }
        for sweep in 0..<Self.sweeps {
            let isDown = sweep.isMultiple(of: 2)
            for layer in isDown ? Array(layers.indices) : layers.indices.reversed() {
                let wanted = layers[layer].map { place in
                    let near = isDown ? places[place].above : places[place].below
                    return near.isEmpty
                        ? places[place].x
                        : near.reduce(0) { $0 + places[$1].x } / Double(near.count)
                }
                let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
                layers[layer] = order.map { layers[layer][$0] }
                spread(layer, towards: order.map { wanted[$0] })
            }
        }
    }

    private mutating func add(_ place: Place) {
        places.append(place)
        layers[place.layer].append(places.count - 1)
    }

    /// Puts a layer's places side by side, as near as can be to where they want to be.
    private mutating func spread(_ layer: Int, towards wanted: [Double]) {
        var (x, right): ([Double], Double) = ([], -.infinity)
        for (place, want) in zip(layers[layer], wanted) {
            let half = places[place].width / 2
            x.append(max(want, right + Self.gap + half))
            right = x[x.count - 1] + half
        }
        let shift = zip(wanted, x).reduce(0) { $0 + $1.0 - $1.1 } / Double(max(1, x.count))
        for (place, x) in zip(layers[layer], x) { places[place].x = x + shift }
    }

    /// From the left edge of the leftmost place to the right edge of the rightmost.
    var extent: (left: Double, right: Double) {
        (
            places.map { $0.x - $0.width / 2 }.min() ?? 0,
            places.map { $0.x + $0.width / 2 }.max() ?? 0
        )
    }
}
