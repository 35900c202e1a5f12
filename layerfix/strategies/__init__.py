"""The ways to bring a lost weight back: `plan` decides, `restore` obeys."""
