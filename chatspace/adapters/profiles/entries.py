"""What the files may say. Each field's description is what an error shows as allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from chatspace.core.profiles.options import SLAS
from chatspace.core.profiles.policy import ModelPass
from chatspace.core.profiles.profile import TIERS, AfterBreak, CountRule, Effort, Sla
from chatspace.core.stages.registry import stage_names, step_names

DAY = 86_400


class Entry(BaseModel):
    # What checks a kind of file is built with the first file of that kind: few commands read all of them.
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _one_of(names: tuple[str, ...]) -> str:
    return f"one of {', '.join(names)}"


def _choice(names: Callable[[], tuple[str, ...]]) -> AfterValidator:
    """Only one of these, which are asked for when a file is read."""

    def check(name: str) -> str:
        if name not in names():
            raise PydanticCustomError("literal_error", "no such name", {"expected": ", ".join(map(repr, names()))})
        return name

    return AfterValidator(check)


StepName = Annotated[str, _choice(step_names)]
StageName = Annotated[str, _choice(stage_names)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
ModelName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\s\x00-\x1f]+$")]
Seconds = Annotated[float, Field(gt=0, le=DAY)]
Dollars = Annotated[float, Field(ge=0, le=100_000)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Positive = Annotated[int, Field(ge=1, le=1_000_000_000)]
KeyVariable = Annotated[str, Field(max_length=64, pattern=r"^[A-Z][A-Z0-9_]*$")]
Address = Annotated[str, Field(max_length=500, pattern=r"^https?://[^\s/@\\?#]+(/[^\s@\\?#]*)?$")]
Host = Annotated[str, Field(max_length=300, pattern=r"^[A-Za-z0-9.\-\[\]:]+$")]

MODEL = f"a litellm model name (openai/gpt-4.1), a tier ({', '.join(TIERS)}), or offline/<step>"
KEY_VARIABLE = "the NAME of an environment variable in capitals, for example OPENAI_API_KEY; never the key itself"
ADDRESS = "an http or https address without a user name, such as https://llm.example.com/v1"
SECONDS = f"seconds, more than 0 and at most {DAY}"
DOLLARS = "USD per million tokens, 0 or more"
WHOLE = "a whole number, 1 or more"
NOT_NEGATIVE = "a whole number, 0 or more"


class TimeoutEntry(Entry):
    first_token: Seconds | None = Field(default=None, description=SECONDS)
    idle: Seconds | None = Field(default=None, description=SECONDS)
    total: Seconds | None = Field(default=None, description=SECONDS)


class PriceEntry(Entry):
    input: Dollars = Field(description=DOLLARS)
    output: Dollars = Field(description=DOLLARS)


class ProfileEntry(Entry):
    """The front matter of a profile."""

    step: Annotated[list[StepName], BeforeValidator(_listed), Field(min_length=1)] = Field(
        description=f"{_one_of(step_names())}, or a list of them"
    )
    model: ModelName = Field(description=MODEL)
    fallbacks: list[ModelName] = Field(default=[], description="a list of profiles or models")
    temperature: Annotated[float, Field(ge=0, le=2)] | None = Field(default=None, description="a number from 0 to 2")
    max_output_tokens: Positive | None = Field(default=None, description=WHOLE)
    context_window: Positive | None = Field(default=None, description=WHOLE)
    timeout: TimeoutEntry = Field(
        default=TimeoutEntry(), description="a mapping with first_token, idle, total in seconds"
    )
    reasoning_effort: Effort | None = Field(default=None, description=_one_of(("low", "medium", "high")))
    api_base: Address | None = Field(default=None, description=ADDRESS)
    api_key_env: KeyVariable | None = Field(default=None, description=KEY_VARIABLE)
    price: PriceEntry | None = Field(
        default=None, description="a mapping with input and output in USD per million tokens"
    )
    local_only: bool = Field(default=False, description="true or false")
    keep_structure: bool = Field(default=False, description="true or false")
    after_break: AfterBreak = Field(default="continue", description=_one_of(("continue", "restart")))


class WhenEntry(Entry):
    min_words: Count | None = Field(default=None, description=NOT_NEGATIVE)
    max_words: Count | None = Field(default=None, description=NOT_NEGATIVE)
    min_tokens: Count | None = Field(default=None, description=NOT_NEGATIVE)
    max_tokens: Count | None = Field(default=None, description=NOT_NEGATIVE)
    min_sections: Count | None = Field(default=None, description=NOT_NEGATIVE)
    max_sections: Count | None = Field(default=None, description=NOT_NEGATIVE)
    tables: bool | None = Field(default=None, description="true or false")
    code: bool | None = Field(default=None, description="true or false")
    lang: Name | None = Field(default=None, description="a language code, for example de")
    channel: Name | None = Field(default=None, description="a channel or group from channels.yaml")
    sla: Sla | None = Field(default=None, description=_one_of(SLAS))


class RuleEntry(Entry):
    use: Annotated[list[Name], BeforeValidator(_listed), Field(min_length=1)] = Field(
        description="the name of a profile, or a list of profiles from which the SLA selects"
    )
    when: WhenEntry = Field(
        default_factory=WhenEntry, description=f"a mapping with {', '.join(WhenEntry.model_fields)}"
    )
    name: Name | None = Field(default=None, description="text")


class PolicyEntry(Entry):
    steps: dict[StepName, Annotated[list[RuleEntry], Field(min_length=1)]] = Field(
        description=f"for each step ({', '.join(step_names())}) a list of rules {{when: ..., use: profile}}"
    )


class PipelineStepEntry(Entry):
    step: StageName = Field(description=_one_of(stage_names()))
    profile: Name | None = Field(default=None, description="the name of a profile; without it the policy decides")
    needs: Annotated[list[Name], BeforeValidator(_listed)] | None = Field(
        default=None, description="a list of steps in this pipeline to wait for; [] for none"
    )
    also: Annotated[list[Name], BeforeValidator(_listed)] = Field(
        default=[], description="[copy] for a draft whose call makes the copy too"
    )


class ExtractEntry(Entry):
    model: ModelPass = Field(default="always", description=_one_of(get_args(ModelPass)))


class PipelineEntry(Entry):
    extract: ExtractEntry = Field(
        default_factory=ExtractEntry, description=f"{{model: {' | '.join(get_args(ModelPass))}}}"
    )
    steps: Annotated[list[PipelineStepEntry], Field(min_length=1)] = Field(
        description=f"a list of {{step: {' | '.join(stage_names())}, profile: ..., needs: [...]}}"
    )


class ChannelFieldEntry(Entry):
    limit: Positive = Field(description=WHOLE)
    source: Name = Field(description="the source of the limit, as text")
    checked: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] = Field(description="a date such as 2026-11-21")
    display_limit: Positive | None = Field(default=None, description=WHOLE)
    rule: CountRule = Field(default="characters", description=_one_of(("characters", "wide", "x-weighted")))
    count: Annotated[int, Field(ge=1, le=50)] = Field(default=1, description="how many variants to write, from 1 to 50")
    least: Count = Field(default=1, description=NOT_NEGATIVE)
    most: Positive | None = Field(default=None, description=WHOLE)
    forbids: Annotated[str, Field(max_length=100)] = Field(default="", description="the forbidden characters, as text")


class ChannelEntry(Entry):
    title: Name = Field(description="text")
    group: Name | None = Field(default=None, description="the name of a group")
    default: Name | None = Field(default=None, description="for a group, its default channel")
    export: Name | None = Field(default=None, description="the export format for its copy, for example csv")
    headings: bool | None = Field(default=None, description="true or false")
    words: Positive | None = Field(default=None, description=WHOLE)
    fields: dict[Name, ChannelFieldEntry] = Field(
        {}, description="a mapping of fields, each with limit, source, checked"
    )


class ChannelsEntry(Entry):
    channels: dict[Name, ChannelEntry] = Field(description="a mapping of channels, each with title and fields")


class ProviderEntry(Entry):
    light: ModelName = Field(description="a litellm model name")
    balanced: ModelName = Field(description="a litellm model name")
    large: ModelName = Field(description="a litellm model name")
    key_env: KeyVariable | None = Field(default=None, description=KEY_VARIABLE)
    api_base: Address | None = Field(default=None, description=ADDRESS)


class ModelsEntry(Entry):
    providers: dict[Name, ProviderEntry] = Field(
        description="a mapping of providers, each with key_env, light, balanced, large; the first with a key is used"
    )


class MetadataFieldEntry(Entry):
    name: Name = Field(description="text")
    aliases: list[Name] = Field(default=[], description="a list of text values")
    type: Literal["text", "number", "date", "list"] = Field(
        default="text", description=_one_of(("text", "number", "date", "list"))
    )


class MetadataFieldsEntry(Entry):
    fields: list[MetadataFieldEntry] = Field(description="a list of fields, each with name, aliases, type")


class AllowanceEntry(Entry):
    usd: Dollars | None = Field(default=None, description="USD, 0 or more")
    tokens: Positive | None = Field(default=None, description=WHOLE)


class BudgetsEntry(Entry):
    day: AllowanceEntry = Field(default_factory=AllowanceEntry, description="a mapping with usd, tokens")
    profiles: dict[Name, AllowanceEntry] = Field(
        default={}, description="a mapping of profiles, each with usd, tokens per day"
    )


class LimitsEntry(Entry):
    concurrent: Positive | None = Field(default=None, description=WHOLE)
    requests_per_minute: Positive | None = Field(default=None, description=WHOLE)
    tokens_per_minute: Positive | None = Field(default=None, description=WHOLE)


class EndpointsEntry(Entry):
    endpoints: dict[Host, LimitsEntry] = Field(
        description="a mapping of hosts, each with concurrent, requests_per_minute, tokens_per_minute"
    )
