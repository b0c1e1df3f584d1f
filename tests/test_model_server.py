from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest

from tests.model_server import DEFAULT_TEXT, Hang, HttpError, ModelServer, Reply, SentUsage, plausible
from tests.waiting import eventually


def post(server: ModelServer, **body: Any) -> bytes:
    request = urllib.request.Request(
        f"{server.url}/chat/completions", json.dumps({"model": "m", "messages": [], **body}).encode()
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        data: bytes = response.read()
    return data


def test_a_stream_ends_with_reason_usage_and_done(model_server: ModelServer) -> None:
    model_server.script(Reply("Four.", chunk=2, usage=SentUsage(3, 1)))
    lines = post(model_server, stream=True, stream_options={"include_usage": True}).decode().split("\n\n")
    *events, last, done, _ = [line.removeprefix("data: ") for line in lines]
    chunks = [json.loads(event)["choices"][0] for event in events]
    assert "".join(chunk["delta"].get("content", "") for chunk in chunks) == "Four."
    assert chunks[-1]["finish_reason"] == "stop"
    assert json.loads(last)["usage"]["prompt_tokens"] == 3
    assert done == "[DONE]"


def test_a_whole_answer_is_one_object(model_server: ModelServer) -> None:
    whole = json.loads(post(model_server))
    assert whole["choices"][0]["message"]["content"] == DEFAULT_TEXT


def test_requests_are_kept_and_the_script_comes_before_the_function(model_server: ModelServer) -> None:
    def echo(body: Mapping[str, Any]) -> Reply:
        return Reply(body["model"])

    model_server.answer(echo)
    model_server.script(Reply("scripted"))
    texts = [json.loads(post(model_server, model=name))["choices"][0]["message"]["content"] for name in ("a", "b")]
    assert texts == ["scripted", "b"]
    assert [body["model"] for body in model_server.bodies] == ["a", "b"]


def test_an_error_has_its_status_and_headers(model_server: ModelServer) -> None:
    model_server.script(HttpError(429, headers={"Retry-After": "7"}))
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(model_server)
    assert (caught.value.code, caught.value.headers["retry-after"]) == (429, "7")


def test_a_server_stops_while_answers_are_under_way() -> None:
    with ModelServer() as server:
        server.script(Hang())
        with pytest.raises(TimeoutError):
            urllib.request.urlopen(f"{server.url}/chat/completions", b"{}", timeout=0.1)
        eventually(lambda: server.closed_by_client == 1)
        server.script(Hang())
        with pytest.raises(TimeoutError):
            urllib.request.urlopen(f"{server.url}/chat/completions", b"{}", timeout=0.1)


def test_the_plausible_model_gives_json_where_json_is_asked_for() -> None:
    asked = {"messages": [{"role": "system", "content": 'Answer as JSON: {"variants": [...]}'}]}
    answer = plausible(asked)
    assert isinstance(answer, Reply)
    assert json.loads(answer.text)["variants"]
