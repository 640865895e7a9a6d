"""The first use of a cluster, from a temporary password to the audit log, by curl alone; each step says what was sent, what came back and what holds."""

import json
import re
import subprocess
import time

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Answer:
    def __init__(self, status: int, body: str) -> None:
        self.status = status
        self.body = body

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}


def shortened(text: str) -> str:
    """Tokens and sessions are long and look alike: their beginning is enough."""
    return re.sub(r"[A-Za-z0-9_\-.]{80,}", lambda match: match.group()[:24] + "…", text)


def curl(*arguments: str, options: tuple[str, ...] = ()) -> Answer:
    """Runs curl, shows the command and its answer; `options` say how the cluster is reached, and are not shown."""
    shown = " ".join(argument if re.fullmatch(r"[\w./:@=%-]+", argument) else "'" + argument + "'" for argument in arguments)
    print("    $ curl " + shortened(re.sub(r"(?<=--user ')[^']+|(?<=--user )\S+", "KEY:SECRET", shown)))
    done = subprocess.run(["curl", "-sS", "--max-time", "20", *options, "-w", "\n%{http_code}", *arguments], capture_output=True, text=True)
    body, _, status = done.stdout.rpartition("\n")
    answer = Answer(int(status or 0), body)
    print(f"    {answer.status} {shortened(answer.body) or '(empty)'}{done.stderr.strip()}")
    return answer


class Walk:
    def __init__(self, ready: dict, options: tuple[str, ...] = ()) -> None:
        self.ready = ready
        self.options = options
        self.url = ready["gateway"]
        self.failed: list[str] = []
        self.step = 0

    def begin(self, title: str) -> None:
        self.step += 1
        print(f"\n{self.step}. {title}")

    def holds(self, what: str, condition: bool) -> None:
        print(f"  {'✓' if condition else '✗'} {what}")
        if not condition:
            self.failed.append(f"{self.step}: {what}")

    def admin(self, operation: str, **members) -> Answer:
        """An administrator's call, signed by curl with the root access key."""
        return curl(
            "-X", "POST", self.url + "/", "--aws-sigv4", f"aws:amz:{self.ready['region']}:cognito-idp",
            "--user", f"{self.ready['rootAccessKeyId']}:{self.ready['rootSecretAccessKey']}",
            "-H", "Content-Type: application/x-amz-json-1.1", "-H", f"X-Amz-Target: AWSCognitoIdentityProviderService.{operation}",
            "-d", json.dumps(members), options=self.options)

    def notes(self, method: str, path: str, token: str | None = None, body: str | None = None) -> Answer:
        return curl(
            "-X", method, self.url + path, *(("-H", f"Authorization: {token}") if token else ()), *(("-d", body) if body is not None else ()),
            options=self.options)

    def sign_in(self, user: str, password: str) -> Answer:
        return self.admin(
            "AdminInitiateAuth", UserPoolId=self.pool, ClientId=self.client, AuthFlow="ADMIN_NO_SRP_AUTH",
            AuthParameters={"USERNAME": user, "PASSWORD": password})

    def run(self) -> None:
        print("An administrator makes a user pool, an app client without a secret, and two users.")
        self.pool = self.admin("CreateUserPool", PoolName="demo-auth-pool").json.get("UserPool", {}).get("Id", "")
        self.client = self.admin(
            "CreateUserPoolClient", UserPoolId=self.pool, ClientName="notes-app",
            ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]).json.get("UserPoolClient", {}).get("ClientId", "")
        for user in ("user@example.com", "second@example.com"):
            self.admin("AdminCreateUser", UserPoolId=self.pool, Username=user, TemporaryPassword="TempPass1!", MessageAction="SUPPRESS")

        self.begin("The first sign-in, with the temporary password, asks for a new one.")
        answer = self.sign_in("user@example.com", "TempPass1!")
        session = answer.json.get("Session", "")
        self.holds("200, ChallengeName NEW_PASSWORD_REQUIRED and a Session",
                   answer.status == 200 and answer.json.get("ChallengeName") == "NEW_PASSWORD_REQUIRED" and session != "")

        self.begin("The new password is set and answered with tokens.")
        answer = self.admin(
            "AdminRespondToAuthChallenge", UserPoolId=self.pool, ClientId=self.client, ChallengeName="NEW_PASSWORD_REQUIRED", Session=session,
            ChallengeResponses={"USERNAME": "user@example.com", "NEW_PASSWORD": "MyPassword1!"})
        result = answer.json.get("AuthenticationResult", {})
        self.holds("IdToken, AccessToken and RefreshToken, good for 3600 seconds, of type Bearer",
                   all(result.get(name) for name in ("IdToken", "AccessToken", "RefreshToken"))
                   and (result.get("ExpiresIn"), result.get("TokenType")) == (3600, "Bearer"))

        self.begin("The next sign-in takes the new password, without a challenge.")
        answer = self.sign_in("user@example.com", "MyPassword1!")
        token = answer.json.get("AuthenticationResult", {}).get("IdToken", "")
        self.holds("tokens, and no challenge", token != "" and "ChallengeName" not in answer.json)

        self.begin("A note without a token is refused, and the notes service never hears of it.")
        note = '{"title": "My first note", "content": "Hello world"}'
        before = self.requests_of_notes()
        answer = self.notes("POST", "/dev/notes", body=note)
        self.holds('401 {"message":"Unauthorized"}', (answer.status, answer.body) == (401, '{"message":"Unauthorized"}'))
        self.holds("the notes service saw nothing", self.requests_of_notes() == before)

        self.begin("With the token it is written.")
        answer = self.notes("POST", "/dev/notes", token, note)
        made = answer.json
        self.holds("201 with userId, noteId, title, content, createdAt",
                   answer.status == 201 and set(made) == {"userId", "noteId", "title", "content", "createdAt"}
                   and (made["title"], made["content"]) == ("My first note", "Hello world")
                   and bool(UUID.fullmatch(made["userId"]) and UUID.fullmatch(made["noteId"])))

        self.begin("Its owner lists it; the second user sees nothing.")
        answer = self.notes("GET", "/dev/notes", token)
        self.holds("200, one note", answer.status == 200 and answer.json == {"notes": [made], "count": 1})
        second = self.second_user()
        answer = self.notes("GET", "/dev/notes", second)
        self.holds('the second user: {"notes": [], "count": 0}', answer.status == 200 and answer.json == {"notes": [], "count": 0})

        self.begin("A token that is none is refused.")
        answer = self.notes("GET", "/dev/notes", "invalid.token.here")
        self.holds('401 {"message":"Unauthorized"}', (answer.status, answer.body) == (401, '{"message":"Unauthorized"}'))

        self.begin("Its owner reads the note; for the second user it isn't there.")
        path = f"/dev/notes/{made.get('noteId')}"
        answer = self.notes("GET", path, token)
        self.holds("200, the note", answer.status == 200 and answer.json == made)
        answer = self.notes("GET", path, second)
        self.holds('the second user: 404 {"error": "Note not found"}', answer.status == 404 and answer.json == {"error": "Note not found"})

        self.begin("Only its owner can delete it.")
        answer = self.notes("DELETE", path, second)
        self.holds("the second user: 204", answer.status == 204)
        self.holds("and the note stays", self.notes("GET", path, token).status == 200)
        answer = self.notes("DELETE", path, token)
        self.holds("its owner: 204, empty", (answer.status, answer.body) == (204, ""))
        answer = self.notes("GET", path, token)
        self.holds('then 404 {"error": "Note not found"}', answer.status == 404 and answer.json == {"error": "Note not found"})

        self.begin("The audit log has each accepted write once, in order.")
        events = self.events(token)
        self.holds("who, what, when and the outcome", bool(events) and all(
            event.get("userId") == made.get("userId") and event.get("time") and event.get("outcome") == "accepted" for event in events))
        self.holds("the note's creation, then its deletion, each once",
                   [event.get("action") for event in sorted(events, key=lambda event: event.get("time", ""))] == ["note.create", "note.delete"])

    def second_user(self) -> str:
        session = self.sign_in("second@example.com", "TempPass1!").json.get("Session", "")
        answer = self.admin(
            "AdminRespondToAuthChallenge", UserPoolId=self.pool, ClientId=self.client, ChallengeName="NEW_PASSWORD_REQUIRED", Session=session,
            ChallengeResponses={"USERNAME": "second@example.com", "NEW_PASSWORD": "MyPassword2!"})
        return answer.json.get("AuthenticationResult", {}).get("IdToken", "")

    def requests_of_notes(self) -> str:
        """How many requests for notes the notes service has answered, by its own count."""
        done = subprocess.run(["curl", "-sS", self.ready["notes"] + "/metrics"], capture_output=True, text=True)
        return "\n".join(line for line in done.stdout.splitlines() if line.startswith("strongroom_requests_total") and 'route="/notes' in line)

    def events(self, token: str) -> list[dict]:
        """The accepted writes in the audit log; events take a moment through Kafka."""
        for _ in range(50):
            done = subprocess.run(
                ["curl", "-sS", *self.options, self.url + "/audit/events?outcome=accepted", "-H", f"Authorization: {token}"],
                capture_output=True, text=True)
            try:
                if sum(event.get("resource", {}).get("type") == "note" for event in json.loads(done.stdout).get("events", [])) >= 2:
                    break
            except ValueError:
                pass
            time.sleep(0.1)
        answer = self.notes("GET", "/audit/events?outcome=accepted", token)
        return [event for event in answer.json.get("events", []) if event.get("resource", {}).get("type") == "note"]
