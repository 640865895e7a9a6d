/// What a newcomer reads: where the cluster is, and commands to paste.
struct Banner {
    let url: String
    let region: String
    let kafka: String
    let folder: DevFolder
    let tenant: DemoTenant
    let token: String
    let rootAccessKeyID: String
    let readyMilliseconds: Int

    var text: String {
        """

        Strongroom is ready at \(url)  (after \(readyMilliseconds) ms; data in \(folder.path), log in \(folder.log))

        You are signed in as \(tenant.users[0].username). Paste, in this order:

          curl -s -X POST \(url)/dev/notes -H 'Authorization: \(token)' -d '{"title": "My first note", "content": "Hello world"}'

          curl -s \(url)/dev/notes -H 'Authorization: \(token)'

          NOTE=$(curl -s \(url)/dev/notes -H 'Authorization: \(token)' | sed 's/.*"noteId":"\\([^"]*\\)".*/\\1/')
          curl -s \(url)/dev/notes/$NOTE -H 'Authorization: \(token)'

          curl -s -i -X DELETE \(url)/dev/notes/$NOTE -H 'Authorization: \(token)'

          curl -s \(url)/audit/events -H 'Authorization: \(token)'

        The token is good for an hour. For another, or as \(tenant.users[1].username) (passwords in \(folder.demo)):

          aws cognito-idp initiate-auth --endpoint-url \(url) --region \(region) --no-sign-request --client-id \(tenant.client) \\
            --auth-flow USER_PASSWORD_AUTH --auth-parameters USERNAME=\(tenant.users[0].username),PASSWORD=\(tenant.users[0].password)

        User pool \(tenant.pool), Kafka at \(kafka), root access key \(rootAccessKeyID) (its secret in \(folder.secrets)/authorizer/root.json).
        Ctrl-C stops everything; the next start has all of it again.

        """
    }
}
