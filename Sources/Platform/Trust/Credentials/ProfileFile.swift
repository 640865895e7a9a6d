import Encodings

/// A shared credentials or config file: sections of `name = value` lines (AWS SDKs and Tools Reference Guide, "Format of the config file").
struct ProfileFile {
    private(set) var sections: [String: [String: String]] = [:]

    /// Longest file that is read, in bytes.
    static let limit = 1 << 20

    init(_ bytes: [UInt8], name: String) throws(CredentialError) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed(source: name, part: "UTF-8") }
        var section: String?
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let trimmed = line.trimmed(of: \.isWhitespace)
            guard let first = trimmed.first, first != "#", first != ";" else { continue }
            if first == "[" {
                guard let end = trimmed.firstIndex(of: "]") else { throw .malformed(source: name, part: "line \(number + 1)") }
                let title = String(trimmed[trimmed.index(after: trimmed.startIndex)..<end].trimmed(of: \.isWhitespace))
                section = title
                if sections[title] == nil { sections[title] = [:] }
                continue
            }
            // An indented line belongs to the nested settings of the one above (`s3 =`), none of which concern credentials.
            if line.first == " " || line.first == "\t" { continue }
            guard let section, let equals = trimmed.firstIndex(of: "=") else { throw .malformed(source: name, part: "line \(number + 1)") }
            let key = trimmed[..<equals].trimmed(of: \.isWhitespace).lowercased()
            sections[section]?[key] = String(trimmed[trimmed.index(after: equals)...].trimmed(of: \.isWhitespace))
        }
    }
}
