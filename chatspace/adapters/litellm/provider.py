"""Any model that litellm knows, streamed, with deadlines of our own and every kind of partial answer told apart."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import sys
import warnings
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any, TypeVar

from chatspace.adapters.litellm.errors import model_error
from chatspace.adapters.litellm.stream import StreamEnded, SurrogateJoiner, WatchedStream
from chatspace.adapters.litellm.warmup import warm_up
from chatspace.core.calls.call import Finished, ProviderEvent, ReasoningDelta, Request, TextDelta, UsageReported
from chatspace.core.calls.usage import Usage
from chatspace.core.errors import ModelError
from chatspace.core.profiles.profile import Profile, Target
from chatspace.core.text.tokens import estimate_tokens, estimate_turns
from chatspace.http_policy.libraries import govern

Answer = TypeVar("Answer")

PLACEHOLDER_KEY = "no-key"
"""What a server of one's own is sent: the protocol wants a key, the server doesn't."""

SIGNED_IN = frozenset({"bedrock", "sagemaker", "vertex_ai"})
"""Providers that know their users by other means than a key."""

QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_OFFLINE_MODE": "true",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "CRITICAL",
    # httpx alone: one set of exceptions, and a closed stream closes its connection at once.
    "DISABLE_AIOHTTP_TRANSPORT": "True",
    # A table or a rule of dashes repeats its chunks; that is no defect of the model.
    "REPEATED_STREAMING_CHUNK_LIMIT": "1000000000",
}
"""Read by litellm when it is imported: without them it goes to the network and writes to standard error."""


class LitellmProvider:
    """Fulfils `Provider`. Making one imports litellm, which takes seconds of CPU."""

    def __init__(self) -> None:
        self._litellm = _import_litellm()

    async def warm_up(self) -> None:
        """Take on the cost of the first call, so that the first message of a session doesn't wait for it."""
        await warm_up(self._litellm.acompletion)

    async def stream(self, request: Request) -> AsyncIterator[ProviderEvent]:
        """See `Provider.stream`. Raises ModelError; nothing is retried."""
        target = request.target
        clock = _Deadlines(target.profile)
        key = _Key.of(target.profile)
        arguments = self._arguments(request, key)
        stream: WatchedStream | None = None
        text, reasoning = SurrogateJoiner(), SurrogateJoiner()
        try:
            stream = await clock.wait(self._open(arguments))
            while True:
                chunk = await clock.wait(anext(stream))
                thought, said = reasoning.add(chunk.reasoning), text.add(chunk.text)
                if thought or said:
                    clock.content_came()
                if thought:
                    yield ReasoningDelta(thought)
                if said:
                    yield TextDelta(said)
        except StreamEnded:
            assert stream is not None
            if stream.error is not None:
                raise self._failure(stream.error, request, key, begun=bool(text.whole), opened=True) from stream.error
        except ModelError:
            raise
        except Exception as error:  # whatever the library raises becomes one of our kinds
            opened = stream is not None
            raise self._failure(error, request, key, begun=bool(text.whole), opened=opened) from error
        finally:
            if stream is not None:
                await stream.aclose()
        if stream.silent:
            raise _nothing(target, stream.content_type)
        yield UsageReported(_usage(request, stream.usage, text.whole, reasoning.whole, stream.finish == "cut"))
        yield Finished(stream.finish)

    async def _open(self, arguments: Mapping[str, Any]) -> WatchedStream:
        wrapper = await self._litellm.acompletion(**arguments)
        if not hasattr(wrapper, "completion_stream"):
            raise ModelError(
                f"{arguments['model']} is not a chat model",
                "its provider only supports text completion",
                "Choose a chat model.",
                kind="bad_request",
            )
        if wrapper.completion_stream is None:
            await wrapper.fetch_stream()
        return WatchedStream(wrapper)

    def _arguments(self, request: Request, key: _Key) -> dict[str, Any]:
        """The arguments of `acompletion`. What a model doesn't take is left out by litellm (`drop_params`)."""
        profile = request.target.profile
        model, api_base = self._address(request.target)
        if request.capped and not self._takes_an_end(model):
            raise ModelError(
                f"{model} can't be used with a budget",
                "its provider doesn't support a limit on the reply's length",
                "Choose another model, or remove the budget.",
                kind="bad_request",
                counted=False,
            )
        arguments: dict[str, Any] = {
            "model": model,
            "messages": [{"role": turn.role, "content": turn.content} for turn in request.turns],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": profile.temperature,
            "max_tokens": profile.max_output_tokens,
            "reasoning_effort": profile.reasoning_effort,
            "api_base": api_base,
            "api_key": key.value or self._placeholder(model, profile),
            "response_format": self._response_format(request, model, api_base),
            "num_ctx": profile.context_window if model.startswith("ollama") else None,
            "timeout": profile.timeouts.total + 60,  # ours pass first
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": True,
            "no-log": True,
        }
        return {name: value for name, value in arguments.items() if value is not None}

    def _address(self, target: Target) -> tuple[str, str | None]:
        """Model and base address as litellm wants them; the address is always that of the host the user was shown."""
        model, api_base = target.model, target.profile.api_base
        prefix, _, name = model.partition("/")
        if prefix == "ollama" and name:
            model = f"ollama_chat/{name}"  # `ollama/` sends one flat prompt without roles
        if prefix in ("ollama", "ollama_chat"):
            return model, api_base or f"http://{target.host}"
        if api_base and not self._is_known(model):
            model = f"openai/{model}"
        return model, api_base

    def _is_known(self, model: str) -> bool:
        prefix, slash, _ = model.partition("/")
        if slash:
            return prefix in {str(getattr(name, "value", name)) for name in self._litellm.provider_list}
        return model in self._litellm.model_cost

    def _takes_an_end(self, model: str) -> bool:
        """Whether `max_tokens` reaches the server, which it does where litellm has no list of what a model takes."""
        takes = self._litellm.get_supported_openai_params(model=model)
        return not takes or not {"max_tokens", "max_completion_tokens"}.isdisjoint(takes)

    def _placeholder(self, model: str, profile: Profile) -> str | None:
        """What stands for a key at an address of one's own, which never gets the key of `openai/` itself.

        Other providers (azure above all) take theirs from the environment, where it is set.
        """
        if profile.api_base is None:
            return None
        provider = self._provider_of(model)
        family = provider.partition("_")[0].upper()
        own_key = provider != "openai" and any(family in name and "KEY" in name for name in os.environ)
        return None if own_key or provider in SIGNED_IN else PLACEHOLDER_KEY

    def _provider_of(self, model: str) -> str:
        try:
            return str(self._litellm.get_llm_provider(model)[1])
        except Exception:  # noqa: BLE001  # it says "not known" by all kinds of exceptions
            return ""

    def _response_format(self, request: Request, model: str, api_base: str | None) -> Mapping[str, Any] | None:
        """A JSON Schema where the model takes one, plain JSON where it takes that; None where neither is known.

        A server of one's own, unknown to the table, is taken for one that knows schemas: llama.cpp, vLLM, Ollama and
        LM Studio do.
        """
        if request.response_schema is None:
            return None
        schema = {"name": request.step, "schema": dict(request.response_schema), "strict": False}
        own_server = api_base is not None and model.partition("/")[2] not in self._litellm.model_cost
        if own_server or self._litellm.supports_response_schema(model=model):
            return {"type": "json_schema", "json_schema": schema}
        takes = self._litellm.get_supported_openai_params(model=model) or []
        return {"type": "json_object"} if "response_format" in takes else None

    def _failure(self, error: BaseException, request: Request, key: _Key, *, begun: bool, opened: bool) -> ModelError:
        variable = key.variable
        if variable is None and request.target.profile.api_base is None:
            missing = self._litellm.validate_environment(request.target.model)["missing_keys"]
            keys = [str(name) for name in missing if name.endswith("_API_KEY")]
            variable = keys[-1] if keys else None
        return model_error(error, request.target, key_variable=variable, begun=begun, opened=opened)


class _Key:
    """The key that a profile names: the variable and what stands in it."""

    def __init__(self, variable: str | None, value: str | None) -> None:
        self.variable = variable
        self.value = value

    @classmethod
    def of(cls, profile: Profile) -> _Key:
        """Raises ModelError where the named variable isn't set."""
        variable = profile.api_key_env
        if variable is None:
            return cls(None, None)
        value = os.environ.get(variable, "").strip()
        if not value:
            raise ModelError(
                "No key for this model",
                f"profile {profile.name} reads it from the environment variable {variable}, which is not set",
                f"Set {variable}, or choose another profile.",
                kind="unauthorized",
                counted=False,
            )
        return cls(variable, value)


class _Deadlines:
    """The three clocks of a reply. They run on content: pings and empty chunks don't count as life."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._now = asyncio.get_running_loop().time
        self._end = self._now() + profile.timeouts.total
        self._name, self._left = "first_token", profile.timeouts.first_token

    def content_came(self) -> None:
        self._name, self._left = "idle", self._profile.timeouts.idle

    async def wait(self, step: Awaitable[Answer]) -> Answer:
        """Only the time spent waiting here counts against `first_token` and `idle`, not a reader who takes his time."""
        begun = self._now()
        patience = begun + self._left
        try:
            async with asyncio.timeout_at(min(patience, self._end)) as limit:
                return await step
        except TimeoutError:
            if not limit.expired():
                raise
            raise self._passed("total" if self._end <= patience else self._name) from None
        finally:
            self._left -= self._now() - begun

    def _passed(self, name: str) -> ModelError:
        seconds = getattr(self._profile.timeouts, name)
        reasons = {
            "first_token": f"no data received within {seconds:g} s",
            "idle": f"no more data received for {seconds:g} s",
            "total": f"the reply was not complete after {seconds:g} s",
        }
        return ModelError(
            "The model timed out",
            reasons[name],
            f"Try again, or raise timeout.{name} in profile {self._profile.name}.",
            kind="timeout",
        )


def _nothing(target: Target, content_type: str) -> ModelError:
    if "html" in content_type:
        return ModelError(
            f"{target.host} sent a web page instead of a reply",
            "status 200 with HTML, typical of a proxy or sign-in page",
            f"Check api_base in profile {target.profile.name}; it often ends in /v1.",
            kind="unavailable",
            status=200,
        )
    return ModelError(
        f"{target.host} sent an empty reply",
        "status 200 without any text",
        "The request may exceed the server's context window. Try a shorter text, or another model.",
        kind="empty",
        status=200,
    )


def _usage(request: Request, sent: Usage | None, text: str, reasoning: str, cut: bool) -> Usage:
    """The server's own numbers where it sent them for the whole reply, else our estimate."""
    if sent is not None and not cut:
        return sent
    thought = estimate_tokens(reasoning)
    return Usage(
        input=sent.input if sent and sent.input else estimate_turns(turn.content for turn in request.turns),
        output=estimate_tokens(text) + thought,
        reasoning=thought,
        cached=sent.cached if sent else 0,
        estimated=True,
    )


def _import_litellm() -> Any:
    """litellm, silenced: no network, no log, no telemetry, no advice on the screen, no retries."""
    os.environ.update(QUIET)
    govern()  # before litellm makes its first client
    warnings.filterwarnings("ignore", category=UserWarning, module=r"pydantic\.")
    collecting, new = gc.isenabled(), "litellm" not in sys.modules
    gc.disable()  # saves a quarter of the time
    try:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            litellm: Any = importlib.import_module("litellm")
            for late in ("openai.resources.chat", "httpcore"):  # or the first call waits for them
                importlib.import_module(late)
    finally:
        if collecting and new:
            gc.freeze()  # or collections walk through all of it, 0.2 s each, one or two of them in the first call
        if collecting:
            gc.enable()
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    litellm.disable_token_counter = True  # it would count every prompt for a price that nobody reads
    litellm.disable_aiohttp_transport = True
    litellm.num_retries = 0
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "httpx", "openai"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return litellm
