import Bootstrap
import Files
import Foundation
import Processes
import SQLite
import Shards
import Testing
import Transport

struct ShardSetTests {
    @Test func whatWasAcknowledgedIsReadAtOnce() async throws {
        try await withShards { shards, _ in
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            for number in 0..<20 {
                try await shards.write(shard) { try $0.add("word \(number)") }
                #expect(try await shards.read(shard) { try $0.words() }?.count == number + 1)
            }
        }
    }

    @Test func oneBadRequestSparesItsNeighbours() async throws {
        try await withShards { shards, _ in
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        do {
                            try await shards.write(shard) {
                                try $0.add("word \(number)")
                                if number % 5 == 0 { throw Refused() }
                            }
                            return true
                        } catch is Refused {
                            return false
                        } catch {
                            Issue.record(error)
                            return false
                        }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(outcomes == 160)
            #expect(try await shards.read(shard) { try $0.words() }?.count == 160)
            #expect(try await shards.write(shard) { $0.added.count } == 160)
        }
    }

    @Test func afterABadRequestTheNextAreStoredAsBefore() async throws {
        try await withShards { shards, _ in
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            for number in 0..<3 {
                await #expect(throws: Refused.self) {
                    try await shards.write(shard) {
                        try $0.add("bad \(number)")
                        throw Refused()
                    }
                }
                try await shards.write(shard) { try $0.add("good \(number)") }
                try await shards.write(shard) { try $0.add("better \(number)") }
            }
            let words = ["good 0", "better 0", "good 1", "better 1", "good 2", "better 2"]
            #expect(try await shards.read(shard) { try $0.words() } == words)
        }
    }

    @Test func manyThatWaitShareACommit() async throws {
        try await withShards { shards, _ in
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            try await withThrowingTaskGroup { group in
                for number in 0..<500 { group.addTask { try await shards.write(shard) { try $0.add("word \(number)") } } }
                try await group.waitForAll()
            }
            #expect(try await shards.write(shard) { $0.commits } < 500)
        }
    }

    @Test func answersComeBackOnTheCallersLoop() async throws {
        let loop = EventLoop.start(name: "test")
        try await withShards { shards, _ in
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            let onLoop = await withCheckedContinuation { done in
                loop.spawn {
                    // Whether it succeeds is another test's business.
                    try? await shards.write(shard) { try $0.add("one") }
                    done.resume(returning: loop.isCurrent)
                }
            }
            #expect(onLoop)
        }
        loop.stop()
    }

    @Test func aSecondProcessIsRefusedByName() async throws {
        try await withShards { _, root in
            #expect(throws: DataFolderError.inUse(path: root, holder: Int(CurrentProcess.id))) { try openShards(root) }
        }
    }

    @Test func whatIsWrittenInAFolderThatIsSomewhereElseIsRefused() async throws {
        try await withShards { shards, root in
            let (open, unopened) = (ShardID(tenant: alpha, number: 0), ShardID(tenant: alpha, number: 1))
            _ = try await shards.makeShard(ofUser: "u", in: alpha)
            try await shards.write(open) { try $0.add("before") }
            try File.rename(root, to: "\(root)-away")
            try Directory.create(root)
            let beta = try #require(TenantName("us-east-1_Beta"))
            await #expect(throws: ShardError.moved(path: open.description)) { try await shards.write(open) { try $0.add("lost") } }
            await #expect(throws: ShardError.moved(path: root)) { try await shards.write(unopened) { try $0.add("lost") } }
            await #expect(throws: ShardError.moved(path: root)) { try await shards.makeShard(ofUser: "u", in: beta) }
            #expect(try Directory.list(root).isEmpty)
            try Directory.removeTree(root)
            try File.rename("\(root)-away", to: root)
            try await shards.write(open) { try $0.add("after") }
            #expect(try await shards.read(open) { try $0.words() } == ["before", "after"])
        }
    }

    @Test func aLogThatIsRemovedUnderItsShardIsToldAndRefusesWrites() async throws {
        try await withShards { shards, root in
            let (torn, whole) = (ShardID(tenant: alpha, number: 0), ShardID(tenant: alpha, number: 1))
            _ = try await shards.makeShard(ofUser: "u", in: alpha)
            for shard in [torn, whole] { try await shards.write(shard) { try $0.add("before") } }
            #expect(await shards.isInPlace)
            // Read once, the file is open: what is there goes on being read.
            #expect(try await shards.read(torn) { try $0.words() } == ["before"])
            try File.remove("\(root)/\(torn)-wal")
            #expect(await !shards.isInPlace)
            await #expect(throws: ShardError.moved(path: torn.description)) { try await shards.write(torn) { try $0.add("lost") } }
            try await shards.write(whole) { try $0.add("after") }
            #expect(try await shards.read(torn) { try $0.words() } == ["before"])
        }
    }

    @Test func dataOutlivesTheProcess() async throws {
        let root = try Directory.temporary(prefix: "shards-")
        for run in 0..<3 {
            let shards = try openShards(root)
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            try await shards.write(shard) { try $0.add("run \(run)") }
            #expect(try await shards.read(shard) { try $0.words() } == (0...run).map { "run \($0)" })
            #expect(try await shards.tenants() == [alpha])
            await shards.close()
            #expect(!File.exists("\(root)/\(shard)-wal"))
        }
        try Directory.removeTree(root)
    }

    @Test func aTenantWithoutDataLeavesNoFolderWhenRead() async throws {
        try await withShards { shards, root in
            #expect(try await shards.shard(ofUser: "u1", in: alpha) == nil)
            #expect(!File.exists("\(root)/\(alpha)"))
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            #expect(try await shards.read(shard) { try $0.words() } == nil)
        }
    }

    @Test func dataWithoutAManifestIsNotWrittenTo() async throws {
        let root = try Directory.temporary(prefix: "shards-")
        let first = try openShards(root)
        let shard = try await first.makeShard(ofUser: "u1", in: alpha)
        try await first.write(shard) { try $0.add("one") }
        await first.close()
        try File.remove("\(root)/\(alpha)/manifest.json")
        let second = try openShards(root)
        await #expect(throws: ShardError.corrupt(file: "\(root)/\(alpha)/manifest.json")) { try await second.makeShard(ofUser: "u1", in: alpha) }
        await second.close()
        try Directory.removeTree(root)
    }

    @Test func aFileOfANewerSchemaIsRefusedByName() async throws {
        try await withShards { shards, root in
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            let file = "\(root)/\(shard)"
            do {
                let connection = try Connection(path: file, role: .writer)
                try connection.setUserVersion(9)
            }
            let refusal = ShardError.newerSchema(file: file, found: 9, known: 1)
            await #expect(throws: refusal) { try await shards.write(shard) { try $0.add("x") } }
            await #expect(throws: refusal) { try await shards.read(shard) { try $0.words() } }
            do {
                let connection = try Connection(path: file, role: .writer)
                try connection.setUserVersion(-1)
            }
            await #expect(throws: ShardError.corrupt(file: file)) { try await shards.write(shard) { try $0.add("x") } }
        }
    }

    @Test func aFileOfANewerSchemaIsRefusedByNameWhenItsServiceStarts() async throws {
        let root = try Directory.temporary(prefix: "shards-")
        let before = try openShards(root)
        let shard = try await before.makeShard(ofUser: "u1", in: alpha)
        try await before.write(shard) { try $0.add("kept") }
        await before.close()
        let file = "\(root)/\(shard)"
        do {
            let connection = try Connection(path: file, role: .writer)
            try connection.setUserVersion(300)
        }
        #expect(throws: ShardError.newerSchema(file: file, found: 300, known: 1)) { try openShards(root) }
        do {
            let connection = try Connection(path: file, role: .writer)
            try connection.setUserVersion(-1)
        }
        try await openShards(root).close()
        // One that was being made when the power went is none of that.
        try File.replace(file, with: [])
        try await openShards(root).close()
        try Directory.removeTree(root)
    }

    @Test func aFileOfAnOlderSchemaIsMigratedWhoeverComesFirst() async throws {
        let root = try Directory.temporary(prefix: "shards-")
        let before = try openShards(root)
        let shard = try await before.makeShard(ofUser: "u1", in: alpha)
        try await before.write(shard) { try $0.add("kept") }
        await before.close()
        var store = WordStore()
        store.schema = Schema("CREATE TABLE never(a) STRICT", "ALTER TABLE word ADD COLUMN color TEXT NOT NULL DEFAULT 'red'")
        let after = try openShards(root, store)
        #expect(try await after.read(shard) { try $0.connection.rows("SELECT text || color FROM word") { $0.text(0) } } == ["keptred"])
        await after.close()
        try Directory.removeTree(root)
    }

    @Test func filesAreClosedForOthersWhenTooManyAreOpen() async throws {
        var settings = ShardSettings(name: "test")
        settings.openFiles = 4
        try await withShards(settings: settings) { shards, _ in
            for round in 0..<2 {
                for number in 0..<12 {
                    let tenant = try #require(TenantName("tenant\(number)"))
                    let shard = try await shards.makeShard(ofUser: "u", in: tenant)
                    try await shards.write(shard) { try $0.add("round \(round)") }
                    #expect(try await shards.read(shard) { try $0.words() }?.count == round + 1)
                }
                #expect(await shards.openShards().count <= 4)
            }
        }
    }

    @Test func aFullFileRefusesWritesLosesNothingAndRecovers() async throws {
        var settings = ShardSettings(name: "test")
        settings.filePages = 60
        try await withShards(settings: settings) { shards, _ in
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            var acknowledged: [String] = []
            for number in 0..<40 {
                do {
                    try await shards.write(shard) { try $0.add("word \(number)", bulk: 10_000) }
                    acknowledged.append("word \(number)")
                } catch {
                    #expect(error as? ShardError == .storageExhausted)
                }
            }
            #expect(acknowledged.count < 40)
            let expected = acknowledged
            #expect(try await shards.read(shard) { try $0.words() } == expected)
            try await shards.write(shard) { try $0.connection.run("DELETE FROM word WHERE id % 2 = 0") }
            try await shards.write(shard) { try $0.add("again", bulk: 10_000) }
        }
    }

    @Test func aShardIsOnTheDurableListUntilItHasNothingToDeliver() async throws {
        try await withShards { shards, root in
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            #expect(try shards.undeliveredShards() == [])
            try await shards.write(shard) { try $0.add("one") }
            #expect(try shards.undeliveredShards() == [shard])
            try await shards.sweep()
            #expect(try shards.undeliveredShards() == [shard])
            try await shards.write(shard) { $0.isDelivered = true }
            try await shards.sweep()
            #expect(try shards.undeliveredShards() == [])
            try await shards.write(shard) { try $0.add("two") }
            #expect(try shards.undeliveredShards() == [shard])
        }
    }

    @Test func theLogOfAnIdleShardIsEmptied() async throws {
        try await withShards { shards, root in
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            try await shards.write(shard) { try $0.add("one") }
            try await shards.sweep()
            #expect(try File.size("\(root)/\(shard)-wal") > 0)
            // Who tidies up between the two is nobody who uses it.
            try await shards.upkeep(shard) { try $0.add("tidied") }
            try await shards.sweep()
            #expect(try File.size("\(root)/\(shard)-wal") == 0)
            try await shards.write(shard) { try $0.add("two") }
            #expect(try await shards.read(shard) { try $0.words() } == ["one", "tidied", "two"])
        }
    }

    @Test func aFileThatAnotherProgramKeepsLockedIsToldFromStorageThatIsBusy() async throws {
        try await withShards { shards, root in
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            let other = try Connection(path: "\(root)/\(shard)", role: .writer)
            try other.execute("BEGIN IMMEDIATE")
            await #expect(throws: ShardError.locked(file: "\(shard)")) { try await shards.write(shard) { try $0.add("one") } }
            try other.execute("ROLLBACK")
            try await shards.write(shard) { try $0.add("two") }
        }
    }

    @Test func aShardWhoseLogCannotBeMovedKeepsNoOtherWaiting() async throws {
        var settings = ShardSettings(name: "test")
        settings.writerThreads = 1
        try await withShards(settings: settings) { shards, root in
            _ = try await shards.makeShard(ofUser: "u", in: alpha)
            let all = (0..<settings.shardsPerTenant).map { ShardID(tenant: alpha, number: $0) }
            for shard in all { try await shards.write(shard) { try $0.add("one") } }
            try await shards.sweep()
            try #require(FileHandle(forWritingAtPath: "\(root)/\(all[0])-wal")).truncate(atOffset: 0)
            await #expect(throws: ShardError.self) { try await shards.sweep() }
            for whole in all.dropFirst() { #expect(try File.size("\(root)/\(whole)-wal") == 0) }
        }
    }

    @Test func aBackupHoldsWhatWasThereAndItsStamp() async throws {
        try await withShards { shards, root in
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            try await shards.write(shard) { try $0.add("one") }
            try await shards.backUp(shard, to: "\(root)/.backup/copy.sqlite")
            let copy = try Connection(path: "\(root)/.backup/copy.sqlite", role: .writer)
            #expect(try copy.rows("SELECT text FROM word ORDER BY id") { $0.text(0) } == ["one", "stamp"])
        }
    }

    @Test func aLogLeftByAKilledProcessIsReadBeforeItsWriterComes() async throws {
        let root = try Directory.temporary(prefix: "shards-")
        let copy = try Directory.temporary(prefix: "shards-")
        let first = try openShards(root)
        let shard = try await first.makeShard(ofUser: "u1", in: alpha)
        try await first.write(shard) { try $0.add("committed") }
        // What a killed process leaves: the file and its log, and no shared memory.
        try Directory.create("\(copy)/\(alpha)")
        for name in ["\(shard)", "\(shard)-wal", "\(alpha)/manifest.json"] {
            try File.replace("\(copy)/\(name)", with: try File.read("\(root)/\(name)", limit: 1 << 24))
        }
        await first.close()
        let second = try openShards(copy)
        #expect(try await second.read(try #require(try await second.shard(ofUser: "u1", in: alpha))) { try $0.words() } == ["committed"])
        try await second.write(shard) { try $0.add("more") }
        #expect(try await second.read(shard) { try $0.words() } == ["committed", "more"])
        await second.close()
        try Directory.removeTree(root)
        try Directory.removeTree(copy)
    }

    @Test func aClosedSetRefuses() async throws {
        try await withShards { shards, _ in
            let shard = try await shards.makeShard(ofUser: "u1", in: alpha)
            await shards.close()
            await #expect(throws: ShardError.closed) { try await shards.write(shard) { try $0.add("x") } }
        }
    }
}

private struct Refused: Error {}
