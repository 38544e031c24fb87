/// A number of things as people read it: "1 row", "2 rows", "0 entries".
///
/// - Parameters:
///   - noun: what one of them is called.
///   - number: the number as it is to be written; plain digits if nil.
package func counted(_ count: Int, _ noun: String, as number: String? = nil) -> String {
    let many = noun.hasSuffix("y") ? noun.dropLast() + "ies" : noun + "s"
    return "\(number ?? "\(count)") \(count == 1 ? noun : many)"
}
