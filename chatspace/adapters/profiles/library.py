"""Finds the files in the profile folders and hands them over as values of the core."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from chatspace.adapters.profiles import conversion, desk
from chatspace.adapters.profiles.adding import add, add_provider
from chatspace.adapters.profiles.entries import (
    BudgetsEntry,
    ChannelsEntry,
    EndpointsEntry,
    MetadataFieldsEntry,
    ModelsEntry,
    PipelineEntry,
    PolicyEntry,
    ProfileEntry,
)
from chatspace.adapters.profiles.files import PIPELINES, POLICIES, PROFILES, EditedFiles
from chatspace.adapters.profiles.marked import Location, Marked, parse, split_front_matter
from chatspace.adapters.profiles.recipes import Recipe
from chatspace.adapters.profiles.validation import did_you_mean, validated
from chatspace.core.calls.budget import Allowance, DailyBudgets
from chatspace.core.calls.endpoints import Limits
from chatspace.core.errors import ConfigurationError
from chatspace.core.profiles.conditions import unreachable
from chatspace.core.profiles.policy import Pipeline, Policy, Rule
from chatspace.core.profiles.profile import Channel, DeskKey, MetadataField, Profile, Step, TierProvider, settled

T = TypeVar("T")

DEFAULT_POLICY = "default"


class ProfileFiles:
    """Fulfils ports.ProfileLibrary with the files of `folders`.

    Of the files that have a name, the one of the first folder is taken. `channels.yaml`, `models.yaml`,
    `endpoints.yaml` and `fields.yaml` of all folders are read together: an entry of an earlier folder stands in the
    place of the whole entry of that name, providers of an earlier folder come first. Files are read at each use and
    parsed when they changed.
    """

    def __init__(self, folders: Sequence[Path], own: Path | None = None) -> None:
        """`own` is the folder among them that new profiles are written to, by default the first."""
        self._files = EditedFiles(folders)
        self._own = own or (folders[0] if folders else Path())

    # Profiles

    def profile(self, name: str) -> Profile:
        return self._profile(name)[0]

    def profiles(self) -> Sequence[Profile]:
        """Those that are right, by name; `check` tells what is wrong with the others."""
        return tuple(_valid(self.profile, self._files.found(PROFILES)))

    def add_profile(self, name: str, text: str) -> Profile:
        """Raises UsageError where the file can't be written."""
        path = add(self._own, name, self._files.found(PROFILES), text)
        try:
            return self.profile(path.stem)
        except ConfigurationError:
            path.unlink(missing_ok=True)
            raise

    def add_provider(self, provider: TierProvider) -> Path:
        """Raises UsageError where the file can't be written, ConfigurationError where it would be wrong."""
        return add_provider(self._own, provider, self.model_table)

    def render(self, profile: Profile, variables: Mapping[str, Any]) -> str:
        """The recipe with its variables filled in; those of its steps that aren't given are None."""
        known = self._files.known(Path(profile.origin))
        first_line = known[2] if known and known[0].recipe == profile.recipe else 1
        return Recipe(profile.recipe, profile.steps, profile.origin, first_line).render(variables)

    def _profile(self, name: str) -> tuple[Profile, Marked, int]:
        found = self._files.found(PROFILES)
        profile, marked, first_line = self._files.loaded(self._files.path(PROFILES, name, found), _load_profile)
        for index, fallback in enumerate(profile.fallbacks):
            others = [other for other in found if other != name]
            near = did_you_mean(fallback, others)
            if fallback == name or (fallback not in others and "/" not in fallback and near):
                reason = (
                    "a profile can't fall back on itself" if fallback == name else f"unknown profile {fallback!r}{near}"
                )
                raise marked.error(("fallbacks", index), reason, f"Available: {', '.join(others)}.")
        return profile, marked, first_line

    # Policies and pipelines

    def policy(self, name: str) -> Policy:
        """A step that the file leaves out has the rules of the default policy of the last folder, the shipped one."""
        policy, marked = self._files.loaded(self._files.path(POLICIES, name), _load_policy)
        for step, rules in policy.rules.items():
            for index, rule in enumerate(rules):
                location: Location = ("steps", step, index)
                for use in rule.use:
                    self._check_use(use, step, (*location, "use"), marked)
                if rule.when.channel is not None:
                    self._check_channel(rule.when.channel, (*location, "when", "channel"), marked)
            self._check_reach(rules, ("steps", step), marked)
        return Policy(policy.name, {**self._default_rules(), **policy.rules}, policy.origin)

    def policies(self) -> Sequence[Policy]:
        return tuple(_valid(self.policy, self._files.found(POLICIES)))

    def pipeline(self, name: str) -> Pipeline:
        pipeline, marked = self._files.loaded(self._files.path(PIPELINES, name), _load_pipeline)
        for index, step in enumerate(pipeline.steps):
            if step.profile is not None:
                self._check_use(step.profile, step.step, ("steps", index, "profile"), marked)
        return pipeline

    def pipelines(self) -> Sequence[Pipeline]:
        return tuple(_valid(self.pipeline, self._files.found(PIPELINES)))

    def _default_rules(self) -> Mapping[Step, Any]:
        path = (
            self._files.folders[-1] / POLICIES.folder / f"{DEFAULT_POLICY}{POLICIES.suffix}"
            if self._files.folders
            else Path()
        )
        return self._files.loaded(path, _load_policy)[0].rules if path.is_file() else {}

    def _check_profile(self, name: str, location: Location, marked: Marked) -> None:
        names = self._files.found(PROFILES)
        if name not in names:
            reason = f"unknown profile {name!r}{did_you_mean(name, names)}"
            raise marked.error(location, reason, f"Available: {', '.join(names)}.")

    def _check_use(self, name: str, step: Step, location: Location, marked: Marked) -> None:
        self._check_profile(name, location, marked)
        steps = self.profile(name).steps
        if step not in steps:
            fitting = [profile.name for profile in self.profiles() if step in profile.steps]
            reason = f"{name} is a profile for {', '.join(steps)}, not for {step}"
            raise marked.error(location, reason, f"Profiles for {step}: {', '.join(fitting) or 'none'}.")

    def _check_reach(self, rules: Sequence[Rule], location: Location, marked: Marked) -> None:
        for index, takers in unreachable(rules, [channel.path for channel in self.channels()]):
            names = " and ".join(rule.name for rule in takers)
            reason = (
                f"this rule never matches: {names} before it {'covers' if len(takers) == 1 else 'cover'} every case"
            )
            raise marked.error((*location, index), reason, "Move this rule up, or remove it.")

    def _check_channel(self, name: str, location: Location, marked: Marked) -> None:
        names = [channel.name for channel in self.channels()]
        if name not in names:
            reason = f"unknown channel {name!r}{did_you_mean(name, names)}"
            raise marked.error(location, reason, f"Available: {', '.join(names)}.")

    # Files that are read together

    def channel(self, name: str) -> Channel:
        channels = {channel.name: channel for channel in self.channels()}
        if name not in channels:
            raise self._files.unknown("channel", name, channels)
        return channels[name]

    def channels(self) -> Sequence[Channel]:
        """In the order of the last folder, new ones of the others after them."""
        merged: dict[str, tuple[Channel, Marked]] = {}
        usual: dict[str, Channel] = {}
        for channels, marked in reversed(list(self._files.everywhere("channels.yaml", _load_channels))):
            merged |= {channel.name: (channel, marked) for channel in channels}
            usual = usual or {channel.name: channel for channel in channels}
        listed = [channel for channel, _ in merged.values()]
        for channel, marked in merged.values():
            conversion.check_group(channel, listed, marked)
        return tuple(settled({channel.name: channel for channel in listed}, usual).values())

    def metadata_fields(self) -> Sequence[MetadataField]:
        merged: dict[str, MetadataField] = {}
        for fields in reversed(list(self._files.everywhere("fields.yaml", _load_fields))):
            merged |= {field.name: field for field in fields}
        return tuple(merged.values())

    def desk_keys(self) -> Sequence[DeskKey]:
        """The first list there is, of all of them; one may stand in the configuration folder itself."""
        for folder in self._files.folders:
            for place in (self._own.parent, folder) if folder == self._own else (folder,):
                path = place / desk.FILE_NAME
                if path.is_file():
                    return self._files.loaded(path, desk.load_desk)
        return ()

    def endpoints(self) -> Mapping[str, Limits]:
        """What may go to a server; an entry of an earlier folder stands in the place of the whole entry."""
        merged: dict[str, Limits] = {}
        for limits in self._files.everywhere("endpoints.yaml", _load_endpoints):
            merged = {**limits, **merged}
        return merged

    def budgets(self) -> DailyBudgets:
        """What may be spent a day; an entry of an earlier folder stands in the place of the whole entry."""
        day, profiles = Allowance(), dict[str, Allowance]()
        for budgets, marked in self._files.everywhere("budgets.yaml", _load_budgets):
            for name in budgets.profiles:
                self._check_profile(name, ("profiles", name), marked)
            day, profiles = day or budgets.day, {**budgets.profiles, **profiles}
        return DailyBudgets(day, profiles)

    def model_table(self) -> Sequence[TierProvider]:
        """The providers that a tier may take, in the order in which they are asked."""
        merged: dict[str, TierProvider] = {}
        for providers in self._files.everywhere("models.yaml", _load_models):
            merged = {**merged, **{each.name: each for each in providers if each.name not in merged}}
        return tuple(merged.values())

    # All of them

    def check(self) -> list[ConfigurationError]:
        """What is wrong with each file that is in use; a file shows its first error."""
        checks: list[Callable[[], object]] = [
            self.channels,
            self.metadata_fields,
            self.model_table,
            self.endpoints,
            self.budgets,
            self.desk_keys,
        ]
        checks += [partial(self.profile, name) for name in self._files.found(PROFILES)]
        checks += [partial(self.policy, name) for name in self._files.found(POLICIES)]
        checks += [partial(self.pipeline, name) for name in self._files.found(PIPELINES)]
        problems: dict[str, ConfigurationError] = {}
        for check in checks:
            try:
                check()
            except ConfigurationError as error:
                problems.setdefault(str(error), error)
        return [*problems.values(), *self._files.strays()]


def _valid(load: Callable[[str], T], names: Mapping[str, Path]) -> Iterator[T]:
    for name in names:
        try:
            yield load(name)
        except ConfigurationError:
            continue  # `check` reports it; the others are still of use


def _load_profile(path: Path, text: str) -> tuple[Profile, Marked, int]:
    marked, recipe, first_line = split_front_matter(path, text)
    entry = validated(ProfileEntry, marked)
    version = hashlib.sha256(text.encode()).hexdigest()[:16]
    profile = conversion.to_profile(path.stem, entry, marked, recipe, version)
    Recipe(recipe, profile.steps, str(path), first_line).check()
    return profile, marked, first_line


def _load_policy(path: Path, text: str) -> tuple[Policy, Marked]:
    marked = parse(path, text)
    return conversion.to_policy(path.stem, validated(PolicyEntry, marked), marked), marked


def _load_pipeline(path: Path, text: str) -> tuple[Pipeline, Marked]:
    marked = parse(path, text)
    return conversion.to_pipeline(path.stem, validated(PipelineEntry, marked), marked), marked


def _load_channels(path: Path, text: str) -> tuple[tuple[Channel, ...], Marked]:
    marked = parse(path, text)
    entry = validated(ChannelsEntry, marked)
    return tuple(conversion.to_channel(name, channel, marked) for name, channel in entry.channels.items()), marked


def _load_budgets(path: Path, text: str) -> tuple[DailyBudgets, Marked]:
    marked = parse(path, text)
    entry = validated(BudgetsEntry, marked)
    profiles = {name: Allowance(each.usd, each.tokens) for name, each in entry.profiles.items()}
    return DailyBudgets(Allowance(entry.day.usd, entry.day.tokens), profiles), marked


def _load_endpoints(path: Path, text: str) -> Mapping[str, Limits]:
    entry = validated(EndpointsEntry, parse(path, text))
    return {host: Limits(**limits.model_dump()) for host, limits in entry.endpoints.items()}


def _load_models(path: Path, text: str) -> tuple[TierProvider, ...]:
    marked = parse(path, text)
    providers = validated(ModelsEntry, marked).providers
    return tuple(conversion.to_tier_provider(name, entry, marked) for name, entry in providers.items())


def _load_fields(path: Path, text: str) -> tuple[MetadataField, ...]:
    listed = parse(path, text)
    lines = {(): 1, **{("fields", *location): line for location, line in listed.lines.items()}}
    entry = validated(MetadataFieldsEntry, Marked(path, {"fields": listed.data}, lines))
    return tuple(MetadataField(field.name, tuple(field.aliases), field.type) for field in entry.fields)
