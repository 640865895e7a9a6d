import Foundation

/// The reference implementation, as Debian ships it.
enum Protoc {
    static let root = URL(filePath: #filePath).appending(path: "../../../../../proto").standardized

    struct Failure: Error {
        let message: String
    }

    /// Text format in, serialized message out.
    static func encode(_ text: String, as message: String) throws -> [UInt8] {
        try run(["--encode=strongroom.events.v1.\(message)"] + files, input: Array(text.utf8))
    }

    /// Serialized message in, text format out.
    static func decode(_ bytes: [UInt8], as message: String) throws -> String {
        String(decoding: try run(["--decode=strongroom.events.v1.\(message)"] + files, input: bytes), as: UTF8.self)
    }

    /// A serialized `google.protobuf.FileDescriptorSet` of all definitions.
    static func descriptors() throws -> [UInt8] {
        try run(["--descriptor_set_out=/dev/stdout"] + files, input: [])
    }

    private static let files = ["event", "note_write", "audit_query"].map { "strongroom/events/v1/\($0).proto" }

    private static func run(_ arguments: [String], input: [UInt8]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/protoc")
        process.arguments = ["--proto_path=\(root.path(percentEncoded: false))"] + arguments
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: input)
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        let errors = try stderr.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(message: String(decoding: errors, as: UTF8.self)) }
        return Array(output)
    }
}
