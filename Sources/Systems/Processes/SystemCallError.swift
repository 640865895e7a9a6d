import Glibc

/// A call that the system refused this process.
public struct SystemCallError: Error, Equatable, CustomStringConvertible {
    /// What was asked for, by its POSIX name.
    public let call: String
    /// The error number.
    public let code: Int32

    init(_ call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    /// One sentence for an operator.
    public var description: String { "\(call): error number \(code)" }
}
