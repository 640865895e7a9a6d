extension Substring {
    /// Without those characters at its ends that `isBlank` says are to go.
    public func trimmed(of isBlank: (Character) -> Bool) -> Substring {
        var text = self
        while let first = text.first, isBlank(first) { text.removeFirst() }
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }
}
