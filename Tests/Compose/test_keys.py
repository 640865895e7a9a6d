"""What compose/README.md says of backups and of replacing keys, by its own commands, while notes are written."""

import botocore.exceptions
import stack as harness
from callers import Callers
from clients import boto, eventually
from load import Load


def test_event_keys_are_replaced_and_go_once_audit_is_backed_up(stack):
    callers = Callers.prepare(stack, strangers=0)
    load = Load(stack.url, [callers.tokens["IdToken"]], pause=0.02, authority=harness.AUTHORITIES)
    load.run(0.5)
    assert "The new keys sign" in keys(stack, "rotate").stdout
    load.finish()
    # A log is backed up only while it lacks nothing.
    load.verify(seconds=90)
    stack.compose("exec", "-T", "audit", "strongroom", "backup", "--service", "audit", "--name", "rotated")

    absent = keys(stack, "retire", "--audit-backup", "/backups/audit/nowhere", check=False)
    assert absent.returncode == 1 and "/backups/audit/nowhere" in absent.stderr, absent
    # The backup is found and read; it is just too early for keys that nobody has stolen.
    early = keys(stack, "retire", "--audit-backup", "/backups/audit/rotated", check=False)
    assert early.returncode == 1 and "may still be needed until" in early.stderr, early
    assert "replaced keys are gone" in keys(stack, "retire", "--overlap-seconds", "0").stdout

    after = Load(stack.url, [callers.tokens["IdToken"]], pause=0.02, authority=harness.AUTHORITIES)
    after.run(0.5)
    after.finish()
    after.verify(seconds=90)


def test_the_root_key_is_replaced(stack):
    before = stack.root_environment
    assert "access key is" in keys(stack, "rotate", kind="root").stdout
    # What the operator is shown from now on.
    stack.learn()
    assert before != stack.root_environment

    def works() -> bool:
        try:
            return boto(stack, "sts").get_caller_identity()["Arn"].endswith(":root")
        except botocore.exceptions.ClientError:
            return False

    assert eventually(works)
    assert "1 replaced key is gone" in keys(stack, "retire", kind="root").stdout
    assert works()


def keys(stack, action: str, *options: str, kind: str = "event", check: bool = True):
    return stack.compose("run", "--rm", "-T", "init", "keys", action, "--kind", kind, "--secrets", "/secrets", *options, check=check)
