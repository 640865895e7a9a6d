/// A string constraint of the service model: length in UTF-16 units, as the model counts, and a pattern.
struct TextRule: Sendable {
    let length: ClosedRange<Int>
    let pattern: TextPattern?
    /// Whether the value must not be repeated in an error.
    let isSecret: Bool

    init(_ length: ClosedRange<Int>, _ pattern: TextPattern? = nil, isSecret: Bool = false) {
        self.length = length
        self.pattern = pattern
        self.isSecret = isSecret
    }

    static let poolID = TextRule(1...55, .poolID)
    static let poolName = TextRule(1...128, .resourceName)
    static let clientID = TextRule(1...128, .word, isSecret: true)
    static let clientName = TextRule(1...128, .resourceName)
    static let username = TextRule(1...128, .name, isSecret: true)
    static let groupName = TextRule(1...128, .name)
    static let description = TextRule(0...2048)
    static let password = TextRule(0...256, .noSpace, isSecret: true)
    static let token = TextRule(1...16_384, .token, isSecret: true)
    static let session = TextRule(20...4096, isSecret: true)
    static let attributeName = TextRule(1...32, .attributeName)
    static let attributeValue = TextRule(0...2048, isSecret: true)
    static let sms = TextRule(6...140, .smsWithCode)
    static let email = TextRule(6...20_000, .emailWithCode)
    static let emailWithLink = TextRule(6...20_000, .emailWithLink)
    static let emailSubject = TextRule(1...140, .sentence)
    static let arn = TextRule(20...2048, .arn)
    static let arnOrNone = TextRule(0...2048, .arnOrNone)
    /// What the model calls a StringType.
    static let any = TextRule(0...131_072)
    static let pageToken = TextRule(1...2048, .noSpace)
    static let filter = TextRule(0...256)
    static let permission = TextRule(1...2048)
    static let provider = TextRule(1...32)
    static let url = TextRule(1...1024, .name)
    static let scope = TextRule(1...256, .visible)

    /// What is wrong with the value, in the service's words; nil where nothing is.
    func violation(_ value: String) -> String? {
        let count = value.utf16.count
        if count > length.upperBound { return "Member must have length less than or equal to \(length.upperBound)" }
        if count < length.lowerBound { return "Member must have length greater than or equal to \(length.lowerBound)" }
        if let pattern, !pattern.matches(value) { return "Member must satisfy regular expression pattern: \(pattern.rawValue)" }
        return nil
    }
}
