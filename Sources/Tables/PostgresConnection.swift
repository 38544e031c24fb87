import Foundation

/// A connection to a PostgreSQL server in a transaction that changes nothing.
@safe struct PostgresConnection: ~Copyable {
    private let library: LibPQ
    private let handle: OpaquePointer

    /// Connects and begins.
    ///
    /// Texts come in UTF-8, dates in ISO 8601, moments in UTC, and a statement is given up after half
    /// an hour. What the server remarks is not shown: it may quote rows.
    ///
    /// - Throws: ``Refusal`` with the server's or the library's words.
    static func open(_ address: PostgresAddress, _ library: LibPQ) throws(Refusal) -> Self {
        guard let handle = unsafe library.connect(address.parameters) else {
            throw Refusal("cannot be connected to: no memory")
        }
        let connection = unsafe Self(library, handle)
        try connection.beginTransaction()
        return connection
    }

    /// - Parameter handle: from now on this connection's.
    private init(_ library: LibPQ, _ handle: OpaquePointer) {
        unsafe (self.library, self.handle) = (library, handle)
        _ = unsafe library.silence(handle, { _, _ in }, nil)
    }

    private func beginTransaction() throws(Refusal) {
        guard unsafe library.status(handle) == Self.isConnected else {
            throw Refusal(
                "cannot be connected to: \(failure()); check the address, and the password in "
                    + "PGPASSWORD or ~/.pgpass")
        }
        for statement in [
            "BEGIN READ ONLY", "SET LOCAL datestyle = ISO", "SET LOCAL timezone = 'UTC'",
            "SET LOCAL extra_float_digits = 1", "SET LOCAL statement_timeout = '30min'",
        ] {
            guard let result = unsafe PostgresResult(library.execute(handle, statement), library)
            else { throw refusal(nil) }
            guard result.status == .done else { throw refusal(result.failure) }
        }
    }

    deinit { unsafe library.finish(handle) }

    /// Sends one statement, whose rows ``next()`` gives; more than one is an error.
    func send(_ query: String) throws(Refusal) {
        guard unsafe library.send(handle, query, 0, nil, nil, nil, nil, 0) == 1,
            unsafe library.oneRowAtATime(handle) == 1
        else { throw Refusal("PostgreSQL: \(failure()); check the query") }
    }

    /// One row, or after the last row the result without rows; nil when nothing follows.
    func next() throws(Refusal) -> PostgresResult? {
        guard let result = unsafe PostgresResult(library.next(handle), library) else { return nil }
        switch result.status {
        case .row, .rows: return result
        case .done: throw Refusal("PostgreSQL: gives no rows; write a SELECT")
        case .failed: throw refusal(result.failure)
        }
    }

    /// - Parameter words: the server's.
    private func refusal(_ words: String?) -> Refusal {
        Refusal("PostgreSQL: \(words ?? failure()); check the query")
    }

    /// What the library says of the connection.
    private func failure() -> String {
        unsafe library.message(handle).map { unsafe PostgresResult.shown(String(cString: $0)) }
            ?? "no reason given"
    }

    /// `CONNECTION_OK`.
    private static let isConnected: CInt = 0
}

/// What the server answered: a row, an end, or an error.
@safe struct PostgresResult: ~Copyable {
    /// Of `ExecStatusType` in `libpq-fe.h` what matters here.
    enum Status { case done, rows, row, failed }

    private let library: LibPQ
    private let handle: OpaquePointer

    init?(_ handle: OpaquePointer?, _ library: LibPQ) {
        guard let handle = unsafe handle else { return nil }
        unsafe (self.handle, self.library) = (handle, library)
    }

    deinit { unsafe library.clear(handle) }

    var status: Status {
        switch unsafe library.resultStatus(handle) {
        case 2: .rows
        case 9: .row
        case 5, 7: .failed
        default: .done
        }
    }

    /// The server's words, unless they may quote a cell.
    ///
    /// Errors of class 22 (data exception), 23 (constraint) and P0 (raised by a function) quote cells: of
    /// these there is the code alone.
    var failure: String? {
        guard let code = field("C") else { return nil }
        let quotesCells = ["22", "23", "P0"].contains(String(code.prefix(2)))
        return quotesCells
            ? "error \(code), which may be due to what a cell holds" : field("M")
    }

    /// One of the error's parts: `C` its code, `M` its message, as the protocol names them.
    private func field(_ name: Unicode.Scalar) -> String? {
        unsafe library.field(handle, CInt(name.value)).map {
            unsafe Self.shown(String(cString: $0))
        }
    }

    /// One printable line.
    static func shown(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(400).map { scalar in
            CharacterSet.whitespacesAndNewlines.contains(scalar)
                ? " " : scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? "?" : scalar
        }
        return String(String.UnicodeScalarView(scalars)).trimmingCharacters(in: .whitespaces)
    }

    // MARK: A row

    var hasRow: Bool { unsafe library.rowCount(handle) == 1 }

    var columns: [(name: String, type: UInt32)] {
        let count = unsafe library.columnCount(handle)
        return (0..<count).map { index in
            let name = unsafe library.columnName(handle, index).map { unsafe String(cString: $0) }
            return (name ?? "", unsafe library.columnType(handle, index))
        }
    }

    /// The bytes of a cell as text; nil if it is NULL.
    func cell(_ column: Int) -> [UInt8]? {
        let column = CInt(column)
        guard unsafe library.isNull(handle, 0, column) == 0,
            let start = unsafe library.value(handle, 0, column)
        else { return nil }
        let count = Int(unsafe library.length(handle, 0, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
