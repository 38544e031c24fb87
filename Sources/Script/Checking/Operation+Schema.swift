package import Analytics

extension Operation {
    /// What comes out, by the same rules as when it runs.
    ///
    /// - Parameters:
    ///   - inputs: the schemas of the program's inputs, with what their owners check.
    ///   - limit: the largest magnitude that the ring can compare.
    package func schema(of tables: [TableSchema], inputs: [TableSchema], limit: Int128)
        throws(AnalyticsError) -> TableSchema
    {
        switch self {
        case .input(let number): return inputs[number]
        case .union(let parts, let origin):
            return try .union(
                parts.map { tables[$0] }, origin: origin.map { ($0.column, $0.labels) })
        case .assumingUnique(let table, let names):
            return try tables[table].distinct(on: names)
        case .filter(let table, let condition):
            return try tables[table].filtered(where: condition, limit: limit)
        case .extend(let table, let columns):
            return try tables[table].extended(
                by: columns.map { ($0.name, $0.expression) }, limit: limit)
        case .project(let table, let columns):
            return try tables[table].projected(to: columns.map { ($0.from, $0.to) })
        case .join(let left, let right, let keys, let kind, let matched):
            return try tables[left].joined(
                with: tables[right], on: keys.map { ($0.left, $0.right) }, kind, matched: matched)
        case .joinMany(let left, let right, let keys, let cap):
            return try tables[left].joinedMany(
                with: tables[right], on: keys.map { ($0.left, $0.right) }, cap: cap)
        case .groupBy(let table, let keys, let aggregates, let groups):
            return try tables[table].grouped(
                by: keys, aggregates.map { ($0.name, $0.aggregate) }, atMost: groups, limit: limit)
        case .groupJoin(let left, let right, let keys, let aggregates):
            return try tables[left].groupJoined(
                with: tables[right], on: keys.map { ($0.left, $0.right) },
                aggregates.map { ($0.name, $0.aggregate) }, limit: limit)
        case .window(let table, let groups, let order, let functions):
            return try tables[table].windowed(
                groups: groups, order: order, functions.map { ($0.name, $0.function) },
                limit: limit)
        case .distinct(let table, let names): return try tables[table].distinct(on: names)
        case .orderBy(let table, let keys, let first):
            return try tables[table].ordered(by: keys, first: first)
        case .limit(let table, let count): return tables[table].limited(to: count)
        case .quantiles(let table, let column, let quantiles):
            return try tables[table].quantiles(
                of: column, quantiles.map { ($0.name, $0.numerator, $0.denominator) }, limit: limit)
        case .broadcast(let table, let row, let columns):
            return try tables[table].broadcast(
                from: tables[row], columns.map { ($0.from, $0.to) })
        case .score(let table, let features, let model, let name):
            return try tables[table].scored(
                features: features, model: tables[model], as: name, limit: limit)
        case .compacted(let table): return tables[table].compacted()
        }
    }

    /// The same on other tables.
    func reading(_ place: (Int) -> Int) -> Self {
        switch self {
        case .input: self
        case .union(let parts, let origin): .union(parts.map(place), origin: origin)
        case .assumingUnique(let table, let names): .assumingUnique(place(table), names)
        case .filter(let table, let condition): .filter(place(table), condition)
        case .extend(let table, let columns): .extend(place(table), columns)
        case .project(let table, let columns): .project(place(table), columns)
        case .join(let left, let right, let keys, let kind, let matched):
            .join(left: place(left), right: place(right), on: keys, kind, matched: matched)
        case .joinMany(let left, let right, let keys, let cap):
            .joinMany(left: place(left), right: place(right), on: keys, cap: cap)
        case .groupBy(let table, let keys, let aggregates, let groups):
            .groupBy(place(table), keys: keys, aggregates, atMost: groups)
        case .groupJoin(let left, let right, let keys, let aggregates):
            .groupJoin(left: place(left), right: place(right), on: keys, aggregates)
        case .window(let table, let groups, let order, let functions):
            .window(place(table), groups: groups, order: order, functions)
        case .distinct(let table, let names): .distinct(place(table), on: names)
        case .orderBy(let table, let keys, let first): .orderBy(place(table), keys, first: first)
        case .limit(let table, let count): .limit(place(table), to: count)
        case .quantiles(let table, let column, let quantiles):
            .quantiles(place(table), of: column, quantiles)
        case .broadcast(let table, let row, let columns):
            .broadcast(place(table), from: place(row), columns)
        case .score(let table, let features, let model, let name):
            .score(place(table), features: features, model: place(model), as: name)
        case .compacted(let table): .compacted(place(table))
        }
    }
}
