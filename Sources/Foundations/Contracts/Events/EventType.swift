/// The kinds of `data` that this version writes. Others are carried and kept as opaque bytes.
public enum EventType {
    public static let noteWrite = "strongroom.note.write.v1"
    /// Has no data: the resource says who was erased.
    public static let erasure = "strongroom.erasure.v1"
    /// Has no data: the resource says whose notes were taken out.
    public static let export = "strongroom.export.v1"
    public static let auditQuery = "strongroom.audit.query.v1"
}
