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

        This is \(tenant.users[0].username)'s token, good for an hour. Paste it into another shell:

          TOKEN=\(token)

        and then, in this order:

          curl -sw '\\n' -X POST \(url)/dev/notes -H "Authorization: $TOKEN" -d '{"title": "My first note", "content": "Hello world"}'

          curl -sw '\\n' \(url)/dev/notes -H "Authorization: $TOKEN"

          NOTE=$(curl -s \(url)/dev/notes -H "Authorization: $TOKEN" | sed 's/.*"noteId":"\\([^"]*\\)".*/\\1/')
          curl -sw '\\n' \(url)/dev/notes/$NOTE -H "Authorization: $TOKEN"

          curl -si -X DELETE \(url)/dev/notes/$NOTE -H "Authorization: $TOKEN"

        The audit log has each of these writes a moment later:

          curl -sw '\\n' \(url)/audit/events -H "Authorization: $TOKEN"

        Another token, with the AWS CLI; so for \(tenant.users[1].username) too (passwords in \(folder.demo)):

          TOKEN=$(aws cognito-idp initiate-auth --endpoint-url \(url) --region \(region) --no-sign-request --client-id \(tenant.client) \\
            --auth-flow USER_PASSWORD_AUTH --auth-parameters USERNAME=\(tenant.users[0].username),PASSWORD=\(tenant.users[0].password) \\
            --query AuthenticationResult.IdToken --output text)

        User pool \(tenant.pool), Kafka at \(kafka), root access key \(rootAccessKeyID) (its secret in \(folder.secrets)/authorizer/root.json).
        Ctrl-C stops everything; the next start has all of it again.

        """
    }
}
