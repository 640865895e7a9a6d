internal import Contracts

/// The form of `credentials`: an AWS shared credentials file with one profile for each service that is called.
struct CredentialsFile: Equatable, Sendable {
    struct Profile: Equatable, Sendable {
        let callee: ServiceName
        var accessKeyID: String
        var secret: String
    }

    let caller: ServiceName
    let region: String
    var profiles: [Profile]

    init(caller: ServiceName, region: String, profiles: [Profile]) {
        self.caller = caller
        self.region = region
        self.profiles = profiles
    }

    /// Reads what ``text`` wrote, and nothing that differs from it: keys that an operator has put there are theirs to rotate.
    init(parsing bytes: [UInt8], caller: ServiceName, region: String, file: String) throws(SecretsError) {
        self.init(caller: caller, region: region, profiles: [])
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("["), line.hasSuffix("]"), let callee = ServiceName(rawValue: String(line.dropFirst().dropLast())) {
                profiles.append(Profile(callee: callee, accessKeyID: "", secret: ""))
            } else if let index = profiles.indices.last {
                let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
                guard parts.count == 3, parts[1] == "=" else { continue }
                if parts[0] == "aws_access_key_id" { profiles[index].accessKeyID = parts[2] }
                if parts[0] == "aws_secret_access_key" { profiles[index].secret = parts[2] }
            }
        }
        guard text == bytes else { throw .malformed(file: file, part: "the form that keys init gives it") }
    }

    var text: [UInt8] {
        var text = "# The access keys of \(caller.rawValue), one profile for each service it calls.\n"
        for profile in profiles {
            text +=
                "[\(profile.callee.rawValue)]\naws_access_key_id = \(profile.accessKeyID)\naws_secret_access_key = \(profile.secret)\n"
                + "region = \(region)\n"
        }
        return Array(text.utf8)
    }
}
