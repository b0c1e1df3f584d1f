"""What a shell asks chatspace for when it completes a line."""

from __future__ import annotations

from tests.conftest import Run


def test_the_completion_of_a_shell_is_printed_and_opens_no_workspace(run_chatspace: Run) -> None:
    done = run_chatspace(env={"_CHATSPACE_COMPLETE": "bash_source"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "complete -o nosort -F _chatspace_completion chatspace" in done.stdout


def test_commands_are_completed(run_chatspace: Run) -> None:
    environment = {"_CHATSPACE_COMPLETE": "bash_complete", "COMP_WORDS": "chatspace dra", "COMP_CWORD": "1"}
    assert run_chatspace(env=environment).stdout.split() == ["plain,draft"]
