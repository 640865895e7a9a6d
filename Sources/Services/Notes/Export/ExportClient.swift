internal import Backups
internal import Files
internal import HTTP
internal import JSON
public import Trust

/// Asks a running notes service for all notes of a tenant, as one of its own tools, and writes them to a file.
public struct ExportClient: Sendable {
    static let target = "/internal/v1/export"

    private let service: ToolClient

    /// - Parameter service: the notes service.
    public init(of service: ToolClient) { self.service = service }

    /// Writes the lines as they come to `file`, which must not be there yet and has mode 0600. It is there only once it is whole.
    /// - Returns: how many notes there are.
    public func write(_ tenant: String, to file: String) async throws -> Int {
        guard !File.exists(file) else { throw BackupError.alreadyThere(path: file) }
        var response = try await service.send(.json(.post, Self.target, JSON.encode(["tenant": .string(tenant)])))
        switch response.status {
        case .ok: break
        case .forbidden, .unauthorized: throw ToolError.refused("\(service.address) does not know these secrets, or the tenant was deleted")
        case .notFound: throw ToolError.refused("\(tenant) has no notes")
        default: throw ToolError.refused("\(service.address) answered \(response.status.rawValue)")
        }
        guard File.exists(Directory.parent(of: file)) else { throw FileError.notFound(path: file) }
        let unfinished = file + BackupFolder.unfinishedSuffix
        try File.create(unfinished, with: [])
        do {
            let output = try AppendFile(unfinished)
            let count = try await copy(&response.body, to: output)
            // On the disk before it has the name by which it is known to be whole.
            try output.sync()
            try File.rename(unfinished, to: file)
            try Directory.sync(Directory.parent(of: file))
            return count
        } catch {
            // The error that led here is the one to report.
            try? File.remove(unfinished)
            throw error
        }
    }

    /// A body that is cut off throws, so half of it is never taken for all.
    private func copy(_ body: inout ResponseBody, to file: AppendFile) async throws -> Int {
        var lines = ExportedLines()
        while let piece = try await body.next() { try file.write(lines.take(piece)) }
        return lines.count
    }
}

/// The lines of an export, without the empty ones that only say that it goes on.
struct ExportedLines {
    private(set) var count = 0
    private var isInLine = false

    /// - Parameter piece: what comes next, wherever lines end in it.
    mutating func take(_ piece: [UInt8]) -> [UInt8] {
        piece.filter { byte in
            guard byte == UInt8(ascii: "\n") else {
                isInLine = true
                return true
            }
            defer { isInLine = false }
            count += isInLine ? 1 : 0
            return isInLine
        }
    }
}
