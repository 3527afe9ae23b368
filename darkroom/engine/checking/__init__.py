"""What the check looks at, one file a question; `darkroom.engine.check` is the door."""
