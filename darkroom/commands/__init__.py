"""What the `darkroom` command does, one file a subcommand; `exits` holds the exit codes, `opening` reads files."""
