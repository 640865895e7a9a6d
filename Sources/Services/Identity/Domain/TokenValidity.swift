import JSON

/// How long a client's tokens and challenges live.
struct TokenValidity: Sendable {
    /// Seconds.
    let access: Int64
    let id: Int64
    let refresh: Int64
    /// Seconds a challenge may wait for its answer.
    let session: Int64

    private let written: JSONObject

    enum Unit: String, CaseIterable, Sendable {
        case seconds, minutes, hours, days

        var seconds: Int64 {
            switch self {
            case .seconds: 1
            case .minutes: 60
            case .hours: 3600
            case .days: 86_400
            }
        }
    }

    init(_ input: inout Input) throws(IdentityError) {
        let units = try input.part("TokenValidityUnits") { part throws(IdentityError) in
            (
                access: try part.choice("AccessToken", Unit.self), id: try part.choice("IdToken", Unit.self),
                refresh: try part.choice("RefreshToken", Unit.self)
            )
        }
        let (accessUnit, idUnit, refreshUnit) = (units?.access, units?.id, units?.refresh)
        let access = try input.integer("AccessTokenValidity", in: 1...86_400)
        let id = try input.integer("IdTokenValidity", in: 1...86_400)
        // Zero is written where the default is meant.
        let refresh = try input.integer("RefreshTokenValidity", in: 0...315_360_000).flatMap { $0 == 0 ? nil : $0 }
        let session = try input.integer("AuthSessionValidity", in: 3...15) ?? 3

        self.access = access.map { $0 * (accessUnit ?? .hours).seconds } ?? 3600
        self.id = id.map { $0 * (idUnit ?? .hours).seconds } ?? 3600
        self.refresh = (refresh ?? 30) * (refresh == nil ? .days : refreshUnit ?? .days).seconds
        self.session = session * 60
        let short: ClosedRange<Int64> = 300...86_400
        guard short.contains(self.access), short.contains(self.id), (3600...315_360_000).contains(self.refresh) else {
            // What is beyond the bounds of its member has been noted.
            try input.check()
            throw IdentityError(.invalidParameter, "Invalid range for token validity.")
        }
        guard self.refresh >= self.access, self.refresh >= self.id else {
            throw IdentityError(.invalidParameter, "The refresh token must live as long as the id and access tokens at least.")
        }

        var written: JSONObject = ["RefreshTokenValidity": .integer(refresh ?? 30)]
        written.put("AccessTokenValidity", access.map { .integer($0) })
        written.put("IdTokenValidity", id.map { .integer($0) })
        var unitsWritten: JSONObject = [:]
        unitsWritten.put("AccessToken", accessUnit.map { .string($0.rawValue) })
        unitsWritten.put("IdToken", idUnit.map { .string($0.rawValue) })
        unitsWritten.put("RefreshToken", refresh == nil ? nil : refreshUnit.map { .string($0.rawValue) })
        if !unitsWritten.isEmpty { written["TokenValidityUnits"] = .object(unitsWritten) }
        written["AuthSessionValidity"] = .integer(session)
        self.written = written
    }

    /// As it was written at creation.
    var json: JSONObject { written }
}
