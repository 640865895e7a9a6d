public import Contracts

/// How a relay asks the audit service: by signed call, or within one process in tests.
public protocol MarksClient: Sendable {
    func marks(_ request: MarksRequest) async throws -> MarksResponse
}
