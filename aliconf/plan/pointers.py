"""The default of each policy kind, before and after a plan, and the policies that are generated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aliconf.config.configuration import Configuration
from aliconf.connector.reader import Stored
from aliconf.model.base import Body, body
from aliconf.model.defaults import generated
from aliconf.plan.changes import Action, Change
from aliconf.plan.observed import Observed
from aliconf.plan.wanted import Id, Wanted


class Pointers:
    """Where the pointers are and will be."""

    def __init__(
        self, configuration: Configuration, observed: Observed, wanted: Mapping[Id, Wanted]
    ) -> None:
        self._observed = observed
        self.generated = _generated(configuration, observed)
        """Title and body of the policies that the connector will make with the first account."""
        self.after = dict(observed.defaults)
        """Where they will be, by kind."""
        if self.generated:
            # The connector also points to a policy of that name which was there before.
            for document in generated():
                self.after.setdefault(document.kind, document.metadata.name)
        self.after |= {kind: name for (kind, name), one in wanted.items() if one.default}
        self.lost: set[Id] = set()
        """Policies that go and hold the pointer of their kind until then."""

    def generations(self) -> Iterator[Change]:
        for policy, (title, _) in self.generated.items():
            yield Change(Action.CREATE, *policy, title, generated=True)

    def give_back(self, going: Stored) -> str | None:
        """Take the pointer from a policy that goes: it returns to the system-generated one.

        Returns that one's name, empty where there is none; None where the policy does not hold the
        pointer.
        """
        if self.after.get(going.kind) != going.name:
            return None
        there = (
            other.name
            for other in self._observed.of(going.kind)
            if other.generated and other.name != going.name
        )
        made = (name for kind, name in self.generated if kind == going.kind)
        fallback = next(there, next(made, ""))
        if fallback:
            self.after[going.kind] = fallback
            self.lost.add((going.kind, going.name))
        return fallback


def _generated(configuration: Configuration, observed: Observed) -> dict[Id, tuple[str, Body]]:
    if not configuration.of("Account") or observed.defaults_generated:
        return {}
    made: dict[Id, tuple[str, Body]] = {}
    for document in generated():
        policy = (document.kind, document.metadata.name)
        if policy not in observed.objects:
            content = body(document.spec)
            made[policy] = (str(content["title"]), content)
    return made
