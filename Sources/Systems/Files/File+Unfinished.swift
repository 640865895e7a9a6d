import CPosix
import Glibc

extension File {
    private static let unfinishedSuffix = ".new"
    private static let unfinishedDigits = 16

    /// Where ``replace(_:with:mode:)`` writes before the file takes its own name, each time elsewhere: `<path>.<16 hexadecimal digits>.new`.
    static func unfinished(_ path: String) -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return "\(path).\(String(repeating: "0", count: unfinishedDigits - digits.count))\(digits)\(unfinishedSuffix)"
    }

    /// Removes what a process that died has left of ``replace(_:with:mode:)``, in this folder and in those right below it. Nobody else may be writing there.
    public static func removeUnfinished(below folder: String) throws(FileError) {
        for name in try Directory.list(folder) {
            let path = "\(folder)/\(name)"
            guard try kind(path) == S_IFDIR else {
                if isUnfinished(name), try kind(path) == S_IFREG { try remove(path) }
                continue
            }
            // A folder that can't be read, such as a file system's `lost+found`, is none of ours.
            guard let below = try? Directory.list(path) else { continue }
            for name in below where isUnfinished(name) {
                if try kind("\(path)/\(name)") == S_IFREG { try remove("\(path)/\(name)") }
            }
        }
    }

    private static func kind(_ path: String) throws(FileError) -> mode_t { try status(path).st_mode & S_IFMT }

    private static func isUnfinished(_ name: String) -> Bool {
        guard name.hasSuffix(unfinishedSuffix) else { return false }
        let parts = name.dropLast(unfinishedSuffix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, let digits = parts.last, digits.utf8.count == unfinishedDigits else { return false }
        return digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
    }
}
