import Files
import Processes
import Testing

struct FilesTests {
    @Test func replacingAFileLeavesNothingElseBehind() throws {
        try withFolder { folder in
            let path = "\(folder)/settings"
            try File.replace(path, with: Array("one".utf8))
            try File.replace(path, with: Array("two".utf8), mode: 0o640)
            #expect(try File.read(path, limit: 10) == Array("two".utf8))
            #expect(try Directory.list(folder) == ["settings"])
            #expect(try File.mode(path) == 0o640)
            #expect(try File.size(path) == 3)
        }
    }

    @Test func whatACrashLeftOfAReplacementIsRemovedAndNothingElse() throws {
        try withFolder { folder in
            try Directory.create("\(folder)/below/deeper")
            let left = ["a.json.0123456789abcdef.new", ".hidden.0000000000000000.new", "below/a.json.fedcba9876543210.new"]
            let kept = [
                "a.json", "a.new", ".new", "manifest.json.new", "plan.v2.new", "a.0123456789ABCDEF.new", "a.json..new", "a.json.0123456789abcde.new",
                "0123456789abcdef.new", "below/b.new", "below/deeper/a.json.0123456789abcdef.new",
            ]
            for name in left + kept { try File.create("\(folder)/\(name)", with: []) }
            try Directory.create("\(folder)/folder.0123456789abcdef.new")
            try File.removeUnfinished(below: folder)
            for name in left { #expect(!File.exists("\(folder)/\(name)"), "\(name)") }
            for name in kept + ["folder.0123456789abcdef.new"] { #expect(File.exists("\(folder)/\(name)"), "\(name)") }
        }
    }

    @Test func aRecordIsWrittenOverInPlace() throws {
        try withFolder { folder in
            let record = try RecordFile("\(folder)/record")
            #expect(try record.read(limit: 8).isEmpty)
            try record.write([1, 2, 3])
            try record.write([4, 5, 6])
            try record.sync()
            #expect(try File.read("\(folder)/record", limit: 8) == [4, 5, 6])
            #expect(try RecordFile("\(folder)/record").read(limit: 2) == [4, 5])
            #expect(try File.mode("\(folder)/record") == 0o600)
            #expect(record.isInPlace)
            try File.rename("\(folder)/record", to: "\(folder)/elsewhere")
            #expect(!record.isInPlace)
            _ = try RecordFile("\(folder)/record")
            #expect(!record.isInPlace)
        }
    }

    @Test func aFileLargerThanTheLimitIsRefused() throws {
        try withFolder { folder in
            let path = "\(folder)/large"
            try File.replace(path, with: [UInt8](repeating: 7, count: 5000))
            #expect(throws: FileError.tooLarge(path: path, limit: 4999)) { try File.read(path, limit: 4999) }
            #expect(try File.read(path, limit: 5000).count == 5000)
            #expect(try File.prefix(of: path, count: 64) == [UInt8](repeating: 7, count: 64))
            #expect(try File.prefix(of: path, count: 9000).count == 5000)
        }
    }

    @Test func errorsNameThePath() throws {
        try withFolder { folder in
            #expect(throws: FileError.notFound(path: "\(folder)/none")) { try File.read("\(folder)/none", limit: 1) }
            #expect(throws: FileError.malformedPath) { try File.read("a\0b", limit: 1) }
            try File.create("\(folder)/once", with: [1])
            #expect(throws: FileError.alreadyExists(path: "\(folder)/once")) { try File.create("\(folder)/once", with: [2]) }
            #expect(throws: FileError.notADirectory(path: "\(folder)/once")) { try Directory.create("\(folder)/once") }
        }
    }

    @Test func foldersAreMadeWithTheirParentsAndPrivate() throws {
        try withFolder { folder in
            try Directory.create("\(folder)/a/b/c")
            try Directory.create("\(folder)/a/b/c")
            #expect(try File.mode("\(folder)/a/b") == 0o700)
            #expect(Directory.parent(of: "/a/b/") == "/a")
            #expect(Directory.parent(of: "/a") == "/")
            #expect(Directory.parent(of: "a") == ".")
            try Directory.removeTree("\(folder)/a")
            #expect(!File.exists("\(folder)/a"))
        }
    }

    @Test func aLockIsHeldByOneAndFreedWithItsHolder() throws {
        try withFolder { folder in
            let path = "\(folder)/lock"
            var lock: LockFile? = try LockFile(path)
            #expect(lock?.path == path)
            #expect(LockFile.holder(of: path) == Int(CurrentProcess.id))
            #expect(throws: FileError.locked(path: path)) { try LockFile(path) }
            lock = nil
            _ = try LockFile(path)
        }
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = try Directory.temporary(prefix: "files-")
        do {
            try body(folder)
        } catch {
            try Directory.removeTree(folder)
            throw error
        }
        try Directory.removeTree(folder)
    }
}
