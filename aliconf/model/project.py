"""Project: the root of a configuration (``aliconf.yaml``)."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from aliconf.model.base import DISTINCT, Document, Model, Name, Spec, empty_dict, empty_list
from aliconf.model.ignores import Drift, ObjectKind, Rules
from aliconf.model.money import Currency
from aliconf.model.numbers import Count, Percent, PositiveNumber
from aliconf.model.phpmemory import MemoryLimit
from aliconf.model.secrets import ConnectorUrl, SecretReference
from aliconf.model.shape import Choice
from aliconf.model.text import Glob, HttpUrl, LongText, Path
from aliconf.model.times import Date


class OAuth(Model):
    """The four values of a Magento integration."""

    consumer_key: SecretReference = Field(
        description="Reference to the consumer key.", examples=["${env:MAGENTO_CONSUMER_KEY}"]
    )
    consumer_secret: SecretReference = Field(
        description="Reference to the consumer secret.",
        examples=["${env:MAGENTO_CONSUMER_SECRET}"],
    )
    access_token: SecretReference = Field(
        description="Reference to the access token.", examples=["${env:MAGENTO_ACCESS_TOKEN}"]
    )
    access_token_secret: SecretReference = Field(
        description="Reference to the access token's secret.",
        examples=["${env:MAGENTO_ACCESS_TOKEN_SECRET}"],
    )


class Magento(Choice):
    """How Magento is reached, to read facts."""

    AT_MOST_ONE = ("token", "oauth")

    url: HttpUrl = Field(
        description="Base URL of the shop, without user and password.",
        examples=["https://shop.example"],
    )
    token: SecretReference | None = Field(
        default=None,
        description="Reference to a bearer token.",
        examples=["${env:MAGENTO_TOKEN}"],
    )
    oauth: OAuth | None = Field(default=None, description="OAuth values of an integration.")
    ca_file: Path | None = Field(
        default=None,
        description="Certificate authorities to trust, a PEM file.",
        examples=["certificates/internal.pem"],
    )


class SystemCheck(Model):
    """Declared values of the system check, where `doctor` cannot reach the host."""

    cron: bool | None = Field(default=None, description="Magento's cron is enabled.")
    memory_limit: MemoryLimit | None = Field(
        default=None,
        description="PHP's memory_limit, as php.ini writes it; -1 is no limit.",
        examples=["756M", -1],
    )
    max_execution_time: Count | None = Field(
        default=None,
        description="PHP's max_execution_time in seconds; 0 is no limit.",
        examples=[60],
    )
    by: LongText | None = Field(default=None, description="Who looked.", examples=["operations"])
    on: Date | None = Field(default=None, description="Day of the look.", examples=["2026-11-02"])


class ExchangeRate(Model):
    """A rate between two currencies."""

    from_: Currency = Field(alias="from", description="ISO 4217 code.", examples=["EUR"])
    to: Currency = Field(description="ISO 4217 code.", examples=["PLN"])
    rate: PositiveNumber = Field(description="What one unit of `from` is in `to`.", examples=[4.31])
    as_of: Date | None = Field(
        default=None, description="Day of the rate.", examples=["2026-11-02"]
    )


class Environment(Model):
    """What differs in one environment."""

    connector: ConnectorUrl | None = Field(
        default=None,
        description="URL of the connector store, in place of the project's.",
        examples=["postgresql://aliconf:${env:DB_PASSWORD}@db.example/shop"],
    )
    encryption_key: SecretReference | None = Field(
        default=None,
        description="Reference to the encryption key, in place of the project's.",
        examples=["${env:ALICONF_STAGING_KEY}"],
    )
    magento: Magento | None = Field(
        default=None, description="How Magento is reached, in place of the project's."
    )
    overlays: list[Glob] = Field(
        default_factory=empty_list,
        description="Files whose documents are merged over those of the same kind and name.",
        examples=[["overlays/staging/*.yaml"]],
    )
    accounts: Annotated[list[Name], DISTINCT] | None = Field(
        default=None,
        description="Names of the accounts in force; absent means all.",
        examples=[["es"]],
    )
    synchronize: bool = Field(default=True, description="When false, every synchronization is off.")
    require_reviewed_plan: bool = Field(
        default=False, description="`apply` takes only a saved plan or a digest."
    )


class Move(Model):
    """A rename, so that the object is kept."""

    kind: ObjectKind = Field(
        description="Kind of the renamed document.", examples=["PricingPolicy"]
    )
    from_: Name = Field(alias="from", description="The former name.", examples=["markup-12"])
    to: Name = Field(description="The name now.", examples=["markup"])


class Guardrails(Model):
    """How much one plan may change before it is refused."""

    maximum_updates: Percent = Field(
        default=Decimal(30),
        description="Percent of the managed objects that may be updated, of each kind and of all. "
        "A move or an adoption that changes fields is an update, too.",
        examples=[25],
    )
    maximum_deletes: Percent = Field(
        default=Decimal(30),
        description="Percent of the managed objects that may be deleted, of each kind and of all.",
        examples=[10],
    )
    minimum_objects: Count = Field(
        default=10,
        description="The percentages count from this many managed objects.",
        examples=[5],
    )


class ProjectSpec(Spec):
    """The root of a configuration."""

    include: Annotated[list[Glob], Field(min_length=1)] | None = Field(
        default=None,
        description="Globs of the files that belong to the project, also above its root. Absent "
        "means `**/*.yaml` and `**/*.yml` except hidden paths, lock files, overlays, git-ignored "
        "paths and nested projects.",
        examples=[["**/*.yaml", "../shared/policies/*.yaml"]],
    )
    connector: ConnectorUrl = Field(
        default="sqlite:///.aliconf/connector.db",
        description="URL of the connector store; its password is a secret reference.",
        examples=["postgresql://aliconf:${env:DB_PASSWORD}@db.example/shop"],
    )
    encryption_key: SecretReference | None = Field(
        default=None,
        description="Reference to the key that encrypts secrets in the connector store: 32 random "
        "bytes in base64. Absent means that no secret is stored.",
        examples=["${env:ALICONF_KEY}"],
    )
    magento: Magento | None = Field(
        default=None, description="How Magento is reached, to read facts."
    )
    system_check: SystemCheck | None = Field(
        default=None,
        description="Declared values of the system check, where `doctor` cannot reach the host.",
        examples=[{"cron": True, "memoryLimit": "756M", "maxExecutionTime": 60}],
    )
    exchange_rates: list[ExchangeRate] = Field(
        default_factory=empty_list,
        description="Rates between store view currencies and listing currencies.",
        examples=[[{"from": "EUR", "to": "PLN", "rate": 4.31, "asOf": "2026-11-02"}]],
    )
    environments: dict[Name, Environment] = Field(
        default_factory=empty_dict,
        description="What differs in each environment. A project with environments has no default "
        "one.",
        examples=[{"staging": {"synchronize": False}}],
    )
    moved: list[Move] = Field(
        default_factory=empty_list,
        description="Renames, so that the objects are kept.",
        examples=[[{"kind": "PricingPolicy", "from": "markup-12", "to": "markup"}]],
    )
    guardrails: Guardrails = Field(
        default_factory=Guardrails.model_construct,
        description="How much one plan may change before it is refused.",
    )
    rules: Rules = Field(
        default_factory=Rules.model_construct,
        description="Severity by code, and the findings that are ignored.",
        examples=[{"ALI414": "off"}],
    )

    drift: Drift = Field(
        default_factory=Drift.model_construct,
        description="What others may change in the connector without a word from `aliconf drift`.",
    )


class Project(Document):
    """The root of a configuration: one document, in `aliconf.yaml`."""

    kind: Literal["Project"]
    spec: ProjectSpec = Field(
        default_factory=ProjectSpec.model_construct, description="What is wanted."
    )
