import Bootstrap
import Contracts
import Files
import JSON
import Processes

/// What `--ready-file` gets once the cluster is ready: all that a test needs to use it.
struct ReadyFile {
    let cluster: Cluster
    let folder: DevFolder
    let addresses: [ServiceName: String]
    let operations: String?
    let kafka: String
    let root: RootKey
    let tenant: DemoTenant
    let readyMilliseconds: Int

    func write(to file: String) throws {
        var document: JSONObject = [
            "pid": .number(JSONNumber(Int64(CurrentProcess.id))),
            "region": .string(cluster.name),
            "account": .string(cluster.account),
            "kafka": .string(kafka),
            "data": .string(folder.path),
            "secrets": .string(folder.secrets),
            "log": .string(folder.log),
            "readyMilliseconds": .number(JSONNumber(Int64(readyMilliseconds))),
            "rootAccessKeyId": .string(root.accessKeyID),
            "rootSecretAccessKey": .string(root.secret),
        ]
        document["operations"] = operations.map { .string($0) }
        for service in ServiceName.allCases { document[service.rawValue] = addresses[service].map { .string($0) } }
        if let members = tenant.json.object?.members {
            for member in members { document[member.name] = member.value }
        }
        try File.replace(file, with: JSON.encode(.object(document)))
    }
}
