import FuzzSupport
import JSON

private let wanted = ["a", "b", "key", ""]
private let names = JSONNames(wanted)

/// Whatever is accepted is written and read again as the same value; whatever is refused is refused inside the text. Who wants some members only is told the same.
private func check(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe fuzzInput(start, count)
    let some = Result { () throws(JSONError) in try JSON.object(bytes.span, keeping: names) }
    do throws(JSONError) {
        let value = try JSON.parse(bytes)
        guard let again = try? JSON.parse(JSON.encode(value)), again == value else { fatalError("not the same when written: \(bytes)") }
        precondition((try? some.get())?.members == value.object?.members.filter { wanted.contains($0.name) })
    } catch {
        precondition(error.offset <= count && error.line >= 1 && error.column >= 1)
        guard case .failure(error) = some else { fatalError("refused otherwise: \(bytes)") }
    }
    return 0
}

@_cdecl("FuzzJSON_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt { unsafe runFuzzer(argc, argv, check) }
