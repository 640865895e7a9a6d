/// The kinds of `data` that this version writes. Others are carried and kept as opaque bytes.
public enum EventType {
    public static let noteWrite = "strongroom.note.write.v1"
    public static let auditQuery = "strongroom.audit.query.v1"
}
