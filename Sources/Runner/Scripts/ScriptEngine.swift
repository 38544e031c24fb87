public import Script

/// On what a script is tried: in the clear, or on an engine whose parties are threads here.
public enum SimulationEngine: String, CaseIterable, Sendable {
    case plain, replicated3
    case additiveOT = "additive-ot"
}

extension CheckedScript {
    /// The computing parties, in order.
    public var computingParties: [String] { Array(program.parties.prefix(program.computing)) }

    /// The cheapest protocol that is safe against whom the script names.
    public var protocolChoice: ProtocolChoice {
        let isMinority = 2 * security.corrupt < security.of
        return isMinority && security.of == 3 ? .replicated3 : .additiveOT
    }
}
