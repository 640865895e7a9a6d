public import Observability
internal import SQLite

extension Logger {
    /// Says which folder's files are opened, by which SQLite, and what is to be heeded with that one.
    public func opening(_ folder: String) {
        info("Opening the data folder", .file(folder), .version("SQLite \(SQLiteLibrary.version)"))
        if SQLiteLibrary.hasWriteAheadLogResetDefect {
            warning("This SQLite can lose commits to a second writer, so no other process may open the files")
        }
    }
}
