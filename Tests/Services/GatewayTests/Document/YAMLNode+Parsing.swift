import YAML

extension YAMLNode {
    init(parsing text: String) throws(YAMLError) {
        self = try YAMLParser.parse(Array(text.utf8))
    }
}
