"""The objects that the connector holds, as a plan sees them: under the names that they will
have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pydantic_core import from_json

from aliconf.connector.reader import CutOff, Lease, Reader, Stored, StoredSecret
from aliconf.model.base import Body, body
from aliconf.model.kinds import spec_from_body
from aliconf.model.references import rename_references
from aliconf.plan.wanted import Id


@dataclass(slots=True)
class Observed:
    """Everything that a plan reads from the connector, read once."""

    objects: dict[Id, Stored] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    """The pointer of each policy kind."""
    reserved: dict[str, str] = field(default_factory=dict)
    """Names of deleted accounts, with their region."""
    defaults_generated: bool = False
    connector_id: str = ""
    secrets: dict[Id, dict[str, StoredSecret]] = field(default_factory=dict)
    """What the connector keeps encrypted, by object and field."""
    unfinished: list[CutOff] = field(default_factory=list)
    """Applies of the project that have no result."""
    leases: list[Lease] = field(default_factory=list)
    last_environment: str = ""
    """The environment that the project was last applied for, if it was for one."""
    renames: dict[Id, str] = field(default_factory=dict)

    @classmethod
    def read(cls, reader: Reader, project: str) -> Observed:
        return cls(
            {(stored.kind, stored.name): stored for stored in reader.objects()},
            dict(reader.defaults()),
            dict(reader.reserved()),
            reader.defaults_generated,
            reader.connector_id,
            _by_object(reader.secrets()),
            reader.unfinished(project),
            reader.leases(),
            last_environment=reader.last_environment(project),
        )

    def of(self, kind: str) -> Iterable[Stored]:
        return (stored for stored in self.objects.values() if stored.kind == kind)

    def move(self, kind: str, old: str, new: str) -> None:
        """Look at an object under another name; references to it follow."""
        self.objects[kind, new] = replace(self.objects.pop((kind, old)), name=new)
        self.renames[kind, old] = new
        if (kind, old) in self.secrets:
            self.secrets[kind, new] = self.secrets.pop((kind, old))
        if self.defaults.get(kind) == old:
            self.defaults[kind] = new

    def body(self, stored: Stored) -> Body:
        """The stored body in today's format, under the new names; as it stands where it is
        broken."""
        found = parse_body(stored.body_text)
        if stored.region:
            found["region"] = stored.region  # nobody can have broken that
        return upgraded(stored.kind, self._renamed(stored.kind, found))

    def _renamed(self, kind: str, found: Body) -> Body:
        try:
            for (of_kind, old), new in self.renames.items():
                found = rename_references(found, kind, of_kind, old, new)
        except (TypeError, AttributeError):
            # An administrator left the body in no shape that aliconf knows.
            return found
        return found


def _by_object(secrets: Iterable[StoredSecret]) -> dict[Id, dict[str, StoredSecret]]:
    found: dict[Id, dict[str, StoredSecret]] = {}
    for secret in secrets:
        found.setdefault((secret.kind, secret.name), {})[secret.field] = secret
    return found


def parse_body(text: str) -> Body:
    """A stored body; an administrator may have written anything into it."""
    try:
        value = from_json(text)
    except ValueError:
        return {"(unreadable)": text}
    return value if isinstance(value, dict) else {"(unreadable)": text}


def upgraded(kind: str, found: Body) -> Body:
    """A body of an older aliconf in today's normalized form, so that a new version plans
    nothing."""
    from pydantic import ValidationError

    try:
        return body(spec_from_body(kind, found))
    except ValidationError:
        return found
