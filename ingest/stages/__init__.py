"""The steps of one dump.  A stage never imports a stage."""
