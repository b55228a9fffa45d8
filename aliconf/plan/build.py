"""Compare the configuration with the connector: the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from aliconf.config.configuration import Configuration
from aliconf.connector.reader import Reader, Stored
from aliconf.findings import AliconfError, Finding, has_errors
from aliconf.model.base import Body, canonical
from aliconf.model.kinds import POLICY_KINDS
from aliconf.plan import refusals
from aliconf.plan.basis import basis_of
from aliconf.plan.changes import Action, Change, FieldChange, Plan, Untouched
from aliconf.plan.effect import effects
from aliconf.plan.fields import NewFields, field_changes, metadata_changes
from aliconf.plan.guardrails import check_guardrails
from aliconf.plan.look_twice import Looked, look_twice
from aliconf.plan.moves import follow_moves, suggest_moves
from aliconf.plan.observed import Observed, parse_body
from aliconf.plan.order import in_order
from aliconf.plan.places import never_applied, other_environment
from aliconf.plan.pointers import Pointers
from aliconf.plan.secrets import Secrets
from aliconf.plan.under_way import notes
from aliconf.plan.users import Users, named_by_kept, with_users
from aliconf.plan.wanted import Id, Wanted, wanted_objects
from aliconf.progress import SILENT, Progress


def build_plan(
    wanted: Configuration,
    reader: Reader,
    warnings: Iterable[Finding] = (),
    connector: str = "",
    progress: Progress = SILENT,
    *,
    leased: bool = False,
    secrets: Secrets | None = None,
) -> Plan:
    """The plan that brings the connector to a configuration without error findings.

    Raises AliconfError with every refusal: a changed region, a name that others hold. What apply
    alone refuses, such as a guardrail that is passed, comes with the plan. ``leased`` says that
    whoever asks holds the project's lease. ``secrets`` may be given by who stores them later.
    """
    assert wanted.project is not None
    observed = Observed.read(reader, wanted.project.name)
    under_way = notes(observed, wanted.project.name, leased=leased)
    first = never_applied(observed, wanted)
    builder = _Builder(wanted, observed, connector, secrets or Secrets(wanted))
    return builder.plan([*warnings, *under_way, *first], progress)


class _Builder:
    def __init__(
        self, configuration: Configuration, observed: Observed, connector: str, secrets: Secrets
    ) -> None:
        assert configuration.project is not None
        self.configuration = configuration
        self.secrets = secrets
        self.observed = observed
        self.project = configuration.project.name
        self.connector = connector
        self.changes: list[Change] = []
        self.adoptions: list[Change] = []
        self.findings: list[Finding] = []
        self.unchanged: list[Untouched] = []
        self.unmanaged: list[Untouched] = []
        self.protected: list[Untouched] = []

    def plan(self, warnings: Iterable[Finding], progress: Progress) -> Plan:
        self.moved, self.findings = follow_moves(self.configuration, self.observed, self.project)
        self.wanted = self._wanted_objects(progress)
        self.pointers = Pointers(self.configuration, self.observed, self.wanted)
        self.changes += self.pointers.generations()
        self.findings += refusals.titles_in_use(
            self.wanted.values(), self.observed, self.project, self.pointers.generated
        )
        self.findings += refusals.pointers_of_others(
            self.wanted.values(), self.observed, self.project
        )
        self.secrets.begin(self.observed, self.wanted.values())
        progress.begin("comparing objects", len(self.wanted))
        for wanted in self.wanted.values():
            self._compare(wanted)
            progress.advance()
        for stored in self.observed.objects.values():
            if (stored.kind, stored.name) not in self.wanted:
                self._absent(stored)
        self.findings += suggest_moves(self.changes)
        guardrails, exceeded = check_guardrails(
            self.configuration, self.observed.objects.values(), self.changes, self.project
        )
        findings = [*warnings, *self.findings, *self.secrets.notes(self.moved)]
        if has_errors(findings):
            raise AliconfError(*findings)
        exceeded += other_environment(self.observed, self.configuration)
        pairs = list(refusals.obstacles(self.configuration, self.changes, self.observed))
        findings += [*(warning for warning, _ in pairs), *exceeded, *self._look_twice()]
        return Plan(
            self.project,
            self.connector,
            self.observed.connector_id,
            tuple(in_order(with_users(self.changes, self._users, self.pointers.lost))),
            tuple(in_order(self.adoptions)),
            tuple(self.unchanged),
            tuple(self.unmanaged),
            tuple(self.protected),
            tuple(findings),
            (*(refusal for _, refusal in pairs), *exceeded, *self.secrets.missing),
            tuple(guardrails),
            self._environment,
            basis_of(self.project, self._environment, self.observed, self.wanted),
            effects=tuple(
                effects(self.changes, self.configuration, self.pointers.after, self._body_after)
            ),
        )

    @property
    def _environment(self) -> str:
        environment = self.configuration.environment
        return environment.name if environment else ""

    def _wanted_objects(self, progress: Progress) -> dict[Id, Wanted]:
        progress.begin("normalizing documents", len(self.configuration.documents))
        found = {}
        for wanted in wanted_objects(self.configuration, self.observed.objects):
            found[wanted.id] = wanted
            progress.advance()
        return found

    @cached_property
    def kept(self) -> dict[Id, list[str]]:
        """Who names what among the objects that stay without a document; asked for by deletes."""
        return named_by_kept(self.observed, self.wanted, self.project)

    def _compare(self, wanted: Wanted) -> None:
        stored = self.observed.objects.get(wanted.id)
        if stored is None:
            if wanted.id in self.pointers.generated:
                self._adopt_generated(wanted)
            else:
                self._create(wanted)
            return
        refused = list(refusals.of_object(wanted, stored, self.project))
        if wanted.id in self.moved:
            refused += refusals.reserved_name(wanted, self.configuration, self.observed)
        self.findings += refused
        if has_errors(refused):
            return
        old_name = self.moved.get(wanted.id, "")
        action = Action.MOVE if old_name else Action.UPDATE
        if not stored.owner:
            action = Action.ADOPT
        fields = self._field_changes(wanted, stored)
        if not fields and action is Action.UPDATE:
            self.unchanged.append(Untouched(*wanted.id, wanted.title, self.project))
            return
        if not fields and action is Action.ADOPT:
            self.adoptions.append(self._change(wanted, action, (), stored.body_text))
            return
        self.findings += refusals.warnings(wanted, fields)
        self.changes.append(self._change(wanted, action, fields, stored.body_text, old_name))

    def _change(
        self,
        wanted: Wanted,
        action: Action,
        fields: Iterable[FieldChange],
        before: str,
        old_name: str = "",
    ) -> Change:
        return Change(
            action,
            *wanted.id,
            wanted.title,
            fields,
            wanted.document,
            wanted.desired(),
            before,
            old_name,
        )

    def _create(self, wanted: Wanted) -> None:
        self.findings += refusals.reserved_name(wanted, self.configuration, self.observed)
        holder = self.observed.defaults.get(wanted.document.kind)
        self.changes.append(
            self._change(wanted, Action.CREATE, NewFields(wanted, self.configuration, holder), "")
        )

    def _adopt_generated(self, wanted: Wanted) -> None:
        """A document for a policy that the connector is about to generate takes it over."""
        _, content = self.pointers.generated[wanted.id]
        effective = wanted.effective(self.configuration)
        fields = [*field_changes(content, wanted.body(self.configuration), effective)]
        fields += self._metadata_changes(wanted, {}, protect=False)
        self.changes.append(self._change(wanted, Action.ADOPT, tuple(fields), canonical(content)))

    def _field_changes(self, wanted: Wanted, stored: Stored) -> tuple[FieldChange, ...]:
        fields: list[FieldChange] = []
        if stored.body_text != wanted.text:
            old = self.observed.body(stored)
            new = wanted.body(self.configuration)
            if canonical(old) != wanted.text:
                fields += field_changes(old, new, wanted.effective(self.configuration))
        fields += self._metadata_changes(
            wanted,
            {} if stored.labels_text == "{}" else parse_body(stored.labels_text),
            protect=stored.protect,
        )
        fields += self.secrets.changes(wanted, fields)
        return tuple(fields)

    def _metadata_changes(
        self, wanted: Wanted, labels: dict[str, str], *, protect: bool | None
    ) -> Iterable[FieldChange]:
        holder = self.observed.defaults.get(wanted.document.kind)
        return metadata_changes(wanted, labels, protect=protect, holder=holder)

    def _absent(self, stored: Stored) -> None:
        """An object of the connector without a document."""
        left = Untouched(stored.kind, stored.name, stored.title, stored.owner or "")
        if stored.owner != self.project:
            self.unmanaged.append(left)
            return
        if stored.generated:
            self.changes.append(_gone(Action.RELEASE, stored))
            return
        if stored.protect:
            self.protected.append(left)
            return
        fallback = self.pointers.give_back(stored)
        users = self.kept.get((stored.kind, stored.name), ())
        self.findings += refusals.of_delete(stored, fallback, users, self.observed, self.project)
        notes: tuple[str, ...] = ()
        if fallback:
            notes = (f"the default of {stored.kind} returns to {stored.kind}/{fallback}",)
        if stored.kind == "Registration":
            self.findings += refusals.registration_goes(
                stored, self.observed, self.wanted, self.project
            )
        if stored.kind == "Account":
            notes = (f"its name stays reserved with its region, {stored.region}",)
        self.changes.append(_gone(Action.DELETE, stored, notes))

    def _users(self) -> Users:
        return self._index

    def _look_twice(self) -> Iterator[Finding]:
        return look_twice(
            Looked(
                self.configuration,
                self.changes,
                self.observed.defaults,
                self.pointers.after,
                self._body_after,
                self._users,
                self.observed.objects.__contains__,
            )
        )

    def _body_after(self, kind: str, name: str) -> Body | None:
        """The body of an object once the plan is applied; None where there is none."""
        of = (kind, name)
        if of in self.wanted:
            return parse_body(self.wanted[of].text)
        if of in self.observed.objects:
            return self.observed.body(self.observed.objects[of])
        return self.pointers.generated[of][1] if of in self.pointers.generated else None

    @cached_property
    def _index(self) -> Users:
        """Who uses what, of all the objects that will be in the connector."""
        users = Users(self.pointers.after)
        for wanted in self.wanted.values():
            if wanted.document.kind not in POLICY_KINDS:
                users.add_document(wanted.document)
        for left in (*self.unmanaged, *self.protected):
            if left.kind not in POLICY_KINDS:
                stored = self.observed.objects[left.kind, left.name]
                users.add(left.kind, left.name, self.observed.body(stored))
        return users


def _gone(action: Action, stored: Stored, notes: tuple[str, ...] = ()) -> Change:
    return Change(
        action, stored.kind, stored.name, stored.title, before=stored.body_text, notes=notes
    )
