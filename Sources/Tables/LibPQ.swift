import Foundation
import Glibc

/// The functions of PostgreSQL's client library that ``PostgresReader`` calls.
///
/// The library is loaded when it is first asked for: without it everything else works. Names and
/// types are those of `libpq-fe.h`, whose interface has number 5 since PostgreSQL 8.0.
@safe struct LibPQ {
    typealias Text = UnsafePointer<CChar>

    let connect: @convention(c) (Text) -> OpaquePointer?
    let status: @convention(c) (OpaquePointer) -> CInt
    let finish: @convention(c) (OpaquePointer) -> Void
    let message: @convention(c) (OpaquePointer) -> Text?
    let silence: @convention(c) (OpaquePointer, Receiver?, OpaquePointer?) -> OpaquePointer?
    let execute: @convention(c) (OpaquePointer, Text) -> OpaquePointer?
    let send:
        @convention(c) (
            OpaquePointer, Text, CInt, OpaquePointer?, OpaquePointer?, OpaquePointer?,
            OpaquePointer?, CInt
        ) -> CInt
    let oneRowAtATime: @convention(c) (OpaquePointer) -> CInt
    let next: @convention(c) (OpaquePointer) -> OpaquePointer?

    let resultStatus: @convention(c) (OpaquePointer) -> CInt
    let field: @convention(c) (OpaquePointer, CInt) -> Text?
    let clear: @convention(c) (OpaquePointer) -> Void
    let rowCount: @convention(c) (OpaquePointer) -> CInt
    let columnCount: @convention(c) (OpaquePointer) -> CInt
    let columnName: @convention(c) (OpaquePointer, CInt) -> Text?
    let columnType: @convention(c) (OpaquePointer, CInt) -> CUnsignedInt
    let isNull: @convention(c) (OpaquePointer, CInt, CInt) -> CInt
    let length: @convention(c) (OpaquePointer, CInt, CInt) -> CInt
    let value: @convention(c) (OpaquePointer, CInt, CInt) -> Text?

    /// Takes the server's notices.
    typealias Receiver = @convention(c) (OpaquePointer?, Text?) -> Void

    /// - Throws: ``Refusal`` if there is no such library here.
    init(file: String) throws(Refusal) {
        guard let library = unsafe dlopen(file, RTLD_NOW | RTLD_LOCAL) else {
            throw Refusal(
                "needs PostgreSQL's client library (\(file)), which is not here; install it: "
                    + "apt install libpq5")
        }
        /// The type of each is what `libpq-fe.h` declares.
        func function<F>(_ name: String, _: F.Type = F.self) throws(Refusal) -> F {
            guard let address = unsafe dlsym(library, name) else {
                throw Refusal("needs another \(file): this one has no \(name); install libpq5")
            }
            return unsafe unsafeBitCast(address, to: F.self)
        }
        unsafe connect = try function("PQconnectdb")
        unsafe status = try function("PQstatus")
        unsafe finish = try function("PQfinish")
        unsafe message = try function("PQerrorMessage")
        unsafe silence = try function("PQsetNoticeProcessor")
        unsafe execute = try function("PQexec")
        unsafe send = try function("PQsendQueryParams")
        unsafe oneRowAtATime = try function("PQsetSingleRowMode")
        unsafe next = try function("PQgetResult")
        unsafe resultStatus = try function("PQresultStatus")
        unsafe field = try function("PQresultErrorField")
        unsafe clear = try function("PQclear")
        unsafe rowCount = try function("PQntuples")
        unsafe columnCount = try function("PQnfields")
        unsafe columnName = try function("PQfname")
        unsafe columnType = try function("PQftype")
        unsafe isNull = try function("PQgetisnull")
        unsafe length = try function("PQgetlength")
        unsafe value = try function("PQgetvalue")
    }
}
