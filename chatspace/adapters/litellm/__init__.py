"""Models through litellm, in a child process or in this one."""
