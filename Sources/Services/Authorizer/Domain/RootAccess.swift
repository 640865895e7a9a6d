/// The root principal's access key, as the operator's secrets folder has it.
struct RootAccess: Sendable {
    let accessKeyID: String
    let secret: [UInt8]
}
