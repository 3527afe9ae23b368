"""The process that runs jobs on one device; the only one that loads torch."""
