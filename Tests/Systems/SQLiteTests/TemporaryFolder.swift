import Files

/// A folder that goes with its test.
func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
    let folder = try Directory.temporary(prefix: "sqlite-")
    let result = Result { try body(folder) }
    try Directory.removeTree(folder)
    return try result.get()
}
