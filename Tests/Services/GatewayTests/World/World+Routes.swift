import Files

extension World {
    static func replaceRoutes(_ world: World, _ text: String) throws {
        try File.replace("\(world.folder)/api.yaml", with: Array(text.utf8))
    }
}

extension String {
    func replacingOccurrences(of text: String, with other: String) -> String {
        var result = ""
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            result += rest[..<range.lowerBound] + other
            rest = rest[range.upperBound...]
        }
        return result + rest
    }

    func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}
