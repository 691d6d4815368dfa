"""A chat in an MLS group (RFC 9420): invite, talk, propose, leave.

Run it with ``python examples/mls_chat.py``.
"""

from ttkem.crypto import SystemRandomness, cipher_suite
from ttkem.mls import ApplicationMessage, Client, Configuration, Member


def main() -> None:
    """Let three clients talk, and remove one of them."""
    config, randomness = Configuration(cipher_suite(1)), SystemRandomness()
    clients = {
        name: Client.basic(config, name.encode(), randomness) for name in ("ann", "bob", "cat")
    }

    # Ann starts a group and adds the other two by their key packages, in one commit.
    group = {"ann": Member.create(clients["ann"], b"a chat", randomness)}
    packages = {name: clients[name].key_package(randomness) for name in ("bob", "cat")}
    commit = group["ann"].add(*(own.package for own in packages.values()))
    group["ann"].confirm(commit.id)  # the delivery service accepted it
    assert commit.welcome is not None
    for name, own in packages.items():
        group[name] = Member.join(config, commit.welcome, own, randomness)

    def say(who: str, text: str) -> None:
        message = group[who].send(text.encode())
        for name, member in group.items():
            if name != who:
                event = member.process(message)
                assert isinstance(event, ApplicationMessage)
                print(f"{name} reads in epoch {member.epoch}: {event.data.decode()!r} from {who}")

    say("bob", "hello")
    say("cat", "hello, Bob")

    # An empty commit gives Bob fresh keys: whoever knew his old ones is out.
    commit = group["bob"].commit()
    group["bob"].confirm(commit.id)
    for name in ("ann", "cat"):
        group[name].process(commit.message)
    say("ann", "a new epoch")

    # Ann removes Bob, by name. He reads that, and nothing that comes after.
    commit = group["ann"].remove("bob")
    group["ann"].confirm(commit.id)
    for name in ("bob", "cat"):
        group[name].process(commit.message)
    del group["bob"]
    say("cat", "just us")
    same = group["ann"].epoch_authenticator == group["cat"].epoch_authenticator
    print(f"Ann and Cat share epoch {group['ann'].epoch}: {same}")


if __name__ == "__main__":
    main()
