import Encodings
import Observability

/// One version of the API document in use, with what the hot path needs of it resolved once.
final class RouteSnapshot: Sendable {
    /// Counts from 1; changes with every document that is taken into use.
    let generation: UInt64
    let document: APIDocument
    /// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/` for each stage.
    private let arnPrefixes: [(stage: [UInt8], prefix: [UInt8])]

    let table: RouteTable
    /// What each route is counted by, at the route's index.
    let metrics: [RouteMetrics]

    init(generation: UInt64, document: APIDocument, metrics: [RouteMetrics], region: String, account: String, api: String) {
        self.generation = generation
        self.document = document
        self.metrics = metrics
        table = document.table
        arnPrefixes = document.table.stages.map { stage in
            (Array(stage.utf8), Array("arn:aws:execute-api:\(region):\(account):\(api)/\(stage)/".utf8))
        }
    }

    /// The method ARN of a request: `…/STAGE/VERB/path`.
    /// - Parameter path: the canonical path behind the stage.
    func arn(stage: [UInt8], method: String, path: Span<UInt8>) -> [UInt8] {
        var arn: [UInt8] = []
        arn.reserveCapacity(lengthOfARN(stage: stage, method: method, path: path))
        arn.append(contentsOf: prefix(of: stage))
        arn.append(contentsOf: method.utf8)
        if path.count > 0 { arn.append(path) } else { arn.append(UInt8(ascii: "/")) }
        return arn
    }

    func lengthOfARN(stage: [UInt8], method: String, path: Span<UInt8>) -> Int {
        prefix(of: stage).count + method.utf8.count + max(path.count, 1)
    }

    private func prefix(of stage: [UInt8]) -> [UInt8] {
        for (name, prefix) in arnPrefixes where name == stage { return prefix }
        return []
    }
}
