import CPosix

/// The process's environment. Read it at start: only ``CurrentProcess/startAgain(with:_:)`` changes it, before anything else happens.
public enum Environment {
    /// Every variable; of two with one name the first counts, as in `getenv`.
    public static func variables() -> [String: String] {
        var variables: [String: String] = [:]
        guard var entry = unsafe strongroom_environ() else { return variables }
        // `environ` is an array of zero-terminated strings that ends with a null pointer (POSIX, environ).
        while let pair = unsafe entry.pointee {
            let text = unsafe String(cString: pair)
            if let equals = text.firstIndex(of: "=") {
                let name = String(text[..<equals])
                if variables[name] == nil { variables[name] = String(text[text.index(after: equals)...]) }
            }
            unsafe entry += 1
        }
        return variables
    }

    /// One variable, or nil.
    public static func value(of name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
