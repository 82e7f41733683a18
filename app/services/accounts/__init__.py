"""Staff and programs: who they are, and how they get in."""
