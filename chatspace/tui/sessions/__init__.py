"""What the user does on a screen, without the screen: each session works on the workspace and reports its changes."""
