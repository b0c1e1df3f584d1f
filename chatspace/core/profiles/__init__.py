"""What people configure: profiles, policies, channels, settings, options."""
