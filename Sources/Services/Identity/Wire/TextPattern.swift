/// The patterns of the service model. The text is for error messages; matching is by hand, in one pass.
enum TextPattern: String, Sendable {
    case poolID = #"[\w-]+_[0-9a-zA-Z]+"#
    case word = #"[\w+]+"#
    case resourceName = #"[\w\s+=,.@-]+"#
    case name = #"[\p{L}\p{M}\p{S}\p{N}\p{P}]+"#
    case attributeName = #"[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+"#
    case noSpace = #"[\S]+"#
    case token = "[A-Za-z0-9-_=.]+"
    case visible = #"[\x21\x23-\x5B\x5D-\x7E]+"#
    case sentence = #"[\p{L}\p{M}\p{S}\p{N}\p{P}\s]+"#
    case emailWithCode = #"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*"#
    case emailWithLink =
        #"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{##[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*##\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*"#
    case smsWithCode = #".*\{####\}.*"#
    case email = #"[\p{L}\p{M}\p{S}\p{N}\p{P}]+@[\p{L}\p{M}\p{S}\p{N}\p{P}]+"#
    case configurationSet = "^[a-zA-Z0-9_-]+$"
    case arn = #"arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?"#
    case arnOrNone = #"(arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?)?"#

    func matches(_ text: String) -> Bool {
        switch self {
        case .poolID: Self.isPoolID(text)
        case .word: Self.all(text) { Self.isWord($0) || $0 == "+" }
        case .resourceName: Self.all(text) { Self.isWord($0) || Self.isSpace($0) || "+=,.@-".unicodeScalars.contains($0) }
        case .name: Self.all(text, Self.isGraphic)
        case .attributeName: Self.all(text) { Self.isGraphic($0) || "\t\n\r ".unicodeScalars.contains($0) }
        case .noSpace: Self.all(text) { !Self.isSpace($0) }
        case .token: Self.all(text) { Self.isWord($0) || "-=.".unicodeScalars.contains($0) }
        case .visible: Self.all(text) { (0x21...0x7e).contains($0.value) && $0 != "\"" && $0 != "\\" }
        case .sentence: Self.isSentence(text)
        case .emailWithCode: Self.isSentence(text) && text.contains("{####}")
        case .emailWithLink: Self.isSentence(text) && Self.hasLink(text)
        case .smsWithCode: text.contains("{####}") && !text.unicodeScalars.contains { "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) }
        case .email: Self.all(text, Self.isGraphic) && text.dropFirst().dropLast().contains("@")
        case .configurationSet: Self.all(text) { Self.isWord($0) || $0 == "-" }
        case .arn: Self.isARN(text)
        case .arnOrNone: text.isEmpty || Self.isARN(text)
        }
    }

    private static func all(_ text: String, _ accepts: (Unicode.Scalar) -> Bool) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy(accepts)
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_"
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || (0x09...0x0d).contains(scalar.value)
    }

    /// Letters, marks, symbols, numbers and punctuation: no separators, no controls, nothing unassigned.
    private static func isGraphic(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .format, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    private static func isSentence(_ text: String) -> Bool { all(text) { isGraphic($0) || isSpace($0) } }

    /// Whether `{##` has a `##}` behind it.
    private static func hasLink(_ text: String) -> Bool {
        guard let opening = text.firstRange(of: "{##") else { return false }
        return text[opening.upperBound...].contains("##}")
    }

    private static func isPoolID(_ text: String) -> Bool {
        guard let underscore = text.lastIndex(of: "_") else { return false }
        let (region, suffix) = (text[..<underscore], text[text.index(after: underscore)...])
        return all(String(region)) { isWord($0) || $0 == "-" } && all(String(suffix)) { isWord($0) && $0 != "_" }
    }

    private static func isARN(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (6...8).contains(parts.count), parts[0] == "arn" else { return false }
        for (index, part) in parts.enumerated().dropFirst() {
            if index == 3, part.isEmpty { continue }
            let accepts: (Unicode.Scalar) -> Bool =
                index == 4 ? { ("0"..."9").contains($0) } : { isWord($0) || "+=/,.@-".unicodeScalars.contains($0) }
            guard all(String(part), accepts) else { return false }
        }
        return true
    }
}
