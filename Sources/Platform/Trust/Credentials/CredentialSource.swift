/// One place to find credentials.
protocol CredentialSource: Sendable {
    var name: String { get }
    /// Where it looks, for whoever finds no credentials there; nil where it isn't asked.
    func place(_ surroundings: CredentialSurroundings) -> String?
    /// Nil if the source isn't configured, so that the next one is asked; an error if it is and doesn't work, which ends the search:
    /// falling through to another identity than the one configured would only hide it.
    func load(_ surroundings: CredentialSurroundings) async throws(CredentialError) -> ProvidedCredentials?
}

extension CredentialSource {
    func place(_ surroundings: CredentialSurroundings) -> String? { name }
}
