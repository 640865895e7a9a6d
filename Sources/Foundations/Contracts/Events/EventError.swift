/// Why bytes are not an event of ours, or not one that may be believed.
public enum EventError: Error, Equatable {
    case malformed(ProtobufError)
    /// More bytes than ``EventLimits/maximumBytes``.
    case tooLarge
    /// A field is missing, has a wrong length, or does not fit another one. Carries the field's name in `event.proto`.
    case invalid(field: String)
    /// No key of that id is shared with any source.
    case unknownKey
    /// The code does not match: forged or altered.
    case forged
    /// A good code under one source's key on an event that names another source.
    case foreignSource
}
