extension ScriptSyntax {
    /// The same script among other parties: each of them takes the place of a bank.
    ///
    /// For three or more at most a minority is corrupt, for two one of them.
    ///
    /// - Returns: nil if parties other than banks have roles of their own.
    public func among(_ names: [String]) -> Self? {
        guard let bank = header.parties.first(where: { $0.roles.contains(.bank) }),
            header.parties.allSatisfy({ $0.roles == bank.roles || $0.roles == [.observer] }),
            let security = header.security
        else { return nil }
        var result = self
        result.header.parties =
            names.map { PartySyntax(name: Name($0, bank.name.range), roles: bank.roles) }
            + header.parties.filter { $0.roles == [.observer] }
        result.header.security = SecuritySyntax(
            isMalicious: security.isMalicious, corrupt: max(1, (names.count - 1) / 2),
            of: names.count, range: security.range)
        return result
    }
}
