"""``aliconf apply``"""

from __future__ import annotations

import re
import sys
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aliconf.cli import completion, options
from aliconf.cli.durations import longer, seconds, shown
from aliconf.cli.main import ExitCode
from aliconf.cli.output import before_any_change, done, in_ci, progress
from aliconf.cli.project import Project, open_environment
from aliconf.cli.saved import reviewed as reviewed_plan
from aliconf.cli.verbosity import note, quiet, style_of
from aliconf.findings import AliconfError, refusal
from aliconf.plan.changes import Plan

if TYPE_CHECKING:
    from aliconf.apply.allowed import Allowance
    from aliconf.apply.outcome import Outcome
    from aliconf.connector.lease import Held
    from aliconf.connector.urls import Target
    from aliconf.plan.rest import Rest
    from aliconf.plan.secrets import Secrets


def _allowances(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> list[Allowance]:
    from aliconf.apply.allowed import Allowance
    from aliconf.plan.lifting import LIFTABLE

    found = []
    for value in values:
        code, _, name = value.partition("=")
        if not re.fullmatch(r"ALI[0-9]{3}", code):
            raise click.BadParameter(f"{value!r} is not CODE or CODE=NAME, such as ALI520.")
        if code not in LIFTABLE:
            raise click.BadParameter(f"{code} cannot be lifted, only {', '.join(LIFTABLE)} can.")
        found.append(Allowance(code, name))
    return found


@click.command(short_help="Bring the connector to the configuration.")
@click.argument(
    "reviewed", metavar="[PLAN]", required=False, type=click.Path(path_type=Path, dir_okay=False)
)
@click.option("--digest", metavar="DIGEST", help="Apply only the plan that has this digest.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--full", is_flag=True, help="List unchanged objects, and all values of new ones.")
@click.option(
    "--wait",
    callback=seconds,
    metavar="TIME",
    help="Wait so long, such as 5m, for another apply of this project to end.",
)
@click.option(
    "--allow",
    multiple=True,
    callback=_allowances,
    shell_complete=completion.guardrails,
    metavar="CODE[=NAME]",
    help="Lift a guardrail's refusal, that of NAME (a kind, or `all`) or all of this code; needs "
    "--reason.",
)
@click.option("--reason", metavar="TEXT", help="Why; it is kept in the journal.")
@options.environment
@click.pass_obj
def command(
    directory: Path,
    environment: str | None,
    reviewed: Path | None,
    digest: str | None,
    yes: bool,
    full: bool,
    wait: float,
    allow: list[Allowance],
    reason: str | None,
) -> int:
    """Show the plan, ask, and bring the connector store to the configuration.

    With PLAN, a file of `aliconf plan --out`, or with --digest it does not ask: it applies the plan
    that was reviewed, and nothing where the configuration or the connector has moved since. Of a
    reviewed plan that was cut off or failed it makes the rest; all of it done, it does nothing.

    It holds the lease of the project while it changes objects: where it does not ask from before
    the plan is made, else from the answer on, since nobody has to wait while a person thinks.

    A change and its row in the journal are one transaction; of more than 100 changes, up to 2,000
    share one. After a failure or an interrupt the report says what was done, what failed and what
    was not tried; the next apply carries on from there.
    """
    from aliconf.apply.allowed import refuse_obstacles
    from aliconf.apply.interrupts import terminable
    from aliconf.cli.connect import at_connector, plan_of, store_of
    from aliconf.connector.prepare import prepare_store, upgrade_store
    from aliconf.connector.reader import is_there
    from aliconf.plan.secrets import Secrets
    from aliconf.plan.under_way import CUT_OFF
    from aliconf.report import apply_text
    from aliconf.report.style import Style

    if bool(allow) != bool(reason and reason.strip()):
        raise click.UsageError("--allow needs a --reason, and --reason is for --allow.")
    if reason in {"WHY", "…"}:  # pasted as the refusal shows it
        raise click.UsageError("--reason is what the journal keeps: say why.")
    wanted = reviewed_plan(reviewed, digest)
    project = open_environment(directory, environment)
    if wanted is None:
        project.need_no_review()
    unasked = yes or wanted is not None
    warnings = project.sound()
    store = store_of(project).to("apply")
    with terminable(), ExitStack() as leased, at_connector(project):
        upgrade_store(store)
        lease = None
        if unasked and is_there(store):
            prepare_store(store)
            lease = leased.enter_context(_hold(project, store, wait))
        secrets = Secrets(project.configuration)
        plan = plan_of(project, warnings, leased=lease is not None, secrets=secrets)
        rest = wanted.check(project, plan) if wanted else None
        _show(plan, full=full, brief=quiet() and unasked)
        if rest and rest.made:
            done(apply_text.carried_on(rest, Style.of(sys.stdout)))
        allowed = refuse_obstacles(plan, allow, reason or "", is_rest=rest is not None)
        accepted = _to_accept(project, plan)
        details = _details(project, plan, allowed, rest if plan.steps else None)
        if not plan.steps:
            cut_off = any(finding.code == CUT_OFF for finding in plan.findings)
            if cut_off or accepted:
                lease = lease or leased.enter_context(_hold(project, store, wait))
                _take_note(store, lease, accepted, details)
            return ExitCode.OK
        if not unasked and not _confirmed(plan):
            note("Nothing was changed.", err=True)
            return ExitCode.ERROR
        made = _apply(project, store, plan, details, accepted, secrets, lease, leased, wait)
        return _report(made)


def _details(
    project: Project, plan: Plan, allowed: list[dict[str, str]], rest: Rest | None
) -> dict[str, Any]:
    """What the journal keeps of this apply, as far as it is known.

    An apply of the rest of a reviewed plan is one of that plan.
    """
    from aliconf.config.checkout import checkout
    from aliconf.plan.rest import DEFAULTS

    commit = checkout(project.configuration)
    digest = rest.digest if rest else plan.rests_on.digest()
    details: dict[str, Any] = {"digest": digest, DEFAULTS: dict(plan.rests_on.pointers)}
    if plan.environment:
        details["environment"] = plan.environment
    if commit:
        details |= {"commit": commit.id, "author": commit.author, "clean": commit.clean}
    if allowed:
        details["allowed"] = allowed
    return details


def _show(plan: Plan, *, full: bool, brief: bool) -> None:
    """In brief, a plan with changes is told by what becomes of them."""
    from aliconf.report import plan_text

    style = style_of(sys.stdout)
    if not brief:
        progress(plan_text.render(plan, style, full=full), nl=False)
    elif not plan.steps:
        progress(plan_text.brief(plan, style), nl=False)


def _confirmed(plan: Plan) -> bool:
    if in_ci() or not sys.stdin.isatty():
        raise refusal(
            "ALI922",
            "apply asks before it changes anything, and there is nobody to ask",
            f"Look at the plan, then run `{_again(yes=True)}`.",
        )
    with before_any_change():
        words = "Apply these changes?" if plan.changes else "Adopt these objects?"
        return click.confirm(words, default=False, err=True)


def _again(**instead: str | bool) -> str:
    """This command with the options that were used; ``instead`` of some, others."""
    from aliconf.cli.again import again

    context = click.get_current_context()
    given: dict[str, str | bool] = {}
    if context.params["wait"]:
        given["wait"] = shown(context.params["wait"])
    return again(context, {**given, **instead})


def _hold(project: Project, store: Target, wait: float) -> AbstractContextManager[Held]:
    from aliconf.cli.lease import releasing, told_of, waiting
    from aliconf.connector.lease import hold
    from aliconf.connector.lease_errors import Ways

    ways = Ways(_again(wait=longer(wait)), releasing(click.get_current_context()))
    return told_of(hold(store, project.name, wait=wait, waiting=waiting(), ways=ways), project.name)


def _to_accept(project: Project, plan: Plan) -> dict[tuple[str, str], str | None]:
    from aliconf.cli.drift import drift_of
    from aliconf.plan.accepted import to_accept

    if not plan.connector_id:
        return {}  # there is no store yet
    return to_accept(plan, drift_of(project))


def _take_note(
    store: Target,
    lease: Held,
    accepted: dict[tuple[str, str], str | None],
    details: dict[str, Any],
) -> None:
    """Close what was cut off, and accept what others have made as it is meant to be."""
    from aliconf.connector.writer import open_writer
    from aliconf.report import apply_text

    with open_writer(store, lease) as writer:
        writer.settle()
        count = writer.accept(accepted, details) if accepted else 0
    if count:
        done(apply_text.noted(count))


def _apply(
    project: Project,
    store: Target,
    plan: Plan,
    details: dict[str, Any],
    accepted: dict[tuple[str, str], str | None],
    secrets: Secrets,
    lease: Held | None,
    leased: ExitStack,
    wait: float,
) -> Outcome:
    from aliconf.apply.interrupts import stop_between_changes
    from aliconf.apply.run import apply_plan
    from aliconf.cli.progress import lines
    from aliconf.connector.prepare import prepare_store
    from aliconf.connector.writer import open_writer
    from aliconf.report import apply_text
    from aliconf.report.style import Style

    style = Style.of(sys.stdout)
    try:
        prepare_store(store)
        lease = lease or leased.enter_context(_hold(project, store, wait))
        with (
            stop_between_changes() as stop,
            open_writer(store, lease, secrets.safe) as writer,
            lines("applying changes", len(plan.steps)) as line,
        ):
            return apply_plan(
                plan,
                writer,
                progress=lambda change, result: line(
                    "" if quiet() else apply_text.line(change, result, style)
                ),
                stopped=stop,
                details=details,
                accepted=accepted,
            )
    except AliconfError:
        click.echo(f"Nothing was changed: 0 of {len(plan.steps):,} changes were tried.", err=True)
        raise


def _report(outcome: Outcome) -> int:
    from aliconf.cli.advice import advised, chosen
    from aliconf.report import apply_text, findings_text
    from aliconf.report.style import Style

    if outcome.accepted:
        done(apply_text.noted(outcome.accepted))
    report = apply_text.brief if quiet() else apply_text.report
    progress(report(outcome, Style.of(sys.stdout)), nl=False)
    if outcome.findings:
        findings = advised(outcome.findings, chosen())
        click.echo(findings_text.render(findings, style_of(sys.stderr)), err=True, nl=False)
        return ExitCode.ERROR
    return ExitCode.INTERRUPTED if outcome.interrupted else ExitCode.OK
