import JSON
import Testing

@Suite struct JSONWriterTests {
    @Test func `Commas stand where they belong`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.int(1)
        writer.key("b")
        writer.beginArray()
        writer.beginObject()
        writer.endObject()
        writer.null()
        writer.bool(true)
        writer.beginArray()
        writer.endArray()
        writer.double(1.5)
        writer.raw("[0]")
        writer.endArray()
        writer.key("c")
        writer.string("d")
        writer.endObject()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":1,"b":[{},null,true,[],1.5,[0]],"c":"d"}"#)
    }

    @Test func `Strings are escaped where they must be and nowhere else`() {
        var writer = JSONWriter()
        writer.string("\"\\/\n\r\t\u{0}\u{1F}\u{7F}é😀\u{2028}")
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "\"\\\"\\\\/\\n\\r\\t\\u0000\\u001f\u{7F}é😀\u{2028}\"")
    }

    @Test func `Every control character is written so that it is read back`() throws {
        for first in UInt8(0)...0x7F {
            for second in [UInt8(0), 1, 0x1F, 0x22, 0x5C, 0x61] {
                let text = "a" + String(decoding: [first, second, first], as: UTF8.self)
                var writer = JSONWriter()
                writer.string(text)
                #expect(try JSON.parse(writer.bytes).string == text)
                #expect(writer.bytes.allSatisfy { $0 >= 0x20 })
            }
        }
    }

    @Test(arguments: ["", "plain", "\"\\/\n\r\t", "\u{0}\u{1}\u{1F}\u{7F}", "grün \u{2028} 🙂\u{8}"])
    func `The length of a string is known before it is written`(text: String) {
        var writer = JSONWriter()
        writer.string(text)
        #expect(JSONWriter.length(ofString: text.utf8.span) == writer.bytes.count)
    }

    @Test func `Numbers that JSON can't write become null`() {
        var writer = JSONWriter()
        writer.beginArray()
        for value in [Double.infinity, .nan, 0.1, 1e300, -0.0] { writer.double(value) }
        writer.int(UInt64.max)
        writer.endArray()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "[null,null,0.1,1e+300,-0.0,18446744073709551615]")
    }

    @Test func `Literals make values`() {
        let value: JSONValue = ["a": 1, "b": [true, "x"], "a": 2]
        #expect(String(decoding: JSON.encode(value), as: UTF8.self) == #"{"a":2,"b":[true,"x"]}"#)
    }
}
