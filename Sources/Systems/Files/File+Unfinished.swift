import CPosix
import Glibc

extension File {
    /// The end of the names that ``replace(_:with:mode:)`` writes to before a file takes its own.
    static let unfinishedSuffix = ".new"

    /// Where `path` is written to first, each time another name.
    static func unfinished(_ path: String) -> String { "\(path).\(String(UInt64.random(in: .min ... .max), radix: 36))\(unfinishedSuffix)" }

    /// Removes what a process that died has left of ``replace(_:with:mode:)``, in this folder and in those right below it. Nobody else may be writing there.
    public static func removeUnfinished(below folder: String) throws(FileError) {
        for name in try Directory.list(folder) {
            let path = "\(folder)/\(name)"
            switch try status(path).st_mode & S_IFMT {
            case S_IFREG: if isUnfinished(name) { try remove(path) }
            case S_IFDIR:
                for name in try Directory.list(path) where isUnfinished(name) {
                    if try status("\(path)/\(name)").st_mode & S_IFMT == S_IFREG { try remove("\(path)/\(name)") }
                }
            default: break
            }
        }
    }

    private static func isUnfinished(_ name: String) -> Bool {
        guard name.hasSuffix(unfinishedSuffix) else { return false }
        let parts = name.dropLast(unfinishedSuffix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, let last = parts.last, let number = UInt64(last, radix: 36) else { return false }
        return String(number, radix: 36) == last
    }
}
