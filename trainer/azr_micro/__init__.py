import azr_trainer  # noqa: F401, which sets the variables that torch reads at its import
