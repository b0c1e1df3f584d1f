"""`chatspace doctor`: what is wrong in words, with what to do; calls only on request."""

from __future__ import annotations

import json
import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, Ended
from tests.conftest import CLOSED
from tests.model_server import Hang, Html, HttpError, LengthCut, ModelServer, Reply


def checks(ended: Ended, area: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in ended.out.splitlines()]
    return [check for check in found if check["area"] == area]


def one_profile(home: Path, base: str, more: str = "") -> None:
    """A shipped profile of every name led to one address, so that there is one model to call."""
    folder = home / "profiles"
    folder.mkdir(exist_ok=True)
    (folder / "mine.md").write_text(
        f"---\nstep: chat\nmodel: openai/mine\napi_base: {base}\nprice: {{input: 2, output: 8}}\n{more}---\nHello.\n",
        encoding="utf-8",
    )


def test_nothing_is_asked_of_a_model_unless_it_is_wanted(chatspace: Command, served: ModelServer) -> None:
    ended = chatspace("doctor", "--format", "json")
    assert ended.code == 0, ended.out
    assert served.requests == []
    assert checks(ended, "calls") == []


def test_each_model_is_asked_for_one_token(chatspace: Command, served: ModelServer) -> None:
    served.answer(Reply("Yes"))
    ended = chatspace("doctor", "--call", "--format", "json")
    assert (ended.code, {check["state"] for check in checks(ended, "calls")}) == (0, {"ok"}), ended.out
    assert sorted(str(body["model"]) for body in served.bodies) == [
        "balanced-drafter-model",
        "chat-model",
        "copy-fast-model",
        "light-extractor-model",
        "longform-drafter-model",
    ]
    assert {body.get("max_tokens") or body.get("max_completion_tokens") for body in served.bodies} == {1}


def test_a_model_that_thinks_its_one_token_away_answers_all_the_same(
    chatspace: Command, home: Path, model_server: ModelServer
) -> None:
    one_profile(home, model_server.url)
    model_server.answer(LengthCut(after_chunks=0))
    assert chatspace("doctor", "--call").code == 0


@pytest.mark.parametrize(
    ("answer", "said", "remedy"),
    [
        (HttpError(401), "rejected the key", "api_key_env"),
        (HttpError(403), "denied access to openai/mine", "api_key_env"),
        (HttpError(404), "doesn't know openai/mine", "api_base"),
        (HttpError(405), "doesn't accept chat requests at this address", "/v1"),
        (HttpError(429, headers={"Retry-After": "7"}), "is rate limiting requests", "Wait 7 s"),
        (HttpError(502), "reported a server error", "later"),
        (Html(), "HTML", "api_base"),
        (Hang(), "timed out", ""),
    ],
)
def test_each_refusal_is_explained_with_what_to_do(
    chatspace: Command, home: Path, model_server: ModelServer, answer: Any, said: str, remedy: str
) -> None:
    patience = "timeout: {first_token: 0.3, idle: 0.3, total: 1}\n" if isinstance(answer, Hang) else ""
    one_profile(home, model_server.url, patience)
    model_server.answer(answer)
    ended = chatspace("doctor", "--call", "--format", "json")
    (check,) = checks(ended, "calls")
    assert (ended.code, check["state"]) == (6, "wrong")
    assert said in check["detail"]
    assert remedy in check["remedy"]
    assert len(model_server.requests) == 1


@pytest.mark.parametrize(
    ("base", "said", "remedy"),
    [
        (f"http://{CLOSED}/v1", "refused", "Start the server"),
        ("https://127.0.0.1:{port}/v1", "No secure connection", "http://"),
        ("http://nowhere.invalid/v1", "not found", "api_base"),
    ],
)
def test_an_address_that_leads_nowhere_is_explained(
    chatspace: Command, home: Path, model_server: ModelServer, base: str, said: str, remedy: str
) -> None:
    one_profile(home, base.replace("{port}", str(model_server.port)))
    ended = chatspace("doctor", "--call", "--format", "json")
    (check,) = checks(ended, "calls")
    assert ended.code == 6
    assert said in check["detail"]
    assert remedy in check["remedy"]


def test_a_proxy_that_is_set_is_named_without_its_password(
    chatspace: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("HTTP_PROXY", f"http://me:secret@127.0.0.1:{port}")
    monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{port}")
    one_profile(home, "http://models.invalid/v1")
    ended = chatspace("doctor", "--call", "--format", "json")
    (check,) = checks(ended, "calls")
    assert f"through the proxy http://127.0.0.1:{port} (http_proxy)" in check["remedy"]
    assert "secret" not in ended.out


def test_the_database_is_looked_through(chatspace: Command, home: Path) -> None:
    for arguments in ((), ("--full",)):
        found = {
            check["name"]: check for check in checks(chatspace("doctor", *arguments, "--format", "json"), "database")
        }
        assert {found[name]["state"] for name in ("integrity", "search index", "disk")} <= {"ok", "note"}
    assert "integrity_check" in found["integrity"]["detail"]


def test_an_index_that_misses_a_message_is_found(chatspace: Command, home: Path, model_server: ModelServer) -> None:
    chatspace("chat", "A word about pumps", "--model", "offline/chat")
    with closing(sqlite3.connect(home / "chatspace.db")) as connection:
        connection.execute("INSERT INTO messages_fts (messages_fts) VALUES ('delete-all')")
        connection.commit()
    ended = chatspace("doctor", "--format", "json")
    (check,) = [each for each in checks(ended, "database") if each["name"] == "search index"]
    assert (ended.code, check["state"]) == (2, "wrong")


def test_what_a_dead_program_left_is_mentioned(chatspace: Command, home: Path) -> None:
    chatspace("doctor")
    with closing(sqlite3.connect(home / "chatspace.db")) as connection:
        connection.execute(
            "INSERT INTO runs (id, started, owner, source, source_name) VALUES ('r', 1, '1-gone', 's', 'brief.md')"
        )
        connection.commit()
    ended = chatspace("doctor")
    assert ended.code == 0
    assert "1 row left by crashed processes" in ended.out
