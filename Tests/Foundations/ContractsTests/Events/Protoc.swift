import Foundation
import TestTools

/// The reference implementation, as Debian ships it.
enum Protoc {
    static let root = URL(filePath: #filePath).appending(path: "../../../../../proto").standardized

    struct Failure: Error {
        let message: String
    }

    /// Text format in, serialized message out.
    static func encode(_ text: String, as message: String) async throws -> [UInt8] {
        try await run(["--encode=strongroom.events.v1.\(message)"] + files, input: Array(text.utf8))
    }

    /// Serialized message in, text format out.
    static func decode(_ bytes: [UInt8], as message: String) async throws -> String {
        String(decoding: try await run(["--decode=strongroom.events.v1.\(message)"] + files, input: bytes), as: UTF8.self)
    }

    /// A serialized `google.protobuf.FileDescriptorSet` of all definitions.
    static func descriptors() async throws -> [UInt8] {
        try await run(["--descriptor_set_out=/dev/stdout"] + files, input: [])
    }

    private static let files = ["event", "note_write", "audit_query"].map { "strongroom/events/v1/\($0).proto" }

    private static func run(_ arguments: [String], input: [UInt8]) async throws -> [UInt8] {
        let protoc = try await ForeignProgram.run("/usr/bin/protoc", ["--proto_path=\(root.path(percentEncoded: false))"] + arguments, input: input)
        guard protoc.status == 0 else { throw Failure(message: protoc.errors) }
        return protoc.output
    }
}
