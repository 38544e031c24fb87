/// The version of this library: part of what parties sign, and of every agreement.
public enum LibraryVersion {
    public static let current = "0.1.0"
}
